"""Average linkage: the two clusters nearest to each other merge, while their mean is positive.

The mean is that of all pairs between their records. Small components are decided all at once, by
reciprocal nearest neighbours (a merge of others doesn't part such two). Large ones are decided one
at a time, in compiled code: rounds over all their pairs take seven times as long.

Belongs here: linkage over arrays. Does not belong here: which components there are, and what a pair
counts (`clustering`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kindred.identity.codes.components import components
from kindred.identity.codes.pairs import unpack
from kindred.identity.codes.sorting import distinct, in_order, runs

LARGE = 20
"""Components with more records are decided one at a time. Those of 400,000 records of visitors take
1.2 s so and 8.2 s all at once."""
SOME_ARE_LARGE = 100_000
"""Among so many records there is hardly ever none."""
ROUNDED = 1e-6
"""A mean that differs from 0 by rounding alone joins nobody."""


def dendrograms() -> Callable[..., np.ndarray]:
    """The code that decides large components, which takes 0.3 s to load."""
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415

    return linkage


def linked(label: np.ndarray, pairs: np.ndarray, vote: np.ndarray) -> np.ndarray:
    """Average linkage inside the components that `pairs` cover completely.

    label: per record the smallest row of its component. pairs: packed, sorted; vote: what each
    counts in a mean. Gives per record the smallest row of its cluster.
    """
    left, right = unpack(pairs)
    own = label[left]
    large = np.bincount(label)[own] > LARGE
    found = label.copy()
    if not large.all():
        small = ~large
        rows, first = _all_at_once(left[small], right[small], vote[small])
        found[rows] = first
    if large.any():
        order = np.flatnonzero(large)
        order = order[np.argsort(own[order], kind="stable")]
        starts, counts = runs(own[order])
        rows, first = _one_at_a_time(left[order], right[order], vote[order], starts, counts)
        found[rows] = first
    return found


def _one_at_a_time(
    left: np.ndarray, right: np.ndarray, vote: np.ndarray, starts: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and per row the smallest of its cluster; starts, counts: of each component's pairs.

    A component's pairs are sorted, so its votes are a condensed matrix. What merges at a positive
    mean are the first merges of its dendrogram, for in average linkage means only fall.
    """
    linkage = dendrograms()
    rows, places, merged, nodes = [], [], [], 0
    for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
        n = int(np.sqrt(2 * count)) + 1
        merges = linkage(-vote[start : start + count].astype(np.float64), "average")
        merges = merges[merges[:, 2] < -ROUNDED]
        into = np.arange(n, n + len(merges))
        merged.append(nodes + np.column_stack([merges[:, 0], merges[:, 1], into]).astype(np.int64))
        rows.append(np.append(left[start], right[start : start + n - 1]))
        places.append(nodes + np.arange(n))
        nodes += 2 * n - 1
    found, place, merged = np.concatenate(rows), np.concatenate(places), np.concatenate(merged)
    one, other, into = merged.T
    node = components(nodes, np.append(one, other), np.append(into, into))
    row_of = np.zeros(nodes, np.int64)
    row_of[place] = found
    return found, row_of[node[place]]


def _all_at_once(
    left: np.ndarray, right: np.ndarray, vote: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and per row the smallest of its cluster."""
    rows = distinct(np.concatenate([left, right]))
    left, right = np.searchsorted(rows, left), np.searchsorted(rows, right)
    owner = np.arange(len(rows))
    a, b = np.concatenate([left, right]), np.concatenate([right, left])
    total = np.concatenate([vote, vote]).astype(np.float64)
    count = np.ones(len(a))
    a, b, total, count = _added(a, b, total, count)
    while len(a):
        near, mean = _nearest(a, b, total / count)
        heads = np.flatnonzero(near >= 0)
        mutual = heads[(near[near[heads]] == heads) & (heads < near[heads])]
        mutual = mutual[mean[mutual] > ROUNDED]
        if not len(mutual):
            break
        into = np.arange(len(rows))
        into[near[mutual]] = mutual
        owner = into[owner]
        a, b = into[a], into[b]
        keep = a != b
        a, b, total, count = _added(a[keep], b[keep], total[keep], count[keep])
        a, b, total, count = _still_open(a, b, total, count)
    return rows, rows[owner]


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
    if not len(a):
        return a, b, total, count
    size = int(a.max()) + 1
    order, key = in_order(a * size + b)
    starts, _ = runs(key)
    a, b = np.divmod(key[starts], size)
    total, count = (np.add.reduceat(numbers[order], starts) for numbers in (total, count))
    return a, b, total, count


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
