"""Name groups: which given and family names go together, where no record names a country.

A file of Dutch, German and French people without a country still holds Dutch given names beside
Dutch family names. Latent groups of names say so (Hofmann 1999): each record's two names come from
one group, and within a group from each other independently. How many groups there are, if any, is
what foretells best the pairs of names that were held back: of people of one country none are found.

Belongs here: finding groups. Does not belong here: what follows for the chance of a pair of names
(`origins`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kindred.identity.codes.columns import People
from kindred.identity.codes.hashing import hashes, mixed
from kindred.identity.codes.sorting import distinct

NUMBERS = (2, 3, 4, 6, 8)
"""How many groups are tried."""
TRIED_WITH = 30_000
LEARNED_FROM = 300_000
"""Distinct pairs of names, at most."""
FEWEST = 500
"""Fewer say nothing of groups."""
HELD_BACK = 5
"""One pair of so many is foretold from the others."""
WORTH = 0.1
"""Bits that groups must make a pair of names that was held back likelier, in the mean."""
ROUNDS = 30
EXPECTED = 1.0
"""A word counts as so many more words of all groups by their size."""


@dataclass(frozen=True)
class NameGroups:
    """size: share of each group. given, family: per word (row) the share that is of each group."""

    size: np.ndarray
    given: np.ndarray
    family: np.ndarray

    def lift(self, given: np.ndarray, family: np.ndarray) -> np.ndarray:
        """log2 of how much likelier than by chance the names of each pair meet."""
        return np.log2((self.given[given] * self.family[family] / self.size).sum(axis=1))


def name_groups(people: People) -> NameGroups | None:
    """The groups, by code of word; None where names know none.

    They are the same for the same people, whatever the order of the records.
    """
    given, family, words = _pairs(people)
    if len(given) < FEWEST:
        return None
    some = slice(None, TRIED_WITH)
    held = np.arange(len(given[some])) % HELD_BACK == 0
    ends = given[some], family[some]
    known, others = ([end[rows] for end in ends] for rows in (~held, held))
    worth = [_learned(*known, len(words), number).lift(*others).mean() for number in NUMBERS]
    best = int(np.argmax(worth))
    if worth[best] < WORTH:
        return None
    found = _learned(given, family, len(words), NUMBERS[best])
    tables = []
    for table in (found.given, found.family):
        by_code = np.tile(found.size, (len(people.words.values), 1))
        by_code[words] = table
        tables.append(by_code)
    return NameGroups(found.size, *tables)


def _pairs(people: People) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct pairs of names in an order that depends on their letters only, and their words.

    Words are numbered by their letters, too; `words` holds the code of each.
    """
    given, family = people.given.full, people.family.full
    both = np.flatnonzero((given >= 0) & (family >= 0))
    pair = distinct(given[both].astype(np.int64) << 32 | family[both])
    given, family = pair >> 32, pair & 0xFFFFFFFF
    letters = hashes(people.words.values)
    order = np.argsort(mixed(letters[given], letters[family]), kind="stable")[:LEARNED_FROM]
    given, family = given[order], family[order]
    words = distinct(np.concatenate([given, family]))
    words = words[np.argsort(letters[words], kind="stable")]
    place = np.zeros(len(letters), np.int64)
    place[words] = np.arange(len(words))
    return place[given], place[family], words


def _learned(given: np.ndarray, family: np.ndarray, words: int, number: int) -> NameGroups:
    """Expectation maximisation from a random start, which is always the same."""
    share = np.random.default_rng(number).dirichlet(np.full(number, 0.5), words)[family]
    for _ in range(ROUNDS):
        size = share.mean(axis=0)
        tables = [_shares(word, share, size, words) for word in (given, family)]
        share = tables[0][given] * tables[1][family] / size
        share /= share.sum(axis=1, keepdims=True)
    return NameGroups(size, *tables)


def _shares(word: np.ndarray, share: np.ndarray, size: np.ndarray, words: int) -> np.ndarray:
    """Of each word, the share that is of each group."""
    counts = [np.bincount(word, column, words) for column in share.T]
    counts = np.stack(counts, axis=1) + EXPECTED * size
    return counts / counts.sum(axis=1, keepdims=True)
