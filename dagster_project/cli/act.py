"""`kindred sync` and `kindred migrate`: acting on the world and on the ledger, by hand.

Belongs here: one sync at a time, and bringing the ledger's tables up to date. Does not belong here:
planning and sending (activation) and the migrations (kindred/ledger).
"""

from __future__ import annotations

import contextlib
from typing import Annotated, Any

import typer

from activation import syncs
from activation.engine import run as engine
from activation.engine.errors import SyncError
from activation.engine.report import SyncReport
from dagster_project import home
from dagster_project.cli import console, sandbox
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from kindred.ledger import Ledger
from kindred.settings import Settings


@app.command()
def sync(
    name: Annotated[str, typer.Argument(help="Name of a file in activation/syncs, without .yml.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; send nothing.")
    ] = False,
    override: Annotated[
        bool, typer.Option("--override", help="Let this run pass the sync's guards.")
    ] = False,
    json_file: JsonFile = None,
) -> None:
    """Push one audience to its destination now, from what is published in lake/gold."""
    settings = console.settings()
    home.prepare(settings)
    try:
        chosen = syncs.load(name)
        with _connection(settings, dry_run) as connected:
            report = engine.run(chosen, connected, dry_run, override=override)
    except (SyncError, RuntimeError) as error:
        console.fail(str(error))
    _show(report, json_file)


@contextlib.contextmanager
def _connection(settings: Settings, dry_run: bool) -> Any:
    """The settings to sync with; the sandbox's systems run while it lasts, where they are used."""
    if sandbox.describe(settings) and not sandbox.has_own_connections() and not dry_run:
        with sandbox.session(settings):
            yield console.settings()
    else:
        yield settings


def _show(report: SyncReport, json_file: Any) -> None:
    counts = [{"outcome": name, "rows": rows} for name, rows in report.counts.items()]
    title = f"{report.sync} → {report.destination}" + (" (dry run)" if report.dry_run else "")
    console.show(counts, title, None)
    if report.field_changes:
        changes = [{"field": name, "updates": n} for name, n in report.field_changes.items()]
        console.show(changes, "Updates per field", None)
    if report.sample:
        sample = [row | {"fields": ", ".join(row["fields"])} for row in report.sample]
        console.show(sample, "The first rows (keys masked)", None)
    if report.rejections:
        words = [{"the destination's words": w, "rows": n} for w, n in report.rejections.items()]
        console.show(words, "Rejected", None)
    console.save_json(report.as_dict(), json_file)


@app.command()
def migrate() -> None:
    """Bring the ledger's tables up to date. Every command does so too; this one does only that."""
    settings = console.settings()
    home.prepare(settings)
    with Ledger.open(settings.ledger):
        console.out().print("The ledger's tables are up to date.")
