"""Namesakes: how much more often two people have one name than their two names alone foretell.

Within a country, a given and a family name are as frequent as they are, as if neither said anything
of the other. But people whose parents came from one place, or of one belief or time, often have
both names from it, and then far more of them share both. Nothing in the names says whose these are;
so once it is found who is one person, the people of each full name are counted.

Belongs here: learning how much more frequent a full name is, and which full name a record has. Does
not belong here: how frequent each of the two is (`frequencies`), and which pairs that concerns
(`agreement`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kindred.identity.codes.columns import People, Values, taken
from kindred.identity.codes.hashing import hashes, mixed
from kindred.identity.codes.pairs import distinct_partners
from kindred.identity.codes.sorting import distinct, in_order, ranges, runs

RATIOS = np.exp2(np.arange(9.0))
"""How many times as many people may have a full name as its two names foretell."""
TORN = (0.0, 0.0003, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25)
"""Which share of people may be there as two clusters, whose name isn't more frequent for it:
without that an airline's passengers lose 0.004 F1."""
EXPECTED_NAMES = 60.0
"""How many names of evidence it counts for that names are as frequent as foretold."""
PARTS = 8
"""Parts of a bit that are told apart."""
MOST_PARTS = PARTS * int(np.log2(RATIOS[-1]))
LEAST_PARTS = 4
"""A name that nobody shares with another one is as frequent as foretold, where it would be hardly
more frequent: else all people of a million are looked at again for nothing."""
STEPS = 2
"""Steps per doubling in which names are told apart by how many people should have them, ..."""
LEAST, MOST = -40, 40
"""... from one in a million people to a million people, in steps."""
MOST_PEOPLE = 60
"""Names that more people have are looked at as if these many had them, of as many fewer."""
ROUNDS = 60
MANY = 4
"""Where there are up to so many texts for a code, all of them are hashed: which ones are used takes
longer to find."""


@dataclass(frozen=True)
class Namesakes:
    """How much more frequent full names are than foretold, as `PARTS` times the logarithm (base 2).

    others: by the steps of how many people should have a name. name: hashes (`full_names`) of those
    that two clusters or more had, and that are more or less frequent than that, sorted; parts: of
    each. per_person: records of a person under one name, in the mean.
    """

    name: np.ndarray
    parts: np.ndarray
    others: np.ndarray
    per_person: float

    def as_text(self) -> dict[str, Any]:
        """What `of_text` takes."""
        name, parts, others = (
            b64encode(own.tobytes()).decode() for own in (self.name, self.parts, self.others)
        )
        return {"name": name, "parts": parts, "others": others, "per_person": self.per_person}

    @staticmethod
    def of_text(text: Mapping[str, Any]) -> Namesakes:
        """As they were. Raises `ValueError` for what is none."""
        name, parts, others = (
            np.frombuffer(b64decode(text[column], validate=True), kind)
            for column, kind in (("name", np.int64), ("parts", np.uint8), ("others", np.uint8))
        )
        per_person = float(text["per_person"])
        is_whole = len(name) == len(parts) and len(others) == MOST - LEAST + 1
        most = max(parts.max(initial=0), others.max(initial=0))
        if not is_whole or most > MOST_PARTS or not 1 <= per_person < np.inf:
            raise ValueError("not as many as there should be, or larger")
        if (np.diff(name, prepend=-1) <= 0).any():
            raise ValueError("not in order")
        return Namesakes(name, parts, others, per_person)

    @property
    def is_nothing(self) -> bool:
        """No name is more frequent than foretold."""
        return not self.parts.any() and not self.others.any()

    def bits(self, name: np.ndarray, foretold: np.ndarray) -> np.ndarray:
        """Per record the logarithm for its full name, 0 where it has none: float32.

        name, foretold: as in `learn`.
        """
        parts = np.zeros(len(name), np.uint8)
        known = np.flatnonzero(name >= 0)
        parts[known] = self.others[_steps(foretold[known] / self.per_person) - LEAST]
        order, name = in_order(name)
        first, last = (np.searchsorted(name, self.name, side) for side in ("left", "right"))
        rows = order[ranges(first, last - first)]
        parts[rows] = np.repeat(self.parts, last - first)
        return parts.astype(np.float32) / np.float32(PARTS)


NO_NAMESAKES = Namesakes(
    np.empty(0, np.int64), np.empty(0, np.uint8), np.zeros(MOST - LEAST + 1, np.uint8), 1.0
)
"""Every name is as frequent as foretold."""


def full_names(people: People) -> np.ndarray:
    """A 62-bit hash per record of given name, family name and country; -1 without both names.

    The same in every run: it is made of the texts.
    """
    given, family = people.given.full, people.family.full
    rows = np.flatnonzero((given >= 0) & (family >= 0))
    country = _hashed(people.country.values, people.country.codes[rows])
    word = _hashed(people.words.values, np.concatenate([given[rows], family[rows]]))
    found = np.full(len(people), -1, np.int64)
    found[rows] = mixed(mixed(word[: len(rows)], word[len(rows) :]), country)
    return found


def _hashed(values: Values, codes: np.ndarray) -> np.ndarray:
    """A hash of the text of each code, -1 for none."""
    if len(values) <= MANY * len(codes):
        return np.append(hashes(taken(values, np.arange(len(values)))), -1)[codes]
    used = distinct(codes[codes >= 0])
    place = np.searchsorted(used, codes)
    return np.where(codes >= 0, np.append(hashes(taken(values, used)), -1)[place], -1)


def _steps(foretold: np.ndarray) -> np.ndarray:
    steps = np.round(STEPS * np.log2(np.maximum(foretold, np.exp2(LEAST / STEPS))))
    return np.minimum(steps, MOST).astype(np.int64)


def learn(name: np.ndarray, foretold: np.ndarray, label: np.ndarray) -> Namesakes:
    """What the people that were found say of their names.

    Per record, name: of `full_names`; foretold: how many of its country would have both its names,
    if neither said anything of the other; label: a row that stands for its person.
    """
    rows = np.flatnonzero(name >= 0)
    if not len(rows):
        return NO_NAMESAKES
    order, name = in_order(name[rows])
    rows = rows[order]
    starts, records = runs(name)
    number = np.repeat(np.arange(len(starts)), records)
    has = distinct_partners(number, label[rows], len(starts))
    # of one name: who spells it in two ways has fewer records of each
    per_person = len(rows) / int(has.sum())
    should = foretold[rows[starts]] / per_person
    share = _Shares.of(has, should)
    everything = np.exp2(np.arange(LEAST, MOST + 1) / STEPS)
    others = share.parts(np.ones(len(everything), np.int64), everything)
    others[others < LEAST_PARTS] = 0
    shared = np.flatnonzero(has > 1)
    parts = share.parts(has[shared], should[shared])
    other = parts != others[_steps(should[shared]) - LEAST]
    return Namesakes(name[starts[shared[other]]], parts[other], others, per_person)


@dataclass(frozen=True)
class _Shares:
    """Which share of names are how many times as frequent as foretold; torn: one of `TORN`.

    It is learned of all names together (empirical Bayes, Robbins 1956): where names are
    independent, that two people have a rare one is chance.
    """

    among: np.ndarray
    torn: float

    @staticmethod
    def of(has: np.ndarray, foretold: np.ndarray) -> _Shares:
        """The likeliest; has: how many people there are of each name, 1 or more."""
        size = MOST_PEOPLE + 1
        has, foretold = _few(has, foretold)
        kind, counts = np.unique((_steps(foretold) - LEAST) * size + has, return_counts=True)
        has, foretold = kind % size, np.exp2((kind // size + LEAST) / STEPS)
        found = (_learned(has, foretold, counts, torn) for torn in TORN)
        return max(found, key=lambda one: one[0])[1]

    def parts(self, has: np.ndarray, foretold: np.ndarray) -> np.ndarray:
        """`PARTS` times the logarithm of how many times as frequent each name is, in the mean of
        what may be."""
        share = np.exp(_likelihood(*_few(has, foretold), self.torn)[0]) * self.among
        ratio = (share @ RATIOS) / share.sum(axis=1)
        return np.round(np.log2(ratio) * PARTS).astype(np.uint8)


def _few(has: np.ndarray, foretold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    people = np.minimum(has, MOST_PEOPLE)
    return people, foretold * people / has


def _likelihood(
    has: np.ndarray, foretold: np.ndarray, torn: float
) -> tuple[np.ndarray, np.ndarray]:
    """Per name and ratio the logarithm of how likely so many people have it, less that of the
    likeliest ratio, which comes second.

    People of a name are as many as Poisson says, and nobody sees the names that nobody has.
    """
    mean = np.maximum(foretold[:, None] * RATIOS + 2 * torn, 1e-12)
    found = has[:, None] * np.log(mean) - mean - np.log(-np.expm1(-mean))
    most = found.max(axis=1, keepdims=True)
    return found - most, most[:, 0]


def _learned(
    has: np.ndarray, foretold: np.ndarray, counts: np.ndarray, torn: float
) -> tuple[float, _Shares]:
    """By expectation maximisation, from kinds of names, of which there are `counts`; and how likely
    what is seen is with it."""
    seen, most = _likelihood(has, foretold, torn)
    likely = np.exp(seen)
    usual = np.where(RATIOS == 1, EXPECTED_NAMES, 0.0)
    among = np.where(RATIOS == 1, 1.0, 1e-3)
    for _ in range(ROUNDS):
        among /= among.sum()
        share = likely * among
        total = share.sum(axis=1, keepdims=True)
        among = counts @ (share / total) + usual
    among /= among.sum()
    likelihood = counts @ (np.log(total[:, 0]) + most) + EXPECTED_NAMES * np.log(among[0])
    return float(likelihood), _Shares(among, torn)
