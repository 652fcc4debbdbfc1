"""Left alone: records that linkage joined with nobody, and the clusters that may be theirs.

A pair's prior is that of two random records. But most people have several records, so one that is
still alone after linkage is likelier somebody's than a random one is: how much likelier follows
from the sizes of the clusters that were found. Worth that and its mean weight against a cluster,
less what others offer it, it joins.

Belongs here: what being alone is worth, and who joins whom for it. Does not belong here: linkage
(`clustering`), and what a pair weighs (`model`, `judgement`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kindred.identity.clusters.clustering import DECIDED, MOST_WEIGHT
from kindred.identity.codes.columns import MISSING
from kindred.identity.codes.pairs import pack, unpack
from kindred.identity.codes.sorting import distinct, ranges, runs, sought

LARGEST = 50
"""Records of the largest cluster of which it is told what being alone beside it is worth."""
ENOUGH = 30
"""Clusters of a size that there must be, for their number to say anything."""
MOST_BITS = 5.0
PART = 0.5
"""What a cluster's prior counts, of two records or more. The sizes say what being alone is worth if
any record is as likely to be left alone; but those that are left are so rather for having nobody.
Of 45 sets the whole gains 0.0045 F1 in the mean, and the half 0.0029; but the whole costs a million
people of the sandbox 0.0023, and the half 0.0002."""

KIN = 0.5
"""What being alone counts for a member of one's household, who is likelier to be there, too: else
twins and a father and son of one name, alone but for each other, are one person."""

Weigh = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Joined:
    """Who was taken in.

    label: per record the smallest row of its cluster. place: of each that joined, where the pair
    that ties it best is among the pairs; weight: the odds (log2) of its joining.
    """

    label: np.ndarray
    place: np.ndarray
    weight: np.ndarray


def worth(label: np.ndarray) -> tuple[float, ...]:
    """What being alone is worth, in bits, by the records (1, 2, ...) of who might take one in.

    Of mu(k) clusters of k records, and lambda partners a record has in the mean: the odds that one
    of 1 and one of k are one person are mu(k+1) (k+1) / (mu(1) mu(k)), for so many ways are there
    to take a record out of k+1; those of two random records are lambda / n. There are none where
    nobody is there twice. label: per record that is compared a row that stands for its cluster;
    copies count nowhere.
    """
    sizes = np.bincount(label, minlength=1).astype(np.int64)
    partners = (sizes * (sizes - 1)).sum()
    if not partners:
        return ()
    found = np.bincount(sizes[sizes > 0], minlength=3)[: LARGEST + 2].astype(float)
    few = np.flatnonzero(found[3:] < ENOUGH)
    last = 2 + (few[0] if len(few) else len(found) - 3)
    found = np.maximum(found, 0.5)
    fall = min(found[last] / found[last - 1], 0.9)
    beyond = found[last] * fall ** np.arange(1, LARGEST + 2 - last)
    found = np.concatenate([found[1 : last + 1], beyond])
    k = np.arange(1, LARGEST + 1)
    odds = found[1:] * (k + 1) / (found[0] * found[:-1])
    bits = np.log2(odds * len(label) / partners * len(label))
    return tuple((np.clip(bits, -MOST_BITS, MOST_BITS) * np.where(k > 1, PART, 1)).tolist())


def take_in(
    label: np.ndarray,
    pairs: np.ndarray,
    weight: np.ndarray,
    bits: tuple[float, ...],
    *,
    merge: float,
    weigh: Weigh,
    of_source: Callable[[np.ndarray], np.ndarray],
    breaking: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> Joined:
    """Let records that are alone join a cluster, or each other, where the odds are for it.

    label: per record the smallest row of its cluster. pairs: packed, sorted; weight: how far each
    is over the threshold `merge`. bits: of `worth`; a cluster of more records takes nobody in.
    weigh: weights of packed pairs, and of what speaks against each the share that says household;
    of_source: what of a weight the sources make; breaking: of labels, those some of their clusters
    that break a limit.
    Of all records and all clusters that could, those join that are each other's best; no cluster
    takes in two at once, for these may be two people, nor one that makes it break a limit.
    """
    place = _near(label, pairs, weight, bits)
    if not len(place):
        return Joined(label, place, np.empty(0, np.float32))
    alone, other = _offers(label, *unpack(pairs[place]))
    members, sizes = _members(label, other)
    own = np.repeat(np.arange(len(alone)), sizes)
    some = pack(np.repeat(alone, sizes), members)
    place, known = sought(some, pairs)
    order = np.argsort(some)
    found, household = np.empty((2, len(some)), np.float32)
    found[order], household[order] = weigh(some[order])
    found[known] = weight[place[known]]
    odds = _odds(found, household, of_source(some), np.array(bits)[sizes - 1], sizes)
    second = np.where(sizes == 1, other, MISSING)
    odds -= np.log2(1 + _rivals(odds + merge, alone, second, len(label)))
    chosen = _best_of_both(odds, alone, other)
    into = _into(label, alone[chosen], other[chosen])
    larger = into[alone[chosen]]
    chosen = chosen[~np.isin(larger, breaking(into[label], larger))]
    tied = np.flatnonzero(np.isin(own, chosen) & known)
    tied = tied[np.lexsort((-found[tied], own[tied]))]
    tied = tied[runs(own[tied])[0]]
    into = _into(label, alone[chosen], other[chosen])
    return Joined(into[label], place[tied], odds[own[tied]].astype(np.float32))


def _into(label: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Per cluster the one that it becomes a part of, itself where it joins none."""
    into = np.arange(len(label))
    into[np.maximum(one, other)] = np.minimum(one, other)
    return into


def _near(
    label: np.ndarray, pairs: np.ndarray, weight: np.ndarray, bits: tuple[float, ...]
) -> np.ndarray:
    """Places of pairs between clusters, one of them a single record, that could be worth joining.

    A mean over 0 needs one that is, or would be with the most that being alone is worth.
    """
    place = np.flatnonzero(weight > -max(bits, default=0))
    left, right = (label[end] for end in unpack(pairs[place]))
    size = np.bincount(label)
    one, other = size[left], size[right]
    one, other = np.minimum(one, other), np.maximum(one, other)
    return place[(left != right) & (one == 1) & (other <= len(bits))]


def _offers(
    label: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Each record that is alone with each cluster that it is near; of two such the smaller first.

    left, right: rows of pairs of which at least one is alone.
    """
    left, right = label[left], label[right]
    one, other = np.minimum(left, right), np.maximum(left, right)
    swapped = np.bincount(label)[one] > 1
    alone, other = np.where(swapped, other, one), np.where(swapped, one, other)
    offers = distinct(alone.astype(np.int64) << 32 | other)
    return offers >> 32, offers & 0xFFFFFFFF


def _members(label: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows of each of the clusters, one after the other, and how many each has."""
    rows = np.flatnonzero(np.isin(label, clusters))
    rows = rows[np.argsort(label[rows], kind="stable")]
    starts, sizes = runs(label[rows])
    place = np.searchsorted(label[rows[starts]], clusters)
    return rows[ranges(starts[place], sizes[place])], sizes[place]


def _odds(
    weight: np.ndarray,
    household: np.ndarray,
    of_source: np.ndarray,
    bits: np.ndarray,
    sizes: np.ndarray,
) -> np.ndarray:
    """The odds (log2) of each offer: the mean of its pairs, and what being alone is worth to it.

    bits, sizes: of each offer; the others of each pair, one offer's after the other's. A pair's
    sources speak once, for that a cluster has a record of the source already speaks against one
    more, in how many pairs ever it isn't so. Who is decided to be two persons is no offer.
    """
    starts = np.cumsum(sizes) - sizes
    kin = np.log2(1 + household * (np.exp2(KIN * np.repeat(bits, sizes)) - 1))
    rest = np.clip(weight - kin, -MOST_WEIGHT, MOST_WEIGHT) - of_source
    odds = np.add.reduceat(rest, starts) / sizes + np.minimum.reduceat(of_source, starts) + bits
    odds[np.minimum.reduceat(weight, starts) <= -DECIDED] = -np.inf
    return odds


def _rivals(odds: np.ndarray, alone: np.ndarray, other: np.ndarray, n: int) -> np.ndarray:
    """The odds, added up, of what else each offer's records that are alone could join.

    odds: log2; other: the second record that is alone, or `MISSING`.
    """
    mass = np.exp2(odds)
    both = other >= 0
    total = np.bincount(alone, mass, minlength=n) + np.bincount(
        other[both], mass[both], minlength=n
    )
    rivals = np.maximum(total[alone] - mass, 0)
    rivals[both] += np.maximum(total[other[both]] - mass[both], 0)
    return rivals


def _best_of_both(odds: np.ndarray, alone: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Offers over 0 that are the best one of both; of equal ones the first."""
    order = np.flatnonzero(odds > 0)
    order = order[np.argsort(-odds[order], kind="stable")]
    rank = np.arange(len(order))
    best = np.full(int(max(alone.max(), other.max())) + 1, len(order))
    np.minimum.at(best, alone[order], rank)
    np.minimum.at(best, other[order], rank)
    return np.sort(order[(best[alone[order]] == rank) & (best[other[order]] == rank)])
