"""`kindred run`: the whole graph, or a part of it, once.

Belongs here: running and telling how it went. Does not belong here: the sandbox (demo.py).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated

import typer

from dagster_project import running
from dagster_project.cli import console, display
from dagster_project.cli.commands import app
from dagster_project.home import HomeBusyError
from dagster_project.match_quality import ACCEPT_TAG
from dagster_project.transform import TransformError
from kindred.settings import Settings


@app.command()
def run(
    select: Annotated[
        str | None,
        typer.Option(
            help="Run only these assets: a Dagster selection, for example 'group:ingestion' or "
            "'+key:\"gold/crm/customer_360\"'."
        ),
    ] = None,
    accept_merges: Annotated[
        bool,
        typer.Option("--accept-merges", help="Let matching merge far more records than before."),
    ] = False,
) -> None:
    """Run the whole asset graph once: collect, understand, decide, act."""
    settings = console.settings()
    outcome = execute(settings, select, {ACCEPT_TAG: "true"} if accept_merges else None)
    if not outcome.success:
        raise typer.Exit(1)


def execute(
    settings: Settings, select: str | None = None, tags: Mapping[str, str] | None = None
) -> running.Outcome:
    """Run with a progress display; problems are printed, and the log's place."""
    settings.make_home()
    log = settings.home / "logs" / f"run-{time.strftime('%Y%m%d-%H%M%S')}.log"
    try:
        with console.output_in_file(log) as terminal:
            with display.RunDisplay(terminal) as shown:
                outcome = running.execute(settings, select, shown.on_event, tags)
            display.show_problems(terminal, outcome)
            _say_how_it_went(terminal, outcome, log)
    except (HomeBusyError, TransformError, ValueError, OSError) as error:
        console.fail(str(error))
    return outcome


def _say_how_it_went(terminal: console.Console, outcome: running.Outcome, log: object) -> None:
    built = len(outcome.assets)
    if outcome.success:
        terminal.print(
            f"[bold green]Done[/] in {outcome.seconds:.0f} s: {built} assets built, "
            f"{outcome.checks_passed} checks passed, {outcome.checks_failed} warned."
        )
    else:
        terminal.print(
            f"[bold]Stopped[/] after {outcome.seconds:.0f} s: {built} assets built, "
            f"{len(outcome.problems)} step(s) failed. Run again to carry on. Full log:",
            console.plain(log),
        )
