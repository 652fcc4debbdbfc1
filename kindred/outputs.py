"""Files that commands write: where they may lie, and writing them whole or not at all.

Belongs here: refusing a place before the work is done, and leaving nothing half written behind.
Does not belong here: what is written. Cheap to import: no Arrow.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path


class OutputError(ValueError):
    """A file that can't, or mustn't, be written; the message names it."""


def check_apart(
    outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None] | None = None
) -> None:
    """Refuse to write one file over another, or over one that is read.

    outputs, inputs: what a file holds ("the links") to its path; None is not asked for.
    """
    for (what, path), (_, place) in itertools.product(_given(inputs or {}), _given(outputs)):
        if _is_same(path, place):
            raise OutputError(f"{place} holds {what}: name another file to write")
    for (what, path), (other, place) in itertools.combinations(_given(outputs), 2):
        if _is_same(path, place):
            raise OutputError(f"{place} is named for {what} and for {other}: name two files")


def check_place(path: Path) -> None:
    """Refuse a path that can't be written: a folder, a device, a folder that refuses files."""
    place = _resolved(path)
    try:
        if place.is_dir():
            raise OutputError(f"{path} is a folder: name a file")
        if place.is_symlink():
            raise OutputError(f"{path} is a link that leads back to itself: name a file")
        if place.exists() and not place.is_file():
            raise OutputError(f"{path} is no ordinary file: name one")
        nearest = next(folder for folder in place.parents if folder.exists())
        draft = _draft(nearest / place.name)
        draft.touch()
        draft.unlink()
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror}") from error


@contextlib.contextmanager
def written(path: Path) -> Iterator[Path]:
    """A draft to write: it takes the place of `path` when all is there, and goes on any error.

    Behind a link the file that it leads to is written, and who may read a file stays as it is.
    """
    place = _resolved(path)
    draft = _draft(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.touch()
        if place.exists():
            shutil.copymode(place, draft)
        yield draft
        draft.replace(place)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"{path} can't be written: {reason}") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _given(paths: Mapping[str, Path | None]) -> list[tuple[str, Path]]:
    return [(what, path) for what, path in paths.items() if path is not None]


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, also by links of either kind."""
    if _resolved(one) == _resolved(other):
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike Path.resolve, it answers for links in a circle


def _draft(place: Path) -> Path:
    return place.with_name(f".kindred-{os.getpid()}.draft")
