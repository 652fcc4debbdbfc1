"""Unknown dates: birth dates that a column gives for those whose birth date nobody knows.

Belongs here: telling such dates from birth dates, by the rules' bypass values and by how the column
is used. Does not belong here: reading dates (`dates`) and comparing them (`date_agreement`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa

from kindred.identity.codes.columns import MISSING
from kindred.identity.codes.sorting import runs
from kindred.identity.reading import dates
from kindred.identity.reading.bypass import useless
from kindred.identity.rules.rules_file import Bypasses

CROWDED_DATE = 25
"""A date that so many times more people have than the median date of its kind (days, years alone)
is a default, not a birthday."""
FEWEST_CROWD = 50
"""... if it is at least so many people."""


@dataclass(frozen=True)
class DateUse:
    """How a column uses dates.

    crowded: those that so many people share that they are a default. years: it gives years alone,
    so 1900 is a year, and no 1900-01-01 that a system writes when it knows nothing. month_first:
    04/05/1990 is in April (`dates.numbers`).
    """

    crowded: np.ndarray
    years: bool
    month_first: bool

    @classmethod
    def of(
        cls, values: np.ndarray, counts: np.ndarray, nothing: np.ndarray, *, month_first: bool
    ) -> Self:
        """As a column shows it.

        values, counts: its distinct dates, and how often each occurs; nothing: true per date that
        the rules bypass. It gives years where most of the other dates may be years alone.
        """
        if not len(values):
            return cls(values, years=False, month_first=month_first)
        firsts = dates.are_years(values)
        usual = np.where(firsts, _usual_year(values, counts, firsts), _median(counts[~firsts]))
        crowded = counts > np.maximum(CROWDED_DATE * usual, FEWEST_CROWD)
        told = counts * ~(crowded | nothing)
        years = told[firsts].sum() * 2 > told.sum()
        return cls(values[crowded], years=bool(years), month_first=month_first)

    def unknown(self, values: np.ndarray, nothing: np.ndarray) -> np.ndarray:
        """Those of distinct dates that stand for not knowing; nothing: as in `of`."""
        if self.years:
            nothing = nothing & ~dates.are_years(values)
        return values[nothing | np.isin(values, self.crowded)]


def known_dates(
    column: pa.ChunkedArray, bypasses: Bypasses, use: DateUse | None = None
) -> tuple[np.ndarray, DateUse]:
    """A column's birth dates (numbers), `MISSING` where they stand for not knowing, and its use.

    use: as other records showed it; without it, it is learned from these.
    """
    birth, month_first = dates.numbers(column, use.month_first if use else None)
    known = np.sort(birth[birth >= 0])
    starts, counts = runs(known)
    values = known[starts]
    texts = [f"{v // 10_000:04d}-{v // 100 % 100:02d}-{v % 100:02d}" for v in values.tolist()]
    nothing = useless(bypasses, "birth_date", pa.array(texts, pa.string()))
    nothing = nothing.to_numpy(zero_copy_only=False)
    use = use or DateUse.of(values, counts, nothing, month_first=month_first)
    gone = np.isin(birth, use.unknown(values, nothing))
    return np.where(gone, MISSING, birth).astype(np.int32), use


def _usual_year(values: np.ndarray, counts: np.ndarray, firsts: np.ndarray) -> float:
    """How many are said to be born on the first of January of the median year of a column: next
    to none where it gives dates, hundreds where it, or one of its sources, gives years alone."""
    years, place = np.unique(values // 10_000, return_inverse=True)
    return _median(np.bincount(place, counts * firsts, len(years)))


def _median(counts: np.ndarray) -> float:
    return float(np.median(counts)) if len(counts) else 0.0
