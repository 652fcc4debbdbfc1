"""Comparisons: how well two records agree, field by field.

Belongs here: levels of agreement for a list of pairs, computed per distinct pair of values. Does
not belong here: what a level is worth (`rules`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import duckdb
import numpy as np
import pyarrow as pa

from kindred.identity.blocking import distinct
from kindred.identity.fields import Column, Fields


class Level(IntEnum):
    """Agreement of one field, ordered: `>= MISSING` never contradicts, `>= INITIAL` supports."""

    DIFFERENT = 0
    MISSING = 1
    INITIAL = 2
    CLOSE = 3
    EQUAL = 4


@dataclass(frozen=True)
class Comparison:
    """Levels per field, one array entry per pair."""

    given: np.ndarray
    family: np.ndarray
    birth: np.ndarray
    email: np.ndarray
    phone: np.ndarray
    postal: np.ndarray
    house: np.ndarray
    country: np.ndarray
    swapped: np.ndarray
    """True where one record's given name is the other's family name, and the other way round."""
    email_number: np.ndarray
    name_chance: np.ndarray
    """Records that chance would give the left record's full name: the fewer, the more it says."""

    def take(self, rows: np.ndarray) -> Comparison:
        """The comparison of some of the pairs."""
        return Comparison(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def compare(data: Fields, left: np.ndarray, right: np.ndarray) -> Comparison:
    """Compare the records `left[i]` and `right[i]` of `data`."""
    given = _name_levels(data.given, left, right, _GIVEN_CLOSE)
    initials = exact_levels(data.initial.codes, left, right)
    no_full_name = ~(data.given.known[left] & data.given.known[right])
    given[no_full_name] = np.minimum(initials[no_full_name], Level.INITIAL)
    return Comparison(
        given=given,
        family=_name_levels(data.family, left, right, _FAMILY_CLOSE),
        birth=birth_levels(data.birth[left], data.birth[right]),
        email=_email_levels(data, left, right),
        phone=exact_levels(data.phone.codes, left, right),
        postal=exact_levels(data.postal.codes, left, right),
        house=exact_levels(data.house.codes, left, right),
        country=exact_levels(data.country.codes, left, right),
        swapped=_swapped(data, left, right),
        email_number=exact_levels(data.email_number.codes, left, right),
        name_chance=data.name_chance[left],
    )


def exact_levels(codes: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """EQUAL, DIFFERENT, or MISSING where either side has no value."""
    a, b = codes[left], codes[right]
    levels = np.where(a == b, Level.EQUAL, Level.DIFFERENT).astype(np.int8)
    levels[(a < 0) | (b < 0)] = Level.MISSING
    return levels


def birth_levels(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Levels of two birth dates (numbers yyyymmdd, -1 missing).

    CLOSE: day and month changed places, one digit is another, or it is a year off at most (no
    father and son are).
    """
    levels = np.where(a == b, Level.EQUAL, Level.DIFFERENT).astype(np.int8)
    year_a, month_a, day_a = a // 10_000, a // 100 % 100, a % 100
    year_b, month_b, day_b = b // 10_000, b // 100 % 100, b % 100
    transposed = (year_a == year_b) & (month_a == day_b) & (day_a == month_b)
    wrong_digits = np.zeros(len(a), dtype=np.int8)
    for power in range(8):
        wrong_digits += (a // 10**power % 10) != (b // 10**power % 10)
    near = np.abs(_days(a) - _days(b)) <= 366
    levels[(a != b) & (transposed | (wrong_digits == 1) | near)] = Level.CLOSE
    levels[(a < 0) | (b < 0)] = Level.MISSING
    return levels


def _days(number: np.ndarray) -> np.ndarray:
    """Days of a date yyyymmdd on a calendar of 31-day months; good for small differences."""
    return number // 10_000 * 365 + number // 100 % 100 * 31 + number % 100


def _email_levels(data: Fields, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """CLOSE: the same user at a domain that is one slip away (`gmial.com`)."""
    levels = exact_levels(data.email.codes, left, right)
    same_user = exact_levels(data.email_user.codes, left, right) == Level.EQUAL
    slips = np.flatnonzero((levels == Level.DIFFERENT) & same_user)
    domains = _name_levels(data.email_domain, left[slips], right[slips], _DOMAIN_CLOSE)
    levels[slips[domains == Level.CLOSE]] = Level.CLOSE
    return levels


# What "close" means for two different names, as SQL over their normalised forms a and b.
_GIVEN_CLOSE = """
    jaro_winkler_similarity(a, b) >= 0.92
    or (levenshtein(a, b) <= 1 and least(length(a), length(b)) >= 4)
    or (least(length(a), length(b)) >= 3 and (starts_with(a, b) or starts_with(b, a)))
"""
_FAMILY_CLOSE = """
    jaro_winkler_similarity(a, b) >= 0.93
    or (levenshtein(a, b) <= 1 and least(length(a), length(b)) >= 4)
    or (
        least(length(a), length(b)) >= 4
        and (starts_with(a, b) or starts_with(b, a) or ends_with(a, b) or ends_with(b, a))
    )
"""

_DOMAIN_CLOSE = "levenshtein(a, b) <= 2 and length(a) >= 7"


def _name_levels(column: Column, left: np.ndarray, right: np.ndarray, close: str) -> np.ndarray:
    levels = exact_levels(column.codes, left, right)
    unequal = np.flatnonzero(levels == Level.DIFFERENT)
    if not len(unequal):
        return levels
    a, b = column.codes[left[unequal]], column.codes[right[unequal]]
    size = len(column.values)
    keys = np.minimum(a, b) * size + np.maximum(a, b)
    values = distinct(keys)
    is_close = _close_names(column.values, values // size, values % size, close)
    levels[unequal[is_close[np.searchsorted(values, keys)]]] = Level.CLOSE
    return levels


def _close_names(names: pa.Array, a: np.ndarray, b: np.ndarray, close: str) -> np.ndarray:
    """True per pair of codes whose names are close."""
    pairs = pa.table({"row": np.arange(len(a)), "a": names.take(a), "b": names.take(b)})
    with duckdb.connect() as connection:
        connection.register("pairs", pairs)
        # `close` is one of the two constants above, never an outside value.
        rows = connection.sql(f"select row from pairs where {close}").fetchnumpy()["row"]  # noqa: S608
    found = np.zeros(len(a), dtype=bool)
    found[rows] = True
    return found


def _swapped(data: Fields, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    given, family = data.given.codes, data.family.codes
    return (
        (given[left] >= 0)
        & (given[right] >= 0)
        & (family[left] == given[right])
        & (family[right] == given[left])
        & (given[left] != given[right])
    )
