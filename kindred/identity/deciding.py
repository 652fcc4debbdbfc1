"""Deciding: who is one person, from pairs to clusters, with what was learned.

Belongs here: a model and a judgement, together, over some people. Does not belong here: which pairs
are looked at (`engine`, `index`), and how clusters are found (`clusters`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from kindred.identity.clusters import clustering, left_alone
from kindred.identity.clusters.guards import breaking
from kindred.identity.clusters.judgement import Judgement
from kindred.identity.clusters.left_alone import Joined
from kindred.identity.codes.components import components
from kindred.identity.codes.pairs import unpack
from kindred.identity.weighing import Engine
from kindred.identity.weights.model import Model, Patterns


@dataclass(frozen=True)
class Weighed:
    """Packed pairs, sorted; how they agree, and what each weighs, judged."""

    pairs: np.ndarray
    patterns: Patterns
    weight: np.ndarray

    def over(self, merge: np.float32) -> np.ndarray:
        """The weights over a threshold: above 0 two are one person."""
        return self.weight - merge


@dataclass(frozen=True)
class Decider:
    """Decides who is one person, with a model, and a judgement over it.

    merge: from which weight on two are one person. counts: how many records say what each one
    does, itself among them; without it, it alone.
    """

    engine: Engine
    model: Model
    judgement: Judgement
    merge: np.float32
    counts: np.ndarray | None = None

    def weigh(self, pairs: np.ndarray, patterns: Patterns) -> np.ndarray:
        """Match weights of packed pairs, judged."""
        weight = self.engine.weigh(self.model, patterns)
        return self.judgement.weigh(pairs, patterns, weight, self.engine.threads)

    def over(self, pairs: np.ndarray) -> np.ndarray:
        """Weights of packed pairs over the threshold."""
        return self.weigh(pairs, self.engine.patterns(pairs)) - self.merge

    def vote(self, pairs: np.ndarray) -> np.ndarray:
        """What packed pairs that are no links count in a mean of average linkage."""
        patterns = self.engine.patterns(pairs)
        weight = self.weigh(pairs, patterns) - self.merge
        return self.engine.votes(self.model, patterns, weight)

    def cluster(self, pairs: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The clusters that linkage finds; weight: of sorted packed pairs, over the threshold."""
        return clustering.cluster(len(self.engine.people), pairs, weight, self.vote)

    def taught(self, label: np.ndarray) -> Decider:
        """The same, with what these clusters teach of being left alone, and namesakes so far."""
        namesakes = self.engine.comparer.chance.namesakes
        learned = {"alone": left_alone.worth(label), "namesakes": namesakes}
        return replace(self, model=replace(self.model, **learned))

    def beside_namesakes(self, label: np.ndarray, weighed: Weighed) -> tuple[np.ndarray, Weighed]:
        """Learn namesakes of these clusters, and decide again with them.

        weighed: without namesakes; label: by that. Gives the clusters and the weights that there
        would be, were they known from the start.
        """
        engine, chance = self.engine, self.engine.comparer.chance
        chance.learn_namesakes(self._people(label, weighed))
        if chance.namesakes.is_nothing:
            return label, weighed
        ends = unpack(weighed.pairs)
        more = engine.comparer.namesakes(weighed.patterns.levels("given", "family"), *ends)
        patterns = replace(weighed.patterns, chance=weighed.patterns.chance + more)
        rows, weight = np.flatnonzero(more), weighed.weight.copy()
        weight[rows] = self.weigh(weighed.pairs[rows], patterns.take(rows))
        # the weights only fell: who was linked with nobody of another component still isn't
        linked = weighed.weight > self.merge
        component = components(len(label), *(end[linked] for end in ends))
        named = np.zeros(len(label), bool)
        named[component[chance["namesakes"] > 0]] = True
        again = named[component]
        some = again[ends[0]] & again[ends[1]]
        found = self.cluster(weighed.pairs[some], weight[some] - self.merge)
        return np.where(again, found, label), Weighed(weighed.pairs, patterns, weight)

    def _people(self, label: np.ndarray, weighed: Weighed) -> np.ndarray:
        """Who is one person, by the weights alone: what is evidence mustn't follow the threshold.

        label: the clusters by the threshold.
        """
        if self.merge:
            own = replace(self, merge=np.float32(0))
            return own._people(own.cluster(weighed.pairs, weighed.weight), weighed)
        own = self.taught(label)
        return own.take_in(label, weighed.pairs, weighed.weight).label

    def take_in(self, label: np.ndarray, pairs: np.ndarray, weight: np.ndarray) -> Joined:
        """These clusters with the records that linkage left alone, where one may be theirs."""

        def weigh(some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            patterns = self.engine.patterns(some)
            household = self.model.household_share(patterns)
            return self.weigh(some, patterns) - self.merge, household

        return left_alone.take_in(
            label,
            pairs,
            weight,
            self.model.alone,
            merge=float(self.merge),
            weigh=weigh,
            of_source=partial(self.engine.of_source, self.model),
            breaking=partial(breaking, self.engine.people, self.judgement.rules, self.counts),
        )
