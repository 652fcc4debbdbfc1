"""`kindred ui` and `kindred docs`: web pages on this machine.

Belongs here: starting Dagster's and dbt's own pages. Does not belong here: what they show.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import signal
import socketserver
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import dagster as dg
import typer

from dagster_project import dbt_build, home, stale, transform
from dagster_project.cli import console, sandbox
from dagster_project.cli.commands import app
from kindred.settings import PROJECT_ROOT, Settings

LOOPBACK = "127.0.0.1"
GOODBYE_SECONDS = 8
SERVICES_SECONDS = 60
"""As long as `dagster dev` itself waits for the services that it started."""
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")]


@app.command()
def ui(port: Port = 3000) -> None:
    """Open the Dagster UI (and its schedules and sensors) on this home, until Ctrl-C.

    When the home holds a sandbox company and no connection of your own is configured, the
    company's systems run too, so that assets can be materialised from the UI.
    """
    console.end_on_sigterm()
    settings = console.settings()
    home.prepare(settings)
    with contextlib.ExitStack() as stack:
        if sandbox.describe(settings) and not sandbox.has_own_connections():
            try:
                ports = stack.enter_context(sandbox.session(settings))
            except RuntimeError as error:
                console.fail(str(error))
            page = f"http://{LOOPBACK}:{ports['page']}"
            console.out().print(f"The sandbox's systems run; what they hold: {page}")
            settings = console.settings()
            os.environ.update(settings.environment())
        with dg.DagsterInstance.get() as instance:
            stale.close_stale_runs(instance)
        _prepare(settings)
        console.out().print(f"Dagster: http://{LOOPBACK}:{port}  (Ctrl-C stops it)")
        raise typer.Exit(_dagster_dev(port))


def _dagster_dev(port: int) -> int:
    """Run `dagster dev` until it ends; it ends with us, whether Ctrl-C or a signal ends us.

    Dagster stops its services by SIGINT and takes SIGTERM for the same. A shell that starts us in
    the background without job control has SIGINT ignored, which children inherit: none of them
    could be stopped.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [str(Path(sys.executable).with_name("dagster")), "dev"]
    command += ["--workspace", str(PROJECT_ROOT / "workspace.yaml")]
    command += ["--host", LOOPBACK, "--port", str(port)]
    child = subprocess.Popen(command, cwd=PROJECT_ROOT)
    try:
        return child.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _say_goodbye(child)


def _say_goodbye(child: subprocess.Popen[bytes]) -> None:
    """A terminal's Ctrl-C has reached the child too; any other end must be passed on."""
    for remedy, seconds in (
        (lambda: None, GOODBYE_SECONDS),
        (child.terminate, SERVICES_SECONDS),
        (child.kill, GOODBYE_SECONDS),
    ):
        remedy()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=seconds)
            return


def _prepare(settings: Settings) -> None:
    try:
        transform.ensure_manifest(settings)
    except transform.TransformError as error:
        console.fail(str(error))


@app.command()
def docs(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0: any that is free.")
    ] = 8080,
    no_serve: Annotated[bool, typer.Option(help="Only write the page, don't serve it.")] = False,
) -> None:
    """Write dbt's documentation of every table and column as one page, and serve it."""
    settings = console.settings()
    home.prepare(settings)
    folder = settings.docs
    try:
        with console.out().status("Writing the documentation"):
            page = dbt_build.document(settings, folder)
    except transform.TransformError as error:
        console.fail(str(error))
    console.out().print(console.plain(f"Written: {page}"))
    if no_serve:
        return
    handler = functools.partial(QuietHandler, directory=str(folder))
    socketserver.TCPServer.allow_reuse_address = True
    with http.server.ThreadingHTTPServer((LOOPBACK, port), handler) as server:
        console.out().print(
            f"Serving http://{LOOPBACK}:{server.server_port}/static_index.html  (Ctrl-C stops it)"
        )
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves the folder without a line per request."""

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
