"""Dagster's event log in SQLite, over connections that stay open.

A run of the whole graph stores some two thousand events. Dagster's own storage makes an engine and
opens the file anew for each of them: a fifth of the CPU time of a run of 150 people. And it waits
until the disk has each one: here that is left to SQLite's checkpoints, so that a machine that loses
its power may lose the last events, never the file. The files, where they are and what is in them
stay the same.

Belongs here: that one saving. Does not belong here: what is logged.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

FOLDER = ("history", "runs")
"""Below Dagster's home: where its own storage keeps the files."""
MOST_OPEN = 8
"""Every run has a file of its own; a UI that lives for months doesn't keep them all open."""


class EventLog(SqliteEventLogStorage):
    """`SqliteEventLogStorage` with one lasting connection per file."""

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> EventLog:
        """As Dagster makes it; `base_dir` is Dagster's home."""
        return cls(os.path.join(config_value["base_dir"], *FOLDER), inst_data)  # noqa: PTH118

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        engines: dict[str, Engine] = self.__dict__.setdefault("_engines", {})
        if shard not in engines:
            while len(engines) >= MOST_OPEN:
                engines.pop(next(iter(engines))).dispose()
            limits = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
            place = self.conn_string_for_shard(shard)
            engines[shard] = create_engine(place, poolclass=StaticPool, connect_args=limits)
            event.listen(engines[shard], "connect", _without_waiting)
            if shard not in self._initialized_dbs:
                self._initdb(engines[shard])
                self._initialized_dbs.add(shard)
        engines[shard] = engines.pop(shard)  # used last, closed last
        return engines[shard]

    def dispose(self) -> None:
        """Close the files."""
        for engine in self.__dict__.pop("_engines", {}).values():
            engine.dispose()
        super().dispose()


def _without_waiting(connection: Any, _record: object) -> None:
    """In WAL mode, in which Dagster makes these files, this can't damage one (sqlite.org/wal)."""
    connection.execute("pragma synchronous = normal")
