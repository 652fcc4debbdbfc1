"""Agreement of dates: how far apart two birth dates are, and how one may have been mistyped.

Belongs here: comparing dates, and years of birth that emails name, as numbers. Does not belong
here: reading dates (`dates`), the other fields (`agreement`).
"""

from __future__ import annotations

import numpy as np

from kindred.identity.codes.columns import MISSING, People
from kindred.identity.reading.dates import YEAR_ALONE
from kindred.identity.weights.levels import Birth, Year


def one_slip(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """True where two numbers of eight digits differ in one digit, or in two that changed places."""
    different = np.zeros(len(a), np.int8)
    crossed = np.zeros(len(a), bool)
    before_a = before_b = np.full(len(a), -1)
    for _ in range(8):
        da, db = a % 10, b % 10
        different += da != db
        crossed |= (da == before_b) & (db == before_a) & (da != db)
        before_a, before_b = da, db
        a, b = a // 10, b // 10
    return (different == 1) | ((different == 2) & crossed)


def date_levels(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The level of agreement of birth dates `a[i]` and `b[i]` (yyyymmdd) that are not equal.

    The first of January stands for a year: two of them agree on no day.
    """
    year_a, month_a, day_a = a // 10_000, a // 100 % 100, a % 100
    year_b, month_b, day_b = b // 10_000, b // 100 % 100, b % 100
    turned = (year_a == year_b) & (month_a == day_b) & (day_a == month_b)
    same = (
        (year_a == year_b).astype(np.int8)
        + (month_a == month_b).astype(np.int8)
        + (day_a == day_b).astype(np.int8)
    )
    months = np.abs((year_a - year_b) * 12 + month_a - month_b)
    level = np.where(months <= 120, Birth.DECADE, Birth.DIFFERENT)
    level[months <= 12] = Birth.YEAR
    no_day = (a % 10_000 == YEAR_ALONE, b % 10_000 == YEAR_ALONE)
    level[(same == 2) & ~(no_day[0] & no_day[1])] = Birth.PART
    level[(no_day[0] | no_day[1]) & (year_a == year_b)] = Birth.PART
    level[turned | one_slip(a, b)] = Birth.CLOSE
    return level


def year_levels(people: People, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The level of agreement of years of birth, of which at least one is an email's.

    Where both records have a birth date, that says it better.
    """
    birth, email = people.birth, people.email_year
    level = np.zeros(len(left), np.uint8)
    silent = (birth[left] < 0) | (birth[right] < 0)
    rows = np.flatnonzero(silent & _has_year(people, left) & _has_year(people, right))
    a, b = (
        np.where(birth[end] >= 0, birth[end] // 10_000, email[end])
        for end in (left[rows], right[rows])
    )
    whole = (a >= 100) & (b >= 100)
    same = np.where(whole, a == b, a % 100 == b % 100)
    digits = np.where(same, Year.DIGITS, Year.DIGITS_DIFFER)
    level[rows] = np.where(whole, np.where(same, Year.EXACT, Year.DIFFERENT), digits)
    return level


def _has_year(people: People, rows: np.ndarray) -> np.ndarray:
    return (people.birth[rows] != MISSING) | (people.email_year[rows] != MISSING)
