"""Lexicons: values with a code each, which later values can join.

Belongs here: codes of values that stay the same when more values come, and giving records of later
days the codes of an index. Does not belong here: reading (`reading`), what codes are for (`index`).
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.columns import (
    MISSING,
    Codes,
    Identifier,
    Name,
    People,
    Vocabulary,
    look_up,
)
from kindred.identity.normal_forms import hashes

COLUMNS = (
    "email", "phone", "street", "house", "postal", "city", "middle", "gender", "country", "source",
)  # fmt: skip


class Lexicon:
    """Distinct values, each with the code that is its place; looked up by a hash."""

    def __init__(self, values: pa.Array) -> None:
        self.values = values
        number = _numbers(values)
        self._code = np.argsort(number).astype(np.int32)
        self._number = number[self._code]

    def find(self, values: pa.Array) -> np.ndarray:
        """The code of each value, `MISSING` for those that are not there."""
        return self._find(_numbers(values))

    def add(self, values: pa.Array) -> np.ndarray:
        """The code of each value; values that are new come behind the others."""
        number = _numbers(values)
        found = self._find(number)
        new = np.flatnonzero((found < 0) & (number >= 0))
        if not len(new):
            return found
        found[new] = len(self.values) + np.arange(len(new))
        self.values = pa.concat_arrays([self.values, values.take(pa.array(new))])
        order = new[np.argsort(number[new])]
        place = np.searchsorted(self._number, number[order])
        self._number = np.insert(self._number, place, number[order])
        self._code = np.insert(self._code, place, found[order])
        return found

    def _find(self, number: np.ndarray) -> np.ndarray:
        if not len(self._number):
            return np.full(len(number), MISSING, np.int32)
        place = np.searchsorted(self._number, number)
        place[place == len(self._number)] = 0
        seen = (self._number[place] == number) & (number >= 0)
        return np.where(seen, self._code[place], np.int32(MISSING))


def _numbers(values: pa.Array) -> np.ndarray:
    """A number for each distinct value, negative for none: itself, or a hash of 62 bits."""
    if pa.types.is_integer(values.type):
        return pc.fill_null(values, MISSING).to_numpy(zero_copy_only=False).astype(np.int64)
    return hashes(values)


class Lexicons:
    """The lexicons of all columns of people."""

    def __init__(self, people: People) -> None:
        self._of = {name: Lexicon(getattr(people, name).values) for name in COLUMNS}
        self._of |= {f"attribute_{n}": Lexicon(c.values) for n, c in people.attributes.items()}
        self._of |= {f"identifier_{n}": Lexicon(i.values) for n, i in people.identifiers.items()}
        self._word = Lexicon(people.words.values)
        self._sound = Lexicon(people.words.sound.values)
        self._initial = Lexicon(people.words.initial.values)
        self.words = people.words

    def copy(self) -> Lexicons:
        """The same lexicons; what they take in from now on stays in the copy."""
        found = copy(self)
        found._of = {name: copy(lexicon) for name, lexicon in self._of.items()}
        found._word, found._sound = copy(self._word), copy(self._sound)
        found._initial = copy(self._initial)
        return found

    def people(self, more: People) -> People:
        """The same records in the codes of the lexicons, which take in what is new to them.

        Identifier types and attributes that the lexicons don't have are left out.
        """
        word = self._words(more.words)
        columns = {name: self._codes(name, getattr(more, name)) for name in COLUMNS}
        none = np.full(len(more), MISSING, np.int32)
        attributes, identifiers = {}, {}
        for name, lexicon in self._of.items():
            kind, _, own = name.partition("_")
            if kind == "attribute":
                empty = Codes(none, lexicon.values.slice(0, 0))
                attributes[own] = self._codes(name, more.attributes.get(own, empty))
            elif kind == "identifier":
                empty = Identifier([none], lexicon.values.slice(0, 0))
                found = more.identifiers.get(own, empty)
                code = lexicon.add(found.values)
                slots = [look_up(code, slot) for slot in found.slots]
                identifiers[own] = Identifier(slots, lexicon.values)
        return replace(
            more,
            words=self.words,
            given=_named(more.given, word),
            family=_named(more.family, word),
            attributes=attributes,
            identifiers=identifiers,
            **columns,
        )

    def _codes(self, name: str, column: Codes) -> Codes:
        lexicon = self._of[name]
        code = lexicon.add(column.values)
        return Codes(look_up(code, column.codes), lexicon.values)

    def _words(self, more: Vocabulary) -> np.ndarray:
        """Codes of the words of `more`; the vocabulary takes in those that are new to it."""
        before = len(self.words.values)
        code = self._word.add(more.values)
        new = np.flatnonzero(code >= before)
        if len(new):
            sound = look_up(self._sound.add(more.sound.values), more.sound.codes[new])
            initial = look_up(self._initial.add(more.initial.values), more.initial.codes[new])
            own = self.words
            self.words = Vocabulary(
                values=self._word.values,
                sound=Codes(np.concatenate([own.sound.codes, sound]), self._sound.values),
                initial=Codes(np.concatenate([own.initial.codes, initial]), self._initial.values),
                formal=np.concatenate([own.formal, code[more.formal[new]]]),
                is_initial=np.concatenate([own.is_initial, more.is_initial[new]]),
            )
        return code


def _named(name: Name, word: np.ndarray) -> Name:
    return Name(*(look_up(word, codes) for codes in (name.full, name.first, name.last)))


def joined(people: People, more: People) -> People:
    """Records and more records behind them, whose codes come from the same lexicons."""
    columns = {name: _codes(getattr(people, name), getattr(more, name)) for name in COLUMNS}
    return replace(
        people,
        record_id=pa.concat_arrays([people.record_id, more.record_id]),
        words=more.words,
        given=_both(people.given, more.given),
        family=_both(people.family, more.family),
        birth=np.concatenate([people.birth, more.birth]),
        email_user=np.concatenate([people.email_user, more.email_user]),
        attributes={
            name: _codes(own, more.attributes[name]) for name, own in people.attributes.items()
        },
        identifiers={
            kind: _slots(own, more.identifiers[kind], len(people), len(more))
            for kind, own in people.identifiers.items()
        },
        **columns,
    )


def _codes(own: Codes, more: Codes) -> Codes:
    return Codes(np.concatenate([own.codes, more.codes]), more.values)


def _both(name: Name, more: Name) -> Name:
    parts = ((name.full, more.full), (name.first, more.first), (name.last, more.last))
    return Name(*(np.concatenate(pair) for pair in parts))


def _slots(own: Identifier, more: Identifier, first: int, then: int) -> Identifier:
    def slot(found: Identifier, place: int, size: int) -> np.ndarray:
        none = np.full(size, MISSING, np.int32)
        return found.slots[place] if place < len(found.slots) else none

    count = max(len(own.slots), len(more.slots))
    slots = [np.concatenate([slot(own, i, first), slot(more, i, then)]) for i in range(count)]
    return Identifier(slots, more.values)
