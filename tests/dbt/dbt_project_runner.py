"""Running dbt inside a test, on a home of its own.

Belongs here: invoking dbt and reading the warehouse it wrote. Does not belong here: expectations.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from dagster_project import transform
from dagster_project.dbt_build import warehouse_released
from kindred.settings import BUILT_IN_SOURCES, PROJECT_ROOT, load

PROJECT = PROJECT_ROOT / "dbt_project"
AS_OF = "2026-11-01"
EVERY_SOURCE = (*BUILT_IN_SOURCES, "online_retail")
UPSTREAM = (
    *("--select", "path:seeds/staging", "path:models/staging", "path:models/semantic"),
    *("--indirect-selection", "cautious", "--exclude-resource-type", "unit_test"),
)
"""What builds staging and semantic models and runs their data tests, and nothing else."""


class Project:
    """The dbt project on the home `home`, with its own target folder."""

    def __init__(self, home: Path, environment) -> None:
        self.home = home
        self.environment = environment

    def run(self, command: str, *words: str, sources: tuple[str, ...] = EVERY_SOURCE):
        """Run one dbt command with these sources switched on; returns dbt's result, unchecked."""
        self.environment.setenv("KINDRED_HOME", str(self.home))
        self.environment.setenv("KINDRED_SOURCES", ",".join(sources))
        self.environment.setenv("KINDRED_AS_OF", AS_OF)
        return self._invoke(dbtRunner(transform.parsed(load())), command, *words)

    def _invoke(self, runner: dbtRunner, command: str, *words: str):
        folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        target = ["--target-path", str(self.home / "target"), "--log-path", str(self.home / "logs")]
        with warehouse_released():
            return runner.invoke(["--quiet", command, *words, *folders, *target])

    def succeed(self, command: str, *words: str, sources: tuple[str, ...] = EVERY_SOURCE):
        """Run one dbt command that must succeed; the message names every node that did not."""
        done = self.run(command, *words, sources=sources)
        nodes = getattr(done.result, "results", None) or []
        bad = [
            f"{r.node.unique_id}: {r.message}"
            for r in nodes
            if r.status not in ("success", "pass", "skipped", "no-op")
        ]
        assert done.success, "\n".join(bad) or repr(done.exception)
        return done.result

    def query(self, sql: str) -> list[tuple]:
        """Rows of one query on the warehouse."""
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as warehouse:
            return warehouse.sql(sql).fetchall()
