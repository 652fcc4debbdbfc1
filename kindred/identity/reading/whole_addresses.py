"""Whole addresses: street, postal code and city in one column, as letters and web forms have them.

`12 High Street, Leeds, LS1 4AB` and `Dorpsstraat 94, 8347 AN Zeist` are parted where a record has
neither postal code nor city of its own.

Belongs here: seeing that it is so, and parting them. Does not belong here: how streets are written
(`normal_forms`), addresses without a postal code: where they end nobody can tell.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import Columns
from kindred.identity.reading.parted_columns import PartedColumns, Parts

PARTS = ("street", "city", "postal_code")
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
NO_COMMA = (
    r"^(?P<street>[^,]*\pL{3}[^,]*?\d[^, ]*|\d+\w? [^,]*\pL{3}[^,\d]*)"
    r"(?P<rest> +(?:[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}|\d{4} ?[A-Z]{2}|\d{2}-\d{3}"
    r"|\d{4}-\d{3}|\d{5}-\d{3}) +\pL{2}[^,\d]*)$"
)
"""As banks have them, with the code before the city: UL LIPOWA 12/34 20-001 LUBLIN. Digits alone
may be a house number: Apt 12 1234 Main Street."""
CITY = r"(?P<city>[^\d,]*\pL{3}[^\d,]*)"
"""The first part that is left and has more than the two letters of a state."""
BEHIND = (
    r"(?:^|[ ,])\d(?:\d{3} ?[A-Z]{2}|\d{3,4}-\d{3}|\d{3,7}) +"
    r"(?P<city>[^\d,]*\pL{3}[^\d,]*)$"
)
"""What stands beside the code, and nothing behind that, is the city; a quarter is before it. Behind
a comma it may be the country."""


def with_parted_addresses(columns: Columns) -> Columns:
    """The same columns, with whole addresses in their parts."""
    return PartedColumns(columns, "street", PARTS, [",", " "], parted)


def parted(lines: pa.Array) -> Parts:
    """Street (with house number), postal code and city of each line; null where there is none."""
    whole = [_where(",", lines, _behind_commas), _where(NO_COMMA, lines, _without_commas)]
    return {name: pc.coalesce(*(part[name] for part in whole)) for name in PARTS}


def _where(pattern: str, lines: pa.Array, read: Callable[[pa.Array], Parts]) -> Parts:
    """What is read in the lines that match a pattern; null in the others."""
    some = pc.fill_null(pc.match_substring_regex(lines, pattern), False)
    nothing = pa.nulls(len(lines), pa.string())
    if not pc.any(some).as_py():  # the patterns that part them take 5 ms to get ready
        return dict.fromkeys(PARTS, nothing)
    found = read(lines.filter(some))
    return {name: pc.replace_with_mask(nothing, some, found[name]) for name in PARTS}


def _behind_commas(lines: pa.Array) -> Parts:
    lines = pc.replace_substring_regex(lines, HOUSE_FIRST, r"\1 ")
    with_house, without = _parted(lines, WITH_HOUSE), _parted(lines, STREET)
    known = pc.is_valid(with_house["postal_code"])  # or the number was that code
    return {name: pc.if_else(known, with_house[name], without[name]) for name in PARTS}


def _without_commas(lines: pa.Array) -> Parts:
    return _parted(lines, NO_COMMA)


def _parted(lines: pa.Array, street: str) -> Parts:
    found = pc.extract_regex(lines, street)
    rest = pc.struct_field(found, "rest")
    code = pc.struct_field(pc.extract_regex(rest, POSTAL), "code")
    left = pc.replace_substring_regex(rest, POSTAL, ",", max_replacements=1)
    city = pc.coalesce(
        pc.struct_field(pc.extract_regex(rest, BEHIND), "city"),
        pc.struct_field(pc.extract_regex(left, CITY), "city"),
    )
    return {"street": pc.struct_field(found, "street"), "postal_code": code, "city": city}
