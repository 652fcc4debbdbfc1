"""Clusters: from weighed pairs to groups of records that are one person each.

Chains are the enemy: A resembles B and B resembles C, but A and C are father and son. So a
component of the positive links is only a proposal. Inside each one that is no clique of positive
links every pair is weighed, and average linkage decides: the two clusters that are nearest to each
other merge while the mean vote of the pairs between their records is positive.

Belongs here: components and linkage over arrays. Does not belong here: weighing pairs (`model`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from kindred.identity.candidates import all_pairs, unpack
from kindred.identity.sorting import distinct, sought

MOST_WEIGHT = 10.0
"""A pair counts up to this, for and against: none outvotes all others of two clusters."""
STRANGE = 1.0
"""A pair that agrees on nothing counts against by this, for two records of one person often do; one
that has nothing to compare counts nothing."""
ALWAYS = np.float32(1e6)
NEVER = np.float32(-1e6)
"""Weights of pairs that are decided; ..."""
DECIDED = ALWAYS / 2
"""... so they are with a threshold taken off, too."""
COMPONENT_CAP = 200
"""Components with more records are cut at higher weights until they have no more. What a long chain
costs grows with its square: 40,000 records take 57 s in chains of 390, and 4 s in chains of 95."""
OPEN = 4_000_000
"""Pairs of components that are open at once: average linkage needs some 60 bytes for each."""
CUT_STEP = 3.0
HIGHEST_CUT = 60.0

Vote = Callable[[np.ndarray], np.ndarray]


def components(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Per record the smallest row of its connected component; left, right: rows that are linked.

    Every link draws the larger of its two labels to the smaller one, and every row takes the label
    of its label, until nothing changes: a few rounds over arrays.
    """
    label = np.arange(n, dtype=np.int32)  # of five million rows half as long as with int64
    while len(left):
        one, other = label[left], label[right]
        apart = np.flatnonzero(one != other)
        left, right, one, other = left[apart], right[apart], one[apart], other[apart]
        np.minimum.at(label, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(label, further := label[label]):
            label = further
    return label.astype(np.int64)


def cluster(n: int, pairs: np.ndarray, weight: np.ndarray, vote: Vote) -> np.ndarray:
    """Per record the number of its cluster: the smallest row in it.

    pairs: packed, sorted, distinct; weight: their match weights. vote: what packed pairs that are
    no links count in a mean (`votes`).
    """
    positive = weight > 0
    pairs, weight = pairs[positive], weight[positive]
    left, right = unpack(pairs)
    label = _capped(n, left, right, weight)
    for some in _open_pairs(label, left, right):
        place, known = sought(some, pairs)
        counted = np.empty(len(some), np.float32)
        counted[known] = votes(weight[place[known]])
        counted[~known] = vote(some[~known])
        label = linked(label, some, counted)
    return smallest_rows(label)


def smallest_rows(label: np.ndarray) -> np.ndarray:
    """Labels by the smallest row that has each."""
    first = np.full(int(label.max(initial=-1)) + 1, len(label), np.int64)
    np.minimum.at(first, label, np.arange(len(label)))
    return first[label]


def _capped(n: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Components of at most `COMPONENT_CAP` records; larger ones are cut at higher weights."""
    label = components(n, left, right)
    cut = 0.0
    while len(rows := np.flatnonzero(np.bincount(label)[label] > COMPONENT_CAP)):
        cut += CUT_STEP
        label[rows] = rows
        if cut > HIGHEST_CUT:
            return label
        inside = np.zeros(n, bool)
        inside[rows] = True
        keep = (weight > cut) & inside[left]
        left, right, weight = left[keep], right[keep], weight[keep]
        ends = (np.searchsorted(rows, end) for end in (left, right))
        label[rows] = rows[components(len(rows), *ends)]
    return label


def _open_pairs(label: np.ndarray, left: np.ndarray, right: np.ndarray) -> Iterator[np.ndarray]:
    """Every pair of the components that are no cliques, packed and sorted, some components at once.

    left, right: links.
    """
    size = np.bincount(label)
    own = label[left]
    links = np.bincount(own[own == label[right]], minlength=len(size))
    contested = links < size * (size - 1) // 2
    rows = np.flatnonzero(contested[label])
    rows = rows[np.argsort(label[rows], kind="stable")]
    sizes = size[np.flatnonzero(contested)]
    starts = np.cumsum(sizes) - sizes
    at_once = np.cumsum(sizes * (sizes - 1) // 2) // OPEN
    parts = np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(at_once)) + 1)
    return (np.sort(all_pairs(rows, starts[part], sizes[part])) for part in parts if len(part))


def linked(label: np.ndarray, pairs: np.ndarray, vote: np.ndarray) -> np.ndarray:
    """Average linkage inside the components that `pairs` cover completely; labels per record.

    vote: what each pair counts in a mean (`votes`).
    """
    left, right = unpack(pairs)
    inside = np.zeros(len(label), bool)
    inside[left] = inside[right] = True
    rows, place = np.flatnonzero(inside), np.cumsum(inside, dtype=np.int64) - 1
    left, right = place[left], place[right]
    owner = np.arange(len(rows))
    a, b = np.concatenate([left, right]), np.concatenate([right, left])
    total = np.concatenate([vote, vote]).astype(np.float64)
    count = np.ones(len(a))
    a, b, total, count = _added(a, b, total, count)
    while len(a):
        near, mean = _nearest(a, b, total / count)
        heads = np.flatnonzero(near >= 0)
        mutual = heads[(near[near[heads]] == heads) & (heads < near[heads])]
        mutual = mutual[mean[mutual] > 0]
        if not len(mutual):
            break
        into = np.arange(len(rows))
        into[near[mutual]] = mutual
        owner = into[owner]
        a, b = into[a], into[b]
        keep = a != b
        a, b, total, count = _added(a[keep], b[keep], total[keep], count[keep])
        a, b, total, count = _still_open(a, b, total, count)
    found = label.copy()
    found[rows] = int(label.max(initial=0)) + 1 + rows[owner]
    return found


def votes(
    weight: np.ndarray, against: np.ndarray | float = 0.0, telling: np.ndarray | bool = True
) -> np.ndarray:
    """What pairs count in a mean, as float32.

    weight: match weights; against: `Model.against`; telling: `Model.telling`. For: by the weight.
    Against: hardly, where the pair may be strangers, for that is what two records of one person
    with nothing in common look like; but by what speaks for two people, where something does. Else
    father and son, of whom one record each has a birth date, are joined by all their records that
    have none. What is decided counts more than anything else can.
    """
    least = -np.clip(against, np.where(telling, STRANGE, 0.0), MOST_WEIGHT)
    vote = np.where(weight < 0, np.maximum(least, weight), np.minimum(weight, MOST_WEIGHT))
    return np.where(np.abs(weight) >= DECIDED, weight, vote).astype(np.float32)


def _still_open(a, b, total, count):
    """Without the clusters that have no positive neighbour left: they are done."""
    positive = total > 0
    open_rows = distinct(a[positive])
    size = int(a.max(initial=0)) + 1
    alive = np.zeros(size, bool)
    alive[open_rows] = True
    keep = alive[a] & alive[b]
    return a[keep], b[keep], total[keep], count[keep]


def _added(a, b, total, count):
    """Edges between the same clusters added up, sorted by both ends."""
    key = a << 32 | b
    order = np.argsort(key)
    key = key[order]
    if not len(key):
        return a, b, total, count
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    key = key[starts]
    return (
        key >> 32,
        key & 0xFFFFFFFF,
        np.add.reduceat(total[order], starts),
        np.add.reduceat(count[order], starts),
    )


def _nearest(a: np.ndarray, b: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per cluster its nearest neighbour (ties: the smallest) and how near it is."""
    size = int(max(a.max(initial=0), b.max(initial=0))) + 1
    starts = np.flatnonzero(np.concatenate(([True], a[1:] != a[:-1])))
    best = np.maximum.reduceat(mean, starts)
    near = np.full(size, -1, np.int64)
    most = np.full(size, -np.inf)
    most[a[starts]] = best
    hit = np.flatnonzero(mean == most[a])[::-1]
    near[a[hit]] = b[hit]
    return near, most
