"""Learning: what pairs of one person, of a household and of successors look like, without labels.

Chance is counted from random pairs. The other classes are learned by expectation maximisation over
the table of agreement patterns, starting from what one expects (`levels`). Successors are looked
for only where pairs that share a code are taken for one person though both names are others: else
a class more takes in some households, and some people without names.

Belongs here: learning. Does not belong here: what the weights are used for (`model`), which pairs
they are learned from (`engine`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kindred.identity.codes.hashing import mixed
from kindred.identity.codes.sorting import in_order, runs
from kindred.identity.weights.levels import SOURCE, Family, Field, Given, Value
from kindred.identity.weights.model import Model, Patterns

EXPECTED_PAIRS = 60.0
"""How many pairs of evidence the expectations in `levels` count for."""
MOST_KIN = 3.0
"""Pairs of one household, and of successors, per record, at most."""
ROUNDS = 40
SETTLED = 1e-4
CHANCE_STEP = 2.0
CHANCE_STEPS = 64
HANDED_ON = 0.05
"""Share of the pairs that share a code and are taken for one person, whose names are others. Where
cars pass to their next owners it is 0.15 and more; of forty other sets one has 0.06 (and is as good
with successors as without), the others less than this."""
OF_ONE_NAME, MOST_OF_ONE_NAME = 0.04, 0.3
"""Share of the pairs of households that have one given name, and the share from which on they are
people who are there twice: where somebody has several cars, records of different ones agree on all
that a household shares, and are one person's."""
IN_TURN = 0.01
"""Pairs of successors per record before any data is seen, ..."""
NAMESAKES, SAME_CODE, SAME_FACT, ONE_COUNTRY = 0.02, 0.2, 0.35, 0.95
"""... and how often these share names and places, a code, an attribute, and the country."""
Tables = dict[str, np.ndarray]


@dataclass(frozen=True)
class _Seen:
    """Distinct patterns of levels (a column per field), how many pairs have each, how likely each
    is among strangers (log2), and how many pairs of records there are."""

    fields: list[Field]
    patterns: np.ndarray
    counts: np.ndarray
    by_chance: np.ndarray
    everything: float

    def level(self, name: str) -> np.ndarray:
        """The levels of a field, all 0 for one that there isn't."""
        names = [field.name for field in self.fields]
        if name not in names:
            return np.zeros(len(self.counts), np.int64)
        return self.patterns[:, names.index(name)]

    def likelihood(self, total: float, tables: Tables) -> np.ndarray:
        """log2 of how likely each pattern is in a class of so many pairs."""
        return np.log2(total / self.everything) + _sum(tables, self.fields, self.patterns)

    def share_a_code(self) -> np.ndarray:
        """True per pattern that agrees on an email, a phone or an identifier."""
        codes = [self.level(field.name) == Value.EXACT for field in self.fields if _is_code(field)]
        return np.logical_or.reduce([np.zeros(len(self.counts), bool), *codes])


def learn(
    fields: list[Field],
    sample: Patterns,
    stand_for: np.ndarray | float,
    random: Patterns,
    records: int,
    *,
    sources: np.ndarray | None = None,
) -> Model:
    """Learn a model from candidate pairs and from random pairs, without labels.

    sample: agreement of candidate pairs; stand_for: how many candidates each of them is one of.
    random: agreement of random pairs of records of one country, for chance; sources: how the
    sources of random pairs of any countries agree.
    """
    levels = random.levels() | ({} if sources is None else {SOURCE.name: sources})
    chance = {field.name: _chance(field, levels[field.name]) for field in fields}
    patterns, counts, log_chance = _patterns(fields, sample, stand_for)
    everything = max(records * (records - 1) / 2.0, 1.0)
    by_chance = log_chance + _sum(chance, fields, patterns)
    seen = _Seen(fields, patterns, counts, by_chance, everything)
    model, of_one = _learned(seen, chance, records, successors=False)
    given, family = seen.level("given"), seen.level("family")
    coded = seen.share_a_code() & (given > 0) & (family > 0)
    others = coded & (given == Given.DIFFERENT) & (family == Family.DIFFERENT)
    if of_one[others].sum() > HANDED_ON * max(of_one[coded].sum(), 1.0):
        model, _ = _learned(seen, chance, records, successors=True)
    return model


def _learned(
    seen: _Seen, chance: Tables, records: int, *, successors: bool
) -> tuple[Model, np.ndarray]:
    """A model, and how many pairs of each pattern are of one person by it."""
    guess = _Guess(seen, chance, records, successors=successors)
    for _ in range(ROUNDS):
        share, before = guess.shares(), guess.totals[0]
        guess.learn_from(share)
        if abs(guess.totals[0] - before) < SETTLED * before:
            break
    return guess.model(chance), share[0]


class _Guess:
    """What pairs of each class look like so far: tables of logarithms by field, and how many pairs
    (`totals`) are matches, of households, successors."""

    def __init__(self, seen: _Seen, chance: Tables, records: int, *, successors: bool) -> None:
        fields = seen.fields
        self.seen = seen
        self.match = {f.name: _logs(np.array(f.match)) for f in fields}
        self.household = {f.name: _logs(_of_household(f, chance[f.name])) for f in fields}
        self.expected = {f.name: _of_successors(f, chance[f.name]) for f in fields if successors}
        self.successors = {name: _logs(shares) for name, shares in self.expected.items()}
        # what goes from hand to hand, a household may have together
        self.household |= {
            f.name: self.successors[f.name] for f in fields if successors and _is_code(f)
        }
        self.totals = [max(records * share, 1.0) for share in (0.25, 0.25, IN_TURN)]
        self._most = max(MOST_KIN * records, 1.0)
        self._coded = seen.share_a_code()
        self._named = self._coded & (seen.level("given") > 0) & (seen.level("family") > 0)

    def shares(self) -> np.ndarray:
        """How many pairs of each pattern are of each class (a row per class, strangers last)."""
        seen, (match, household, successors) = self.seen, self.totals
        classes = [seen.likelihood(match, self.match), seen.likelihood(household, self.household)]
        if self.successors:
            likelihood = seen.likelihood(successors, self.successors)
            classes.append(np.where(self._coded, likelihood, -np.inf))
        stack = np.stack([*classes, seen.by_chance])
        share = np.exp2(stack - np.logaddexp2.reduce(stack, axis=0)) * seen.counts
        _give_back(share, seen.level("given"))
        return share

    def learn_from(self, share: np.ndarray) -> None:
        """Count totals and levels anew; successors are learned of pairs with names only."""
        match, household = share[:2]
        after = np.where(self._named, share[2], 0.0) if self.successors else np.zeros_like(match)
        counts = self.seen.counts
        of_all = counts[self._coded].sum() / max(counts[self._named].sum(), 1.0)
        self.totals = [
            match.sum() + 1.0,
            min(household.sum() + 1.0, self._most),
            min(after.sum() * of_all + 1.0, self._most),
        ]
        likely = np.where(match > share[1:].sum(axis=0), match, 0.0)
        for i, field in enumerate(self.seen.fields):
            name, level = field.name, self.seen.patterns[:, i]
            own = likely if field.drifts else match
            self.match[name] = _updated(field, field.match, level, own, field.most_different)
            if not field.personal:
                self.household[name] = _updated(
                    field, field.household, level, household, field.strange
                )
            if self.successors and not _is_name(field):
                self.successors[name] = _updated(field, self.expected[name], level, after, 1.0)

    def model(self, chance: Tables) -> Model:
        """What was learned, without caps."""
        priors = tuple(float(np.log2(total / self.seen.everything)) for total in self.totals)
        classes = self.match, self.household, self.successors, chance
        return Model(tuple(self.seen.fields), *classes, priors, caps={})


def _give_back(share: np.ndarray, given: np.ndarray) -> None:
    """Pairs of one given name to the matches, where they are far too many for households.

    share: pairs by class and pattern, matches and households first, changed in place.
    """
    match, household = share[:2]
    one_name = given == Given.EXACT
    same, others = household[one_name].sum(), household[~one_name & (given > 0)].sum()
    if same > MOST_OF_ONE_NAME * (same + others):
        surplus = np.where(one_name, household * (1 - OF_ONE_NAME * others / same), 0.0)
        match += surplus
        household -= surplus


def _is_code(field: Field) -> bool:
    """An email, a phone or an identifier."""
    return field.levels is Value and field.tells and not field.personal


def _is_name(field: Field) -> bool:
    """A name, or something else that is personal: successors have their own."""
    return field.personal or field.name == "family"


def _chance(field: Field, level: np.ndarray) -> np.ndarray:
    """Logarithms of each level among random pairs; 0 for levels weighed by the value."""
    counts = np.bincount(level, minlength=field.states)[1:].astype(float)
    counts += 0.5
    counts[0] += 1.0
    if field.name == "country":  # random pairs are of one country; those of two are the rule
        counts[0] = counts.sum()
    logs = np.concatenate(([0.0], np.log2(counts / counts.sum())))
    logs[list(field.by_chance)] = 0.0
    return logs


def _of_household(field: Field, chance: np.ndarray) -> np.ndarray:
    """The share of each level in a household, before any data is seen but that on chance."""
    expected = np.array(field.household)
    if field.personal:
        expected += (1 - expected.sum()) * _strangers(field, chance)
    return expected


def _of_successors(field: Field, chance: np.ndarray) -> np.ndarray:
    """The share of each level among successors, before any data is seen but that on chance."""
    same = NAMESAKES
    if _is_code(field):
        same = SAME_CODE
    elif field.name.startswith("attribute_"):
        same = SAME_FACT
    elif field.name == "country":
        same = ONE_COUNTRY
    alike = np.array(field.by_chance, np.int64) - 1
    if not len(alike):
        return _strangers(field, chance)
    expected = _strangers(field, chance) * (1 - same)
    expected[alike] = same / len(alike)
    return expected


def _strangers(field: Field, chance: np.ndarray) -> np.ndarray:
    """The share of each level among strangers, without those that are weighed by the value."""
    strangers = np.exp2(chance[1:])
    strangers[np.array(field.by_chance, np.int64) - 1] = 0.0
    return strangers / strangers.sum()


def _patterns(
    fields: list[Field], sample: Patterns, stand_for: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct patterns of levels, how many pairs have each, and its chance (in steps)."""
    step = np.clip(-sample.chance / CHANCE_STEP, 0, CHANCE_STEPS - 1).astype(np.int64)
    key = step
    for code in sample.codes:
        key = mixed(key, code)
    order, ordered = in_order(key)
    starts, counts = runs(ordered)
    if isinstance(stand_for, np.ndarray):
        counts = np.add.reduceat(stand_for[order], starts) if len(starts) else counts
    else:
        counts = counts * stand_for
    first = sample.take(order[starts])
    patterns = np.stack([first.level(f.name) for f in fields] or [np.empty(len(starts))], axis=1)
    return (
        patterns.astype(np.int64),
        counts.astype(float),
        -(step[order[starts]] + 0.5) * CHANCE_STEP,
    )


def _sum(table: dict[str, np.ndarray], fields: list[Field], patterns: np.ndarray) -> np.ndarray:
    return sum(
        (table[f.name][patterns[:, i]] for i, f in enumerate(fields)), np.zeros(len(patterns))
    )


def _updated(
    field: Field, expected: Sequence[float], level: np.ndarray, share: np.ndarray, most: float
) -> np.ndarray:
    counts = np.bincount(level, weights=share, minlength=field.states)[1:]
    counts = counts + np.array(expected) * EXPECTED_PAIRS
    shares = counts / counts.sum()
    if shares[0] > most:
        shares[1:] *= (1 - most) / shares[1:].sum()
        shares[0] = most
    return _logs(shares)


def _logs(shares: np.ndarray) -> np.ndarray:
    return np.concatenate(([0.0], np.log2(np.maximum(shares, 1e-6))))
