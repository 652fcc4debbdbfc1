"""Batches of rows from CSV, Parquet and JSON lines, whatever their encoding, with row numbers.

Belongs here: opening one file and reading it in pieces that fit into memory. Does not belong here:
which files a source has and which of them are new (`file_tables`), or types (`arrow`).
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

from ingestion.arrow import Values, decoded

CSV_BLOCK = 16 << 20
PARQUET_ROWS = 500_000
JSON_ROWS = 200_000
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
    """A file that can't be read at all. The message says why, without its content."""


@dataclass
class Batch:
    """Some rows of a file: native column name to values, the row numbers (from 1), and rows that
    were broken before they had columns (row number, reason, text)."""

    values: dict[str, Values]
    numbers: pa.Array
    broken: list[tuple[int, str, str]] = field(default_factory=list)


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


def read(path: Path, wanted: list[str] | None) -> Iterator[Batch]:
    """Read a file in batches.

    `wanted` are the native columns to read: all must be there (in JSON lines they may be absent),
    and no other becomes a column. None reads every column. Raises `UnreadableFileError`.
    """
    readers: dict[str | None, Callable[[Path, list[str] | None], Iterator[Batch]]] = {
        "csv": _csv,
        "parquet": _parquet,
        "jsonl": _json_lines,
    }
    if path.stat().st_size == 0:
        raise UnreadableFileError("the file is empty: not even a header")
    try:
        yield from readers[kind(path) or "csv"](path, wanted)
    except (EOFError, gzip.BadGzipFile):
        raise UnreadableFileError("the file is damaged or cut short") from None
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise UnreadableFileError(f"the file is no readable {kind(path) or 'csv'}") from None


def header(path: Path) -> list[str]:
    """The column names of a CSV or Parquet file. Raises `UnreadableFileError`."""
    if kind(path) == "parquet":
        try:
            return pq.read_schema(path).names
        except (pa.ArrowInvalid, OSError):
            raise UnreadableFileError("the file is no readable parquet") from None
    return _csv_header(path)[0]


def _require(found: list[str], wanted: list[str] | None) -> list[str]:
    if wanted is None:
        return found
    missing = [name for name in wanted if name not in found]
    if missing:
        raise UnreadableFileError(f"wrong header: no column {', '.join(missing)}")
    return wanted


def _csv_header(path: Path) -> tuple[list[str], str]:
    with _opened(path) as file:
        line = file.readline(1 << 20)
    if b"\0" in line:
        raise UnreadableFileError(
            "the file is no text (or not UTF-8, UTF-8 with BOM, or Windows-1252)"
        )
    line = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
    if not line.strip():
        raise UnreadableFileError("wrong header: the first line is empty")
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
        raise UnreadableFileError("wrong header: a column without a name or two of one name")
    return names, chr(delimiter)


def _opened(path: Path) -> Any:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


def _csv(path: Path, wanted: list[str] | None) -> Iterator[Batch]:
    names, delimiter = _csv_header(path)
    chosen = _require(names, wanted)
    broken: list[tuple[int, str, str]] = []

    def skip(row: Any) -> str:
        reason = f"expected {row.expected_columns} columns, found {row.actual_columns}"
        broken.append((row.number - 1, reason, row.text))
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
                include_columns=chosen,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        read_so_far = 0
        for batch in rows:
            fresh, broken[:] = list(broken), []
            numbers = _numbers(read_so_far, batch.num_rows, [number for number, *_ in fresh])
            read_so_far += batch.num_rows + len(fresh)
            columns = dict(zip(chosen, (_strings(c) for c in batch.columns), strict=True))
            yield Batch(columns, numbers, fresh)
        if broken:
            yield Batch(
                {name: pa.nulls(0, pa.string()) for name in chosen}, _numbers(0, 0, []), broken
            )


def _numbers(before: int, count: int, skipped: list[int]) -> pa.Array:
    everything = pa.array(range(before + 1, before + count + len(skipped) + 1), pa.int64())
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


def _parquet(path: Path, wanted: list[str] | None) -> Iterator[Batch]:
    with pq.ParquetFile(path) as file:
        chosen = _require(file.schema_arrow.names, wanted)
        before = 0
        for batch in file.iter_batches(PARQUET_ROWS, columns=chosen):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            yield Batch(columns, _numbers(before, batch.num_rows, []))
            before += batch.num_rows


def _json_lines(path: Path, wanted: list[str] | None) -> Iterator[Batch]:
    with _opened(path) as file:
        before = 0
        while lines := file.readlines(64 << 20):
            rows: list[dict[str, Any]] = []
            numbers: list[int] = []
            broken: list[tuple[int, str, str]] = []
            for number, line in enumerate(lines, before + 1):
                if not line.strip():
                    continue
                try:
                    row = orjson.loads(line)
                except orjson.JSONDecodeError:
                    row = None
                if isinstance(row, dict):
                    rows.append(row)
                    numbers.append(number)
                else:
                    broken.append((number, "not a JSON object", decoded(line).rstrip()))
            before += len(lines)
            names = wanted or list(dict.fromkeys(name for row in rows for name in row))
            values = {name: at(rows, name) for name in names}
            yield Batch(values, pa.array(numbers, pa.int64()), broken)


def at(rows: list[dict[str, Any]], path: str) -> list[Any]:
    """The values at a dotted path (`traits.email`) in each row; None where there is none."""
    found: list[Any] = rows
    for name in path.split("."):
        found = [value.get(name) if isinstance(value, dict) else None for value in found]
    return found
