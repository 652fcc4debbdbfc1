"""Caps: how many records may share a key before it says too little, seen in the data themselves.

Where nobody is there twice, six of one name are namesakes; where everybody is there ten times,
ten of one name are one person. So each rule's blocks are sampled by their size, and the pairs that
are drawn are weighed with what they teach. A rule takes blocks up to the size from which on too few
of the pairs that it brings are of one person. A pair counts by one over the number of rules in
which it meets: what others bring as well, a rule needn't bring again.

Belongs here: sampling, and choosing caps. Does not belong here: blocks and pairs (`candidates`),
weights (`model`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kindred.identity.candidates.blocking_rules import Rule
from kindred.identity.candidates.keys import Keys
from kindred.identity.candidates.pairing import LARGEST, Shared
from kindred.identity.codes.hashing import mixed
from kindred.identity.codes.pairs import pack, unpack
from kindred.identity.codes.side_by_side import side_by_side

SIZES = np.array([6, 8, 10, 12, 16, 20, 30, 40, 60, 100, LARGEST])
"""Blocks are judged together with those that have more records than the size before. Caps below six
bring fewer pairs, but whom a record meets would change with every other one that comes."""
DRAWN, DRAWN_OF_NAMES = 80, 320
"""Pairs that are drawn of the blocks of one size and rule; more where a rule is of names alone, for
these bring most pairs and say least: with 80 a cap was 16 by chance where with more it is 8, which
cost a million records of a dealer group 0.005 F1."""
WORTH = (0.03, 0.05, 0.08)
"""The share of pairs of one person that is worth comparing them: the larger ones, where ..."""
FOR_FREE, PER_RECORD = 300_000, 1.0
"""... the smaller would bring more pairs than that."""
WORTH_OF_NAMES = 0.25
"""The same for rules of names alone, of which weights think too well: names go together."""
MOST_PER_RECORD = 5.0
"""Pairs per record that one rule brings at most: all of them are in memory at once."""

Weigh = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class _Drawn:
    """Pairs of a rule's blocks: packed, the place of each one's size in `SIZES`, and per size how
    many pairs there are."""

    pairs: np.ndarray
    size: np.ndarray
    count: np.ndarray


def learned_caps(
    shared: list[Shared], keys: Keys, weigh: Weigh, threads: int = 2
) -> dict[str, int]:
    """Per rule the records of the largest block that brings pairs, 0 for none.

    weigh: match weights of packed pairs, of which each stands for so many.
    """
    drawn = side_by_side(_drawn, shared, threads)
    pairs = np.concatenate([one.pairs for one in drawn])
    place = np.concatenate([at * len(SIZES) + one.size for at, one in enumerate(drawn)])
    count = np.concatenate([one.count for one in drawn])
    of_each = np.bincount(place, minlength=len(count))
    rules = [one.rule for one in shared]
    share = count[place] / of_each[place] / _rules_met(pairs, rules, keys)
    match = 1 / (1 + np.exp2(-weigh(pairs, share).astype(np.float64)))
    both = (np.bincount(place, own, len(count)) for own in (share, share * match))
    return _chosen(rules, count, *both, records=len(keys.people))


def _drawn(shared: Shared) -> _Drawn:
    """Pairs of blocks of each size, by lot: the same for the same records, in whatever order."""
    most = DRAWN_OF_NAMES if shared.rule.is_of_names else DRAWN
    size_of = np.searchsorted(SIZES, shared.sizes)
    lot = mixed(shared.rows[shared.starts], shared.sizes)
    found, count = [], np.zeros(len(SIZES))
    for size in range(len(SIZES)):
        blocks = np.flatnonzero(size_of == size)
        records = shared.sizes[blocks].astype(np.int64)
        count[size] = (records * (records - 1) // 2).sum()
        if len(blocks) > most:
            blocks = blocks[np.argpartition(lot[blocks], most)[:most]]
        blocks = blocks[np.argsort(lot[blocks])]
        draw = np.arange(int(min(most, count[size])))
        block = blocks[draw % max(len(blocks), 1)]
        found.append(_pair_of_each(shared, block, mixed(lot[block], draw)))
    sizes = np.repeat(np.arange(len(SIZES)), [len(pairs) for pairs in found])
    return _Drawn(np.concatenate(found), sizes, count)


def _pair_of_each(shared: Shared, block: np.ndarray, lot: np.ndarray) -> np.ndarray:
    """A packed pair of each block, by lot."""
    start, records = shared.starts[block], shared.sizes[block]
    one = lot % records
    other = (one + 1 + lot // LARGEST % (records - 1)) % records
    return pack(shared.rows[start + one], shared.rows[start + other])


def _rules_met(pairs: np.ndarray, rules: list[Rule], keys: Keys) -> np.ndarray:
    """By how many rules the records of each packed pair share a key."""
    left, right = unpack(pairs)
    names = {name for rule in rules for name in rule.keys}
    same = {name: keys.same(name, left, right) for name in names}
    return sum(np.logical_and.reduce([same[name] for name in rule.keys]) for rule in rules)


def _chosen(
    rules: list[Rule], count: np.ndarray, share: np.ndarray, right: np.ndarray, *, records: int
) -> dict[str, int]:
    """Caps by rule, from numbers per rule and size.

    count: pairs. share: how many of them are a rule's own, where each pair is shared by all rules
    in which it meets; right: how many of these are of one person.
    """
    shape = len(rules), len(SIZES)
    count, share, right = (number.reshape(shape) for number in (count, share, right))
    allowed = np.cumsum(count, axis=1) <= FOR_FREE + MOST_PER_RECORD * records
    of_names = np.array([rule.is_of_names for rule in rules])
    for worth in WORTH:
        least = np.where(of_names, WORTH_OF_NAMES, worth)[:, None]
        gain = np.where(allowed, np.cumsum(right - least * share, axis=1), -np.inf)
        # a rule that met nobody yet keeps the smallest cap: who comes later is to be found by it
        best = np.where(gain.max(axis=1) >= 0, gain.argmax(axis=1), -1)
        taken = np.arange(len(SIZES)) <= best[:, None]
        if share[taken].sum() <= FOR_FREE + PER_RECORD * records:
            break
    caps = np.append(SIZES, 0)[best]
    return {rule.name: int(cap) for rule, cap in zip(rules, caps, strict=True)}
