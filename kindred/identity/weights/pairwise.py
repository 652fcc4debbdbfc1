"""Pairwise: where the coded values of two records agree, differ, or are missing.

Belongs here: arrays over pairs that every field needs. Does not belong here: fields (`agreement`).
"""

from __future__ import annotations

import numpy as np

from kindred.identity.weights.levels import NONE, Same, Value
from kindred.identity.weights.likeness import Texts


def equality(
    codes: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Level of equality per pair, and the pairs that hold two different values."""
    a, b = codes[left], codes[right]
    level = np.where(a == b, Value.EXACT, Value.DIFFERENT).astype(np.uint8)
    level[(a < 0) | (b < 0)] = NONE
    return level, np.flatnonzero(level == Value.DIFFERENT)


def same(codes: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Level per pair of a field that is equal or not."""
    a, b = codes[left], codes[right]
    level = np.where(a == b, Same.EXACT, Same.DIFFERENT).astype(np.uint8)
    level[(a < 0) | (b < 0)] = NONE
    return level


def in_one_script(
    texts: Texts, codes: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As `equality`, where texts in two scripts can't be compared."""
    level, rows = equality(codes, left, right)
    two = texts.in_two_scripts(codes[left[rows]], codes[right[rows]])
    level[rows[two]] = NONE
    return level, rows[~two]


def where(rows: np.ndarray, chance: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The larger chance of both records on the pairs that agree, 0 on the others."""
    found = np.zeros(len(left), np.float32)
    place = np.flatnonzero(rows)
    found[place] = np.maximum(chance[left[place]], chance[right[place]])
    return found
