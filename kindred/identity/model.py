"""The model: three ways in which two records can come to agree, and what each agreement is worth.

A pair is of one person (match), of one household (its members share address, family name, phone),
or of strangers (chance). Fellegi and Sunter (1969) weigh agreements with the first and last of
these; without the second, households are merged. Chance is counted from the data; what matches and
households look like is learned without labels, by expectation maximisation over the table of
agreement patterns, starting from what one expects (`levels`).

Belongs here: learning, weighing, keeping the model as a file. Does not belong here: finding levels
(`agreement`) and deciding on clusters (`clustering`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from kindred.identity.agreement import Agreement
from kindred.identity.columns import InputError
from kindred.identity.hashing import mixed
from kindred.identity.levels import Field
from kindred.identity.sorting import in_order, runs

EXPECTED_PAIRS = 60.0
"""How many pairs of evidence the expectations in `levels` count for."""
MOST_KIN = 3.0
"""Pairs of one household per record, at most."""
ROUNDS = 40
SETTLED = 1e-4
CHANCE_STEP = 2.0
CHANCE_STEPS = 64
FORMAT = 2
TELLING = 2.5
"""Bits by which a pair that agrees on nothing must differ to count against one person."""
UNCHANGING = ("birth", "generation")
"""What nobody changes: where it differs, it speaks for two people."""


Groups = tuple[tuple[Field, ...], ...]


@dataclass(frozen=True)
class Patterns:
    """The levels of pairs, packed: per group of fields one code per pair; and their chance.

    Weighing looks up one number per group instead of one per field.
    """

    groups: Groups
    codes: list[np.ndarray]
    chance: np.ndarray

    def __len__(self) -> int:
        return len(self.chance)

    @staticmethod
    def of(fields: list[Field], agreement: Agreement, size: int) -> Patterns:
        """Pack the levels of an agreement of `size` pairs."""
        groups = _grouped(fields)
        codes = []
        for group in groups:
            code = np.zeros(size, np.uint16)
            for field in group:
                code = code * np.uint16(field.states) + agreement.levels[field.name]
            codes.append(code)
        return Patterns(groups, codes, np.zeros(size, np.float32) + agreement.total_chance())

    @staticmethod
    def joined(parts: list[Patterns], fields: list[Field]) -> Patterns:
        """Several lists of pairs as one."""
        groups = _grouped(fields)
        codes = [
            np.concatenate([part.codes[i] for part in parts] or [np.empty(0, np.uint16)])
            for i in range(len(groups))
        ]
        chance = np.concatenate([part.chance for part in parts] or [np.empty(0, np.float32)])
        return Patterns(groups, codes, chance)

    def take(self, rows: np.ndarray | slice) -> Patterns:
        """Some of the pairs."""
        return Patterns(self.groups, [code[rows] for code in self.codes], self.chance[rows])

    def level(self, name: str) -> np.ndarray:
        """The levels of one field; `KeyError` where there is no such field."""
        return self.levels(name)[name]

    def levels(self, *names: str) -> dict[str, np.ndarray]:
        """The levels of some fields, or of all, by name."""
        found = {}
        for group, code in zip(self.groups, self.codes, strict=True):
            below = 1
            for field in reversed(group):
                if not names or field.name in names:
                    found[field.name] = code // below % field.states
                below *= field.states
        return found

    def summed(self, tables: list[np.ndarray]) -> np.ndarray:
        """The sum over the fields of a number per level, as float32; tables: of `_laid_out`."""
        total = np.zeros(len(self), np.float32)
        for table, code in zip(tables, self.codes, strict=True):
            total += table[code]
        return total


GROUP_SIZE = 20_000


def _grouped(fields: list[Field]) -> Groups:
    groups, size = [[]], 1
    for field in fields:
        size *= field.states
        if size > GROUP_SIZE:
            groups.append([])
            size = field.states
        groups[-1].append(field)
    return tuple(tuple(group) for group in groups)


def _laid_out(groups: Groups, tables: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Per group, by code, the sum over its fields of `tables[field][level]`, as float32."""
    found = []
    for group in groups:
        table = np.zeros(1)
        for field in group:
            table = (table[:, None] + tables[field.name][None, :]).ravel()
        found.append(table.astype(np.float32))
    return found


@dataclass(frozen=True)
class Model:
    """Logarithms (base 2) of the probability of each level, by field, in each of the three classes.

    match, household, chance: by field an array over the levels, of which the first (`NONE`) is 0.
    Levels that are weighed by the frequency of the value have chance 0 here. priors: logarithms of
    how many of all pairs are matches, households, strangers. caps: by blocking rule the records of
    the largest block that brings pairs (`caps`); none where every pair was compared.
    """

    fields: tuple[Field, ...]
    match: dict[str, np.ndarray]
    household: dict[str, np.ndarray]
    chance: dict[str, np.ndarray]
    priors: tuple[float, float, float]
    caps: dict[str, int]

    def weigh(self, patterns: Patterns) -> np.ndarray:
        """Match weight of each pair: log2 of the odds that it is one person, as float32."""
        match, household, chance = self._classes(patterns)
        return match - np.logaddexp2(household, chance)

    def against(self, patterns: Patterns) -> np.ndarray:
        """How much each pair speaks for two people, in bits, as float32.

        That is the odds (log2) that it is two of one household, or what its birth dates and
        generations say when they differ, for nobody's change; negative where neither says so.
        """
        match, household, chance = self._classes(patterns)
        kin = household - np.logaddexp2(match, chance)
        return np.maximum(kin, patterns.summed(self._tables[3]))

    def telling(self, patterns: Patterns) -> np.ndarray:
        """True per pair that agrees on something, or differs in what one person seldom differs in.

        Another cookie says nothing, where people have many.
        """
        match, _, chance = self._classes(patterns)
        differs = match - np.float32(self.priors[0]) - chance < -TELLING
        return differs | (patterns.summed(self._tables[4]) > 0)

    def _classes(self, patterns: Patterns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log2 of how likely each pair is as a match, in a household, and by chance."""
        match, household, chance = (
            patterns.summed(tables) + np.float32(prior)
            for prior, tables in zip(self.priors, self._tables[:3], strict=True)
        )
        return match, household, chance + patterns.chance

    @cached_property
    def _tables(self) -> list[list[np.ndarray]]:
        """By code: match, household, chance, what speaks for two people where it differs, and on
        how many of the fields that tell people apart it agrees."""
        differing = {name: np.zeros_like(table) for name, table in self.match.items()}
        for name in differing.keys() & set(UNCHANGING):
            differing[name] = np.maximum(self.chance[name] - self.match[name], 0)
        agreeing = {f.name: np.arange(f.states) * f.tells > 1 for f in self.fields}
        groups = _grouped(list(self.fields))
        every = (self.match, self.household, self.chance, differing, agreeing)
        return [_laid_out(groups, tables) for tables in every]

    def field_weights(self, agreement: Agreement) -> dict[str, np.ndarray]:
        """By field, what it adds to the odds of match against chance; for explanations."""
        return {
            field.name: self.match[field.name][agreement.levels[field.name]]
            - self.chance[field.name][agreement.levels[field.name]]
            - agreement.chance[field.name]
            for field in self.fields
        }


def learn(
    fields: list[Field],
    sample: Patterns,
    stand_for: np.ndarray | float,
    random: Patterns,
    records: int,
) -> Model:
    """Learn a model from candidate pairs and from random pairs, without labels.

    sample: agreement of candidate pairs; stand_for: how many candidates each of them is one of.
    random: agreement of random pairs of records of one country, for chance.
    """
    chance = {field.name: _chance(field, random) for field in fields}
    patterns, counts, log_chance = _patterns(fields, sample, stand_for)
    everything = max(records * (records - 1) / 2.0, 1.0)
    base = log_chance + sum(
        (chance[f.name][patterns[:, i]] for i, f in enumerate(fields)), np.zeros(len(counts))
    )
    match = {f.name: _logs(np.array(f.match)) for f in fields}
    household = {f.name: _expected_household(f, chance[f.name]) for f in fields}
    total_match = total_household = max(records * 0.25, 1.0)
    for _ in range(ROUNDS):
        of_match = np.log2(total_match / everything) + _sum(match, fields, patterns)
        of_house = np.log2(total_household / everything) + _sum(household, fields, patterns)
        stack = np.stack([of_match, of_house, base])
        share = np.exp2(stack - np.logaddexp2.reduce(stack, axis=0)) * counts
        before = total_match
        total_match, total_household = (
            share[0].sum() + 1.0,
            min(share[1].sum() + 1.0, max(MOST_KIN * records, 1.0)),
        )
        likely = np.where(share[0] > share[1] + share[2], share[0], 0.0)
        for i, field in enumerate(fields):
            match[field.name] = _updated(
                field,
                field.match,
                patterns[:, i],
                likely if field.drifts else share[0],
                field.most_different,
            )
            if not field.personal:
                household[field.name] = _updated(
                    field, field.household, patterns[:, i], share[1], field.strange
                )
        if abs(total_match - before) < SETTLED * before:
            break
    priors = (
        float(np.log2(total_match / everything)),
        float(np.log2(total_household / everything)),
        0.0,
    )
    return Model(tuple(fields), match, household, chance, priors, caps={})


def _chance(field: Field, random: Patterns) -> np.ndarray:
    """Logarithms of each level among random pairs; 0 for levels weighed by the value."""
    level = random.level(field.name)
    counts = np.bincount(level, minlength=field.states)[1:].astype(float)
    counts += 0.5
    counts[0] += 1.0
    if field.name == "country":  # random pairs are of one country; those of two are the rule
        counts[0] = counts.sum()
    logs = np.concatenate(([0.0], np.log2(counts / counts.sum())))
    logs[list(field.by_chance)] = 0.0
    return logs


def _expected_household(field: Field, chance: np.ndarray) -> np.ndarray:
    """Logarithms of each level in a household, before any data is seen but that on chance."""
    expected = np.array(field.household)
    if field.personal:
        strangers = np.exp2(chance[1:])
        strangers[np.array(field.by_chance, np.int64) - 1] = 0.0
        expected += (1 - expected.sum()) * strangers / strangers.sum()
    return _logs(expected)


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
    field: Field, expected: tuple[float, ...], level: np.ndarray, share: np.ndarray, most: float
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


def save(model: Model, path: Path, **facts: object) -> None:
    """Write the model as JSON, so that a run can be repeated with the very same weights.

    facts: what else is worth knowing of it, as when and from how many records it was learned.
    """
    tables = {
        kind: {name: table.tolist() for name, table in getattr(model, kind).items()}
        for kind in CLASSES
    }
    own = {"priors": list(model.priors), "caps": model.caps}
    content = {"format": FORMAT, **facts, **own, **tables}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(content, indent=1) + "\n")
    draft.replace(path)


def load(path: Path, fields: list[Field]) -> tuple[Model, dict[str, object]] | None:
    """The model of a file and its facts; None where there is none for exactly these fields.

    Raises `InputError` when the file can't be read: weights are never learned again unasked.
    """
    if not path.is_file():
        return None
    names = [field.name for field in fields]
    try:
        content = json.loads(path.read_text())
        if content["format"] != FORMAT or list(content["match"]) != names:
            return None
        tables = {
            kind: {name: np.array(table) for name, table in content.pop(kind).items()}
            for kind in CLASSES
        }
        priors = tuple(content.pop("priors"))
        caps = dict(content.pop("caps"))
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path} is no model that can be read; delete it to learn the weights again"
        raise InputError(message) from error
    return Model(tuple(fields), **tables, priors=priors, caps=caps), content


CLASSES = ("match", "household", "chance")
