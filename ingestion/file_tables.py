"""Tables made of files: which files are new or changed, and their rows as landed rows.

Belongs here: everything that the file sources (Magento, web events, registers, partners and a
company's own files) share. Does not belong here: opening a file (`read_files`), its columns (the
source's own folder).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import orjson
import pyarrow as pa

from ingestion import quarantine
from ingestion.arrow import Misfit, fit
from ingestion.connections import FolderConnection, connection
from ingestion.errors import LandingError
from ingestion.quarantine import BadRow
from ingestion.read_files import Batch, UnreadableFileError, read
from ingestion.specs import FILE, ROW, TableSpec

BATCH_ROWS = 100_000

if TYPE_CHECKING:
    from dlt.extract.resource import DltResource
    from dlt.extract.source import DltSource

    from kindred.settings import Settings


def configured_folder(source: str) -> Path:
    """The folder that the operator configured for `source`. Raises `LandingError` if missing."""
    found = connection(FolderConnection, source)
    folder = Path(found.folder).expanduser()
    if not folder.is_dir():
        raise LandingError(f"there is no folder {folder}", source)
    return folder


def folder_source(
    settings: Settings, source: str, tables: tuple[TableSpec, ...], may_be_empty: bool = False
) -> DltSource:
    """A dlt source over `sources.<source>.folder`, one resource per table.

    A table's `entity` is the pattern of its files. A folder with no file of any table is an error
    unless it `may_be_empty`, as a folder is into which files are dropped.
    """

    def find(table: TableSpec) -> list[Path]:
        folder = configured_folder(source)
        found = sorted(p for p in folder.glob(table.entity) if p.is_file())
        if not found and not may_be_empty and not any(any(folder.glob(t.entity)) for t in tables):
            expected = ", ".join(t.entity for t in tables)
            raise LandingError(f"folder {folder} holds none of the files {expected}", source)
        return found

    return table_source(settings, source, tables, find)


def table_source(
    settings: Settings,
    source: str,
    tables: tuple[TableSpec, ...],
    find: Callable[[TableSpec], list[Path]],
) -> DltSource:
    """A dlt source with one resource per table, whose files `find` lists when it is extracted."""

    @dlt.source(name=source, max_table_nesting=0)
    def files() -> Iterator[DltResource]:
        for table in tables:
            rows = new_rows(settings, source, table, lambda table=table: find(table))
            yield dlt.resource(rows, name=table.name, write_disposition="append")

    return files()


def new_rows(
    settings: Settings, source: str, table: TableSpec, find: Callable[[], list[Path]]
) -> Callable[[], Iterator[pa.Table]]:
    """A generator function: the rows of those files that are new or differ from last time.

    What a file held is remembered as size and hash under its name; a file that changed lands again
    as a whole. The memory is dlt's resource state, so it moves only if the run lands.
    """

    def rows() -> Iterator[pa.Table]:
        known: dict[str, list[Any]] = dlt.current.resource_state().setdefault("files", {})

        def fresh() -> Iterator[Path]:
            for path in find():
                seen = [path.stat().st_size, _hash(path)]
                if known.get(path.name) != seen:
                    yield path
                    known[path.name] = seen

        yield from in_large_batches(landed(settings, source, table, fresh()))

    return rows


def in_large_batches(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of at least `BATCH_ROWS`: dlt's work is per table, not per row."""
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        if rows >= BATCH_ROWS:
            yield pa.concat_tables(held)
            held, rows = [], 0
    if rows:
        yield pa.concat_tables(held)


def landed(
    settings: Settings, source: str, table: TableSpec, paths: Iterable[Path]
) -> Iterator[pa.Table]:
    """The rows of files as they land; their bad rows go to quarantine.

    Raises `LandingError` naming source, table and file when one can't be read as this table.
    """
    try:
        for batch in read(paths, table.native_columns):
            yield _fitted(settings, source, table, batch)
    except UnreadableFileError as error:
        raise LandingError(str(error), source, table.name) from None


def _fitted(settings: Settings, source: str, table: TableSpec, batch: Batch) -> pa.Table:
    values = {c.name: batch.values[c.native] for c in table.native_columns}
    values |= {FILE: batch.files, ROW: batch.numbers}

    def described(misfit: Misfit) -> BadRow:
        file, number = batch.files[misfit.index].as_py(), batch.numbers[misfit.index].as_py()
        return BadRow(file, number, misfit.reason, _raw(table, batch, misfit.index))

    # a row that fell apart can't be told from its secrets, so its text is not kept
    broken = [
        BadRow(path.name, number, reason, None if table.secret else text)
        for path, number, reason, text in batch.broken
    ]
    quarantine.keep(settings, source, table, broken)
    fitted = fit(table, values, len(batch.numbers))
    return quarantine.sort_out(settings, source, table, fitted, described)


def _raw(table: TableSpec, batch: Batch, index: int) -> str:
    row = {c.native: _plain(batch.values[c.native][index]) for c in table.native_columns}
    return orjson.dumps(row, default=str).decode()


def _plain(value: Any) -> Any:
    return value.as_py() if isinstance(value, pa.Scalar) else value


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
