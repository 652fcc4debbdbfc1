"""Steps of normal forms: what an engine does to millions of texts, and Python to one.

Each step says the same twice: as SQL over a value `v`, and as a function of one text in ASCII. An
engine answers for a million values in the time that Python takes for ten thousand, but for one it
needs half a millisecond, Python some microseconds. `tests/identity/test_normal_forms.py` holds one
against the other.

Belongs here: the kinds of steps. Does not belong here: normal forms (`normal_forms`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

BEYOND = "\\x{c0}-\\x{d6}\\x{d8}-\\x{f6}\\x{f8}-\\x{1fff}\\x{2c00}-\\x{2dff}\\x{3005}-\\x{10ffff}"
"""Letters of other scripts, as ranges: an engine needs 10 ms to read the class of all letters, for
each query anew. What is no letter in these ranges is rare, and stays."""
QUOTE = "'"
LETTERS = "{letters}"
"""Stands for `BEYOND` in a pattern; no text in ASCII has them."""


@dataclass(frozen=True)
class Step:
    """sql: an expression over `v`, null where nothing is left. plain: the same of an ASCII text."""

    sql: str
    plain: Callable[[str], str | None]


def cut(most: int) -> Step:
    """The first so many characters, in lower case."""
    return Step(f"lower(left(v, {most}))", lambda v: v[:most].lower())


def foreign(condition: str, sql: str) -> Step:
    """Only texts that aren't ASCII have what it is about."""
    return where(condition, Step(sql, lambda v: v))


def replaced(what: Mapping[str, str]) -> Step:
    """Each text by another, one after the other."""

    def plain(v: str) -> str:
        for old, new in what.items():
            v = v.replace(old, new)
        return v

    return Step(nested(what), plain)


def nested(what: Mapping[str, str]) -> str:
    """The SQL of `replaced`."""
    sql = "v"
    for old, new in what.items():
        sql = f"replace({sql}, '{old}', '{new}')"
    return sql


def translated(letters: str, others: str) -> Step:
    """Each letter by the one at its place; those beyond go."""
    table = str.maketrans(letters[: len(others)], others, letters[len(others) :])
    sql = f"translate(v, '{letters.replace(QUOTE, 2 * QUOTE)}', '{others}')"
    return Step(sql, lambda v: v.translate(table))


def without(letters: str) -> Step:
    """None of these letters."""
    return translated(letters, "")


def matched(pattern: str, new: str = "", *, every: bool = True) -> Step:
    """What a pattern matches, once or every time, by something else."""
    own = _pattern(pattern)
    often = ", 'g'" if every else ""
    sql = f"regexp_replace(v, '{pattern.replace(LETTERS, BEYOND)}', '{new}'{often})"
    return Step(sql, lambda v: own.sub(new, v, count=0 if every else 1))


def taken(pattern: str, group: int) -> Step:
    """What a group of a pattern matches the first time."""
    own = _pattern(pattern)

    def plain(v: str) -> str:
        found = own.search(v)
        return found[group] if found else ""

    return Step(f"regexp_extract(v, '{pattern}', {group})", plain)


def part(separator: str, place: int) -> Step:
    """One of the parts of a text: the first (1) or the last (-1)."""
    at = place - 1 if place > 0 else place
    return Step(f"split_part(v, '{separator}', {place})", lambda v: v.split(separator)[at])


def where(condition: str, step: Step) -> Step:
    """A step that changes nothing where the condition doesn't hold, so that the engine may skip it.

    Python takes it always, without asking: a condition must hold for every text that it changes.
    """
    return Step(f"if({condition}, {step.sql}, v)", step.plain)


def _pattern(pattern: str) -> re.Pattern[str]:
    """As the engine reads it: `$` is the end of the text, not of a line before it."""
    return re.compile(pattern.replace(LETTERS, "").replace("$", r"\Z"), re.ASCII)
