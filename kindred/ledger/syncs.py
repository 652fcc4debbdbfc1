"""The ledger's memory of activation: what each destination acknowledged, refused, and when.

Belongs here: rows acknowledged per sync (fingerprints, no values), rejections with the
destination's words, runs, outcomes. Does not belong here: deciding what to send; that is
`activation.engine`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from kindred.ledger.database import Database, naive_utc, read_arrow, upsert
from kindred.ledger.tables import (
    sync_in_flight,
    sync_outcomes,
    sync_rejections,
    sync_rows,
    sync_runs,
)

ROWS = pa.schema(
    [
        ("key", pa.string()),
        ("destination_id", pa.string()),
        ("row_hash", pa.string()),
        ("field_hashes", pa.string()),
        ("fields_id", pa.string()),
        ("present", pa.bool_()),
        ("created_by_us", pa.bool_()),
    ]
)
REJECTIONS = pa.schema(
    [
        ("sync", pa.string()),
        ("key", pa.string()),
        ("row_hash", pa.string()),
        ("words", pa.string()),
        ("attempts", pa.int64()),
        ("first_rejected_at", pa.timestamp("us")),
        ("last_rejected_at", pa.timestamp("us")),
        ("next_attempt_at", pa.timestamp("us")),
    ]
)
OUTCOMES = pa.schema(
    [
        ("outcome_id", pa.string()),
        ("sync", pa.string()),
        ("destination", pa.string()),
        ("customer_id", pa.string()),
        ("action", pa.string()),
        ("occurred_at", pa.timestamp("us")),
    ]
)
DELETED_AT_ONCE = 1000
COUNTS = ("queried", "created", "updated", "deleted", "unchanged", "suppressed", "rejected")


@dataclass(frozen=True)
class Answered:
    """One row that the destination accepted.

    `action`: created, updated or deleted, or None when nothing happened there (the row was there
    already). `present` is False once the row has left the destination's audience.
    """

    key: str
    action: str | None
    destination_id: str | None
    row_hash: str
    field_hashes: str
    present: bool = True
    created_by_us: bool = False


@dataclass(frozen=True)
class Rejected:
    """One row that the destination refused, in its own words, and when to try again.

    `forget`: the destination says that it holds no such row, so what it acknowledged is void.
    """

    key: str
    row_hash: str
    words: str
    attempts: int
    next_attempt_at: dt.datetime
    forget: bool = False


class SyncLedger(Database):
    """What the ledger knows about syncs."""

    def acknowledged(self, sync: str) -> pa.Table:
        """Rows that this sync's destination acknowledged (schema `ROWS`), order undefined."""
        query = sa.select(*[sync_rows.c[name] for name in ROWS.names]).where(
            sync_rows.c.sync == sync
        )
        with self.reading() as connection:
            return read_arrow(connection, query, ROWS)

    def rejections(self, sync: str | None = None) -> pa.Table:
        """Rows that destinations refuse (schema `REJECTIONS`), of one sync or of all."""
        query = sa.select(*[sync_rejections.c[name] for name in REJECTIONS.names])
        if sync is not None:
            query = query.where(sync_rejections.c.sync == sync)
        with self.reading() as connection:
            return read_arrow(connection, query, REJECTIONS)

    def start_run(self, sync: str, destination: str, at: dt.datetime) -> int:
        """Open a run; returns its `run_id`. An earlier run that never ended is `interrupted`."""
        with self.writing() as connection:
            connection.execute(
                sync_runs.update()
                .where(sync_runs.c.sync == sync, sync_runs.c.status == "running")
                .values(status="interrupted")
            )
            result = connection.execute(
                sync_runs.insert().values(
                    sync=sync, destination=destination, started_at=naive_utc(at), status="running"
                )
            )
            return int(result.inserted_primary_key[0])

    def finish_run(
        self,
        run_id: int,
        status: str,
        counts: Mapping[str, int],
        at: dt.datetime,
        message: str | None = None,
    ) -> None:
        """Close a run as `succeeded`, `failed` or `refused`, with its counts (see `COUNTS`)."""
        with self.writing() as connection:
            connection.execute(
                sync_runs.update()
                .where(sync_runs.c.run_id == run_id)
                .values(
                    status=status,
                    finished_at=naive_utc(at),
                    message=message,
                    **{name: counts[name] for name in COUNTS if name in counts},
                )
            )

    def runs(self, sync: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """The newest runs first, as dicts of `sync_runs`' columns."""
        query = sa.select(sync_runs).order_by(sync_runs.c.run_id.desc()).limit(limit)
        if sync is not None:
            query = query.where(sync_runs.c.sync == sync)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def has_succeeded(self, sync: str) -> bool:
        """Whether this sync ever ran to its end."""
        query = sa.select(sync_runs.c.run_id).where(
            sync_runs.c.sync == sync, sync_runs.c.status == "succeeded"
        )
        with self.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def mark_in_flight(self, sync: str, keys: Sequence[str], at: dt.datetime) -> None:
        """Remember, before they are sent, the rows that this sync is about to create.

        If the process dies before the answer arrives, the next run knows that a row it finds at
        the destination is its own.
        """
        if keys:
            with self.writing() as connection:
                columns = {"key": list(keys), "sync": sync, "sent_at": at}
                upsert(connection, sync_in_flight, columns, ["sent_at"])

    def in_flight(self, sync: str) -> set[str]:
        """Rows whose creation was begun and never answered."""
        query = sa.select(sync_in_flight.c.key).where(sync_in_flight.c.sync == sync)
        with self.reading() as connection:
            return set(connection.scalars(query))

    def record(
        self,
        run_id: int,
        sync: str,
        destination: str,
        *,
        fields_id: str,
        answered: Sequence[Answered],
        rejected: Sequence[Rejected],
        at: dt.datetime,
    ) -> None:
        """Keep a batch of the destination's answers, in one transaction."""
        with self.writing() as connection:
            if answered:
                self._acknowledge(connection, sync, fields_id, answered, at)
            if rejected:
                self._reject(connection, sync, rejected, at)
            keys = [row.key for row in answered]
            forgotten = [row.key for row in rejected if row.forget]
            settled = keys + [row.key for row in rejected]
            _delete(connection, sync_rejections, sync, keys)
            _delete(connection, sync_rows, sync, forgotten)
            _delete(connection, sync_in_flight, sync, settled)
            outcomes = [(row.key, row.action) for row in answered if row.action]
            outcomes += [(row.key, "rejected") for row in rejected]
            if outcomes:
                told, actions = (list(column) for column in zip(*outcomes, strict=True))
                happened = {"customer_id": told, "action": actions, "occurred_at": at}
                run = {"run_id": run_id, "sync": sync, "destination": destination}
                upsert(connection, sync_outcomes, run | happened, [])  # every number is new

    def _acknowledge(
        self,
        connection: sa.Connection,
        sync: str,
        fields_id: str,
        answered: Sequence[Answered],
        at: dt.datetime,
    ) -> None:
        names = ("key", "destination_id", "row_hash", "field_hashes", "present", "created_by_us")
        columns: dict[str, Any] = {n: [getattr(row, n) for row in answered] for n in names}
        columns |= {"sync": sync, "fields_id": fields_id, "acknowledged_at": at}
        upsert(connection, sync_rows, columns, [n for n in columns if n not in ("sync", "key")])

    def _reject(
        self,
        connection: sa.Connection,
        sync: str,
        rejected: Sequence[Rejected],
        at: dt.datetime,
    ) -> None:
        names = ("key", "row_hash", "words", "attempts", "next_attempt_at")
        columns: dict[str, Any] = {n: [getattr(row, n) for row in rejected] for n in names}
        columns["next_attempt_at"] = [naive_utc(row.next_attempt_at) for row in rejected]
        columns |= {"sync": sync, "first_rejected_at": at, "last_rejected_at": at}
        replaced = ("row_hash", "words", "attempts", "next_attempt_at", "last_rejected_at")
        upsert(connection, sync_rejections, columns, replaced)

    def drop_rejections(self, sync: str, keys: Sequence[str]) -> None:
        """Forget rejections that no longer matter: their rows left before they were accepted."""
        with self.writing() as connection:
            _delete(connection, sync_rejections, sync, keys)

    def sync_outcomes(self) -> pa.Table:
        """What happened to whom at which destination, one row per answer (schema `OUTCOMES`).

        `action`: created, updated, deleted or rejected.
        """
        columns = [sync_outcomes.c[name] for name in OUTCOMES.names[1:]]
        number = sa.cast(sync_outcomes.c.outcome_id, sa.String)
        with self.reading() as connection:
            return read_arrow(connection, sa.select(number, *columns), OUTCOMES)


def _delete(connection: sa.Connection, table: sa.Table, sync: str, keys: Sequence[str]) -> None:
    statement = table.delete().where(
        table.c.sync == sync, table.c.key.in_(sa.bindparam("keys", expanding=True))
    )
    for start in range(0, len(keys), DELETED_AT_ONCE):
        connection.execute(statement, {"keys": list(keys[start : start + DELETED_AT_ONCE])})
