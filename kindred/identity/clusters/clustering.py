"""Clusters: from weighed pairs to groups of records that are one person each.

Chains are the enemy: A resembles B and B resembles C, but A and C are father and son. So a
component of the positive links is only a proposal. Inside each one that is no clique of positive
links every pair is weighed, and average linkage decides (`linkage`).

Belongs here: which components are opened, and what a pair counts. Does not belong here: weighing
pairs (`model`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from kindred.identity.clusters.linkage import linked
from kindred.identity.codes.components import components
from kindred.identity.codes.pairs import all_pairs, unpack
from kindred.identity.codes.sorting import runs, sought

MOST_WEIGHT = 10.0
"""A pair counts up to this, for and against: none outvotes all others of two clusters."""
BEYOND = 0.01
"""Part of what is above that, which counts all the same: of two that are sure, the surer merges
first. Else the order of rows would say whose a record is that two are sure of."""
STRANGE = 1.0
"""A pair that agrees on nothing counts against by this, for two records of one person often do; one
that tells nothing (`Model.telling`) counts nothing."""
ALWAYS = np.float32(1e6)
NEVER = np.float32(-1e6)
"""Weights of pairs that are decided; ..."""
DECIDED = ALWAYS / 2
"""... so they are with a threshold taken off, too."""
COMPONENT_CAP = 500
"""Components with more records are cut at higher weights until they have no more: all pairs in one
are compared."""
OPEN = 4_000_000
"""Pairs of components that are open at once: average linkage needs some 60 bytes for each."""
CUT_STEP = 3.0
HIGHEST_CUT = 9.0
"""A component that holds by links over this, five hundred to one each, is left whole, as one that
a company's own rules made: it is one person, or something that the guards (`guards`) must show to
somebody. Cut on, it would fall into single records where all its links weigh the same. Of sixty
sets none was cut above 3."""

Vote = Callable[[np.ndarray], np.ndarray]


def cluster(n: int, pairs: np.ndarray, weight: np.ndarray, vote: Vote) -> np.ndarray:
    """Per record the number of its cluster: the smallest row in it.

    pairs: packed, sorted, distinct; weight: their match weights. vote: what packed pairs that are
    no links count in a mean (`votes`).

    Who says that two records are one person says so of all that each was one person with. So
    clusters are found without that first, and then joined: were it a weight among others, the two
    would merge before all else, and leave their own behind.
    """
    told = weight >= DECIDED
    label = _found(n, pairs, np.where(told, np.float32(0), weight), vote)
    if not told.any():
        return label
    joined = components(n, *(label[end] for end in unpack(pairs[told])))[label]
    torn = _torn(joined, joined[np.concatenate(unpack(pairs[told]))], vote)
    if torn.any():  # something else says that two of them are not: then each pair counts by itself
        left, right = unpack(pairs)
        some = torn[left] & torn[right]
        joined[torn] = _found(n, pairs[some], weight[some], vote)[torn]
    return joined


def _torn(label: np.ndarray, joined: np.ndarray, vote: Vote) -> np.ndarray:
    """True per row of the joined clusters that hold two who are decided to be two persons."""
    rows = np.flatnonzero(np.isin(label, joined))
    rows = rows[np.argsort(label[rows], kind="stable")]
    starts, sizes = runs(label[rows])
    few = sizes <= COMPONENT_CAP
    inside = np.sort(all_pairs(rows, starts[few], sizes[few]))
    parted = inside[vote(inside) <= -DECIDED]
    return np.isin(label, label[unpack(parted)[0]])


def _found(n: int, pairs: np.ndarray, weight: np.ndarray, vote: Vote) -> np.ndarray:
    """The clusters, of links and what other pairs count; a weight of 0 counts nothing."""
    never, positive = weight <= -DECIDED, weight > 0
    links = pairs[positive]
    left, right = unpack(links)
    label = _capped(n, left, right, weight[positive])
    _dissolve(label, *unpack(pairs[never]))
    for some in _open_pairs(label, left, right):
        place, known = sought(some, pairs)
        known[known] = weight[place[known]] >= 0
        counted = np.empty(len(some), np.float32)
        counted[known] = votes(weight[place[known]])
        counted[~known] = vote(some[~known])
        label = linked(label, some, counted)
    return label


def _capped(n: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Components of at most `COMPONENT_CAP` records; larger ones are cut at higher weights.

    What no cut up to `HIGHEST_CUT` parts is larger.
    """
    label = components(n, left, right)
    cut = 0.0
    while len(rows := np.flatnonzero(np.bincount(label)[label] > COMPONENT_CAP)):
        cut += CUT_STEP
        if cut > HIGHEST_CUT:
            return label
        label[rows] = rows
        inside = np.zeros(n, bool)
        inside[rows] = True
        keep = (weight > cut) & inside[left]
        left, right, weight = left[keep], right[keep], weight[keep]
        ends = (np.searchsorted(rows, end) for end in (left, right))
        label[rows] = rows[components(len(rows), *ends)]
    return label


def _dissolve(label: np.ndarray, one: np.ndarray, other: np.ndarray) -> None:
    """Single records of what is too large to open, where somebody parted two of them.

    label: changed in place. one, other: rows that aren't one person, whatever they say.
    """
    size = np.bincount(label)
    inside = label[one[(label[one] == label[other]) & (size[label[one]] > COMPONENT_CAP)]]
    rows = np.flatnonzero(np.isin(label, inside))
    label[rows] = rows


def _open_pairs(label: np.ndarray, left: np.ndarray, right: np.ndarray) -> Iterator[np.ndarray]:
    """Every pair of the components that are no cliques, packed and sorted, some components at once.

    left, right: links. Components that no cut parted are left as they are.
    """
    size = np.bincount(label)
    own = label[left]
    links = np.bincount(own[own == label[right]], minlength=len(size))
    contested = (links < size * (size - 1) // 2) & (size <= COMPONENT_CAP)
    rows = np.flatnonzero(contested[label])
    rows = rows[np.argsort(label[rows], kind="stable")]
    sizes = size[np.flatnonzero(contested)]
    starts = np.cumsum(sizes) - sizes
    at_once = np.cumsum(sizes * (sizes - 1) // 2) // OPEN
    parts = np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(at_once)) + 1)
    return (np.sort(all_pairs(rows, starts[part], sizes[part])) for part in parts if len(part))


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
    least = np.maximum(np.where(telling, STRANGE, 0.0), _at_most(against))
    vote = np.where(weight < 0, np.maximum(-least, weight), _at_most(weight))
    return np.where(np.abs(weight) >= DECIDED, weight, vote).astype(np.float32)


def _at_most(bits: np.ndarray | float) -> np.ndarray:
    return np.minimum(bits, MOST_WEIGHT + BEYOND * (bits - MOST_WEIGHT))
