"""Blocks that last: the records of a blocking rule by their keys, as records come and go.

Belongs here: sizes and members of the blocks of one rule. Does not belong here: which rules there
are (`candidates`, `judgement`), and what follows when a block outgrows its cap (`index`).
"""

from __future__ import annotations

import numpy as np

from kindred.identity.candidates import fitting_cap, mixed, ranges
from kindred.identity.queries import FEW

FEWEST_TO_SETTLE = 20_000
"""So many new entries at least, and an eighth of the others, are sorted in among them at once:
sorting each day's entries in would move the whole array every time (10 ms a rule at a million)."""

STEPS = 6


def lasting_key(parts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Places that hold every part, and a key for each that doesn't depend on the other records."""
    rows = np.flatnonzero(np.logical_and.reduce([part >= 0 for part in parts]))
    key = parts[0][rows].astype(np.int64)
    for part in parts[1:]:
        key = mixed(key, part[rows].astype(np.int64) + 1)
    return rows, key


class Sorted:
    """Keys in order, each with the row that has it."""

    def __init__(self, key: np.ndarray, row: np.ndarray) -> None:
        order = np.argsort(key)
        self.key, self.row = key[order], row[order].astype(np.int32)

    def add(self, other: Sorted) -> None:
        """Take in the entries of another."""
        place = np.searchsorted(self.key, other.key)
        self.key = np.insert(self.key, place, other.key)
        self.row = np.insert(self.row, place, other.row)

    def span(self, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First place and number of entries of each key."""
        first = np.searchsorted(self.key, key)
        if len(key) <= FEW:
            return first, np.searchsorted(self.key, key, side="right") - first
        count = np.zeros(len(key), np.int64)
        there = np.flatnonzero(first < len(self.key))
        for step in range(STEPS):  # most blocks are small: cheaper than a second search
            there = there[first[there] + step < len(self.key)]
            there = there[self.key[first[there] + step] == key[there]]
            count[there] += 1
        count[there] = np.searchsorted(self.key, key[there], side="right") - first[there]
        return first, count


class Blocks:
    """The blocks of one rule. Keys are asked for in ascending order: so the search is fast."""

    def __init__(self, rows: np.ndarray, key: np.ndarray, cap: int) -> None:
        """cap: blocks with more records bring no pairs."""
        self.cap = cap
        self._old = Sorted(key, rows)
        nothing = np.empty(0, np.int64)
        self._new, self._gone = Sorted(nothing, nothing), Sorted(nothing, nothing)

    @staticmethod
    def tightened(rows: np.ndarray, key: np.ndarray, cap: int, most: int) -> Blocks:
        """With a cap, up to `cap`, that lets the rule bring `most` pairs or fewer."""
        found = Blocks(rows, key, cap)
        ordered = found._old.key
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        sizes = np.diff(np.append(starts[: len(ordered)], len(ordered)))
        found.cap = fitting_cap(sizes, cap, most)
        return found

    def add(self, rows: np.ndarray, key: np.ndarray) -> None:
        """Records that come."""
        if len(rows):
            self._new.add(Sorted(key, rows))

    def remove(self, rows: np.ndarray, key: np.ndarray) -> None:
        """Records that go."""
        if len(rows):
            self._gone.add(Sorted(key, rows))

    def settle(self) -> None:
        """Sort in what came, and leave out what went, when it has become much."""
        changes = len(self._new.key) + len(self._gone.key)
        if changes < max(FEWEST_TO_SETTLE, len(self._old.key) // 8):
            return
        self._old.add(self._new)
        here = ~np.isin(self._old.row, self._gone.row)
        self._old = Sorted(self._old.key[here], self._old.row[here])
        nothing = np.empty(0, np.int64)
        self._new, self._gone = Sorted(nothing, nothing), Sorted(nothing, nothing)

    def sizes(self, key: np.ndarray) -> np.ndarray:
        """How many records have each key."""
        found = self._old.span(key)[1]
        if len(self._new.key):
            found += self._new.span(key)[1]
        if len(self._gone.key):
            found -= self._gone.span(key)[1]
        return found

    def members(self, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The records of each key: places in `key`, rows; those that went are still among them."""
        places, rows = [], []
        for part in (self._old, self._new):
            first, count = part.span(key)
            places.append(np.repeat(np.arange(len(key)), count))
            rows.append(part.row[ranges(first, count)])
        return np.concatenate(places), np.concatenate(rows)
