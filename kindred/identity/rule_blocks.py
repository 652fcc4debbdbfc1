"""Rule blocks: which records share a block of any rule, as records come and go.

Belongs here: the blocks of the blocking rules and of the deterministic rules together; which pairs
they bring, and which records a block that passes its cap touches. Does not belong here: one rule's
blocks (`blocks`), weighing pairs (`index`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

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

ENDLESS = int(np.iinfo(np.int32).max)
NOBODY = np.empty(0, np.int64)


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

    def __init__(self, people: People, rows: np.ndarray, rules: Rules) -> None:
        """people: the records that are compared now, and which rows they are."""
        self._rules = rules_for(people)
        self._judged = rules.deterministic
        most = most_pairs(len(people))
        caps = [rule.cap for rule in self._rules]
        self._blocks = [
            Blocks.tightened(rows[place], key, cap, most)
            for cap, (place, key) in zip(caps, self._entries(people), strict=False)
        ]
        if self._rules == [EVERYBODY]:
            self._blocks[0].cap = ENDLESS
        entries = islice(self._entries(people), len(caps), None)
        self._blocks += [Blocks(rows[place], key, RULE_CAP) for place, key in entries]

    def move(
        self, people: People, current: np.ndarray, gone: np.ndarray, fresh: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take rows out and in; gives the rows that may have gained pairs by it, and lost some.

        A block that falls under its cap brings pairs again, and one that outgrows it brings none
        any more. In a large block of a deterministic rule every record is paired with its first
        one, which may be another now.
        """
        gained, lost = [NOBODY], [NOBODY]
        out, into = self._entries(people.take(gone)), self._entries(people.take(fresh))
        for place, (blocks, (left, old), (came, new)) in enumerate(
            zip(self._blocks, out, into, strict=True)
        ):
            key = distinct(np.concatenate([old, new]))
            before = blocks.sizes(key)
            came_and_went = _counts(key, new) - _counts(key, old)
            blocks.remove(gone[left], old)
            blocks.add(fresh[came], new)
            was_large, is_large = before > blocks.cap, before + came_and_went > blocks.cap
            if place >= len(self._rules):
                gained.append(blocks.members(key[was_large | is_large])[1])
            else:
                gained.append(blocks.members(key[was_large & ~is_large])[1])
                lost.append(blocks.members(key[is_large & ~was_large])[1])
            blocks.settle()
        found = (distinct(np.concatenate(parts).astype(np.int64)) for parts in (gained, lost))
        gained_rows, lost_rows = (rows[current[rows]] for rows in found)
        return gained_rows, lost_rows

    def with_others(self, people: People, current: np.ndarray, rows: np.ndarray) -> Found:
        """The pairs of some rows with any that stand."""
        pairs = []
        for place, blocks, mine, key in self._by_key(people.take(rows)):
            sizes = blocks.sizes(key)
            small = sizes <= blocks.cap
            which, others = blocks.members(key[small])
            ends = [(rows[mine[small][which]], others)]
            if place >= len(self._rules) and not small.all():
                ends += self._stars(people, current, blocks, rows[mine[~small]], key[~small])
            left = np.concatenate([end for end, _ in ends])
            right = np.concatenate([end for _, end in ends])
            ok = current[right] & (left != right)
            pairs.append(distinct(pack(left[ok], right[ok])))
        return self._found(pairs)

    def among(self, people: People, current: np.ndarray, rows: np.ndarray) -> Found:
        """The pairs of some rows with each other, as places in `rows`."""
        pairs = []
        place_of = np.full(len(current), -1)
        place_of[rows] = np.arange(len(rows))
        for place, blocks, mine, key in self._by_key(people.take(rows)):
            small = blocks.sizes(key) <= blocks.cap
            cap = min(blocks.cap, len(rows))
            found = [pairs_within(mine[small], key[small], cap, ENDLESS)]
            if place >= len(self._rules) and not small.all():
                for left, right in self._stars(
                    people, current, blocks, rows[mine[~small]], key[~small]
                ):
                    ends = place_of[left], place_of[right]
                    ok = (ends[0] >= 0) & (ends[1] >= 0)
                    found.append(pack(ends[0][ok], ends[1][ok]))
            both = np.concatenate(found)
            left, right = unpack(both)
            pairs.append(distinct(both[left != right]))
        return self._found(pairs)

    def _entries(self, people: People) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """By rule, places in `people` that have a key, and their keys."""
        keys = Keys(people)
        for rule in self._rules:
            yield lasting_key([keys[name] for name in rule.keys])
        for rule in self._judged.values():
            place, key = lasting_key(rule_columns(people, rule))
            yield place % max(len(people), 1), key

    def _by_key(self, people: People) -> Iterator[tuple[int, Blocks, np.ndarray, np.ndarray]]:
        """The same in the order of the keys, with the number of the rule and its blocks."""
        for number, (blocks, (place, key)) in enumerate(
            zip(self._blocks, self._entries(people), strict=True)
        ):
            order = np.argsort(key)
            yield number, blocks, place[order], key[order]

    def _stars(
        self, people: People, current: np.ndarray, blocks: Blocks, rows: np.ndarray, key: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Rows of large blocks, each with the row of the block's first record id; and back."""
        found = []
        for one in distinct(key):
            members = blocks.members(np.array([one]))[1]
            members = distinct(members[current[members]].astype(np.int64))
            first = members[pc.sort_indices(people.record_id.take(pa.array(members)))[0].as_py()]
            mine = rows[key == one]
            found.append((mine, np.full(len(mine), first)))
            if first in mine:
                found.append((np.full(len(members), first), members))
        return found

    def _found(self, pairs: list[np.ndarray]) -> Found:
        count = len(self._rules)
        return Found(
            distinct(np.concatenate([NOBODY, *pairs[:count]])),
            dict(zip(self._judged, pairs[count:], strict=True)),
        )


def _counts(key: np.ndarray, found: np.ndarray) -> np.ndarray:
    """How often each key, which are sorted, occurs in `found`."""
    return np.bincount(np.searchsorted(key, found), minlength=len(key))
