"""Bringing a ledger's tables up to the newest migration, with Alembic.

Belongs here: what needs Alembic, so that a ledger that is up to date opens without importing it.
Does not belong here: the migrations (`migrations/versions`) and the lock (`database`).
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def upgrade(connection: sa.Connection, migrations: Path) -> None:
    """Run what is missing, in the connection's transaction.

    Raises `RuntimeError` when a newer Kindred has migrated this ledger already.
    """
    scripts = ScriptDirectory(str(migrations))
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {s.revision for s in scripts.walk_revisions()}:
        raise RuntimeError(
            f"the ledger is at migration {current}, which this version of Kindred doesn't know "
            f"(its newest is {scripts.get_current_head()}): use the newer Kindred that wrote it"
        )
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    command.upgrade(config, "head")
