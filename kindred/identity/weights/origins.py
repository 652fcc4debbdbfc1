"""Origins: names of one country meet in a record more often than chance, whether it says so or not.

Where records name their country, names are counted within it. Among those that don't, Dutch given
names still go with Dutch family names: taken for independent, two namesakes would seem rarer than
they are by as much as their country is rare (by two bits, where a quarter of all are Dutch). Where
no record names a country, groups of names stand for the countries (`name_groups`).

Belongs here: how much likelier two names meet than if they had nothing to do with each other.
Does not belong here: how frequent each of them is (`frequencies`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kindred.identity.codes.columns import People
from kindred.identity.weights.name_groups import name_groups

MOST_COUNTRIES = 12
"""The largest ones; names of the others count as if they were independent."""


@dataclass(frozen=True)
class Origins:
    """Shares of the countries among records that name theirs, and of each word in each of them.

    share: per country. given, family: per word (row) and country (column).
    """

    share: np.ndarray
    given: np.ndarray
    family: np.ndarray

    @staticmethod
    def of(people: People) -> Origins:
        """As the records at hand teach it."""
        if not len(people.country.values):
            return Origins._of_groups(people)
        country = people.country.codes
        sizes = np.bincount(country[country >= 0], minlength=len(people.country.values))
        largest = np.argsort(-sizes, kind="stable")[:MOST_COUNTRIES]
        words = len(people.words.values)
        shares = [
            np.zeros((words, len(largest)), np.float32) for _ in (people.given, people.family)
        ]
        for place, code in enumerate(largest):
            own = country == code
            for found, name in zip(shares, (people.given, people.family), strict=True):
                used = name.full[own]
                counts = np.bincount(used[used >= 0], minlength=words)
                found[:, place] = counts / max(counts.sum(), 1)
        return Origins(sizes[largest] / max(sizes.sum(), 1), *shares)

    @staticmethod
    def _of_groups(people: People) -> Origins:
        groups = name_groups(people)
        if groups is None:
            nobody = np.zeros((0, 0), np.float32)
            return Origins(np.zeros(0), nobody, nobody)
        words = len(people.words.values)
        shares = []
        for table, name in ((groups.given, people.given), (groups.family, people.family)):
            counts = np.bincount(name.full[name.full >= 0], minlength=words)
            found = table * (counts / max(counts.sum(), 1))[:, None] / groups.size
            shares.append(found.astype(np.float32))
        return Origins(groups.size, *shares)

    def lift(self, given: np.ndarray, family: np.ndarray) -> np.ndarray:
        """log2 of how much likelier than by chance the two names meet, as float32 per record.

        given, family: codes of words. 0 where a name is missing, or of no country that is known.
        """
        found = np.zeros(len(given), np.float32)
        there = (given >= 0) & (family >= 0)
        there &= (given < len(self.given)) & (family < len(self.family))
        rows = np.flatnonzero(there)
        one, other = self.given[given[rows]], self.family[family[rows]]
        alone = (one @ self.share) * (other @ self.share)
        together = (one * other) @ self.share
        known = together > 0
        found[rows[known]] = np.log2(together[known] / alone[known])
        return found
