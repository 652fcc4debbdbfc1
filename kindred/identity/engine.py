"""The engine: from people to weighed links and clusters, in one pass.

Belongs here: the order of the steps, in parallel where they can be. Does not belong here: the steps
themselves, permanent ids (`permanent_ids`) and files (`files`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from kindred.identity.candidates.blocking_rules import COMPARE_ALL, rules_for
from kindred.identity.candidates.caps import learned_caps
from kindred.identity.candidates.duplicates import originals, rows_apart
from kindred.identity.candidates.keys import Keys
from kindred.identity.candidates.pairing import Shared, candidate_pairs, shared_keys
from kindred.identity.clusters import clustering, left_alone
from kindred.identity.clusters.guards import breaking
from kindred.identity.clusters.judgement import Judgement
from kindred.identity.clusters.left_alone import Joined
from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import CHUNK, every_pair, moved, pack, unpack
from kindred.identity.codes.side_by_side import side_by_side
from kindred.identity.codes.sorting import distinct
from kindred.identity.rules.rules_file import Rules
from kindred.identity.weights.agreement import Comparer
from kindred.identity.weights.learning import learn
from kindred.identity.weights.levels import SOURCE
from kindred.identity.weights.model import Model, Patterns
from kindred.identity.weights.model_file import ModelFile
from kindred.identity.weights.pairwise import same

Decisions = Sequence[tuple[int, int, bool]]

SMALLEST_CHUNK = 10_000
"""Pairs that are compared at once, at least: fewer aren't worth a second thread."""
SAMPLE = 500_000
RANDOM = 100_000


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


class Engine:
    """Compares and weighs pairs of `people` on several threads."""

    def __init__(self, people: People, threads: int = 2, comparer: Comparer | None = None) -> None:
        self.people = people
        self.comparer = comparer or Comparer(people)
        self.threads = threads
        if comparer is None:
            self.comparer.chance.count(threads)

    def patterns(self, pairs: np.ndarray) -> Patterns:
        """Compare packed pairs."""
        step = min(CHUNK, max(len(pairs) // self.threads + 1, SMALLEST_CHUNK))
        parts = [pairs[start : start + step] for start in range(0, len(pairs), step)]
        found = side_by_side(self._part, parts, self.threads)
        return Patterns.joined(found, self.comparer.fields)

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
        if SOURCE.name not in model.match:
            return np.zeros(len(pairs))
        bits = model.match[SOURCE.name] - model.chance[SOURCE.name]
        return bits[same(self.people.source.codes, *unpack(pairs))]

    def learn(self, patterns: Patterns, stand_for: np.ndarray | float = 1.0) -> Model:
        """Learn the weights from the patterns of candidates; stand_for: how many each is one of."""
        world = self.comparer.chance.world
        fields, random, sources = self.comparer.fields, self.random_patterns, self._random_sources
        return learn(fields, patterns, stand_for, random, world, sources=sources)

    def learn_from_all(self, patterns: Patterns) -> Model:
        """Learn the weights from the patterns of all candidates, or of every so many of them."""
        step = max(len(patterns) // SAMPLE, 1)
        sample = patterns.take(slice(None, None, step))
        return self.learn(sample, len(patterns) / max(len(sample), 1))

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


@dataclass(frozen=True)
class Decider:
    """Decides who is one person, with a model, and a judgement over it.

    merge: from which weight on two are one person.
    """

    engine: Engine
    model: Model
    judgement: Judgement
    merge: np.float32

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
            breaking=partial(breaking, self.engine.people, self.judgement.rules),
        )


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

    found = side_by_side(lambda make: make(), (lambda: Engine(people, threads), judgement), threads)
    return Prepared(everybody, original, named, rows, place, *found)


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
    fields = engine.comparer.fields
    model = model_file.kept(fields, len(people)) if model_file else None
    candidates, caps = candidates_of(engine, model)
    pairs = distinct(np.concatenate([candidates, judgement.pairs()]))
    patterns = engine.patterns(pairs)
    is_learned = model is None
    # a kept model may have been learned of too few to have blocks
    model = replace(model or engine.learn_from_all(patterns), caps=caps)
    merge = np.float32(rules.thresholds.merge)
    decider = Decider(engine, model, judgement, merge)
    weight = decider.weigh(pairs, patterns)
    label = decider.cluster(pairs, weight - merge)
    if is_learned:
        model = replace(model, alone=left_alone.worth(label))
        decider = replace(decider, model=model)
    joined = decider.take_in(label, pairs, weight - merge)
    rows, original = prepared.rows, prepared.original
    everywhere = rows[joined.label][prepared.place] if len(rows) else original
    found = pairs, patterns, weight, merge, joined, everywhere
    return Matched(people, rows, original, prepared.named, model, judgement, *found, is_learned)


def candidates_of(engine: Engine, model: Model | None) -> tuple[np.ndarray, dict[str, int]]:
    """Packed pairs worth comparing, and the caps: those of the model, where it has them."""
    records, caps = len(engine.people), model.caps if model else {}
    if records <= COMPARE_ALL:
        return every_pair(records), caps
    shared, caps = _blocks(engine, caps)
    return candidate_pairs(records, shared, caps, engine.threads), caps


def with_caps(engine: Engine, model: Model) -> Model:
    """The model with a cap for every rule: one of few, who all meet, may have none."""
    is_complete = all(rule.name in model.caps for rule in rules_for(engine.people))
    return model if is_complete else replace(model, caps=_blocks(engine, model.caps)[1])


def _blocks(engine: Engine, caps: dict[str, int]) -> tuple[list[Shared], dict[str, int]]:
    """Who shares a key of each rule, and the caps: these, if they are for every rule."""
    people, threads = engine.people, engine.threads
    keys = Keys(people)
    shared = shared_keys(people, keys, threads)
    if any(one.rule.name not in caps for one in shared):
        caps = learned_caps(shared, keys, engine.weigh_some, threads)
    return shared, caps


def _moved(pairs: np.ndarray | None, place: np.ndarray) -> np.ndarray | None:
    """Packed pairs with each row in its new place, without those that became one."""
    if pairs is None:
        return None
    pairs = moved(pairs, place)
    return pairs[pairs >> 32 != pairs & 0xFFFFFFFF]
