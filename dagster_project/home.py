"""Kindred's home folder made ready: folders, Dagster's settings, and the lock of the running run.

Belongs here: what must be in place before Dagster opens its instance. Does not belong here: what
runs look like (running.py) and what the folders mean (kindred/settings.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from kindred.settings import PROJECT_ROOT, Settings


class HomeBusyError(Exception):
    """Another `kindred` process is running the graph in this home."""


def prepare(settings: Settings) -> None:
    """Create the home's folders, give Dagster its settings, and set the environment of children.

    Idempotent. Raises `OSError` (with the path) when the home can't be written.
    """
    settings.make_home()
    for folder in (settings.home / "dagster", settings.raw, settings.derived, settings.gold):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(settings.environment())
    place = json.dumps(os.environ["DAGSTER_HOME"])  # written out: whoever opens the folder finds it
    content = (
        (PROJECT_ROOT / "dagster.yaml")
        .read_text()
        .replace("\n      env: DAGSTER_HOME", f" {place}")
    )
    write_if_changed(settings.home / "dagster" / "dagster.yaml", content.encode())


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write `content` to `path` atomically unless it is there already; whether it was written."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)
    return True


@contextlib.contextmanager
def exclusive(settings: Settings) -> Iterator[None]:
    """Hold the home for one run. The lock dies with its process, so a killed run leaves none.

    Raises `HomeBusyError` when another process holds it.
    """
    path = settings.home / "run.lock"
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise HomeBusyError(
                f"another run is under way in {settings.home} (process {holder}); "
                "wait for it, or stop it, and run again"
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
