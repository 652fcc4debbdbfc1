"""The engine: from people to weighed links and clusters, in one pass.

Belongs here: the order of the steps, in parallel where they can be. Does not belong here: the steps
themselves, permanent ids (`permanent_ids`) and files (`matching_files`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from kindred.identity import clustering
from kindred.identity.agreement import Agreement, Comparer
from kindred.identity.candidates import candidate_pairs, unpack
from kindred.identity.columns import People
from kindred.identity.duplicates import originals
from kindred.identity.model import Model, Patterns, learn

CHUNK = 250_000
SAMPLE = 1_000_000
RANDOM = 200_000


@dataclass(frozen=True)
class Matched:
    """What matching found.

    people: the records that were compared; rows: their rows among all records, ascending. pairs:
    packed rows of `people`, sorted; weight: log2 of the odds of each. label: per record, of all,
    the smallest row of its cluster. original: per record, of all, the row that says the same.
    """

    people: People
    rows: np.ndarray
    original: np.ndarray
    model: Model
    pairs: np.ndarray
    patterns: Patterns
    weight: np.ndarray
    label: np.ndarray


class Engine:
    """Compares and weighs pairs of `people` on several threads."""

    def __init__(self, people: People, threads: int = 2) -> None:
        self.people = people
        self.comparer = Comparer(people)
        self.threads = threads

    def patterns(self, pairs: np.ndarray) -> Patterns:
        """Compare packed pairs."""
        parts = [pairs[start : start + CHUNK] for start in range(0, len(pairs), CHUNK)]
        with ThreadPoolExecutor(self.threads) as pool:
            return Patterns.joined(list(pool.map(self._part, parts)), self.comparer.fields)

    def _part(self, pairs: np.ndarray) -> Patterns:
        agreement = self.comparer.compare(*unpack(pairs))
        return Patterns.of(self.comparer.fields, agreement, len(pairs))

    def learn(self, patterns: Patterns) -> Model:
        """Learn the weights from the patterns of all candidates."""
        step = max(len(patterns) // SAMPLE, 1)
        sample = patterns.take(slice(None, None, step))
        scale = len(patterns) / max(len(sample), 1)
        fields = self.comparer.fields
        return learn(fields, sample, scale, self.random_agreement(), len(self.people))

    def random_agreement(self) -> Agreement:
        """How random records of one country agree: always the same pairs for the same people."""
        n = len(self.people)
        order = np.random.default_rng(n).permutation(n)
        order = order[np.argsort(self.people.country.codes[order], kind="stable")]
        country = self.people.country.codes[order]
        left, right, found = [], [], 0
        for step in range(1, min(n, 2_000)):
            same = np.flatnonzero(country[:-step] == country[step:])[: RANDOM - found]
            left.append(order[same])
            right.append(order[same + step])
            found += len(same)
            if found >= RANDOM:
                break
        nobody = np.empty(0, np.int64)
        return self.comparer.compare(
            np.concatenate(left or [nobody]), np.concatenate(right or [nobody])
        )


def match(everybody: People, model: Model | None = None, threads: int = 2) -> Matched:
    """Find which records are one person.

    model: weights learned before; without one they are learned from the data at hand.
    """
    original = originals(everybody)
    rows = np.flatnonzero(original == np.arange(len(everybody)))
    people = everybody if len(rows) == len(everybody) else everybody.take(rows)
    engine = Engine(people, threads)
    pairs = candidate_pairs(people, threads)
    patterns = engine.patterns(pairs)
    model = model or engine.learn(patterns)
    weight = model.weigh(patterns)
    label = clustering.cluster(
        len(people), pairs, weight, lambda more: model.weigh(engine.patterns(more))
    )
    place = np.cumsum(original == np.arange(len(everybody))) - 1
    everywhere = rows[label][place[original]] if len(rows) else original
    return Matched(people, rows, original, model, pairs, patterns, weight, everywhere)
