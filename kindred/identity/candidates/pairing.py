"""Pairing: which pairs of records share the keys of a blocking rule, and so are worth a comparison.

Belongs here: who shares which keys, and each such pair once. A block larger than its rule's cap is
left out of that rule only: a value that so many records share is weak evidence. Does not belong
here: the rules (`blocking_rules`), how large a block may be (`caps`), judging pairs
(`kindred.identity.weights`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kindred.identity.candidates.blocking_rules import Rule, rules_for
from kindred.identity.candidates.keys import Keys
from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import all_pairs
from kindred.identity.codes.side_by_side import side_by_side
from kindred.identity.codes.sorting import all_distinct, by_shared_key, runs

LARGEST = 200
"""Records of the largest block that is ever looked at."""


@dataclass(frozen=True)
class Shared:
    """Who shares a key of a rule: rows block by block, and where each of up to `LARGEST` begins."""

    rule: Rule
    rows: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    @staticmethod
    def of(rule: Rule, keys: Keys) -> Shared:
        """There are no blocks when the data lacks one of its columns."""
        rows, key = by_shared_key(*keys.joined(rule.keys))
        starts, sizes = runs(key)
        some = (sizes >= 2) & (sizes <= LARGEST)
        return Shared(rule, *(a.astype(np.int32) for a in (rows, starts[some], sizes[some])))

    def pairs(self, cap: int) -> np.ndarray:
        """Packed pairs of blocks of up to `cap` rows."""
        keep = self.sizes <= cap
        return all_pairs(self.rows, self.starts[keep], self.sizes[keep])


def shared_keys(people: People, keys: Keys, threads: int = 2) -> list[Shared]:
    """Who shares a key of each rule."""
    return side_by_side(lambda rule: Shared.of(rule, keys), rules_for(people), threads)


def candidate_pairs(
    records: int,
    shared: list[Shared],
    caps: Mapping[str, int],
    judged: np.ndarray,
    threads: int = 2,
) -> np.ndarray:
    """Packed pairs worth comparing, each once, sorted; caps: by rule. Empties what is shared.

    judged: more of them, packed.
    """

    def found(_: int) -> list[np.ndarray]:
        one = shared.pop()  # lists are safe between threads, and the order of rules changes nothing
        return parted(one.pairs(caps[one.rule.name]), records, threads)

    lists = side_by_side(found, range(len(shared)), threads)
    return distinct_of([*lists, parted(judged, records, threads)], threads)


def distinct_of(lists: list[list[np.ndarray]], threads: int) -> np.ndarray:
    """The distinct numbers of lists that are parted alike (`parted`); empties them."""
    parts = [list(part) for part in zip(*lists, strict=True)]
    lists.clear()
    return np.concatenate(side_by_side(all_distinct, parts, threads))


def parted(pairs: np.ndarray, records: int, parts: int) -> list[np.ndarray]:
    """Packed pairs in so many parts, about as large, by their smaller row of `records`."""
    share = 1 - np.sqrt(1 - np.arange(1, parts) / parts)  # the smaller of two is often small
    bounds = (share * records).astype(np.int64) << 32
    found = []
    for bound in bounds:
        below = pairs < bound
        found.append(pairs[np.flatnonzero(below)])
        pairs = pairs[np.flatnonzero(~below)]
    return [*found, pairs]


def pairs_within(rows: np.ndarray, key: np.ndarray, cap: int) -> np.ndarray:
    """Packed pairs of rows with equal key, of blocks of up to `cap` rows."""
    rows, key = by_shared_key(rows, key)
    starts, sizes = runs(key)
    keep = (sizes >= 2) & (sizes <= cap)
    return all_pairs(rows, starts[keep], sizes[keep])
