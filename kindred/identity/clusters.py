"""Clusters: from links to persons, without chains that glue two people together.

Belongs here: connected components, and the cut of components that hold contradicting records.
Does not belong here: which links exist (`links`) or which id a cluster gets (`permanent_ids`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kindred.identity.blocking import pairs_within
from kindred.identity.comparison import compare
from kindred.identity.fields import Fields
from kindred.identity.rules import contradicts

COMPONENT_CAP = 200
"""Profiles that a component may hold before its weaker links are left out."""


@dataclass(frozen=True)
class Links:
    """Accepted links: rows of `Fields`, left < right, the rule's name and probability."""

    left: np.ndarray
    right: np.ndarray
    rule: np.ndarray
    probability: np.ndarray

    def __len__(self) -> int:
        return len(self.left)

    def keep(self, mask: np.ndarray) -> Links:
        """The links where `mask` is true."""
        return Links(self.left[mask], self.right[mask], self.rule[mask], self.probability[mask])

    def plus(self, other: Links) -> Links:
        """These links and the other ones."""
        pairs = zip(
            (self.left, self.right, self.rule, self.probability),
            (other.left, other.right, other.rule, other.probability),
            strict=True,
        )
        return Links(*(np.concatenate(pair) for pair in pairs))


def components(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Per row the smallest row of its connected component."""
    graph = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(n, n))
    _, labels = connected_components(graph, directed=False)
    smallest = np.full(labels.max() + 1 if n else 0, n, dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(n))
    return smallest[labels]


def consistent_links(data: Fields, links: Links) -> Links:
    """The links that remain when no cluster may hold two records that contradict each other.

    Inside every component with a contradiction the strongest links are taken first; a link that
    would join contradicting records is left out.
    """
    label = components(len(data), links.left, links.right)
    label, links = _shrink_oversized(data, label, links)
    apart_left, apart_right = _contradictions(data, label)
    if not len(apart_left):
        return links
    troubled = np.zeros(len(data), dtype=bool)
    troubled[label[apart_left]] = True
    in_trouble = troubled[label[links.left]]
    chosen = np.ones(len(links), dtype=bool)
    rows = np.flatnonzero(in_trouble)
    chosen[rows] = _strongest_first(links.keep(in_trouble), apart_left, apart_right)
    return links.keep(chosen)


def _contradictions(data: Fields, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of records in one component that contradict each other."""
    rows = _profile_rows(data, label)
    a, b = pairs_within(label[rows].astype(np.uint64) + np.uint64(1), COMPONENT_CAP)
    a, b = rows[a], rows[b]
    differs = (data.given.codes[a] != data.given.codes[b]) | (data.birth[a] != data.birth[b])
    differs |= data.initial.codes[a] != data.initial.codes[b]
    a, b = a[differs], b[differs]
    apart = contradicts(compare(data, a, b))
    return a[apart], b[apart]


def _profile_rows(data: Fields, label: np.ndarray) -> np.ndarray:
    """Rows that could contradict: in a component of several, with a given name or birth date."""
    counts = np.bincount(label, minlength=len(label))
    says = data.has_given | (data.birth >= 0)
    return np.flatnonzero((counts[label] > 1) & says)


def _shrink_oversized(data: Fields, label: np.ndarray, links: Links) -> tuple[np.ndarray, Links]:
    """Drop the weaker links of components over the cap, step by step, until they fit."""
    for least in (0.9, 0.95, 0.98, 1.1):
        rows = _profile_rows(data, label)
        sizes = np.bincount(label[rows], minlength=len(label))
        oversized = sizes[label[links.left]] > COMPONENT_CAP
        if not oversized.any():
            break
        links = links.keep(~oversized | (links.probability >= least))
        label = components(len(data), links.left, links.right)
    return label, links


def _strongest_first(links: Links, apart_left: np.ndarray, apart_right: np.ndarray) -> np.ndarray:
    """Union-find under cannot-links; True per link that was taken."""
    parent: dict[int, int] = {}
    apart: dict[int, set[int]] = defaultdict(set)
    members: dict[int, list[int]] = {}

    def root(row: int) -> int:
        while (up := parent.setdefault(row, row)) != row:
            parent[row] = parent.setdefault(up, up)
            row = up
        return row

    for a, b in zip(apart_left.tolist(), apart_right.tolist(), strict=True):
        apart[a].add(b)
        apart[b].add(a)
    taken = np.zeros(len(links), dtype=bool)
    order = np.lexsort((links.right, links.left, -links.probability))
    for index in order.tolist():
        a, b = root(int(links.left[index])), root(int(links.right[index]))
        if a != b:
            inside_b = members.get(b, [b])
            if not apart[a].isdisjoint(inside_b):
                continue
            parent[b] = a
            members[a] = members.get(a, [a]) + inside_b
            apart[a] |= apart[b]
        taken[index] = True
    return taken
