"""Typed Arrow tables from whatever a system gives: JSON rows, CSV text, database rows.

Belongs here: turning values into the columns of a `TableSpec`, a whole batch at a time, and
finding the rows that do not fit. Does not belong here: what happens to those (`quarantine`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.specs import Column, TableSpec

Values = Sequence[Any] | pa.Array | pa.ChunkedArray

ZONE = r"(Z|z|[+-]\d{2}(:?\d{2})?)$"


@dataclass(frozen=True)
class Misfit:
    """One row that does not fit its table: its index in the batch, and why (without its values)."""

    index: int
    reason: str


def fit(table: TableSpec, values: dict[str, Values], rows: int) -> tuple[pa.Table, list[Misfit]]:
    """A batch with the columns of `table`, and which of its rows do not fit.

    `values` maps column names (not native names) to one value per row; a column that is absent is
    null throughout. A row is a misfit when a value can't be read as its column's type (it is null
    in the result) or when its key is missing.
    """
    arrays: list[pa.Array] = []
    reasons: dict[int, list[str]] = {}
    for column in table.columns:
        given = values.get(column.name)
        if given is None:
            arrays.append(pa.nulls(rows, column.arrow.type))
            continue
        array, bad = typed(given, column)
        for index in bad:
            reasons.setdefault(index, []).append(f"{column.name} is not a {column.type}")
        if column.name in table.key:
            for index in _missing(array, bad):
                reasons.setdefault(index, []).append(f"{column.name} is missing")
        arrays.append(array)
    misfits = [Misfit(index, "; ".join(found)) for index, found in sorted(reasons.items())]
    return pa.Table.from_arrays(arrays, schema=table.schema), misfits


def typed(values: Values, column: Column) -> tuple[pa.Array, list[int]]:
    """`values` as an array of the column's type, and the indices of those that can't be read so."""
    wanted = column.arrow.type
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not isinstance(values, pa.Array):
        values = _array(values, wanted)
    if values.type == wanted:
        return values, []
    convert = _parser(wanted) if pa.types.is_string(values.type) else _caster(wanted)
    return _salvage(values, convert, wanted)


def _array(values: Sequence[Any], wanted: pa.DataType) -> pa.Array:
    """An array of the wanted type, of another simple type, or else of text."""
    textual = pa.types.is_temporal(wanted) or pa.types.is_string(wanted)
    for attempt in (pa.string() if textual else wanted, None):
        try:
            array = pa.array(values, attempt)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            continue
        if not pa.types.is_nested(array.type) and not pa.types.is_binary(array.type):
            return array
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return decoded(value)
    return orjson.dumps(value, default=str).decode()


def decoded(value: bytes) -> str:
    """Text of bytes that should be UTF-8 and may be what Windows or an old Unix wrote instead."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            continue
    return value.decode("latin-1")


def _missing(array: pa.Array, bad: list[int]) -> list[int]:
    empty = pc.is_null(array)
    if pa.types.is_string(array.type):
        empty = pc.or_(empty, pc.equal(pc.fill_null(array, ""), ""))
    found = pc.indices_nonzero(empty).to_pylist()
    return [index for index in found if index not in bad]


def _salvage(
    array: pa.Array, convert: Callable[[pa.Array], pa.Array], wanted: pa.DataType
) -> tuple[pa.Array, list[int]]:
    """Convert `array`; where that fails, halve it until the bad values stand alone, as nulls."""
    bad: list[int] = []

    def part(start: int, length: int) -> list[pa.Array]:
        try:
            return [convert(array.slice(start, length))]
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            if length == 1:
                bad.append(start)
                return [pa.nulls(1, wanted)]
            half = length // 2
            return part(start, half) + part(start + half, length - half)

    parts = part(0, len(array)) if len(array) else [pa.nulls(0, wanted)]
    return (parts[0] if len(parts) == 1 else pa.concat_arrays(parts)), bad


def _parser(wanted: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    if pa.types.is_timestamp(wanted):
        return _timestamps
    if pa.types.is_date(wanted):
        return _dates
    return lambda texts: pc.cast(_trimmed(texts), wanted)


def _caster(wanted: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    if pa.types.is_date(wanted):
        return lambda array: pc.cast(array, wanted, safe=not pa.types.is_timestamp(array.type))
    if pa.types.is_timestamp(wanted):  # nanoseconds are cut, zones are turned into UTC
        return lambda array: pc.cast(array, wanted, safe=not pa.types.is_timestamp(array.type))
    return lambda array: pc.cast(array, wanted)


def _trimmed(texts: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _timestamps(texts: pa.Array) -> pa.Array:
    """Times in ISO 8601, with a zone, without one (then UTC), or some of each."""
    for notation in (pa.timestamp("us", "UTC"), pa.timestamp("us")):
        try:
            return pc.cast(pc.cast(texts, notation), pa.timestamp("us"))
        except pa.ArrowInvalid:
            continue
    texts = pc.replace_substring_regex(_trimmed(texts), r"(\.\d{6})\d+", r"\1")
    zoned = pc.match_substring_regex(texts, r":\d{2}(\.\d+)?" + ZONE)
    texts = pc.if_else(zoned, texts, pc.binary_join_element_wise(texts, "Z", ""))
    return pc.cast(pc.cast(texts, pa.timestamp("us", "UTC")), pa.timestamp("us"))


def _dates(texts: pa.Array) -> pa.Array:
    try:
        return pc.cast(texts, pa.date32())
    except pa.ArrowInvalid:
        bare = pc.replace_substring_regex(
            _trimmed(texts), r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:.*$", r"\1"
        )
        return pc.cast(bare, pa.date32())
