"""Raw columns: one of any type as text.

Belongs here: what types a file or a table may have. Does not belong here: what a text says.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import InputError

AS_TEXT = pc.CastOptions(target_type=pa.string(), allow_invalid_utf8=True)
LARGEST_WHOLE = 2.0**53
"""Beyond it, floating point leaves out whole numbers."""


def text_of(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """A column of any type as text, which may hold bytes that are no UTF-8."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        return _numerals(column)
    if column.type == pa.string():
        return column
    try:
        return column.cast(options=AS_TEXT)
    except pa.ArrowException as error:
        raise InputError(f"the column {name} can't be read as text ({column.type})") from error


def _numerals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers without an exponent: integers with gaps are stored as floating point."""
    column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
    is_whole = pc.and_(pc.equal(column, pc.trunc(column)), pc.less(pc.abs(column), LARGEST_WHOLE))
    whole = pc.if_else(is_whole, column, pa.scalar(0, column.type)).cast(pa.int64())
    return pc.if_else(is_whole, whole.cast(pa.string()), column.cast(pa.string()))
