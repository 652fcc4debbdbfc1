"""Bypass values: which values of a column say nothing about a person.

Belongs here: applying the rules' `bypass` to distinct values. Does not belong here: the values
themselves (`rules.yml`) and what becomes of a record without them.
"""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.rules_file import Bypass, Bypasses

NAMES = ("given_name", "family_name")


def useless(bypasses: Bypasses, column: str, values: pa.Array) -> pa.Array:
    """True per value that says nothing; false for null.

    column: a column of `person_records`, or `identifier_<type>`. values: the values as their source
    wrote them; texts, or dates for `birth_date`.
    """
    text = pc.utf8_lower(pc.utf8_trim_whitespace(values.cast(pa.string())))
    wide = pc.fill_null(pc.match_substring_regex(text, r"\s\s|[^\S ]"), False)
    text = pc.replace_with_mask(
        text, wide, pc.replace_substring_regex(text.filter(wide), r"\s+", " ")
    )
    found = pc.is_in(text, pa.array([], pa.string()))
    for bypass, part in _parts(bypasses, column, text):
        found = pc.or_(found, _one(bypass, part))
    return found


def _parts(bypasses: Bypasses, column: str, text: pa.Array) -> list[tuple[Bypass, pa.Array]]:
    """The bypasses that count for a column, each with the part of the value it looks at."""
    if column == "email":
        ends = pc.split_pattern(pc.binary_join_element_wise(text, "", "@"), "@")
        return [
            (bypasses.email, text),
            (bypasses.email_local_part, pc.list_element(ends, 0)),
            (bypasses.email_domain, pc.list_element(ends, 1)),
        ]
    if column == "phone":
        return [(bypasses.phone, pc.replace_substring_regex(text, "[^0-9]", ""))]
    if column in NAMES:
        return [(bypasses.name, text), (getattr(bypasses, column), text)]
    if column.startswith("identifier_"):
        return [(bypasses.identifier, text)]
    own = getattr(bypasses, column, None)
    return [(own, text)] if own else []


def _one(bypass: Bypass, text: pa.Array) -> pa.Array:
    found = pc.is_in(text, _texts(bypass.every_value))
    if bypass.pattern:
        found = pc.or_(found, pc.fill_null(pc.match_substring_regex(text, bypass.pattern), False))
    return found


@lru_cache(maxsize=64)
def _texts(values: tuple[str, ...]) -> pa.Array:
    return pa.array(values, pa.string())
