"""A source made of a company's own files: one table per file stem, columns as the files say.

Belongs here: turning a folder (or one file) into a `SourceSpec`. Parquet and JSON lines state
types; CSV states none, so none are guessed: its columns land as text and staging casts them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from dlt.common.normalizers.naming.snake_case import NamingConvention

from ingestion.errors import LandingError
from ingestion.file_tables import table_source
from ingestion.read_files import UnreadableFileError, header, kind, sample, stem
from ingestion.specs import FILE, ROW, Column, SourceSpec, TableSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings

DATED = re.compile(r"[-_.](19|20)\d{2}([-_.]?\d{2}){0,2}$")
SNAKE_CASE = NamingConvention()


def spec(name: str, path: Path) -> SourceSpec:
    """The source `name` made of the files at `path`, a file or a folder.

    Reads headers only. A path that is not there yet gives one table without columns, so that the
    graph loads; landing it says what is missing.
    """
    path = path.expanduser()
    groups: dict[str, list[Path]] = {}
    for file in _files(path):
        groups.setdefault(table_name(file), []).append(file)
    tables = tuple(_table(table, files) for table, files in sorted(groups.items()))

    listed = tables or (_table(table_name(path), []),)

    def find(table: TableSpec) -> list[Path]:
        found = [file for file in _files(path) if table_name(file) == table.name]
        if not found:
            raise LandingError(f"there is no CSV, Parquet or JSON lines file at {path}", name)
        return found

    def build(settings: Settings) -> DltSource:
        return table_source(settings, name, listed, find)

    return SourceSpec(
        name=name,
        tables=listed,
        description=f"Files at {path}.",
        system_url_hint=path.absolute().as_uri(),
        build=build,
    )


def table_name(path: Path) -> str:
    """The table a file belongs to: its stem without a trailing date, in snake case."""
    return SNAKE_CASE.normalize_identifier(DATED.sub("", stem(path)) or stem(path))


def _files(path: Path) -> list[Path]:
    candidates = [path] if path.is_file() else sorted(path.glob("*")) if path.is_dir() else []
    return [file for file in candidates if kind(file) and not file.name.startswith(".")]


def _table(name: str, files: list[Path]) -> TableSpec:
    """A table with the columns of all its files; a type on which they disagree becomes text."""
    merged: dict[str, Column] = {}
    for file in files:
        for column in _columns(file):
            known = merged.get(column.name)
            if known and known.type != column.type:
                both = {known.type, column.type}
                type_ = "double" if both == {"bigint", "double"} else "varchar"
                merged[column.name] = Column(column.name, type_, known.native)
            elif not known:
                merged[column.name] = column
    placed = (Column(FILE, "varchar", FILE), Column(ROW, "bigint", ROW)) if merged else ()
    names = ", ".join(file.name for file in files[:3]) + (", ..." if len(files) > 3 else "")
    return TableSpec(name, (*merged.values(), *placed), (), f"Rows of {names or 'no file yet'}.")


def _columns(file: Path) -> list[Column]:
    """What a file states about its columns. A file that can't be read states nothing yet."""
    try:
        if kind(file) == "parquet":
            fields = [(f.name, _type(f.type)) for f in pq.read_schema(file)]
        elif kind(file) == "csv":
            fields = [(name, "varchar") for name in header(file)]
        else:
            fields = _json_fields(file)
    except (UnreadableFileError, pa.ArrowInvalid, ValueError, OSError):
        return []
    return [Column(SNAKE_CASE.normalize_identifier(name), type_, name) for name, type_ in fields]


def _json_fields(file: Path) -> list[tuple[str, str]]:
    numbers = {int: "bigint", float: "double", bool: "boolean"}
    fields = []
    for name, values in sample(file).items():
        kinds = {type(value) for value in values if value is not None}
        only = next(iter(kinds)) if len(kinds) == 1 else None
        fields.append((name, "double" if kinds == {int, float} else numbers.get(only, "varchar")))
    return fields


def _type(found: pa.DataType) -> str:
    if pa.types.is_boolean(found):
        return "boolean"
    if pa.types.is_integer(found):
        return "bigint"
    if pa.types.is_floating(found) or pa.types.is_decimal(found):
        return "double"
    if pa.types.is_timestamp(found):
        return "timestamp"
    if pa.types.is_date(found):
        return "date"
    return "varchar"
