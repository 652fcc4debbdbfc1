"""Rule blocks: which records share a block of any rule, as records come and go.

Belongs here: the blocks of the blocking rules and of the deterministic rules together; which pairs
they bring, and which records a block that passes its cap touches. Does not belong here: one rule's
blocks (`blocks`), weighing pairs (`index`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.blocks import Blocks, lasting_key
from kindred.identity.candidates import (
    EVERYBODY,
    Keys,
    distinct,
    most_pairs,
    pack,
    pairs_within,
    rules_for,
    unpack,
)
from kindred.identity.columns import People
from kindred.identity.judgement import RULE_CAP, rule_columns
from kindred.identity.rules_file import Rules
from kindred.identity.side_by_side import side_by_side

ENDLESS = int(np.iinfo(np.int32).max)
NOBODY = np.empty(0, np.int64)
T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """Packed pairs of rows: those of blocking rules, and those of each deterministic rule."""

    candidates: np.ndarray
    judged: dict[str, np.ndarray]

    def all(self) -> np.ndarray:
        """Every pair once, sorted."""
        return distinct(np.concatenate([self.candidates, *self.judged.values()]))


class RuleBlocks:
    """The blocks of all rules: first those of blocking, then the deterministic ones."""

    def __init__(self, people: People, rows: np.ndarray, rules: Rules, threads: int = 2) -> None:
        """people: the records that are compared now, and which rows they are."""
        self._rules = rules_for(people)
        self._judged = rules.deterministic
        self._threads = threads
        most = most_pairs(len(people))
        keys = Keys(people)

        def start(number: int) -> Blocks:
            place, key = self._entries(keys, number)
            if number >= len(self._rules):
                return Blocks(rows[place], key, RULE_CAP)
            rule = self._rules[number]
            if rule == EVERYBODY:
                return Blocks(rows[place], key, ENDLESS)
            return Blocks.tightened(rows[place], key, rule.cap, most)

        self._blocks = self._by_rule(start)

    def move(
        self, people: People, current: np.ndarray, gone: np.ndarray, fresh: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take rows out and in; gives the rows that may have gained pairs by it, and lost some.

        A block that falls under its cap brings pairs again, and one that outgrows it brings none
        any more. In a large block of a deterministic rule every record is paired with its first
        one, which may be another now.
        """
        keys = Keys(people.take(gone)), Keys(people.take(fresh))

        def moved(number: int) -> tuple[np.ndarray, np.ndarray]:
            blocks = self._blocks[number]
            (left, old), (came, new) = (self._entries(own, number) for own in keys)
            key = distinct(np.concatenate([old, new]))
            before = blocks.sizes(key)
            after = before + _counts(key, new) - _counts(key, old)
            blocks.remove(gone[left], old)
            blocks.add(fresh[came], new)
            blocks.settle()
            was_large, is_large = before > blocks.cap, after > blocks.cap
            if number >= len(self._rules):
                return blocks.members(key[was_large | is_large])[1], NOBODY
            gained, lost = key[was_large & ~is_large], key[is_large & ~was_large]
            return blocks.members(gained)[1], blocks.members(lost)[1]

        found = zip(*self._by_rule(moved), strict=True)
        gained, lost = (distinct(np.concatenate(parts).astype(np.int64)) for parts in found)
        return gained[current[gained]], lost[current[lost]]

    def with_others(self, people: People, current: np.ndarray, rows: np.ndarray) -> Found:
        """The pairs of some rows with any that stand."""
        keys = Keys(people.take(rows))

        def paired(number: int) -> np.ndarray:
            blocks = self._blocks[number]
            mine, key = self._in_order(keys, number)
            small = blocks.sizes(key) <= blocks.cap
            which, others = blocks.members(key[small])
            ends = [(rows[mine[small][which]], others)]
            if number >= len(self._rules) and not small.all():
                ends += _stars(people, current, blocks, rows[mine[~small]], key[~small])
            left, right = (np.concatenate(part) for part in zip(*ends, strict=True))
            ok = current[right] & (left != right)
            return distinct(pack(left[ok], right[ok]))

        return self._found(self._by_rule(paired))

    def with_strangers(
        self, people: People, current: np.ndarray, strangers: People, threads: int
    ) -> tuple[np.ndarray, Found]:
        """Rows that share a block with records that are none of `people`, and the pairs.

        Pairs are places: first the rows, then the strangers.
        """
        keys = Keys(strangers)

        def met(number: int) -> tuple[np.ndarray, np.ndarray]:
            blocks = self._blocks[number]
            mine, key = self._in_order(keys, number)
            if not len(mine):
                return mine, mine
            small = blocks.sizes(key) < blocks.cap
            which, others = blocks.members(key[small])
            own, rows = mine[small][which], others
            if number >= len(self._rules) and not small.all():
                large = key[~small]
                members = [_standing(blocks, current, one) for one in large]
                first = np.array([_first(people, rows) for rows in members])
                own, rows = np.concatenate([own, mine[~small]]), np.concatenate([rows, first])
            here = current[rows]
            return own[here], rows[here]

        found = self._by_rule(met, threads)
        rows = distinct(np.concatenate([rows for _, rows in found]).astype(np.int64))
        pairs = [
            distinct(pack(np.searchsorted(rows, other), own + len(rows))) for own, other in found
        ]
        return rows, self._found(pairs)

    def among(self, people: People, current: np.ndarray, rows: np.ndarray) -> Found:
        """The pairs of some rows with each other, as places in `rows`."""
        keys = Keys(people.take(rows))
        place_of = np.full(len(current), -1)
        place_of[rows] = np.arange(len(rows))

        def paired(number: int) -> np.ndarray:
            blocks = self._blocks[number]
            mine, key = self._in_order(keys, number)
            small = blocks.sizes(key) <= blocks.cap
            cap = min(blocks.cap, len(rows))
            found = [pairs_within(mine[small], key[small], cap, ENDLESS)]
            if number >= len(self._rules) and not small.all():
                for ends in _stars(people, current, blocks, rows[mine[~small]], key[~small]):
                    left, right = (place_of[end] for end in ends)
                    ok = (left >= 0) & (right >= 0)
                    found.append(pack(left[ok], right[ok]))
            both = np.concatenate(found)
            left, right = unpack(both)
            return distinct(both[left != right])

        return self._found(self._by_rule(paired))

    def _by_rule(self, what: Callable[[int], T], threads: int | None = None) -> list[T]:
        """What a function gives for the number of each rule; several at a time."""
        rules = range(len(self._rules) + len(self._judged))
        return side_by_side(what, rules, threads or self._threads)

    def _entries(self, keys: Keys, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Places of the records that have a key in a rule, and their keys."""
        if number < len(self._rules):
            return lasting_key([keys[name] for name in self._rules[number].keys])
        rule = list(self._judged.values())[number - len(self._rules)]
        place, key = lasting_key(rule_columns(keys.people, rule))
        return place % max(len(keys.people), 1), key

    def _in_order(self, keys: Keys, number: int) -> tuple[np.ndarray, np.ndarray]:
        place, key = self._entries(keys, number)
        order = np.argsort(key)
        return place[order], key[order]

    def _found(self, pairs: list[np.ndarray]) -> Found:
        count = len(self._rules)
        return Found(
            distinct(np.concatenate([NOBODY, *pairs[:count]])),
            dict(zip(self._judged, pairs[count:], strict=True)),
        )


def _stars(
    people: People, current: np.ndarray, blocks: Blocks, rows: np.ndarray, key: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows of large blocks, each with the row of the block's first record id; and back."""
    found = []
    for one in distinct(key):
        members = _standing(blocks, current, one)
        first = _first(people, members)
        mine = rows[key == one]
        found.append((mine, np.full(len(mine), first)))
        if first in mine:
            found.append((np.full(len(members), first), members))
    return found


def _standing(blocks: Blocks, current: np.ndarray, key: int) -> np.ndarray:
    """Rows of a block that stand."""
    members = blocks.members(np.array([key]))[1]
    return distinct(members[current[members]].astype(np.int64))


def _first(people: People, rows: np.ndarray) -> int:
    """The row of the first record id."""
    return int(rows[pc.sort_indices(people.record_id.take(pa.array(rows)))[0].as_py()])


def _counts(key: np.ndarray, found: np.ndarray) -> np.ndarray:
    """How often each key, which are sorted, occurs in `found`."""
    return np.bincount(np.searchsorted(key, found), minlength=len(key))
