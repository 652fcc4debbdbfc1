"""`kindred sync` and `kindred migrate`: acting on the world and on the ledger, by hand.

Belongs here: one sync at a time, and bringing the ledger's tables up to date. Does not belong here:
planning and sending (activation) and the migrations (kindred/ledger).
"""

from __future__ import annotations

from dagster_project import home
from dagster_project.cli import console
from kindred.ledger import Ledger


@console.app.command()
def migrate() -> None:
    """Bring the ledger's tables up to date. Every command does so too; this one does only that."""
    settings = console.settings()
    home.prepare(settings)
    with Ledger.open(settings.ledger):
        console.out().print("The ledger's tables are up to date.")
