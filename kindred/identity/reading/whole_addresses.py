"""Whole addresses: street, postal code and city in one column, as letters and web forms have them.

`12 High Street, Leeds, LS1 4AB` and `Dorpsstraat 94, 8347 AN Zeist` are parted where a record has
neither postal code nor city of its own.

Belongs here: seeing that it is so, and parting them. Does not belong here: how streets are written
(`normal_forms`), addresses without a postal code: where they end nobody can tell.
"""

from __future__ import annotations

from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import Columns, readable

PARTS = ("street", "postal_code", "city")
HOUSE_FIRST = r"^\s*(\d+\w?)\s*,"
STREET = r"^(?P<street>[^,]+),(?P<rest>.*)$"
WITH_HOUSE = (
    r"^(?P<street>[^,\d]+, *(?:n[.ºo°]{0,3}|num[.]?|#)? ?\d{1,4}[a-zA-Z]?)(?P<rest>[ ,].*)$"
)
"""Many write it behind a comma: Calle Mayor, 12, 28013 Madrid."""
POSTAL = (
    r"(?:^|[ ,])(?P<code>[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}|[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d"
    r"|\d{4} ?[A-Z]{2}|\d{5}-\d{3,4}|\d{4}-\d{3}|\d{2}-\d{3}|\d{4,8})(?:$|[ ,])"
)
"""British, Canadian, Dutch, American, Brazilian, Portuguese, Polish, and digits only."""
CITY = r"(?P<city>[^\d,]*\pL{3}[^\d,]*)"
"""The first part that is left and has more than the two letters of a state."""
BEHIND = (
    r"(?:^|[ ,])\d(?:\d{3} ?[A-Z]{2}|\d{3,4}-\d{3}|\d{3,7})[ ,]+"
    r"(?P<city>[^\d,]*\pL{3}[^\d,]*)$"
)
"""What stands behind the code, and nothing behind that, is the city; a quarter is before it."""


class PartedAddresses:
    """The same columns, with whole addresses in their parts."""

    def __init__(self, columns: Columns) -> None:
        self.names = columns.names
        self._columns = columns
        self._lock = Lock()
        self._found: tuple[np.ndarray, dict[str, pa.Array]] | None = None

    def raw(self, name: str) -> pa.ChunkedArray:
        """A column as it is, but for the parts of whole addresses."""
        column = self._columns.raw(name)
        if name not in PARTS or "street" not in self.names:
            return column
        with self._lock:
            if self._found is None:
                lines = column if name == "street" else self._columns.raw("street")
                self._found = self._parts(_text(lines))
        rows, parts = self._found
        if not rows.any():
            return column
        text = _text(column).combine_chunks()
        return pa.chunked_array([pc.replace_with_mask(text, pa.array(rows), parts[name])])

    def _parts(self, lines: pa.ChunkedArray) -> tuple[np.ndarray, dict[str, pa.Array]]:
        """True per record with a whole address, and the parts of these."""
        none = np.zeros(0, bool), {}
        if not pa.types.is_string(lines.type):
            return none
        rows = pc.fill_null(pc.match_substring(lines, ","), False)
        if not pc.any(rows).as_py():
            return none
        for name in PARTS[1:]:
            own = _text(self._columns.raw(name))
            if not pa.types.is_string(own.type):
                return none
            rows = pc.and_(rows, pc.equal(pc.fill_null(pc.utf8_trim_whitespace(own), ""), ""))
        parts = parted(lines.filter(rows).combine_chunks())
        known = pc.is_valid(parts["postal_code"])
        found = rows.to_numpy()
        found[found] = known.to_numpy(zero_copy_only=False)
        return found, {name: part.filter(known) for name, part in parts.items()}


def parted(lines: pa.Array) -> dict[str, pa.Array]:
    """Street (with house number), postal code and city of each line; null where there is none."""
    lines = pc.replace_substring_regex(lines, HOUSE_FIRST, r"\1 ")
    with_house, without = _parted(lines, WITH_HOUSE), _parted(lines, STREET)
    known = pc.is_valid(with_house["postal_code"])  # or the number was that code
    return {name: pc.if_else(known, with_house[name], without[name]) for name in PARTS}


def _parted(lines: pa.Array, street: str) -> dict[str, pa.Array]:
    found = pc.extract_regex(lines, street)
    rest = pc.struct_field(found, "rest")
    code = pc.struct_field(pc.extract_regex(rest, POSTAL), "code")
    left = pc.replace_substring_regex(rest, POSTAL, ",", max_replacements=1)
    city = pc.coalesce(
        pc.struct_field(pc.extract_regex(rest, BEHIND), "city"),
        pc.struct_field(pc.extract_regex(left, CITY), "city"),
    )
    return {"street": pc.struct_field(found, "street"), "postal_code": code, "city": city}


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with its values, coded or not, as text where they are."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if pa.types.is_null(column.type) or pa.types.is_large_string(column.type):
        column = column.cast(pa.string())
    return readable(column) if pa.types.is_string(column.type) else column
