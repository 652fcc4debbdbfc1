"""Echoes: attributes that others say already, as a dealer's number says his city and his region.

Belongs here: seeing which attribute follows from which. Does not belong here: what follows for a
pair (`agreement`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kindred.identity.codes.columns import Codes
from kindred.identity.codes.sorting import distinct

LOOKED_AT = 2_000_000
"""Records by pairs of attributes that are looked at, and ..."""
MOST, FEWEST = 50_000, 2_000
"""... of how many records at most, and at least, for each pair."""
ENOUGH = 100
"""Of fewer records that have both, too much follows by chance."""
REPEATED = 2.0
"""A value must stand in so many of them on average: of unique ones everything follows."""
SLIPS = 1.02
"""Values of the one beside a value of the other, where it follows but for slips."""


def echoes(attributes: Mapping[str, Codes]) -> dict[str, tuple[str, ...]]:
    """By attribute those that say it already: where one of these agrees, so does it.

    Of two that say each other, the second one is the echo.
    """
    size = int(np.clip(LOOKED_AT // max(len(attributes) ** 2, 1), FEWEST, MOST))
    codes = {name: column.codes[:size] for name, column in attributes.items()}
    names = list(attributes)
    found: dict[str, tuple[str, ...]] = {}
    for place, name in enumerate(names):
        before = [
            other
            for at, other in enumerate(names)
            if other != name
            and _follows(codes[name], codes[other])
            and (at < place or not _follows(codes[other], codes[name]))
        ]
        found[name] = tuple(before)
    return found


def _follows(codes: np.ndarray, others: np.ndarray) -> bool:
    """A value of `others` has one value of `codes` beside it."""
    rows = np.flatnonzero((codes >= 0) & (others >= 0))
    pairs = distinct(others[rows].astype(np.int64) << 32 | codes[rows])
    values = len(distinct(pairs >> 32))
    return len(rows) >= max(ENOUGH, REPEATED * values) and len(pairs) <= SLIPS * values
