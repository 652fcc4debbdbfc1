"""Reads the ERP's tables with the loader of dlt's `sql_database`: rows changed since the last run.

Values stay as the database gives them until they are fitted to the table, so that one bad value
costs its row and not the batch. The ERP deletes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import orjson
import pyarrow as pa
import sqlalchemy as sa
from dlt.sources.sql_database import TableLoader

from ingestion import quarantine
from ingestion.api_tables import api_source
from ingestion.arrow import Misfit, fit
from ingestion.connections import ErpConnection, connection
from ingestion.cursor import Cursor
from ingestion.dealer_erp.tables import CHANGED, TABLES
from ingestion.errors import LandingError
from ingestion.quarantine import BadRow
from ingestion.specs import SourceSpec, TableSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings

NAME = "dealer_erp"
CHUNK = 100_000
CONNECT_SECONDS = 10


class Columns(TableLoader):
    """Yields columns of unconverted values, not Arrow tables that one bad value would stop."""

    def _convert_result(self, result: Any, backend_kwargs: dict[str, Any]) -> Iterator[Any]:
        names = list(result.keys())
        for rows in result.partitions(size=self.chunk_size):
            yield dict(zip(names, zip(*(row._data for row in rows), strict=True), strict=True))


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource per table."""

    @cache
    def database() -> tuple[sa.Engine, str | None]:
        found = connection(ErpConnection, NAME)
        return _engine(found.credentials), found.db_schema

    return api_source(NAME, TABLES, lambda table: read(settings, *database(), table))


def read(
    settings: Settings, engine: sa.Engine, schema: str | None, table: TableSpec
) -> Iterator[pa.Table]:
    """Rows of `table` changed since the last run that landed."""
    cursor = Cursor(dlt.current.resource_state(), CHANGED)
    try:
        rows = Columns(
            engine,
            "pyarrow",
            _reflected(engine, schema, table),
            columns={},
            chunk_size=CHUNK,
            query_adapter_callback=_changed_since(engine, cursor.since),
        )
        for values in rows.load_rows():
            yield _landed(settings, table, values, cursor)
    except sa.exc.NoSuchTableError:
        raise LandingError("the database has no such table", NAME, table.name) from None
    except sa.exc.SQLAlchemyError as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise LandingError(
            f"the database refuses ({kind}); check SOURCES__DEALER_ERP__CREDENTIALS and db_schema",
            NAME,
            table.name,
        ) from None
    cursor.save()


def _engine(credentials: str) -> sa.Engine:
    try:
        url = sa.make_url(credentials)
        if url.get_backend_name() != "sqlite":
            timeout = {"connect_timeout": CONNECT_SECONDS}
            arguments = timeout if url.get_backend_name() == "postgresql" else {}
            return sa.create_engine(url, connect_args=arguments)
        if url.database and not Path(url.database).is_file():
            raise LandingError(f"there is no database {url.database}", NAME)
        return sa.create_engine(url)
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise LandingError(
            f"SOURCES__DEALER_ERP__CREDENTIALS is no usable URL ({type(error).__name__})",
            NAME,
        ) from None


def _reflected(engine: sa.Engine, schema: str | None, table: TableSpec) -> sa.Table:
    """The table as the database has it, our columns only; dates that SQLite keeps as text as text.

    Raises `LandingError` naming columns that it lacks.
    """
    names = [column.native for column in table.native_columns]
    reflected = sa.Table(
        table.entity, sa.MetaData(schema=schema), autoload_with=engine, resolve_fks=False
    )
    if missing := [name for name in names if name not in reflected.columns]:
        raise LandingError(f"the table has no column {', '.join(missing)}", NAME, table.name)
    on_sqlite = engine.dialect.name == "sqlite"
    chosen = [
        sa.Column(name, sa.Text() if on_sqlite and _is_time(reflected, name) else column.type)
        for name, column in reflected.columns.items()
        if name in names
    ]
    return sa.Table(table.entity, sa.MetaData(schema=schema), *chosen)


def _is_time(table: sa.Table, name: str) -> bool:
    return isinstance(table.columns[name].type, sa.Date | sa.DateTime)


def _changed_since(
    engine: sa.Engine, since: dt.datetime | None
) -> Callable[[sa.Select, sa.Table], sa.Select]:
    """Ask only for rows changed at or after `since`; the cursor sorts out those at `since`."""

    def narrow(query: sa.Select, table: sa.Table) -> sa.Select:
        if since is None:
            return query
        changed = table.columns[CHANGED]
        if engine.dialect.name == "sqlite":  # by the second, whatever notation the text has
            text = since.isoformat(" ", timespec="seconds")
            return query.where(sa.func.datetime(changed) >= text)
        zoned = getattr(changed.type, "timezone", False)
        return query.where(changed >= (since.replace(tzinfo=dt.UTC) if zoned else since))

    return narrow


def _landed(
    settings: Settings, table: TableSpec, values: dict[str, Any], cursor: Cursor
) -> pa.Table:
    named = {column.name: values[column.native] for column in table.native_columns}

    def described(misfit: Misfit) -> BadRow:
        row = {name: column[misfit.index] for name, column in named.items()}
        raw = orjson.dumps(row, default=str).decode()
        return BadRow(None, misfit.index + 1, misfit.reason, raw)

    batch = fit(table, named, len(next(iter(named.values()))))
    return quarantine.sort_out(settings, NAME, table, batch, described, cursor=cursor)


SPEC = SourceSpec(
    name=NAME,
    tables=TABLES,
    description="The dealers' ERP: vehicles, orders, deliveries, payments, service, surveys.",
    system_url_hint="SOURCES__DEALER_ERP__CREDENTIALS",
    build=build,
)
