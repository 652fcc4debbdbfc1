"""Some of an index's people by themselves, weighed with the weights and frequencies of all.

Belongs here: who decides about them. Does not belong here: which records those are (`index`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kindred.identity.clusters.judgement import Judgement
from kindred.identity.codes.columns import People
from kindred.identity.deciding import Decider
from kindred.identity.rules.rules_file import Rules
from kindred.identity.weighing import Engine
from kindred.identity.weights.agreement import Comparer
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.model import Model


def decider(
    people: People,
    chance: Frequencies,
    model: Model,
    rules: Rules,
    *,
    judged: Mapping[str, np.ndarray],
    decisions: Sequence[tuple[int, int, bool]] = (),
    threads: int = 2,
) -> Decider:
    """Who decides about people with a model that was learned from more of them.

    chance: how frequent their values are among all. judged: sorted packed pairs of each rule; of
    pairs that are no links there are none, for a rule's pairs are links. decisions: rows of two
    records and whether they are the same person.
    """
    engine = Engine(people, threads, Comparer(people, chance, model.fields))
    engine.comparer.know(model.kinds)
    judgement = Judgement(people, rules, decisions, pairs=judged)
    return Decider(engine, model, judgement, np.float32(rules.thresholds.merge))
