"""Rule blocks: which records share a block of any rule, as records come and go.

The blocks of all rules lie in one array: a key begins with the number of its rule, so that what a
day, or one record, asks of forty rules is one search. That everybody meets while they are few is a
rule like the others: its one block passes its cap as they become many.

Belongs here: the blocks of the blocking rules and of the deterministic rules together; which pairs
they bring, and which records a block that passes its cap touches. Does not belong here: who has
which key (`blocks`), weighing pairs (`index`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kindred.identity.candidates.blocking_rules import COMPARE_ALL, EVERYBODY, rules_for
from kindred.identity.candidates.blocks import Asked, Blocks, Sorted
from kindred.identity.candidates.duplicates import Standing
from kindred.identity.candidates.keys import Keys
from kindred.identity.clusters.judgement import RULE_CAP, keys_of
from kindred.identity.codes.columns import NO_ROWS, People
from kindred.identity.codes.hashing import mixed
from kindred.identity.codes.pairs import all_pairs, pack, unpack
from kindred.identity.codes.queries import FEW
from kindred.identity.codes.side_by_side import each_done, side_by_side
from kindred.identity.codes.sorting import distinct, in_order, merged, ranges, runs
from kindred.identity.rules.rules_file import Rules

HASH_BITS = 62


@dataclass(frozen=True)
class Found:
    """Packed pairs of rows: those of blocking rules, and those of each deterministic rule."""

    candidates: np.ndarray
    judged: dict[str, np.ndarray]

    def all(self) -> np.ndarray:
        """Every pair once, sorted."""
        return merged([self.candidates, *self.judged.values()])

    def and_also(self, more: Found) -> Found:
        """What either holds."""
        judged = {name: _either(own, more.judged[name]) for name, own in self.judged.items()}
        return Found(_either(self.candidates, more.candidates), judged)


@dataclass(frozen=True)
class Moved:
    """What it does to pairs that rows come and go.

    met: the pairs of those that come with any that stand. gained: packed pairs of blocks that fell
    under their cap; lost: packed pairs that stood before, of blocks that outgrew it. anew: rows of
    large blocks of deterministic rules, where every record is paired with the first one, which may
    be another.
    """

    met: Found
    gained: np.ndarray
    lost: np.ndarray
    anew: np.ndarray


@dataclass(frozen=True)
class _Lines:
    """How the keys of rules are made: a line per rule, and per choice of slots of its identifiers.

    number: of each line's rule. names: of the columns (`Keys`) that any has; steps: the places
    among these of each line's first one, second one, ...; those that have a next one come first.
    """

    number: np.ndarray
    names: list[str]
    steps: list[np.ndarray]

    @staticmethod
    def of(lines: list[tuple[int, tuple[str, ...]]]) -> _Lines:
        """From the number and the names of each line."""
        lines = sorted(lines, key=lambda line: -len(line[1]))
        names = list(dict.fromkeys(name for _, own in lines for name in own))
        place = {name: at for at, name in enumerate(names)}
        most = len(lines[0][1]) if lines else 0
        steps = [[place[own[step]] for _, own in lines if len(own) > step] for step in range(most)]
        number = np.array([number for number, _ in lines], np.int64)
        return _Lines(number, names, [np.array(step) for step in steps])


class RuleBlocks:
    """The blocks of all rules: first those of blocking, then the deterministic ones."""

    def __init__(
        self,
        people: People,
        rows: np.ndarray,
        rules: Rules,
        caps: Mapping[str, int],
        threads: int = 2,
    ) -> None:
        """people: the records that are compared now, and which rows they are; caps: by rule."""
        caps = {EVERYBODY.name: COMPARE_ALL, **caps}
        self._rules = [rule for rule in (EVERYBODY, *rules_for(people)) if caps[rule.name]]
        self._judged = list(rules.deterministic)
        self._judging = list(rules.deterministic.values())
        self._planned: dict[tuple, _Lines] = {}
        numbers = range(len(self._rules) + len(self._judged))
        self._number_bits = len(numbers).bit_length()
        self._threads = threads
        keys = Keys(people)

        def start(number: int) -> Sorted:
            place, key = self._entries(keys, range(number, number + 1))
            return Sorted(key, rows[place])

        own = [caps[rule.name] for rule in self._rules]
        self._caps = np.array([*own, *(RULE_CAP for _ in self._judged)], np.int64)
        self._blocks = Blocks(Sorted.joined(side_by_side(start, numbers, threads)))

    def move(
        self, standing: Standing, gone: np.ndarray, fresh: np.ndarray, named: np.ndarray
    ) -> Moved:
        """Take rows out and in; standing: afterwards.

        named: rows that stay, of which others stand with them than before, so that another may be
        the first of its block.
        """
        people, current = standing.people, standing.compared
        left, old = self._in_order(people.take(gone))
        came, new = self._in_order(people.take(fresh))
        blocks = self._blocks
        tasks = lambda: blocks.remove(gone[left], old), lambda: blocks.add(fresh[came], new)
        each_done(tasks, self._threads)
        key = merged([old, new, self._in_order(people.take(named))[1]])
        asked = self._blocks.asked(key, self._threads)
        mine = np.searchsorted(key, new)
        before = asked.sizes - np.bincount(mine, minlength=len(key))
        before += np.bincount(np.searchsorted(key, old), minlength=len(key))
        was_large, is_large = (size > self._cap_of(key) for size in (before, asked.sizes))
        judges = self._judges(key)
        found = self._met(standing, asked, (fresh[came], new, mine))
        gained = self._within(asked, key, ~judges & was_large & ~is_large, current)
        stood = current.copy()
        stood[fresh] = False
        lost = self._within(asked, key, ~judges & ~was_large & is_large, stood)
        anew = distinct(asked.rows(np.flatnonzero(judges & (was_large | is_large))))
        self._blocks.settle()
        return Moved(found, gained.candidates, lost.candidates, anew[current[anew]])

    def _within(self, asked: Asked, key: np.ndarray, some: np.ndarray, counts: np.ndarray) -> Found:
        """The pairs of rows that count inside each of some blocks; some: true per key."""
        some = np.flatnonzero(some)
        which, rows = asked.members(some)
        which, rows = which[counts[rows]], rows[counts[rows]]
        order, which = in_order(which)
        one, other = unpack(all_pairs(np.arange(len(rows)), *runs(which)))
        rows = rows[order]
        return self._found([(key[some[which[one]]], rows[one], rows[other])], counts)

    def with_others(self, standing: Standing, rows: np.ndarray) -> Found:
        """The pairs of some rows with any that stand."""
        mine, key = self._in_order(standing.people.take(rows))
        asked = self._blocks.asked(key, self._threads)
        return self._met(standing, asked, (rows[mine], key, np.arange(len(key))))

    def with_strangers(self, standing: Standing, strangers: People) -> tuple[np.ndarray, Found]:
        """Rows that share a block with records that are none of those that stand, and the pairs.

        Pairs are places: first the rows, then the strangers.
        """
        mine, key = self._in_order(strangers)
        asked = self._blocks.asked(key)
        small = asked.sizes < self._cap_of(key)
        some = np.flatnonzero(small)
        which, others = asked.members(some)
        large = self._judges(key) & ~small
        first = [self._members(standing, one)[0] for one in key[large]]
        rows = np.concatenate([others, np.array(first, np.int64)])
        own = np.concatenate([mine[some][which], mine[large]])
        key = np.concatenate([key[some][which], key[large]])
        here = standing.compared[rows]
        known = distinct(rows[here])
        return known, self._by_rule(
            key[here], pack(np.searchsorted(known, rows[here]), own[here] + len(known))
        )

    def among(self, standing: Standing, rows: np.ndarray) -> Found:
        """The pairs of some rows with each other, as places in `rows`."""
        mine, key = self._in_order(standing.people.take(rows))
        starts, sizes = runs(key)
        starts, sizes = starts[sizes > 1], sizes[sizes > 1]
        asked = self._blocks.asked(key[starts], self._threads)
        small = asked.sizes <= self._cap_of(key[starts])
        one, other = unpack(all_pairs(np.arange(len(key)), starts[small], sizes[small]))
        ends = [(key[one], rows[mine[one]], rows[mine[other]])]
        large = ~small & self._judges(key[starts])
        some = ranges(starts[large], sizes[large])
        ends += self._stars(standing, rows[mine[some]], key[some])
        place_of = np.full(len(standing.compared), -1)
        place_of[rows] = np.arange(len(rows))
        return self._found(ends, place_of >= 0, place_of)

    def _cap_of(self, key: np.ndarray) -> np.ndarray:
        return self._caps[self._number(key)]

    def _number(self, key: np.ndarray) -> np.ndarray:
        """The number of each key's rule."""
        return key >> (HASH_BITS - self._number_bits)

    def _judges(self, key: np.ndarray) -> np.ndarray:
        """True per key of a deterministic rule."""
        return self._number(key) >= len(self._rules)

    def _entries(self, keys: Keys, numbers: range) -> tuple[np.ndarray, np.ndarray]:
        """Places of the records that have a key in a rule, and their keys; numbers: of the rules.

        A key holds the number of the rule and a hash, which doesn't depend on other records.
        """
        lines = self._lines(keys, numbers)
        if not len(lines.number):
            return NO_ROWS, NO_ROWS
        columns = np.stack([keys[name] for name in lines.names])
        hashed = np.repeat(lines.number[:, None], len(keys.people), axis=1)
        known = np.ones(hashed.shape, bool)
        for step in lines.steps:
            part = columns[step]
            some = slice(0, len(part))
            known[some] &= part >= 0
            hashed[some] = mixed(hashed[some], part + 1)
        line, place = np.nonzero(known)
        top = lines.number[line] << (HASH_BITS - self._number_bits)
        return place, top | hashed[line, place] >> self._number_bits

    def _lines(self, keys: Keys, numbers: range) -> _Lines:
        """The lines of some rules, for people with these identifiers and attributes."""
        people = keys.people
        slots = ((kind, len(own.slots)) for kind, own in people.identifiers.items())
        known = numbers, *slots, *people.attributes
        if known not in self._planned:
            lines = [(n, names) for n in numbers for names in keys.lines(self._keys_of(n))]
            self._planned[known] = _Lines.of(lines)
        return self._planned[known]

    def _keys_of(self, number: int) -> tuple[str, ...]:
        if number < len(self._rules):
            return self._rules[number].keys
        return keys_of(self._judging[number - len(self._rules)])

    def _in_order(self, people: People) -> tuple[np.ndarray, np.ndarray]:
        """The entries of all rules, by key."""
        keys = Keys(people)
        threads = self._threads if len(people) > FEW else 1
        ends = np.linspace(0, len(self._caps), threads + 1).astype(int)

        def ordered(part: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
            place, key = self._entries(keys, range(*part))
            order, ordered = in_order(key)
            return place[order], ordered

        found = side_by_side(ordered, pairwise(ends), threads)
        place, key = (np.concatenate(part) for part in zip(*found, strict=True))
        return place, key

    def _met(
        self,
        standing: Standing,
        asked: Asked,
        entries: tuple[np.ndarray, np.ndarray, np.ndarray],
    ) -> Found:
        """The pairs of some rows with the others under their keys.

        entries: rows, the key of each, and its place among those that were asked for.
        """
        rows, key, mine = entries
        small = asked.sizes[mine] <= self._cap_of(key)
        some = np.flatnonzero(small)
        which, others = asked.members(mine[some])
        ends = [(key[some][which], rows[some][which], others)]
        large = self._judges(key) & ~small
        ends += self._stars(standing, rows[large], key[large])
        return self._found(ends, standing.compared)

    def _stars(
        self, standing: Standing, rows: np.ndarray, key: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Rows of large blocks, each with the row of the block's first record id; and back."""
        for one in distinct(key):
            members = self._members(standing, one)
            mine = rows[key == one]
            yield np.full(len(mine), one), mine, np.full(len(mine), members[0])
            if members[0] in mine:
                yield np.full(len(members), one), np.full(len(members), members[0]), members

    def _members(self, standing: Standing, key: int) -> np.ndarray:
        """Rows of a block that stand, in order."""
        members = distinct(self._blocks.asked(np.array([key])).rows(np.array([0])))
        return standing.in_order(members[standing.compared[members]])

    def _found(
        self,
        ends: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
        counts: np.ndarray,
        place_of: np.ndarray | None = None,
    ) -> Found:
        """Pairs of two rows that count, each under a key; as places, where these are given."""
        key, left, right = (np.concatenate(part) for part in zip(*ends, strict=True))
        ok = counts[left] & counts[right] & (left != right)
        key, left, right = key[ok], left[ok], right[ok]
        if place_of is not None:
            left, right = place_of[left], place_of[right]
        return self._by_rule(key, pack(left, right))

    def _by_rule(self, key: np.ndarray, pairs: np.ndarray) -> Found:
        """Packed pairs, each under a key."""
        number = self._number(key) - len(self._rules)
        judged = {name: distinct(pairs[number == n]) for n, name in enumerate(self._judged)}
        return Found(distinct(pairs[number < 0]), judged)


def _either(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    return merged([some, others])
