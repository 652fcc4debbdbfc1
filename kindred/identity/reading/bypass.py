"""Bypass values: which values of a column say nothing about a person.

Belongs here: applying the rules' `bypass` to distinct values. Does not belong here: the values
themselves (`rules.yml`) and what becomes of a record without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.queries import few
from kindred.identity.reading.normal_forms import normal, plain
from kindred.identity.rules.rules_file import Bypass, Bypasses, RulesError

NAMES = ("given_name", "family_name")
RE2_ONLY = re.compile(r"\\[pP]|\[\[:")
"""Classes of characters by name."""


def told(bypasses: Bypasses, column: str, values: pa.Array, form: str) -> pa.Array:
    """The normal form of each value; null where it says nothing, as it was written or, of an email,
    in that form: info+shop@ is info@."""
    nothing = pa.scalar(None, pa.string())
    values = pc.if_else(useless(bypasses, column, values), nothing, values)
    forms = normal(values, form)
    if column != "email":
        return forms
    other = pc.fill_null(pc.not_equal(forms, values), False)  # one in ten: the others were asked
    again = forms.filter(other)
    again = pc.if_else(useless(bypasses, column, again), nothing, again)
    return pc.replace_with_mask(forms, other, again)


def useless(bypasses: Bypasses, column: str, values: pa.Array) -> pa.Array:
    """True per value that says nothing; false for null.

    column: a column of `person_records`, `identifier_<type>` or `attribute_<name>`. values: as
    their source wrote them; texts, or dates for `birth_date`.
    """
    if values.null_count == len(values):
        return pa.repeat(False, len(values))
    values = values.cast(pa.string())
    texts = few(values)
    if texts is not None:
        return _of_few(bypasses, column, texts)
    found = pa.repeat(False, len(values))
    text = values if column == "phone" else _folded(values)
    for sought in _all_sought(bypasses, column):
        own = sought.part.of_all(text)
        if sought.values:
            found = pc.or_(found, pc.is_in(own, _texts(sought.values)))
        if sought.pattern:
            found = pc.or_(found, _matches(sought.pattern, own, column))
    return found


def _of_few(bypasses: Bypasses, column: str, values: list[str | None]) -> pa.Array:
    """The same of a few values, in ASCII: a column costs 0.05 ms in place of 0.3."""
    known = [text and _SPACES.sub(" ", text.strip().lower()) for text in values]
    found = [False] * len(known)
    for sought in _all_sought(bypasses, column):
        own = [text and sought.part.of_one(text) for text in known]
        if sought.values:
            useless = _set(sought.values)
            found = [was or text in useless for was, text in zip(found, own, strict=True)]
        if sought.pattern:
            hits = _hits(sought.pattern, own, column)
            found = [was or hit for was, hit in zip(found, hits, strict=True)]
    return pa.array(found, pa.bool_())


def _hits(pattern: str, texts: list[str | None], column: str) -> list[bool]:
    """True per text in ASCII that a pattern matches."""
    search = _search(pattern, column)
    if search is None:
        return _matches(pattern, pa.array(texts, pa.string()), column).to_pylist()
    return [text is not None and search(text) is not None for text in texts]


@lru_cache(maxsize=64)
def _search(pattern: str, column: str) -> Callable[[str], re.Match[str] | None] | None:
    """Python's search, once RE2 has read the pattern too; None where Python reads it otherwise."""
    _matches(pattern, pa.array([""]), column)
    return None if RE2_ONLY.search(pattern) else re.compile(pattern, re.ASCII).search


def _matches(pattern: str, values: pa.Array, column: str) -> pa.Array:
    try:
        return pc.fill_null(pc.match_substring_regex(values, pattern), False)
    except pa.ArrowInvalid as error:  # Python, which read the rules, knows more than RE2
        raise RulesError(f"bypass of {column}: {error}") from error


def _folded(values: pa.Array) -> pa.Array:
    """In lower case, without space at the ends and with single spaces inside."""
    text = pc.utf8_lower(pc.utf8_trim_whitespace(values))
    wide = pc.fill_null(pc.match_substring_regex(text, r"\s\s|[^\S ]"), False)
    single = pc.replace_substring_regex(text.filter(wide), r"\s+", " ")
    return pc.replace_with_mask(text, wide, single)


_SPACES = re.compile("[ \t\n\f\r]+")


@dataclass(frozen=True)
class _Part:
    """The part of a value that a bypass looks at: of all values at once, and of one."""

    of_all: Callable[[pa.Array], pa.Array]
    of_one: Callable[[str], str | None]


def _end(place: int) -> _Part:
    """What is before the first @ (0), and behind it (1)."""

    def of_all(text: pa.Array) -> pa.Array:
        ends = pc.split_pattern(pc.binary_join_element_wise(text, "", "@"), "@")
        return pc.list_element(ends, place)

    return _Part(of_all, lambda text: f"{text}@".split("@")[place])


_WHOLE = _Part(lambda text: text, lambda text: text)
_LOCAL, _DOMAIN = _end(0), _end(1)
_NUMBER = _Part(
    lambda text: normal(text, "phone_of_digits"),
    lambda text: plain(text, "phone_of_digits"),
)


class _Sought(NamedTuple):
    """Values and a pattern that say nothing, and in which part of a value they do."""

    values: tuple[str, ...]
    pattern: str = ""
    part: _Part = _WHOLE


def _all_sought(bypasses: Bypasses, column: str) -> list[_Sought]:
    """What counts for a column."""
    if column == "email":
        own = bypasses.email
        return [
            _Sought(own.every_value + _forms(own.every_value, "email"), own.pattern),
            _sought(bypasses.email_local_part, _LOCAL),
            _sought(bypasses.email_domain, _DOMAIN),
        ]
    if column == "phone":
        own = bypasses.phone
        number = _Sought(_forms(own.every_value, "phone"), part=_NUMBER)
        return [_Sought((), own.pattern), *([number] if number.values else [])]
    if column == "full_name":
        return [_sought(bypasses.name)]
    if column in NAMES:
        return [_sought(bypasses.name), _sought(getattr(bypasses, column))]
    kind = column.partition("_")[0]
    if kind in ("identifier", "attribute"):  # of every type, of every name
        return [_sought(getattr(bypasses, kind))]
    own = getattr(bypasses, column, None)
    return [_sought(own)] if own else []


def _sought(bypass: Bypass, part: _Part = _WHOLE) -> _Sought:
    return _Sought(bypass.every_value, bypass.pattern, part)


@lru_cache(maxsize=64)
def _forms(values: tuple[str, ...], form: str) -> tuple[str, ...]:
    return tuple(normal(pa.array(values, pa.string()), form).drop_null().to_pylist())


@lru_cache(maxsize=64)
def _set(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(values)


@lru_cache(maxsize=64)
def _texts(values: tuple[str, ...]) -> pa.Array:
    return pa.array(values, pa.string())
