"""Duplicates: records that say the very same, and enough to be one person.

Belongs here: finding them before anything is compared, so that a million copies of one record cost
no more than one. Does not belong here: records that merely resemble each other (`candidates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.candidates.blocks import Blocks, Sorted
from kindred.identity.codes.columns import MISSING, Identifier, People
from kindred.identity.codes.hashing import mixed
from kindred.identity.codes.sorting import by_shared_key, distinct, in_order, runs
from kindred.identity.rules.rules_file import DEFAULT, Rules

KEYS = 7
"""So many columns tell most records apart; the others are compared where these agree."""


def originals(people: People, apart: Sequence[int] | np.ndarray = ()) -> np.ndarray:
    """Per record the first one that says the same; itself where it says too little to tell.

    Enough is both names and one of birth date, email, phone, street with house number, or an
    identifier. apart: rows that stand for themselves whatever they say.
    """
    rows, key = keys(people, apart)
    rows, key = by_shared_key(rows, key)
    _, sizes = runs(key)
    several = np.repeat(sizes > 1, sizes)
    found = np.arange(len(people))
    rows, first = _firsts(people, rows[several])
    found[rows] = first
    return found


def _firsts(people: People, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and for each the first one of them that says the same."""
    key = np.zeros(len(rows), np.int64)
    for column in _columns(people):
        key = mixed(key, column[rows].astype(np.int64) + 1)
    for identifier in people.identifiers.values():
        for slot in _sorted(identifier, rows):
            key = mixed(key, slot.astype(np.int64) + 1)
    order, key = in_order(key)
    rows = rows[order]
    starts, sizes = runs(key)
    first = np.repeat(np.minimum.reduceat(rows, starts) if len(rows) else rows, sizes)
    same = say_the_same(people, rows, first)  # two may share a key by chance
    return rows[same], first[same]


def _sorted(identifier: Identifier, rows: np.ndarray) -> np.ndarray:
    """The values of rows, a line per slot, in an order that is the same whatever others have."""
    return np.sort([slot[rows] for slot in identifier.slots], axis=0)


def rows_apart(
    people: People, rules: Rules, decisions: Sequence[tuple[int, int, bool]]
) -> np.ndarray:
    """Rows that stand for themselves whatever they say.

    A steward decided about them, or their source holds nobody twice: then two that say the same
    are two people. decisions: pairs of rows, and whether they are one person.
    """
    sources = people.source.values.to_pylist()
    once = np.array([rules.source(str(name)).duplicate_free for name in [*sources, DEFAULT]])
    decided = np.array([row for a, b, _ in decisions for row in (a, b)], np.int64)
    return np.concatenate([decided, np.flatnonzero(once[people.source.codes])])


def keys(people: People, apart: Sequence[int] | np.ndarray = ()) -> tuple[np.ndarray, np.ndarray]:
    """Rows that say enough, without those `apart`, and a key that is equal where they may agree."""
    key = np.zeros(len(people), np.int64)
    for column in _columns(people)[:KEYS]:
        key = mixed(key, column.astype(np.int64) + 1)
    enough = (people.given.full >= 0) & (people.family.full >= 0) & _telling(people)
    enough[np.asarray(apart, np.int64)] = False
    rows = np.flatnonzero(enough)
    return rows, key[rows]


def say_the_same(people: People, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """True where the records `left[i]` and `right[i]` hold the same values, missing ones too."""
    same = np.ones(len(left), bool)
    for column in _columns(people):
        same &= column[left] == column[right]
    some = np.flatnonzero(same)
    for identifier in people.identifiers.values():
        ends = (_sorted(identifier, rows[some]) for rows in (left, right))
        same[some] &= np.equal(*ends).all(axis=0)
    return same


@dataclass(frozen=True)
class Standing:
    """Which rows of people stand now, and for whom; original: as `originals` gives it."""

    people: People
    stands: np.ndarray
    original: np.ndarray

    @cached_property
    def compared(self) -> np.ndarray:
        """True per row that stands, and for itself."""
        return self.stands & (self.original == np.arange(len(self.original)))

    @property
    def copies(self) -> np.ndarray:
        """Rows that stand, with another."""
        return np.flatnonzero(self.stands & (self.original != np.arange(len(self.original))))

    def in_order(self, rows: np.ndarray) -> np.ndarray:
        """Rows that are compared, by the first record id of those that stand with each.

        So they are in a full run, where the first of those that say the same is compared.
        """
        wanted = np.zeros(len(self.stands), bool)
        wanted[rows] = True
        members = np.flatnonzero(wanted[self.original] & self.stands)
        order = pc.sort_indices(self.people.record_id.take(pa.array(members))).to_numpy()
        found = self.original[members[order.astype(np.int64)]]
        _, first = np.unique(found, return_index=True)
        return found[np.sort(first)]

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """How many records stand with each of some rows that are compared, itself among them."""
        place = np.full(len(self.stands), MISSING)
        place[rows] = np.arange(len(rows))
        place = place[self.original[self.stands]]
        return np.bincount(place[place >= 0], minlength=len(rows))


class Copies:
    """Who stands for whom, as records come and go. `original`: as `originals` gives it."""

    def __init__(
        self, people: People, original: np.ndarray, apart: Sequence[int] | np.ndarray
    ) -> None:
        self.original = original
        rows, key = keys(people, apart)
        own = original[rows] == rows
        self._by_key = Blocks(Sorted(key[own], rows[own]))

    def settle(
        self,
        people: People,
        current: np.ndarray,
        dead: np.ndarray,
        apart: Sequence[int] | np.ndarray,
    ) -> np.ndarray:
        """Take in the rows of `people` that are new; gives those that now stand for themselves.

        current: true per row that stands; dead: rows that fell since the last time.
        """
        born = np.arange(len(self.original), len(people))
        self.original = np.append(self.original, born)
        heirs = self._inherit(people, current, dead, apart)
        some = people.take(born)
        seeking, key = keys(some, np.flatnonzero(np.isin(born, apart)))
        order = np.lexsort((seeking, key))
        seeking, key = born[seeking[order]], key[order]
        place, row = self._by_key.asked(key).members(np.arange(len(key)))
        found = say_the_same(people, seeking[place], row) & current[row]
        self.original[seeking[place[found]]] = row[found]
        alone = self.original[seeking] == seeking
        seeking, key = seeking[alone], key[alone]
        copies, first = _firsts(people, seeking)
        self.original[copies] = first
        kept = self.original[seeking] == seeking
        self._by_key.add(seeking[kept], key[kept])
        return np.concatenate([heirs, born[self.original[born] == born]])

    def _inherit(
        self,
        people: People,
        current: np.ndarray,
        dead: np.ndarray,
        apart: Sequence[int] | np.ndarray,
    ) -> np.ndarray:
        """A copy takes the place of an original that fell; gives the rows that did."""
        fell = np.zeros(len(people), bool)
        fell[dead] = True
        orphans = np.flatnonzero(fell[self.original] & current)
        heads = self.original[orphans]
        self._by_key.remove(*self._keys(people, dead[self.original[dead] == dead], apart))
        heir = np.full(len(people), -1)
        heir[heads[::-1]] = orphans[::-1]  # of several writes the last one stays
        self.original[orphans] = heir[heads]
        heirs = distinct(heir[heads])
        self._by_key.add(*self._keys(people, heirs, apart))
        return heirs

    def _keys(
        self, people: People, rows: np.ndarray, apart: Sequence[int] | np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        place, key = keys(people.take(rows), np.flatnonzero(np.isin(rows, apart)))
        return rows[place], key


def _telling(people: People) -> np.ndarray:
    at_home = people.street.known & people.house.known
    known = (people.birth != MISSING) | people.email.known | people.phone.known | at_home
    for identifier in people.identifiers.values():
        known |= identifier.slots[0] >= 0
    return known


def _columns(people: People) -> list[np.ndarray]:
    codes = (
        people.email, people.phone, people.house, people.street, people.postal, people.city,
        people.middle, people.gender, people.country, people.source,
    )  # fmt: skip
    return [
        people.given.full,
        people.family.full,
        people.birth,
        *(column.codes for column in codes),
        *(column.codes for column in people.attributes.values()),
        people.generation,
        people.guessed,
    ]
