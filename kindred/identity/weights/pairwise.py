"""Pairwise: where the coded values of two records agree, differ, or are missing.

Belongs here: arrays over pairs that every field needs. Does not belong here: fields (`agreement`).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from kindred.identity.weights.levels import NONE, Same, Value
from kindred.identity.weights.likeness import Texts


def equality(
    codes: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Level of equality per pair, and the pairs that hold two different values."""
    level = equal(codes.take(left), codes.take(right), Value)
    return level, np.flatnonzero(level == Value.DIFFERENT)


def same(codes: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Level per pair of a field that is equal or not."""
    return equal(codes.take(left), codes.take(right), Same)


def equal(a: np.ndarray, b: np.ndarray, levels: type[IntEnum]) -> np.ndarray:
    """The level of each pair of codes, the same or not, `NONE` where one is missing."""
    return highest(levels.DIFFERENT, (a == b, levels.EXACT)) * ((a | b) >= 0)


def highest(least: int, *better: tuple[np.ndarray, int]) -> np.ndarray:
    """Per pair the least level, or the highest one of those that are true of it.

    By products: where a mask says what is to be set, a processor guesses, and takes twenty times as
    long for pairs of which half agree.
    """
    found = np.full(len(better[0][0]), least, np.uint8)
    for rows, level in better:
        np.maximum(found, rows * np.uint8(level), out=found)
    return found


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
    found[place] = np.maximum(chance.take(left[place]), chance.take(right[place]))
    return found
