"""Some of an index's people by themselves, weighed with the weights and frequencies of all.

Belongs here: what pairs among them weigh. Does not belong here: which records those are (`index`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kindred.identity.clusters.judgement import Judgement
from kindred.identity.codes.columns import People
from kindred.identity.engine import Engine
from kindred.identity.rules.rules_file import Rules
from kindred.identity.weights.agreement import Comparer
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.model import Model, Patterns


class Subset:
    """People with a model that was learned from more of them.

    chance: how frequent their values are among all. judged: sorted packed pairs of each rule.
    decisions: rows of two records and whether they are the same person.
    """

    def __init__(
        self,
        people: People,
        chance: Frequencies,
        model: Model,
        rules: Rules,
        *,
        judged: Mapping[str, np.ndarray],
        decisions: Sequence[tuple[int, int, bool]] = (),
        threads: int = 2,
    ) -> None:
        self._engine = Engine(people, threads, Comparer(people, chance, model.fields))
        self._model = model
        self._merge = np.float32(rules.thresholds.merge)
        self.judgement = Judgement(people, rules, decisions, pairs=judged)

    def patterns(self, pairs: np.ndarray) -> Patterns:
        """Compare packed pairs."""
        return self._engine.patterns(pairs)

    def weigh(self, pairs: np.ndarray, patterns: Patterns) -> np.ndarray:
        """Match weights of packed pairs, judged."""
        return self.judgement.weigh(pairs, patterns, self._model.weigh(patterns))

    def over_threshold(self, pairs: np.ndarray) -> np.ndarray:
        """Weights of packed pairs over the threshold for merging."""
        return self.weigh(pairs, self.patterns(pairs)) - self._merge

    def vote(self, pairs: np.ndarray) -> np.ndarray:
        """What packed pairs that are no links count in a mean of average linkage.

        No deterministic rule joins those, for its pairs are links (unless the threshold for merging
        lies above `judgement.CERTAIN`, where rules join nobody).
        """
        patterns = self.patterns(pairs)
        weight = self.weigh(pairs, patterns) - self._merge
        return self._engine.votes(self._model, patterns, weight)
