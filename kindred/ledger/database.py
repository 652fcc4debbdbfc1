"""The connection under the ledger: engine, transactions, locks, migrations, bulk reads and writes.

Belongs here: what differs between SQLite and PostgreSQL. Does not belong here: what the ledger
knows about customers or syncs.
"""

from __future__ import annotations

import codecs
import datetime as dt
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.csv as pa_csv
import sqlalchemy as sa

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
"""Revision of the newest migration: files are named after theirs."""

BUSY_SECONDS = 60
CHUNK = 100_000
PAGE = 5_000_000
"""Rows whose values SQLite joins into one text: far below its limit of a thousand million bytes."""

KEYS = 10_000
"""Keys that one query asks for; both databases allow more."""

MIGRATION_LOCK = 0x6B696E64
"""Number of the PostgreSQL advisory lock that one migrating process holds ("kind")."""


class Database:
    """An engine whose transactions are explicit: `reading()` sees one snapshot, `writing()` waits
    for its turn, commits at the end and rolls back on any error.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
        self._writer = engine.execution_options(kindred_writes=True, **level)

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect to `url` (a SQLAlchemy URL) and bring its tables up to the newest migration.

        Idempotent, and safe when several processes open a new ledger at the same moment. Raises
        SQLAlchemy's errors when the database can't be reached, `RuntimeError` when it was made by
        a newer Kindred.
        """
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _make_file(Path(parsed.database))
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
        """A transaction that only reads, all of it as of one moment."""
        return self._engine.begin()

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that writes; on SQLite it takes the write lock at its start."""
        return self._writer.begin()

    def _migrate(self) -> None:
        with self.reading() as connection:
            if _revision(connection) == NEWEST:
                return
        # Alembic takes as long to import as all else together, and a ledger is seldom migrated
        from kindred.ledger import upgrading  # noqa: PLC0415

        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            upgrading.upgrade(connection, MIGRATIONS)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        # PostgreSQL's own default is a snapshot for each query, not for all of a transaction
        return sa.create_engine(url, pool_pre_ping=True, isolation_level="REPEATABLE READ")
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


def _make_file(path: Path) -> None:
    """Make SQLite's file for its owner only, where there is none: pins hold people's values.

    The files that SQLite puts beside it are as open as this one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


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


def read_whole(connection: sa.Connection, table: sa.Table, schema: pa.Schema) -> pa.Table:
    """Every row of `table`, the columns of `schema`, none of which is ever null.

    The first one is the table's primary key, a text. SQLite joins each column's values into one
    text and Arrow takes it apart: five times as fast as a million rows by way of Python.
    """
    key = table.c[schema.names[0]]
    plain = sa.select(*[table.c[name] for name in schema.names])
    if connection.dialect.name != "sqlite":
        return read_arrow(connection, plain, schema)
    joined = [_joined(table.c[name]) for name in schema.names]
    parts, here = [], sa.true()
    while True:
        page = sa.select(key).where(here).order_by(key).offset(PAGE - 1).limit(1)
        last = connection.scalar(page)
        where = here if last is None else here & (key <= last)
        rows, *texts = connection.execute(sa.select(sa.func.count(), *joined).where(where)).one()
        if rows:
            columns = [_taken_apart(t, f.type) for t, f in zip(texts, schema, strict=True)]
            if any(column is None or len(column) != rows for column in columns):
                return read_arrow(connection, plain, schema)  # a value holds a separator
            parts.append(pa.table(columns, schema=schema))
        if last is None:
            return pa.concat_tables([schema.empty_table(), *parts])
        here = key > last


def _joined(column: sa.Column[Any]) -> sa.ColumnElement[bytes]:
    return sa.cast(sa.func.group_concat(sa.type_coerce(column, sa.String), "\n"), sa.LargeBinary)


def _taken_apart(lines: bytes, kind: pa.DataType) -> pa.ChunkedArray | None:
    """The values of a joined text; None where the reader would not give them back as they are."""
    if b"\r" in lines or lines.startswith(codecs.BOM_UTF8):
        return None  # the reader drops both, and the number of lines would not show it
    try:
        return pa_csv.read_csv(
            pa.BufferReader(lines),
            pa_csv.ReadOptions(column_names=["value"]),
            pa_csv.ParseOptions(delimiter="\x1f", quote_char=False, ignore_empty_lines=False),
            pa_csv.ConvertOptions(column_types={"value": kind}),
        )["value"]
    except pa.ArrowInvalid:
        return None


def read_keys(
    connection: sa.Connection, table: sa.Table, keys: list[str], schema: pa.Schema
) -> pa.Table:
    """The rows of `table` whose first primary key column holds one of `keys`."""
    [key, *_] = table.primary_key
    query = sa.select(*[table.c[name] for name in schema.names])
    parts = [
        read_arrow(connection, query.where(key.in_(keys[start : start + KEYS])), schema)
        for start in range(0, len(keys), KEYS)
    ]
    return pa.concat_tables([schema.empty_table(), *parts])


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
