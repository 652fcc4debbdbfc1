"""Blocks that last: who has which key, as records come and go.

Belongs here: sizes and members of blocks by their keys. Does not belong here: which keys there are
and how many records a block may have (`rule_blocks`, `duplicates`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kindred.identity.codes.queries import FEW
from kindred.identity.codes.side_by_side import side_by_side
from kindred.identity.codes.sorting import in_order, ranges

FEWEST_TO_SETTLE = 20_000
"""So many new entries at least, and an eighth of the others, are sorted in among them at once:
sorting each day's entries in would move the whole array every time."""

STEPS = 6
MANY = 50_000
"""So many keys are looked for by several threads."""


class Sorted:
    """Keys in order, each with the row that has it."""

    def __init__(self, key: np.ndarray, row: np.ndarray) -> None:
        order, self.key = in_order(key)
        self.row = row[order].astype(np.int32)

    @staticmethod
    def joined(parts: list[Sorted]) -> Sorted:
        """Several as one: each one's keys lie above those of the one before. Empties the list."""
        found = Sorted(np.empty(0, np.int64), np.empty(0, np.int32))
        size = sum(len(part.key) for part in parts)
        found.key, found.row = np.empty(size, np.int64), np.empty(size, np.int32)
        end = size
        while parts:  # each part goes as it is copied, so that there are never two of all
            part = parts.pop()
            start = end - len(part.key)
            found.key[start:end], found.row[start:end] = part.key, part.row
            end = start
        return found

    def add(self, other: Sorted) -> None:
        """Take in the entries of another."""
        place = np.searchsorted(self.key, other.key)
        self.key = np.insert(self.key, place, other.key)
        self.row = np.insert(self.row, place, other.row)

    def span(self, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First place and number of entries of each key."""
        if not len(self.key):
            return np.zeros(len(key), np.int64), np.zeros(len(key), np.int64)
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
    """Blocks by their keys. Keys are asked for in ascending order: so the search is fast."""

    def __init__(self, entries: Sorted) -> None:
        self._old = entries
        self._new, self._gone = _nothing(), _nothing()

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
        self._old.key, self._old.row = self._old.key[here], self._old.row[here]
        self._new, self._gone = _nothing(), _nothing()

    def asked(self, key: np.ndarray, threads: int = 1) -> Asked:
        """What is under each key."""
        parts = np.array_split(key, threads) if len(key) > MANY else [key]

        def span(place: tuple[Sorted, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
            return place[0].span(place[1])

        entries = (self._old, self._new, self._gone)
        found = side_by_side(span, [(one, part) for one in entries for part in parts], threads)
        old, new, gone = (
            tuple(np.concatenate(ends) for ends in zip(*found[at : at + len(parts)], strict=True))
            for at in range(0, len(found), len(parts))
        )
        return Asked(old[1] + new[1] - gone[1], [(self._old, *old), (self._new, *new)])


@dataclass(frozen=True)
class Asked:
    """Blocks that were asked for: how many records each has, and where they are."""

    sizes: np.ndarray
    found: list[tuple[Sorted, np.ndarray, np.ndarray]]

    def members(self, some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Records of some of the keys: places in `some`, rows; those that went are among them.

        some: places of keys as they were asked for.
        """
        places, rows = [], []
        for part, first, count in self.found:
            places.append(np.repeat(np.arange(len(some)), count[some]))
            rows.append(part.row[ranges(first[some], count[some])])
        return np.concatenate(places), np.concatenate(rows)

    def rows(self, some: np.ndarray) -> np.ndarray:
        """Records of some of the keys; those that went are among them."""
        return self.members(some)[1].astype(np.int64)


def _nothing() -> Sorted:
    return Sorted(np.empty(0, np.int64), np.empty(0, np.int64))
