"""Bypass values: which values of a column say nothing about a person.

Belongs here: applying the rules' `bypass` to distinct values. Does not belong here: the values
themselves (`rules.yml`) and what becomes of a record without them.
"""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.queries import FEW
from kindred.identity.rules_file import Bypass, Bypasses, RulesError

NAMES = ("given_name", "family_name")


def useless(bypasses: Bypasses, column: str, values: pa.Array) -> pa.Array:
    """True per value that says nothing; false for null.

    column: a column of `person_records`, or `identifier_<type>`. values: the values as their source
    wrote them; texts, or dates for `birth_date`.
    """
    found = pa.repeat(False, len(values))
    if values.null_count == len(values):
        return found
    text = _plain(values)
    for bypass, part in _parts(bypasses, column, text):
        if bypass.every_value:
            found = pc.or_(found, pc.is_in(part, _texts(bypass.every_value)))
        if bypass.pattern:
            matches = _found(bypass.pattern, part, column)
            found = pc.or_(found, pc.fill_null(matches, False))
    return found


def _found(pattern: str, values: pa.Array, column: str) -> pa.Array:
    try:
        return pc.match_substring_regex(values, pattern)
    except pa.ArrowInvalid as error:  # Python, which read the rules, knows more than RE2
        raise RulesError(f"bypass of {column}: {error}") from error


def _plain(values: pa.Array) -> pa.Array:
    """In lower case, without space at the ends and with single spaces inside."""
    text = pc.utf8_lower(pc.utf8_trim_whitespace(values.cast(pa.string())))
    if len(text) <= FEW:
        return pc.replace_substring_regex(text, r"\s+", " ")
    wide = pc.fill_null(pc.match_substring_regex(text, r"\s\s|[^\S ]"), False)
    single = pc.replace_substring_regex(text.filter(wide), r"\s+", " ")
    return pc.replace_with_mask(text, wide, single)


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


@lru_cache(maxsize=64)
def _texts(values: tuple[str, ...]) -> pa.Array:
    return pa.array(values, pa.string())
