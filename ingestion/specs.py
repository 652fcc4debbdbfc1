"""What a source is, to the rest of Kindred: its name, its tables, their columns, how it is built.

Belongs here: `SourceSpec`, `TableSpec`, `Column` and the short notation in which every source
states its tables. Does not belong here: reading anything (the source's own folder) or writing
anything (`landing`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings

ARROW_TYPES: dict[str, pa.DataType] = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
}
"""The six column types of `lake/raw`, named as in dbt. Timestamps are UTC and carry no zone."""

DELETED = "_deleted"
FILE = "_file"
ROW = "_row"
READ_AS = "_read_as"


@dataclass(frozen=True)
class Column:
    """One column of a raw table: its name there, its type, and its name in the source system."""

    name: str
    type: str
    native: str

    @property
    def arrow(self) -> pa.Field:
        """The column as an Arrow field."""
        return pa.field(self.name, ARROW_TYPES[self.type])


@dataclass(frozen=True)
class TableSpec:
    """One raw table. `columns` are all that land except `_dlt_load_id`, which dlt adds."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    description: str
    entity: str = ""
    cursor: str | None = None
    secret: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema that every batch of this table has."""
        return pa.schema([column.arrow for column in self.columns])

    @property
    def native_columns(self) -> tuple[Column, ...]:
        """The columns that the source system itself holds."""
        return tuple(c for c in self.columns if c.name not in (DELETED, FILE, ROW, READ_AS))

    @property
    def says_who_wrote(self) -> bool:
        """Whether each row lands with the user that Kindred is in its system."""
        return any(column.name == READ_AS for column in self.columns)


@dataclass(frozen=True)
class SourceSpec:
    """One source: what Dagster iterates to make assets, and how to build its dlt source.

    `build` never connects and needs no credentials: those are read when the source is extracted.
    """

    name: str
    tables: tuple[TableSpec, ...]
    description: str
    system_url_hint: str
    build: Callable[[Settings], DltSource]

    def table(self, name: str) -> TableSpec:
        """The table called `name`; `KeyError` when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(f"source {self.name} has no table {name}")


def columns(notation: str) -> tuple[Column, ...]:
    """Columns from lines of `name type [native name]`; the native name defaults to the name."""
    found = []
    for line in notation.strip().splitlines():
        name, type_, *native = line.split()
        if type_ not in ARROW_TYPES:
            raise ValueError(f"column {name}: unknown type {type_}")
        found.append(Column(name, type_, native[0] if native else name))
    return tuple(found)


def api_table(
    name: str,
    key: str,
    description: str,
    notation: str,
    *,
    entity: str = "",
    cursor: str | None = None,
    written_back: bool = False,
) -> TableSpec:
    """A table read from an API: its columns and `_deleted` (a tombstone has only its key set).

    `written_back`: Kindred writes to it too, so `_read_as` lands with each row: the user as whom it
    was read, to be compared with the one who wrote it.
    """
    read_as = (Column(READ_AS, "varchar", READ_AS),) if written_back else ()
    flagged = (*columns(notation), *read_as, Column(DELETED, "boolean", DELETED))
    return TableSpec(name, flagged, (key,), description, entity or name, cursor)


def file_table(
    name: str,
    key: str,
    description: str,
    notation: str,
    *,
    pattern: str,
    secret: tuple[str, ...] = (),
) -> TableSpec:
    """A table read from files matching `pattern`: its columns, `_file` and `_row` (from 1).

    `secret` names columns of the file that are dropped as it is read and may land nowhere.
    """
    placed = (*columns(notation), Column(FILE, "varchar", FILE), Column(ROW, "bigint", ROW))
    keys = tuple(key.split())
    return TableSpec(name, placed, keys, description, pattern, None, secret)
