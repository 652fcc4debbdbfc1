"""JSON lines, fast: many small files or pieces of a large one are parsed together by Arrow.

Belongs here: the quick way. Lines that Arrow does not take as the columns' types go the slow way,
one by one, so that a broken line costs only itself.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from ingestion.arrow import Values, decoded
from ingestion.specs import Column

TOGETHER = 32 << 20
BLOCK = 4 << 20

Piece = tuple[Path, int, bytes]
"""Whole lines of a file: the file, the number of the first line, the bytes."""

Broken = tuple[Path, int, str, str]
"""A line that is no JSON object: file, row number, reason, text."""

Rows = tuple[dict[str, Values], list[Piece], pa.Array, list[Broken]]
"""Values by native name, the pieces they came from, their row numbers, broken lines."""


def pieces(path: Path) -> Iterator[Piece]:
    """A file's content in pieces of whole lines. Raises what gzip and the disk raise."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        number, rest = 1, b""
        while read := file.read(TOGETHER):
            head, newline, tail = read.rpartition(b"\n")
            if not newline:
                rest += read
                continue
            yield path, number, rest + head + newline
            number += head.count(b"\n") + 1 + rest.count(b"\n")
            rest = tail
        if rest:
            yield path, number, rest + b"\n"


def together(found: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Pieces in groups worth parsing at once."""
    held: list[Piece] = []
    size = 0
    for piece in found:
        held.append(piece)
        size += len(piece[2])
        if size >= TOGETHER:
            yield held
            held, size = [], 0
    if held:
        yield held


def parsed(group: list[Piece], columns: tuple[Column, ...]) -> Iterator[Rows]:
    """The rows of a group; at once where every line fits the columns' types, else line by line."""
    quick = _quick(group, columns)
    if quick is not None:
        yield quick, group, _numbers(group), []
        return
    for piece in group:
        yield _slow(piece, [column.native for column in columns])


def _numbers(group: list[Piece]) -> pa.Array:
    counts = [(first, content.count(b"\n")) for _, first, content in group]
    return pa.concat_arrays(
        [pa.array(np.arange(first, first + count), pa.int64()) for first, count in counts]
    )


def files(group: list[Piece]) -> pa.Array:
    """The file name of each line of a group."""
    return pa.concat_arrays(
        [pa.repeat(pa.scalar(path.name), content.count(b"\n")) for path, _, content in group]
    )


def _quick(group: list[Piece], columns: tuple[Column, ...]) -> dict[str, Values] | None:
    content = b"".join(content for _, _, content in group)
    try:
        table = pa.json.read_json(
            io.BytesIO(content),
            read_options=pa.json.ReadOptions(block_size=min(BLOCK, max(len(content), 1))),
            parse_options=pa.json.ParseOptions(
                explicit_schema=_schema(columns), unexpected_field_behavior="ignore"
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != content.count(b"\n"):  # blank lines have no row
        return None
    return {column.native: _at(table, column.native.split(".")) for column in columns}


def _schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The columns as nested fields. Times are read as text, for `arrow` knows more notations."""
    tree: dict[str, Any] = {}
    for column in columns:
        place = tree
        *path, last = column.native.split(".")
        for part in path:
            place = place.setdefault(part, {})
        place[last] = pa.string() if pa.types.is_temporal(column.arrow.type) else column.arrow.type

    def fields(level: dict[str, Any]) -> list[pa.Field]:
        return [
            pa.field(name, pa.struct(fields(kind)) if isinstance(kind, dict) else kind)
            for name, kind in level.items()
        ]

    return pa.schema(fields(tree))


def _at(table: pa.Table, path: list[str]) -> pa.ChunkedArray:
    column = table[path[0]]
    return pc.struct_field(column, path[1:]) if path[1:] else column


def _slow(piece: Piece, names: list[str]) -> Rows:
    path, first, content = piece
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    broken: list[Broken] = []
    for number, line in enumerate(content.splitlines(), first):
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
            broken.append((path, number, "not a JSON object", decoded(line)))
    values = {name: at(rows, name) for name in names}
    kept = [(path, first, b"\n" * len(rows))]
    return values, kept, pa.array(numbers, pa.int64()), broken


def at(rows: list[dict[str, Any]], path: str) -> list[Any]:
    """The values at a dotted path (`traits.email`) in each row; None where there is none."""
    first, *rest = path.split(".")
    found: list[Any] = [row.get(first) for row in rows]
    for name in rest:
        found = [value.get(name) if isinstance(value, dict) else None for value in found]
    return found
