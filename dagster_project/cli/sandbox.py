"""`kindred sandbox`: the pretend company and its systems, and a session with them.

Belongs here: creating, serving and connecting to the sandbox. Does not belong here: the company
itself and the servers (ingestion/sandbox).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.stale import is_alive
from ingestion import sandbox as company
from kindred.settings import PROJECT_ROOT, Settings

DEFAULT_PEOPLE = 5000
DEFAULT_SEED = company.SEED
START_SECONDS = 60
CHILD = Path(__file__).with_name("sandbox_child.py")

group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="sandbox")

People = Annotated[int, typer.Option(min=10, help="How many people the company knows.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same company.")]


@group.callback()
def sandbox() -> None:
    """The sandbox: a pretend car brand whose systems speak real protocols."""


@group.command()
def create(people: People = DEFAULT_PEOPLE, seed: Seed = DEFAULT_SEED) -> None:
    """Create the company's data in <home>/sandbox, once; the truth about it is kept aside."""
    settings = console.settings()
    if describe(settings):
        console.fail(f"{settings.sandbox} already holds a company; delete that folder first")
    make(settings, people, seed)
    said = f"Created a company that knows {people:,} people in {settings.sandbox}"
    console.out().print(console.plain(said))


@group.command()
def serve() -> None:
    """Serve the company's systems on this machine until Ctrl-C; one web page shows them all."""
    settings = console.settings()
    if not describe(settings):
        console.fail(f"{settings.sandbox} holds no company; run `kindred sandbox create` first")
    if running(settings):
        console.fail("the sandbox's systems are already running")
    console.out().print("Serving the sandbox; its web page is on port 8800. Ctrl-C stops it.")
    company.serve(settings.sandbox)


def describe(settings: Settings) -> dict[str, object] | None:
    """The company in this home (people, seed, version), or None."""
    path = settings.sandbox / "company.json"
    return json.loads(path.read_text()) if path.exists() else None


def make(settings: Settings, people: int, seed: int) -> None:
    """Create the company in `<home>/sandbox`."""
    settings.make_home()
    company.create_company(settings.sandbox, people=people, seed=seed)


def running(settings: Settings) -> dict[str, int] | None:
    """The ports of the running servers, or None when none run."""
    path = settings.sandbox / "running.json"
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return found["ports"] if is_alive(str(found["pid"])) else None


def has_own_connections() -> bool:
    """Whether a source's connection is configured outside the sandbox."""
    secrets = PROJECT_ROOT / ".dlt" / "secrets.toml"
    return any(name.startswith("SOURCES__") for name in os.environ) or (
        secrets.exists() and "sources" in secrets.read_text()
    )


@contextlib.contextmanager
def session(settings: Settings) -> Iterator[dict[str, int]]:
    """The company's systems, running and connected, for the length of the block; yields the ports.

    Servers that already run are used and left alone. Sets the environment (connections and
    `KINDRED_AS_OF`), so read the settings again inside. Raises `RuntimeError` when the servers
    don't start.
    """
    with contextlib.ExitStack() as stack:
        ports = running(settings) or stack.enter_context(_child(settings))
        os.environ.update(company.connection_environment(settings.sandbox))
        os.environ["KINDRED_AS_OF"] = company.AS_OF.isoformat()
        yield ports


@contextlib.contextmanager
def _child(settings: Settings) -> Iterator[dict[str, int]]:
    """Serve in a child process that ends with this one, even when this one is killed."""
    log = settings.home / "logs" / "sandbox.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    (settings.sandbox / "running.json").unlink(missing_ok=True)
    with log.open("w") as output:
        child = subprocess.Popen(
            [sys.executable, "-P", str(CHILD), str(settings.sandbox)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=os.environ | settings.environment(),
            start_new_session=True,
        )
    try:
        yield _wait_for_ports(settings, child, log)
    finally:
        child.stdin.close()
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_for_ports(
    settings: Settings, child: subprocess.Popen[bytes], log: Path
) -> dict[str, int]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ports = running(settings)
        if ports:
            return ports
        if child.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the sandbox's servers did not start; see {log}")
