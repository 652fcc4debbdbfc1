"""The engine: from people to weighed links and clusters, in one pass.

Belongs here: the order of the steps, in parallel where they can be. Does not belong here: the steps
themselves, permanent ids (`permanent_ids`) and files (`files`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kindred.identity.candidates.blocking_rules import COMPARE_ALL, rules_for
from kindred.identity.candidates.caps import learned_caps
from kindred.identity.candidates.duplicates import originals, rows_apart
from kindred.identity.candidates.keys import Keys
from kindred.identity.candidates.pairing import Shared, candidate_pairs, shared_keys
from kindred.identity.clusters.judgement import Judgement
from kindred.identity.clusters.left_alone import Joined
from kindred.identity.clusters.linkage import SOME_ARE_LARGE, dendrograms
from kindred.identity.codes.columns import NO_ROWS, People
from kindred.identity.codes.memory import give_back
from kindred.identity.codes.pairs import every_pair, moved
from kindred.identity.codes.side_by_side import each_done
from kindred.identity.deciding import Decider, Weighed
from kindred.identity.rules.rules_file import Rules
from kindred.identity.weighing import Engine
from kindred.identity.weights.model import Model, Patterns
from kindred.identity.weights.model_file import ModelFile

Decisions = Sequence[tuple[int, int, bool]]


@dataclass(frozen=True)
class Matched:
    """What matching found.

    people: the records that were compared; rows: their rows among all records, ascending. pairs:
    packed rows of `people`, sorted; weight: log2 of the odds of each; merge: from which weight on
    two are one person. joined: the clusters, and the records that were left alone and taken in.
    label: per record, of all, a row that stands for its cluster. original: per record, of all, the
    row that it stands with: one that says the same, or, for a record that says nothing, one of the
    customer it names; named: true for the latter. is_learned: the model is a new one, and none that
    was kept.
    """

    people: People
    rows: np.ndarray
    original: np.ndarray
    named: np.ndarray
    model: Model
    judgement: Judgement
    pairs: np.ndarray
    patterns: Patterns
    weight: np.ndarray
    merge: np.float32
    joined: Joined
    label: np.ndarray
    is_learned: bool

    def keep_model(self, file: ModelFile) -> None:
        """Keep the weights from now on, where they are new.

        For whoever accepts what was found: a run that is stopped must leave the weights alone, too.
        """
        if self.is_learned:
            file.keep(self.model, len(self.people))

    @property
    def over(self) -> np.ndarray:
        """The weights over the threshold: above 0 two are one person."""
        return self.weight - self.merge

    @property
    def linking(self) -> np.ndarray:
        """As `over`, but of pairs by which a record that was left alone joined, those odds."""
        found = self.over
        found[self.joined.place] = self.joined.weight
        return found


@dataclass(frozen=True)
class Prepared:
    """What stands before any pair is compared.

    everybody: all records. original, named: as in `Matched`. people: the originals only, which
    `rows` are among all; place: per record, of all, its original's row there.
    """

    everybody: People
    original: np.ndarray
    named: np.ndarray
    rows: np.ndarray
    place: np.ndarray
    engine: Engine
    judgement: Judgement

    @property
    def people(self) -> People:
        """The records that are compared."""
        return self.engine.people


def prepare(
    everybody: People,
    rules: Rules,
    *,
    decisions: Decisions = (),
    references: np.ndarray | None = None,
    together: np.ndarray | None = None,
    threads: int = 2,
) -> Prepared:
    """Set records that say the same aside, and read what rules and stewards say of the others.

    decisions: pairs of rows, and whether they are one person. references: packed pairs of a record
    that names a customer with records known as him. together: per record the row that it stands
    with, whatever it says (`references.stands_with`).
    """
    original = originals(everybody, rows_apart(everybody, rules, decisions))
    named = np.zeros(len(everybody), bool)
    if together is not None:
        original, named = original[together], together != np.arange(len(everybody))
    kept = original == np.arange(len(everybody))
    rows, place = np.flatnonzero(kept), (np.cumsum(kept) - 1)[original]
    people = everybody if kept.all() else everybody.take(rows, threads)
    decided = [(place[a], place[b], same) for a, b, same in decisions if place[a] != place[b]]

    def judgement() -> Judgement:
        return Judgement(people, rules, decided, _moved(references, place))

    tasks = [lambda: Engine(people, threads), judgement]
    if len(people) > SOME_ARE_LARGE:
        tasks.append(dendrograms)  # or the large components would wait for it
    own, judges, *_ = each_done(tasks, threads)
    return Prepared(everybody, original, named, rows, place, own, judges)


def match(
    everybody: People,
    rules: Rules,
    *,
    model_file: ModelFile | None = None,
    threads: int = 2,
) -> Matched:
    """Find which records are one person.

    model_file: holds kept weights; where it has none, they are learned from the data at hand and
    not written: `keep_model`.
    """
    return match_prepared(prepare(everybody, rules, threads=threads), rules, model_file)


def match_prepared(
    prepared: Prepared, rules: Rules, model_file: ModelFile | None = None
) -> Matched:
    """Find which of the prepared records are one person; model_file: as in `match`."""
    engine, judgement, people = prepared.engine, prepared.judgement, prepared.people
    give_back(len(people))
    fields = engine.comparer.fields
    model = model_file.kept(fields, len(people)) if model_file else None
    engine.know(model)
    pairs, caps = candidates_of(engine, model, judgement.pairs())
    patterns = engine.patterns(pairs)
    is_learned = model is None
    give_back(len(people))
    if model is None:
        model = engine.learn_from_all(pairs, patterns)
        engine.know(model)
        patterns = engine.with_kinds(pairs, patterns)
    # a kept model may have been learned of too few to have blocks
    model = replace(model, caps=caps)
    merge = np.float32(rules.thresholds.merge)
    counts = np.bincount(prepared.place, minlength=len(people))
    decider = Decider(engine, model, judgement, merge, counts)
    weighed = Weighed(pairs, patterns, decider.weigh(pairs, patterns))
    label = decider.cluster(pairs, weighed.over(merge))
    give_back(len(people))
    if is_learned:
        label, weighed = decider.beside_namesakes(label, weighed)
        decider = decider.taught(label)
    joined = decider.take_in(label, pairs, weighed.over(merge))
    rows, original = prepared.rows, prepared.original
    everywhere = rows[joined.label][prepared.place] if len(rows) else original
    found = pairs, weighed.patterns, weighed.weight, merge, joined, everywhere
    return Matched(
        people, rows, original, prepared.named, decider.model, judgement, *found, is_learned
    )


def candidates_of(
    engine: Engine, model: Model | None, judged: np.ndarray = NO_ROWS
) -> tuple[np.ndarray, dict[str, int]]:
    """Packed pairs worth comparing, and the caps: those of the model, where it has them.

    judged: packed pairs that are looked at whatever blocking says.
    """
    records, caps = len(engine.people), model.caps if model else {}
    if records <= COMPARE_ALL:
        return every_pair(records), caps
    shared, caps = _blocks(engine, caps)
    give_back(records)
    return candidate_pairs(records, shared, caps, judged, engine.threads), caps


def with_caps(engine: Engine, model: Model) -> Model:
    """The model with a cap for every rule: one of few, who all meet, may have none."""
    is_complete = all(rule.name in model.caps for rule in rules_for(engine.people))
    return model if is_complete else replace(model, caps=_blocks(engine, model.caps)[1])


def _blocks(engine: Engine, caps: dict[str, int]) -> tuple[list[Shared], dict[str, int]]:
    """Who shares a key of each rule, and the caps: these, if they are for every rule."""
    people, threads = engine.people, engine.threads
    keys = Keys(people)
    shared = shared_keys(people, keys, threads)
    give_back(len(people))
    if any(one.rule.name not in caps for one in shared):
        caps = learned_caps(shared, keys, engine.weigh_some, threads)
    return shared, caps


def _moved(pairs: np.ndarray | None, place: np.ndarray) -> np.ndarray | None:
    """Packed pairs with each row in its new place, without those that became one."""
    if pairs is None:
        return None
    pairs = moved(pairs, place)
    return pairs[pairs >> 32 != pairs & 0xFFFFFFFF]
