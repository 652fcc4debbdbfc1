"""Links that last: pairs of rows that are, or may become, one person, as records come and go.

Belongs here: which links there are, and at which rows they change. Does not belong here: what a
pair weighs (`engine`), and which pairs are looked at (`rule_blocks`).
"""

from __future__ import annotations

import numpy as np

from kindred.identity.codes.pairs import moved, unpack
from kindred.identity.codes.sorting import sought


class Links:
    """Packed pairs of rows, sorted, and how far each weighs over the threshold for merging.

    Those below it, as far as being alone may lift a record (`Model.reach`), are links here, too.
    """

    def __init__(self, pairs: np.ndarray, weight: np.ndarray) -> None:
        self.pairs, self.weight = pairs, weight

    def among(self, rows: np.ndarray) -> Links:
        """Those between two of some rows; rows: true per row that is one of them."""
        left, right = unpack(self.pairs)
        some = np.flatnonzero(rows[left])
        return self._some(some[rows[right[some]]])

    def moved(self, place: np.ndarray) -> Links:
        """With other rows: place[i] instead of i."""
        pairs = moved(self.pairs, place)
        order = np.argsort(pairs)
        return Links(pairs[order], self.weight[order])

    def exchange(self, anew: np.ndarray, gone: np.ndarray, come: Links) -> np.ndarray:
        """Take links out and others in; gives the rows that are linked otherwise now.

        anew: true per row whose links all go; gone: packed pairs that do, too. A pair among those
        that come replaces what it was.
        """
        left, right = unpack(self.pairs)
        out = anew[left] | anew[right]
        for pairs in (gone, come.pairs):
            place, there = sought(pairs, self.pairs)
            out[place[there]] = True
        went = self._some(out)
        place, there = sought(come.pairs, went.pairs)
        there[there] = went.weight[place[there]] == come.weight[there]
        changed = np.ones(len(went.pairs), bool)
        changed[place[there]] = False
        changed = np.concatenate([went.pairs[changed], come.pairs[~there]])
        rest = self._some(~out)
        place = np.searchsorted(rest.pairs, come.pairs)
        self.pairs = np.insert(rest.pairs, place, come.pairs)
        self.weight = np.insert(rest.weight, place, come.weight)
        return np.concatenate(unpack(changed)).astype(np.int64)

    def _some(self, some: np.ndarray) -> Links:
        return Links(self.pairs[some], self.weight[some])
