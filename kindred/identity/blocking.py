"""Blocks: which pairs of records are worth a comparison at all.

Belongs here: keys made of several columns, and pairs of the rows that share a key. A block larger
than its cap yields nothing: a value that so many records share is weak evidence. Does not belong
here: judging the pairs (`comparison`, `rules`).
"""

from __future__ import annotations

import numpy as np

from kindred.identity.fields import Fields

Pairs = tuple[np.ndarray, np.ndarray]
NO_KEY = np.uint64(0)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def mix(*columns: np.ndarray) -> np.ndarray:
    """One 64-bit key per row from code columns (splitmix64); `NO_KEY` where any code is missing."""
    key = np.zeros(len(columns[0]), dtype=np.uint64)
    complete = np.ones(len(key), dtype=bool)
    with np.errstate(over="ignore"):
        for codes in columns:
            complete &= codes >= 0
            key = key + codes.astype(np.uint64) + _GOLDEN
            key = (key ^ (key >> np.uint64(30))) * _MIX_1
            key = (key ^ (key >> np.uint64(27))) * _MIX_2
            key = key ^ (key >> np.uint64(31))
    key[key == NO_KEY] = _GOLDEN
    key[~complete] = NO_KEY
    return key


def pairs_within(key: np.ndarray, cap: int) -> tuple[np.ndarray, np.ndarray]:
    """All pairs (left < right) of rows with equal key, of blocks of two to `cap` rows."""
    rows, starts, sizes = _blocks(key)
    wanted = (sizes >= 2) & (sizes <= cap)
    starts, sizes = starts[wanted], sizes[wanted]
    lefts, rights = [], []
    for step in range(1, cap):
        reach = sizes > step
        if not reach.any():
            break
        starts, sizes = starts[reach], sizes[reach]
        counts = sizes - step
        first = _ranges(starts, counts)
        lefts.append(rows[first])
        rights.append(rows[first + step])
    return _joined(lefts), _joined(rights)


def stars_within(key: np.ndarray, rank: np.ndarray, above: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of each row with its block's first row by (`rank`, row), of blocks over `above` rows.

    For keys that many rows hold rightly, as the cookies of one signed-in customer.
    """
    order = np.lexsort((np.arange(len(key)), rank))
    rows, starts, sizes = _blocks(key[order])
    wanted = sizes > above
    starts, sizes = starts[wanted], sizes[wanted]
    members = order[rows[_ranges(starts + 1, sizes - 1)]]
    hubs = np.repeat(order[rows[starts]], sizes - 1)
    return np.minimum(hubs, members), np.maximum(hubs, members)


def union_pairs(
    pairs: list[tuple[np.ndarray, np.ndarray]], n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Every pair once, sorted. Works by sort and difference, which is fast on large arrays."""
    codes = np.concatenate([left * n + right for left, right in pairs] or [np.empty(0, np.int64)])
    codes = distinct(codes)
    return codes // max(n, 1), codes % max(n, 1)


def distinct(values: np.ndarray) -> np.ndarray:
    """The distinct integers, sorted."""
    values = np.sort(values)
    if not len(values):
        return values
    return values[np.concatenate(([True], values[1:] != values[:-1]))]


def candidate_pairs(fields: Fields) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that share one of the blocking keys: conjunctions, each with its cap."""
    given, family = fields.given.codes, fields.family.codes
    name = _unordered_name(fields)
    birth, postal, house = fields.birth, fields.postal.codes, fields.house.codes
    blocks = [
        (mix(fields.email.codes), 40),
        (mix(fields.phone.codes), 40),
        (mix(name, birth), 40),
        (mix(name, postal), 40),
        (mix(name), 30),
        (mix(fields.email_user.codes, name), 40),
        (mix(fields.email_number.codes, name), 40),
        (mix(birth, postal), 40),
        (mix(birth, given), 40),
        (mix(birth, family), 40),
        (mix(family, postal, house), 30),
        (mix(given, postal, house), 30),
    ]
    return union_pairs([pairs_within(key, cap) for key, cap in blocks], len(fields))


def _unordered_name(fields: Fields) -> np.ndarray:
    """A code per row for {given, family} in any order, so that swapped names meet."""
    given, family = fields.given.codes, fields.family.codes
    code = np.minimum(given, family) * len(fields.given.values) + np.maximum(given, family)
    return np.where(fields.given.known & fields.family.known, code, -1)


def _blocks(key: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with a key, sorted by it; the start and size of each block. Rows ascend in a block."""
    rows = np.flatnonzero(key != NO_KEY)
    rows = rows[np.argsort(key[rows], kind="stable")]
    ordered = key[rows]
    if not len(rows):
        return rows, np.empty(0, np.int64), np.empty(0, np.int64)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sizes = np.diff(np.append(starts, len(rows)))
    return rows, starts, sizes


def _ranges(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The numbers starts[i] .. starts[i]+counts[i]-1, one after the other."""
    if not len(starts):
        return np.empty(0, np.int64)
    offsets = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(starts - offsets, counts)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
