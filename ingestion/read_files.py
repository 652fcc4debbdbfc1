"""Batches of rows from CSV, Parquet and JSON lines, whatever their encoding, with row numbers.

Belongs here: opening one file and reading it in pieces that fit into memory. Does not belong here:
which files a source has and which of them are new (`file_tables`), or types (`arrow`).
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from ingestion.arrow import Values, decoded
from ingestion.read_json import Broken, Piece, at, parsed, pieces, together
from ingestion.read_json import files as file_names
from ingestion.specs import Column

CSV_BLOCK = 16 << 20
PARQUET_ROWS = 500_000
SAMPLE = 1 << 20
DELIMITERS = b",;\t|"

SUFFIXES = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".ndjson": "jsonl",
}


class UnreadableFileError(Exception):
    """A file that can't be read at all. The message names it and says why, without its content."""

    def __init__(self, path: Path, reason: str):
        super().__init__(f"file {path.name}: {reason}")


@dataclass
class Batch:
    """Some rows: native column name to values, which file each came from, its row number there
    (from 1), and rows broken before they had columns (file, row number, reason, text)."""

    values: dict[str, Values]
    files: pa.Array
    numbers: pa.Array
    broken: list[Broken] = field(default_factory=list)


def kind(path: Path) -> str | None:
    """How to read a file, by its name: csv, parquet, jsonl, or None for a file of another kind."""
    for suffix, found in SUFFIXES.items():
        if path.name.lower().endswith(suffix):
            return found
    return None


def stem(path: Path) -> str:
    """The file's name without folder and without a suffix that says how to read it."""
    name = path.name
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return path.stem


def read(paths: Iterable[Path], columns: tuple[Column, ...]) -> Iterator[Batch]:
    """Read files in batches, by their columns' native names.

    All columns must be there (in JSON lines they may be absent); others are not read. Raises
    `UnreadableFileError`.
    """
    lines = []
    for path in paths:
        if path.stat().st_size == 0:
            raise UnreadableFileError(path, "the file is empty: not even a header")
        if kind(path) == "jsonl":
            lines.append(path)
            continue
        reader = _parquet if kind(path) == "parquet" else _csv
        with _readable(path):
            yield from reader(path, [column.native for column in columns])
    for group in together(piece for path in lines for piece in _pieces(path)):
        for values, origin, numbers, broken in parsed(group, columns):
            yield Batch(values, file_names(origin), numbers, broken)


def _pieces(path: Path) -> Iterator[Piece]:
    with _readable(path):
        yield from pieces(path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UnreadableFileError(path, "the file is damaged or cut short") from None
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise UnreadableFileError(path, f"the file is no readable {kind(path) or 'csv'}") from None


def sample(path: Path) -> dict[str, Values]:
    """Some values of each field of a JSON lines file. Raises `UnreadableFileError`."""
    with _readable(path), _opened(path) as file:
        rows = [orjson.loads(line) for line in file.readlines(SAMPLE) if line.strip()]
    names = dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row)
    return {name: at(rows, name) for name in names}


def header(path: Path) -> list[str]:
    """The column names of a CSV or Parquet file. Raises `UnreadableFileError`."""
    if kind(path) == "parquet":
        try:
            return pq.read_schema(path).names
        except (pa.ArrowInvalid, OSError):
            raise UnreadableFileError(path, "the file is no readable parquet") from None
    return _csv_header(path)[0]


def _require(path: Path, found: list[str], wanted: list[str]) -> None:
    missing = [name for name in wanted if name not in found]
    if missing:
        raise UnreadableFileError(path, f"wrong header: no column {', '.join(missing)}")


def _csv_header(path: Path) -> tuple[list[str], str]:
    with _opened(path) as file:
        line = file.readline(1 << 20)
    if b"\0" in line:
        raise UnreadableFileError(path, "the file is no text in UTF-8 or Windows-1252")
    line = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
    if not line.strip():
        raise UnreadableFileError(path, "wrong header: the first line is empty")
    delimiter = max(DELIMITERS, key=line.count)
    parsed = pa.csv.read_csv(
        io.BytesIO(line + b"\n"),
        read_options=pa.csv.ReadOptions(autogenerate_column_names=True),
        parse_options=pa.csv.ParseOptions(delimiter=chr(delimiter)),
        convert_options=pa.csv.ConvertOptions(
            column_types={f"f{i}": pa.binary() for i in range(line.count(bytes([delimiter])) + 1)}
        ),
    )
    names = [decoded(column[0].as_py() or b"").strip() for column in parsed.columns]
    if len(set(names)) != len(names) or "" in names:
        raise UnreadableFileError(path, "wrong header: a column without a name or two of one name")
    return names, chr(delimiter)


def _opened(path: Path) -> Any:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


def _csv(path: Path, wanted: list[str]) -> Iterator[Batch]:
    names, delimiter = _csv_header(path)
    _require(path, names, wanted)
    broken: list[Broken] = []

    def skip(row: Any) -> str:
        reason = f"expected {row.expected_columns} columns, found {row.actual_columns}"
        broken.append((path, row.number - 1, reason, row.text))
        return "skip"

    with _opened(path) as file:
        # a first block of one header line would leave pyarrow nothing to read
        rows = pa.csv.open_csv(
            file,
            read_options=pa.csv.ReadOptions(
                use_threads=False, block_size=CSV_BLOCK, column_names=names, skip_rows=1
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary()),
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        read_so_far = 0
        for batch in rows:
            fresh, broken[:] = list(broken), []
            numbers = _numbers(read_so_far, batch.num_rows, [number for _, number, *_ in fresh])
            read_so_far += batch.num_rows + len(fresh)
            columns = dict(zip(wanted, (_strings(c) for c in batch.columns), strict=True))
            yield Batch(columns, _named(path, len(numbers)), numbers, fresh)
        if broken:
            nothing = {name: pa.nulls(0, pa.string()) for name in wanted}
            yield Batch(nothing, _named(path, 0), _numbers(0, 0, []), broken)


def _named(path: Path, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(path.name), rows)


def _numbers(before: int, count: int, skipped: list[int]) -> pa.Array:
    everything = pa.array(np.arange(before + 1, before + count + len(skipped) + 1), pa.int64())
    if not skipped:
        return everything
    return everything.filter(pc.invert(pc.is_in(everything, pa.array(skipped, pa.int64()))))


def _strings(values: pa.Array) -> pa.Array:
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array(
            [None if v is None else decoded(v) for v in values.to_pylist()], pa.string()
        )


def _parquet(path: Path, wanted: list[str]) -> Iterator[Batch]:
    with pq.ParquetFile(path) as file:
        _require(path, file.schema_arrow.names, wanted)
        before = 0
        for batch in file.iter_batches(PARQUET_ROWS, columns=wanted):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            numbers = _numbers(before, batch.num_rows, [])
            yield Batch(columns, _named(path, batch.num_rows), numbers)
            before += batch.num_rows
