"""Published tables for whoever asks from outside the build: views of an in-memory DuckDB.

Belongs here: opening `lake/gold` for a query. Does not belong here: writing it
(dagster_project/publishing.py), and the warehouse, which is locked while a build runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import duckdb
from deltalake import DeltaTable, Field

from kindred.settings import Settings

TIMES = ('PrimitiveType("timestamp")',)


class NotPublishedError(LookupError):
    """There is no such table in gold; the message names it."""


def open_gold(settings: Settings, tables: Iterable[str]) -> duckdb.DuckDBPyConnection:
    """A connection with one view per table, each the version that is newest now.

    Raises `NotPublishedError` for a table that no run has published.
    """
    connection = duckdb.connect()
    for table in tables:
        _add_view(connection, table, _folder(settings.gold, table))
    return connection


def published_day(settings: Settings) -> dt.date:
    """The platform's today when the published tables were made; today before the first run.

    Raises `NotPublishedError` when nothing is published.
    """
    with open_gold(settings, ["segment_sizes"]) as connection:
        [(day,)] = connection.sql("select max(as_of) from segment_sizes").fetchall()
    return day or settings.today


def _folder(gold: Path, table: str) -> Path:
    found = [path.parent for path in gold.glob("*/*/_delta_log") if path.parent.name == table]
    if not found:
        raise NotPublishedError(
            f"there is no published table {table}; a run publishes it (`kindred run`)"
        )
    return found[0]


def _add_view(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    """The files of the newest version, read by DuckDB itself: faster than through Arrow.

    Times are plain UTC as in the warehouse, so that a model's SQL gives the model's answer.
    """
    table = DeltaTable(str(folder))
    files = table.file_uris()
    if not files:
        connection.register(name, table.to_pyarrow_table())
        return
    columns = ", ".join(_column(field) for field in table.schema().fields)
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    connection.execute(
        f'create view "{name}" as select {columns} '  # noqa: S608 - names of our own tables
        f"from read_parquet([{listed}], hive_partitioning = true, hive_types_autocast = false)"
    )


def _column(field: Field) -> str:
    name = f'"{field.name}"'
    return f"timezone('UTC', {name}) as {name}" if str(field.type) in TIMES else name
