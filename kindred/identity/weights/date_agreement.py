"""Agreement of dates: how far apart two birth dates are, and how one may have been mistyped.

Belongs here: comparing dates, and years of birth that emails name, as numbers. Does not belong
here: reading dates (`dates`), the other fields (`agreement`).
"""

from __future__ import annotations

import numpy as np

from kindred.identity.codes.columns import MISSING, People
from kindred.identity.reading.dates import YEAR_ALONE
from kindred.identity.weights.levels import Birth, Year
from kindred.identity.weights.pairwise import highest


def one_slip(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """True where two numbers of eight digits differ in one digit, or in two that changed places."""
    different = np.zeros(len(a), np.int8)
    crossed = np.zeros(len(a), bool)
    before_a = before_b = np.full(len(a), -1)
    for _ in range(8):
        (a, da), (b, db) = _parted(a, 10), _parted(b, 10)
        different += da != db
        crossed |= (da == before_b) & (db == before_a) & (da != db)
        before_a, before_b = da, db
    return (different == 1) | ((different == 2) & crossed)


def date_levels(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The level of agreement of birth dates `a[i]` and `b[i]` (yyyymmdd) that are not equal.

    The first of January stands for a year: two of them agree on no day.
    """
    (year_a, month_a, day_a), (year_b, month_b, day_b) = _date(a), _date(b)
    turned = (year_a == year_b) & (month_a == day_b) & (day_a == month_b)
    same = (
        (year_a == year_b).astype(np.int8)
        + (month_a == month_b).astype(np.int8)
        + (day_a == day_b).astype(np.int8)
    )
    months = np.abs((year_a - year_b) * 12 + month_a - month_b)
    one, other = month_a * 100 + day_a == YEAR_ALONE, month_b * 100 + day_b == YEAR_ALONE
    part = (same == 2) & ~(one & other) | (one | other) & (year_a == year_b)
    return highest(
        Birth.DIFFERENT,
        (months <= 120, Birth.DECADE),
        (months <= 12, Birth.YEAR),
        (part, Birth.PART),
        (turned | one_slip(a, b), Birth.CLOSE),
    )


def _date(number: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Year, month and day."""
    month, day = _parted(number, 100)
    return *_parted(month, 100), day


def _parted(numbers: np.ndarray, by: int) -> tuple[np.ndarray, np.ndarray]:
    """Quotient and remainder, in a third of the time of `divmod`."""
    quotient = numbers // by
    return quotient, numbers - quotient * by


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
