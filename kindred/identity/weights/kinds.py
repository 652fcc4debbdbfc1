"""Kinds of records: how often records of two systems are of one person, whatever they say.

A shop's customers are in the ERP rather than in the partners' list, and somebody who names no
country is another one than the customer whose country the ERP always knows. So pairs of some kinds
are one person more often than others, before any value is looked at.

Belongs here: which kind a record is of, and learning how often those of two kinds are one person.
Does not belong here: what agreeing on a source is worth in general (`levels`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import People

MOST_KINDS = 40
"""The most frequent ones; all others are none."""
EXPECTED_PAIRS = 1_000.0
"""How many pairs of evidence it counts for that two kinds are as all others are: with 30 or 300, a
table of 1,200 records loses 0.004 F1."""
MOST_BITS = 4.0
ROUNDS = 3

Weigh = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Kinds:
    """What two records of each kinds are worth, in bits, before anything else is known.

    names: a kind's source, where there is one, and whether it names its country. bits: per two of
    them, and of others, which come last.
    """

    names: tuple[tuple[str | None, bool], ...]
    bits: np.ndarray

    def as_text(self) -> dict[str, Any]:
        """What `of_text` takes."""
        return {"names": self.names, "bits": self.bits.tolist()}

    @staticmethod
    def of_text(text: Mapping[str, Any]) -> Kinds:
        """As they were. Raises `ValueError` for what is none."""
        names = tuple((source, bool(country)) for source, country in text["names"])
        bits = np.array(text["bits"], np.float32)
        if bits.shape != (len(names) + 1,) * 2 or not np.isfinite(bits).all():
            raise ValueError("not as many as there should be, or no numbers")
        return Kinds(names, bits)

    def __len__(self) -> int:
        return len(self.names)

    def of(self, people: People) -> np.ndarray:
        """The kind of each record, as a place in `bits`."""
        sources = list(dict.fromkeys(source for source, _ in self.names if source is not None))
        row = {source: number for number, source in enumerate(sources)} | {None: -1}
        kind = np.full((len(sources) + 2, 2), len(self))  # last but one: of any other source
        for number, (source, country) in enumerate(self.names):
            kind[row[source], int(country)] = number
        values = people.source.values.cast(pa.string())
        used = pc.index_in(values, value_set=pa.array(sources, pa.string()))
        used = pc.fill_null(used, len(sources)).to_numpy(zero_copy_only=False)
        of_source = np.append(used, -1)[people.source.codes]
        return kind[of_source, people.country.known.astype(np.int8)]


NO_KINDS = Kinds((), np.zeros((1, 1), np.float32))
"""All records are of one kind."""


def learn(
    people: People, left: np.ndarray, right: np.ndarray, stand_for: float, weigh: Weigh
) -> Kinds:
    """What a sample of candidates says of the kinds of their records.

    left, right: rows of the pairs; stand_for: how many candidates each is one of. weigh: the match
    weights of the pairs, with so many bits more for each.
    """
    sources = people.source.values.to_pylist()
    code = (people.source.codes + 1) * 2 + people.country.known
    counts = np.bincount(code)
    used = np.flatnonzero(counts)
    if len(used) < 2:
        return NO_KINDS
    names = [(sources[n // 2 - 1] if n >= 2 else None, bool(n % 2)) for n in used]
    # codes follow the order of the rows, texts don't
    first = sorted(
        range(len(used)),
        key=lambda n: (-counts[used[n]], names[n][0] is None, names[n][0] or "", names[n][1]),
    )[:MOST_KINDS]
    used = used[first]
    kind = np.full(len(counts), len(used))
    kind[used] = np.arange(len(used))
    kind = kind[code]
    size = len(used) + 1
    # all others are of many sources: they say nothing of two of one, nor of two others
    own = np.s_[:-1, :-1]
    among, alike = _all_pairs(kind, size)[own], _alike(used // 2 - 1)
    both = kind[left] * size + kind[right]
    bits = np.zeros((size, size), np.float32)
    for _ in range(ROUNDS):
        odds = np.exp2(-np.clip(weigh(bits.ravel()[both]), -60, 60).astype(np.float64))
        found = np.bincount(both, stand_for / (1 + odds), minlength=size * size)
        bits[own] = _bits(found.reshape(size, size)[own], among, alike)
    return Kinds(tuple(names[n] for n in first), bits)


def _all_pairs(kind: np.ndarray, size: int) -> np.ndarray:
    """How many pairs of records there are of each two kinds."""
    counts = np.bincount(kind, minlength=size).astype(float)
    return np.outer(counts, counts) - np.diag(counts * (counts + 1) / 2)


def _alike(source: np.ndarray) -> np.ndarray:
    """Per two kinds: 0 where a source is missing, 1 where they are of two sources, 2 of one."""
    return ((source[:, None] == source) + 1) * ((source[:, None] >= 0) & (source >= 0))


def _bits(found: np.ndarray, among: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """How much more often, in bits, pairs of two kinds are one person than all that are as alike.

    found: how many are; among: how many pairs there are.
    """
    found = found + found.T - np.diag(np.diag(found))
    expected = np.zeros_like(among)
    for one in np.unique(alike):
        those = alike == one
        own = np.triu(those)
        expected[those] = among[those] * (found[own].sum() / max(among[own].sum(), 1.0))
    bits = np.log2((found + EXPECTED_PAIRS) / (expected + EXPECTED_PAIRS))
    return np.clip(bits, -MOST_BITS, MOST_BITS).astype(np.float32)
