"""Rows of an API as landed rows.

Belongs here: JSON objects into the columns of a table, bad ones into quarantine. Does not belong
here: how pages are asked for (the source's own folder).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dlt
import orjson
import pyarrow as pa

from ingestion import quarantine
from ingestion.arrow import Misfit, fit
from ingestion.quarantine import BadRow
from ingestion.read_json import at
from ingestion.specs import DELETED, READ_AS, TableSpec

if TYPE_CHECKING:
    from dlt.extract.resource import DltResource
    from dlt.extract.source import DltSource

    from ingestion.cursor import Cursor
    from kindred.settings import Settings


def landed(
    settings: Settings,
    source: str,
    table: TableSpec,
    rows: list[dict[str, Any]],
    deleted: Sequence[bool] | None = None,
    *,
    cursor: Cursor | None = None,
    read_as: str | None = None,
) -> pa.Table:
    """`rows` as they land; those with a value of the wrong type or no key go to quarantine.

    `deleted` says which rows are tombstones (none of them, if it is None); a `cursor` leaves out
    what an earlier run has read; `read_as` is the user that Kindred is in this system, for a table
    that it also writes to.
    """
    values = {column.name: at(rows, column.native) for column in table.native_columns}
    values[DELETED] = deleted or [False] * len(rows)
    if table.says_who_wrote:
        values[READ_AS] = [None if gone else read_as for gone in values[DELETED]]

    def described(misfit: Misfit) -> BadRow:
        return BadRow(None, misfit.index + 1, misfit.reason, _raw(table, rows[misfit.index]))

    batch = fit(table, values, len(rows))
    return quarantine.sort_out(settings, source, table, batch, described, cursor=cursor)


def tombstones(table: TableSpec, keys: Sequence[Any]) -> pa.Table:
    """One row per key, with `_deleted` set and nothing else."""
    arrays = [
        pa.array(keys, column.arrow.type)
        if column.name == table.key[0]
        else pa.array([True] * len(keys))
        if column.name == DELETED
        else pa.nulls(len(keys), column.arrow.type)
        for column in table.columns
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def api_source(
    source: str, tables: tuple[TableSpec, ...], read: Callable[[TableSpec], Iterator[pa.Table]]
) -> DltSource:
    """A dlt source with one resource per table, read by `read` when it is extracted."""

    @dlt.source(name=source, max_table_nesting=0)
    def api() -> Iterator[DltResource]:
        for table in tables:

            def rows(table: TableSpec = table) -> Iterator[pa.Table]:
                for batch in read(table):
                    if batch.num_rows:
                        yield batch

            yield dlt.resource(rows, name=table.name, write_disposition="append")

    return api()


def _raw(table: TableSpec, row: dict[str, Any]) -> str:
    known = {c.native.split(".")[0] for c in table.native_columns}
    return orjson.dumps({k: v for k, v in row.items() if k in known}, default=str).decode()
