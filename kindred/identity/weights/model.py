"""The model: the ways in which two records can come to agree, and what each agreement is worth.

A pair is of one person (match), of one household (its members share address, family name, phone),
of strangers (chance), or, in some data, of two people who had one code after the other: a car, a
number, a mailbox (successors). Fellegi and Sunter (1969) weigh agreements with matches and chance;
without the others, households are merged, and owners of one car.

Belongs here: weighing, keeping the model as a file. Does not belong here: learning (`learning`),
finding levels (`agreement`) and deciding on clusters (`clustering`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kindred.identity.codes.columns import InputError
from kindred.identity.weights.agreement import Agreement
from kindred.identity.weights.kinds import NO_KINDS, Kinds
from kindred.identity.weights.levels import Field
from kindred.identity.weights.namesakes import NO_NAMESAKES, Namesakes

FORMAT = 6
TELLING = 2.5
"""Bits by which a pair that agrees on nothing must differ to count against one person."""
UNCHANGING = ("birth", "generation")
"""What nobody changes: where it differs, it speaks for two people."""


Groups = tuple[tuple[Field, ...], ...]


@dataclass(frozen=True)
class Patterns:
    """The levels of pairs, packed: per group of fields one code per pair; their chance, and what
    bits there are for the kinds of the records.

    Weighing looks up one number per group instead of one per field.
    """

    groups: Groups
    codes: list[np.ndarray]
    chance: np.ndarray
    kinds: np.ndarray

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
        none = np.zeros(size, np.float32)
        return Patterns(groups, codes, none + agreement.total_chance(), none + agreement.kinds)

    @staticmethod
    def joined(parts: list[Patterns], fields: list[Field]) -> Patterns:
        """Several lists of pairs as one."""
        groups = _grouped(fields)
        codes = [
            np.concatenate([part.codes[i] for part in parts] or [np.empty(0, np.uint16)])
            for i in range(len(groups))
        ]
        chance, kinds = (
            np.concatenate([getattr(part, name) for part in parts] or [np.empty(0, np.float32)])
            for name in ("chance", "kinds")
        )
        return Patterns(groups, codes, chance, kinds)

    def take(self, rows: np.ndarray | slice) -> Patterns:
        """Some of the pairs."""
        codes = [code[rows] for code in self.codes]
        return Patterns(self.groups, codes, self.chance[rows], self.kinds[rows])

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
    """Logarithms (base 2) of the probability of each level, by field, in each of the classes.

    match, household, successors, chance: by field an array over the levels, of which the first
    (`NONE`) is 0; successors: empty where there are none. Levels that are weighed by the frequency
    of the value have chance 0 here. priors: logarithms of how many of all pairs are matches, of
    households, successors. caps: by blocking rule the records of the largest block that brings
    pairs (`caps`); none where every pair was compared. alone: what being left alone is worth
    (`left_alone.worth`); none where nobody is there twice. namesakes: full names that are more
    frequent than their two names foretell. kinds: what two records are worth for what they are.
    """

    fields: tuple[Field, ...]
    match: dict[str, np.ndarray]
    household: dict[str, np.ndarray]
    successors: dict[str, np.ndarray]
    chance: dict[str, np.ndarray]
    priors: tuple[float, float, float]
    caps: dict[str, int]
    alone: tuple[float, ...] = ()
    namesakes: Namesakes = NO_NAMESAKES
    kinds: Kinds = NO_KINDS

    @property
    def reach(self) -> float:
        """Pairs that weigh more than this less than nothing may yet decide who joins whom."""
        return max((0.0, *self.alone))

    def weigh(self, patterns: Patterns) -> np.ndarray:
        """Match weight of each pair: log2 of the odds that it is one person, as float32."""
        match, kin, chance = self._classes(patterns)
        return match - np.logaddexp2(kin, chance)

    def against(self, patterns: Patterns) -> np.ndarray:
        """How much each pair speaks for two people, in bits, as float32.

        That is the odds (log2) that it is two of one household, or successors, or what its birth
        dates and generations say when they differ, for nobody's change; negative where neither
        says so.
        """
        match, kin, chance = self._classes(patterns)
        odds = kin - np.logaddexp2(match, chance)
        return np.maximum(odds, patterns.summed(self._tables["differing"]))

    def household_share(self, patterns: Patterns) -> np.ndarray:
        """How much of what speaks against one person says household, and not chance: 0 to 1."""
        _, kin, chance = self._classes(patterns)
        return np.exp2(kin - np.logaddexp2(kin, chance))

    def telling(self, patterns: Patterns) -> np.ndarray:
        """True per pair that agrees on something, or differs in what one person seldom differs in.

        Another cookie says nothing, where people have many.
        """
        match, _, chance = self._classes(patterns)
        differs = match - patterns.kinds - np.float32(self.priors[0]) - chance < -TELLING
        return differs | (patterns.summed(self._tables["agreeing"]) > 0)

    def _classes(self, patterns: Patterns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log2 of how likely each pair is as a match, of two who share something, and by chance."""
        match, household = (
            patterns.summed(self._tables[name]) + np.float32(prior)
            for name, prior in zip(("match", "household"), self.priors, strict=False)
        )
        if self.successors:
            after = patterns.summed(self._tables["successors"]) + np.float32(self.priors[2])
            household = np.logaddexp2(household, after)
        match = match + patterns.kinds
        return match, household, patterns.summed(self._tables["chance"]) + patterns.chance

    @cached_property
    def _tables(self) -> dict[str, list[np.ndarray]]:
        """By code: the classes, what speaks for two people where it differs, and on how many of
        the fields that tell people apart it agrees."""
        differing = {name: np.zeros_like(table) for name, table in self.match.items()}
        for name in differing.keys() & set(UNCHANGING):
            differing[name] = np.maximum(self.chance[name] - self.match[name], 0)
        agreeing = {f.name: np.arange(f.states) * f.tells > 1 for f in self.fields}
        classes = [name for name in CLASSES if name != "successors" or self.successors]
        every = {name: getattr(self, name) for name in classes}
        every |= {"differing": differing, "agreeing": agreeing}
        groups = _grouped(list(self.fields))
        return {name: _laid_out(groups, tables) for name, tables in every.items()}

    def field_weights(self, agreement: Agreement) -> dict[str, np.ndarray]:
        """By field, what it adds to the odds of match against chance; for explanations."""
        return {
            field.name: self.match[field.name][agreement.levels[field.name]]
            - self.chance[field.name][agreement.levels[field.name]]
            - agreement.chance[field.name]
            for field in self.fields
        }


def save(model: Model, path: Path, **facts: object) -> None:
    """Write the model as JSON, so that a run can be repeated with the very same weights.

    Only its owner may read the file.

    facts: what else is worth knowing of it, as when and from how many records it was learned.
    """
    tables = {
        kind: {name: table.tolist() for name, table in getattr(model, kind).items()}
        for kind in CLASSES
    }
    own = {name: getattr(model, name) for name in ("priors", "caps", "alone")}
    own |= {"namesakes": model.namesakes.as_text(), "kinds": model.kinds.as_text()}
    content = {"format": FORMAT, **facts, "fields": _named(model.fields), **own, **tables}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=1) + "\n")
    draft.replace(path)


def load(path: Path, fields: Sequence[Field]) -> tuple[Model, dict[str, object]] | None:
    """The model of a file and its facts; None where there is none for exactly these fields.

    Raises `InputError` when the file can't be read: weights are never learned again unasked.
    """
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text())
        if content["format"] != FORMAT or content.pop("fields") != _named(fields):
            return None
        return _read(content, fields), content
    except UNREADABLE as error:
        raise unreadable(path) from error


def fields_of(path: Path) -> dict[str, int]:
    """The names of a file's fields, and the best level of each (`Field.best`).

    There are none in a file of another version. Raises `InputError` as `load`.
    """
    try:
        content = json.loads(path.read_text())
        return dict(content["fields"]) if content["format"] == FORMAT else {}
    except UNREADABLE as error:
        raise unreadable(path) from error


def unreadable(path: Path) -> InputError:
    """What to say of a file that is there and isn't understood."""
    return InputError(f"{path} is no model that can be read; delete it to learn the weights again")


def _named(fields: Sequence[Field]) -> dict[str, int]:
    """What fields there are, and how well each can agree: with house numbers an address is another
    field than without."""
    return {field.name: field.best for field in fields}


def _read(content: dict[str, Any], fields: Sequence[Field]) -> Model:
    """The model, taken out of what a file holds. Raises `ValueError` where it doesn't fit."""
    sizes = {field.name: field.states for field in fields}
    tables = {}
    for kind in CLASSES:
        own = {name: np.array(table, np.float64) for name, table in content.pop(kind).items()}
        if any(table.shape != (sizes[name],) for name, table in own.items()):
            raise ValueError("a table with other levels")
        if own.keys() != sizes.keys() and (own or kind != "successors"):
            raise ValueError("a table of other fields")
        tables[kind] = own
    priors, alone = (tuple(map(float, content.pop(name))) for name in ("priors", "alone"))
    caps = {str(name): int(cap) for name, cap in content.pop("caps").items()}
    if len(priors) != PRIORS or not np.isfinite([*priors, *alone]).all():
        raise ValueError("priors of other classes, or no numbers")
    learned = {
        "alone": alone,
        "namesakes": Namesakes.of_text(content.pop("namesakes")),
        "kinds": Kinds.of_text(content.pop("kinds")),
    }
    return Model(tuple(fields), **tables, priors=priors, caps=caps, **learned)


CLASSES = ("match", "household", "successors", "chance")
PRIORS = 3
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)
"""What comes of reading a file that holds something else."""
