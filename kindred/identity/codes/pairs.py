"""Pairs of rows, each packed into one number.

Belongs here: packing, and all pairs of some rows. Does not belong here: which rows are worth
pairing (`kindred.identity.candidates`).
"""

from __future__ import annotations

import numpy as np

from kindred.identity.codes.sorting import distinct, ranges

CHUNK = 250_000
"""Pairs that are compared, weighed or judged at once: each step needs some arrays as long."""


def pack(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A pair of rows as one number that sorts by the smaller row, then by the larger."""
    return (np.minimum(a, b).astype(np.int64) << 32) | np.maximum(a, b)


def unpack(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The smaller and the larger row of each packed pair."""
    return pairs >> 32, pairs & 0xFFFFFFFF


def moved(pairs: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Packed pairs with each row in its new place: place[i] instead of i."""
    left, right = unpack(pairs)
    return pack(place[left], place[right])


def all_pairs(rows: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Packed pairs of the rows of each block, which lie one after the other."""
    found = []
    for step in range(1, int(sizes.max(initial=0))):
        reach = sizes > step
        starts, sizes = starts[reach], sizes[reach]
        counts = sizes - step
        first = ranges(starts, counts)
        found.append(pack(rows[first], rows[first + step]))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def every_pair(n: int) -> np.ndarray:
    """All packed pairs of `n` rows."""
    left, right = np.triu_indices(n, 1)
    return pack(left, right)


def distinct_partners(codes: np.ndarray, others: np.ndarray, size: int) -> np.ndarray:
    """How many different `others` stand beside each code, of `size`; negative ones don't count."""
    rows = np.flatnonzero((codes >= 0) & (others >= 0))
    pairs = distinct(codes[rows].astype(np.int64) << 32 | others[rows])
    return np.bincount(pairs >> 32, minlength=size)
