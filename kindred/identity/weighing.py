"""Weighing: compares and weighs pairs of people, on several threads.

Belongs here: which pairs are compared at once, and of which weights are learned. Does not belong
here: levels (`agreement`), weights (`model`), and who is one person (`deciding`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np

from kindred.identity.clusters import clustering
from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import CHUNK, pack, unpack
from kindred.identity.codes.side_by_side import side_by_side
from kindred.identity.weights import kinds
from kindred.identity.weights.agreement import Comparer
from kindred.identity.weights.learning import learn
from kindred.identity.weights.levels import SOURCE
from kindred.identity.weights.model import Model, Patterns
from kindred.identity.weights.namesakes import NO_NAMESAKES
from kindred.identity.weights.pairwise import same

SMALLEST_CHUNK = 10_000
"""Pairs that are compared at once, at least: fewer aren't worth a second thread."""
SAMPLE = 500_000
RANDOM = 100_000


class Engine:
    """Compares and weighs pairs of `people` on several threads."""

    def __init__(self, people: People, threads: int = 2, comparer: Comparer | None = None) -> None:
        self.people = people
        self.comparer = comparer or Comparer(people)
        self.threads = threads
        if comparer is None:
            self.comparer.chance.count(threads)

    def know(self, model: Model | None) -> None:
        """What a model knows of names and of kinds of records: it counts in all patterns from now
        on. None: nothing is known."""
        self.comparer.chance.know(model.namesakes if model else NO_NAMESAKES)
        self.comparer.know(model.kinds if model else kinds.NO_KINDS)

    def patterns(self, pairs: np.ndarray) -> Patterns:
        """Compare packed pairs."""
        step = min(CHUNK, max(len(pairs) // self.threads + 1, SMALLEST_CHUNK))
        parts = [pairs[start : start + step] for start in range(0, len(pairs), step)]
        found = side_by_side(self._part, parts, self.threads)
        return Patterns.joined(found, self.comparer.fields)

    def with_kinds(self, pairs: np.ndarray, patterns: Patterns) -> Patterns:
        """Patterns of packed pairs that were compared before anything was known of kinds."""
        return replace(patterns, kinds=patterns.kinds + self.comparer.of_kinds(*unpack(pairs)))

    def _part(self, pairs: np.ndarray) -> Patterns:
        agreement = self.comparer.compare(*unpack(pairs))
        return Patterns.of(self.comparer.fields, agreement, len(pairs))

    def weigh(self, model: Model, patterns: Patterns) -> np.ndarray:
        """Match weight of each pair."""
        return self._each(patterns, lambda part: model.weigh(patterns.take(part)))

    def votes(self, model: Model, patterns: Patterns, weight: np.ndarray) -> np.ndarray:
        """What each pair counts in a mean; weight: its match weight over the threshold."""

        def counted(part: slice) -> np.ndarray:
            some = patterns.take(part)
            return clustering.votes(weight[part], model.against(some), model.telling(some))

        return self._each(patterns, counted)

    def _each(self, patterns: Patterns, number: Callable[[slice], np.ndarray]) -> np.ndarray:
        """A number per pair, computed part by part."""
        parts = [slice(start, start + CHUNK) for start in range(0, len(patterns), CHUNK)]
        found = side_by_side(number, parts, self.threads)
        return np.concatenate([np.empty(0, np.float32), *found])

    def of_source(self, model: Model, pairs: np.ndarray) -> np.ndarray:
        """What of the weight of packed pairs their sources make."""
        ends = unpack(pairs)
        found = np.zeros(len(pairs)) + self.comparer.of_kinds(*ends)
        if SOURCE.name not in model.match:
            return found
        bits = model.match[SOURCE.name] - model.chance[SOURCE.name]
        return found + bits[same(self.people.source.codes, *ends)]

    def learn(self, patterns: Patterns, stand_for: np.ndarray | float = 1.0) -> Model:
        """Learn the weights from the patterns of candidates; stand_for: how many each is one of."""
        world = self.comparer.chance.world
        fields, random, sources = self.comparer.fields, self.random_patterns, self._random_sources
        return learn(fields, patterns, stand_for, random, world, sources=sources)

    def learn_from_all(self, pairs: np.ndarray, patterns: Patterns) -> Model:
        """Learn the weights from all candidates, or from every so many of them."""
        some = slice(None, None, max(len(patterns) // SAMPLE, 1))
        sample, pairs = patterns.take(some), pairs[some]
        stand_for = len(patterns) / max(len(sample), 1)
        model = self.learn(sample, stand_for)

        def weigh(bits: np.ndarray) -> np.ndarray:
            return self.weigh(model, replace(sample, kinds=bits))

        return replace(model, kinds=kinds.learn(self.people, *unpack(pairs), stand_for, weigh))

    def weigh_some(self, pairs: np.ndarray, stand_for: np.ndarray) -> np.ndarray:
        """Match weights of packed pairs, as these teach them; stand_for: as in `learn`."""
        patterns = self.patterns(pairs)
        return self.weigh(self.learn(patterns, stand_for), patterns)

    @cached_property
    def _random_sources(self) -> np.ndarray:
        """How the sources of random records agree, of whichever countries.

        Where one source has Dutch and another one Belgian people, no two records of one country are
        of two sources; that says nothing about who is one person.
        """
        codes = self.people.source.codes
        order = np.random.default_rng(len(codes)).permutation(len(codes))
        return same(codes, order, np.roll(order, 1))

    @cached_property
    def random_patterns(self) -> Patterns:
        """How random records of one country agree: always the same pairs for the same people."""
        n = len(self.people)
        order = np.random.default_rng(n).permutation(n)
        order = order[np.argsort(self.people.country.codes[order], kind="stable")]
        country = self.people.country.codes[order]
        left, right, found = [], [], 0
        for step in range(1, min(n, 2_000)):
            same = np.flatnonzero(country[:-step] == country[step:])
            same = same[:: len(same) // (RANDOM - found) + 1]  # of all countries, by their size
            left.append(order[same])
            right.append(order[same + step])
            found += len(same)
            if found >= RANDOM:
                break
        nobody = np.empty(0, np.int64)
        pairs = pack(np.concatenate([nobody, *left]), np.concatenate([nobody, *right]))
        return self.patterns(pairs)
