"""The connection under the ledger: engine, transactions, locks, migrations, bulk reads and writes.

Belongs here: what differs between SQLite and PostgreSQL. Does not belong here: what the ledger
knows about customers or syncs.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 60
CHUNK = 100_000
MIGRATION_LOCK = 0x6B696E64
"""Number of the PostgreSQL advisory lock that one migrating process holds ("kind")."""


class Database:
    """An engine whose transactions are explicit: `reading()` sees one snapshot, `writing()` waits
    for its turn, commits at the end and rolls back on any error.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(kindred_writes=True)

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect to `url` (a SQLAlchemy URL) and bring its tables up to the newest migration.

        Idempotent, and safe when several processes open a new ledger at the same moment. Raises
        SQLAlchemy's errors when the database can't be reached, `RuntimeError` when it was made by
        a newer Kindred.
        """
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        opened = cls(_engine(parsed))
        try:
            opened._migrate()
        except BaseException:
            opened.close()
            raise
        return opened

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that only reads."""
        return self._engine.begin()

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that writes; on SQLite it takes the write lock at its start."""
        return self._writer.begin()

    def _migrate(self) -> None:
        scripts = ScriptDirectory(str(MIGRATIONS))
        head = scripts.get_current_head()
        with self.reading() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            current = MigrationContext.configure(connection).get_current_revision()
            if current is not None and current not in {
                s.revision for s in scripts.walk_revisions()
            }:
                raise RuntimeError(
                    f"the ledger is at migration {current}, which this version of Kindred doesn't "
                    f"know (its newest is {head}): use the newer Kindred that wrote it"
                )
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            command.upgrade(config, "head")


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA cache_size=-65536")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("kindred_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite doesn't wait for a busy file here, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def read_arrow(connection: sa.Connection, query: sa.Select[Any], schema: pa.Schema) -> pa.Table:
    """The rows of `query` as an Arrow table of `schema` (same columns, same order)."""
    result = connection.execute(query, execution_options={"yield_per": CHUNK})
    batches = [
        pa.record_batch(
            [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)],
            schema=schema,
        )
        for rows in result.partitions()
        if (columns := list(zip(*rows, strict=True)))
    ]
    return pa.Table.from_batches(batches, schema)


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    columns: dict[str, Any],
    update: Sequence[str],
) -> None:
    """Write many rows at once; a row whose primary key exists gets its `update` columns replaced.

    `columns` maps each column to an Arrow array or list, or to one value for all rows. With no
    `update` columns existing rows stay as they are. Names of tables and columns come from
    `tables.py`, never from outside.
    """
    keys = [column.name for column in table.primary_key]
    names = list(columns)
    action = (
        "UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in update)
        if update
        else "NOTHING"
    )
    conflict = f"ON CONFLICT ({', '.join(keys)}) DO {action}"
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) {conflict}"  # noqa: S608
        for rows in _chunks(columns):
            connection.exec_driver_sql(statement, rows)
        return
    _copy_upsert(connection, table, columns, conflict)


def _copy_upsert(
    connection: sa.Connection, table: sa.Table, columns: dict[str, Any], conflict: str
) -> None:
    """PostgreSQL's fast way: COPY into a temporary table, then one INSERT."""
    names = ", ".join(columns)
    staged = f"staged_{table.name}"
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE {staged} ON COMMIT DROP AS SELECT {names} FROM {table.name} LIMIT 0"  # noqa: S608
    )
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {staged} ({names}) FROM STDIN") as copy:
        for rows in _chunks(columns):
            for row in rows:
                copy.write_row(row)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {staged} {conflict}"  # noqa: S608
    )
    connection.exec_driver_sql(f"DROP TABLE {staged}")


def _chunks(columns: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows as tuples, a chunk at a time; single values are repeated."""
    many = {n: v for n, v in columns.items() if isinstance(v, (pa.Array, pa.ChunkedArray, list))}
    length = len(next(iter(many.values())))
    one = {n: _plain(v) for n, v in columns.items() if n not in many}
    for start in range(0, length, CHUNK):
        parts = []
        size = min(CHUNK, length - start)
        for name in columns:
            if name in one:
                parts.append([one[name]] * size)
            else:
                part = many[name][start : start + size]
                parts.append(
                    [_plain(v) for v in part] if isinstance(part, list) else part.to_pylist()
                )
        yield list(zip(*parts, strict=True))


def _plain(value: Any) -> Any:
    """Times as the text that SQLAlchemy reads back; PostgreSQL takes that text too."""
    if isinstance(value, dt.datetime):
        return naive_utc(value).isoformat(sep=" ", timespec="microseconds")
    return value


def naive_utc(value: dt.datetime) -> dt.datetime:
    """The same moment, in UTC and without a zone. A naive value is taken as UTC already."""
    return value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
