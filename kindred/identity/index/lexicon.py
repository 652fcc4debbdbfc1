"""Lexicons: values with a code each, which later values can join.

Belongs here: codes of values that stay the same when more values come, and giving records of later
days the codes of an index. Does not belong here: reading (`reading`), what codes are for (`index`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import (
    MISSING,
    OF_ALL,
    Codes,
    Identifier,
    Name,
    People,
    Values,
    Vocabulary,
    look_up,
)
from kindred.identity.codes.hashing import hashes
from kindred.identity.codes.queries import FEW
from kindred.identity.codes.side_by_side import side_by_side
from kindred.identity.codes.sorting import in_order

COLUMNS = (
    "email", "phone", "street", "house", "postal", "city", "middle", "gender", "country", "source",
)  # fmt: skip


WORD, SOUND, INITIAL = "word", "sound", "initial"


LATE = 20_000
"""So many new values are sorted in among the others at once: to find a place for each as it comes
would move all of them (a million emails: 5 ms, a sixth of what looking a record up takes)."""


class Lexicon:
    """Distinct values, each with the code that is its place; looked up by a hash.

    values: an array, or several chunks of one since values came.
    """

    def __init__(self, values: pa.Array) -> None:
        self.values: Values = values
        number = _numbers(values)
        code, number = in_order(number)
        code = code.astype(np.int32)
        self._known = _Sorted(number, code)
        self._late = _Sorted(number[:0], code[:0])

    def copy(self) -> Lexicon:
        """The same lexicon; what it takes in from now on stays in the copy."""
        found = Lexicon.__new__(Lexicon)
        found.values, found._known, found._late = self.values, self._known, self._late
        return found

    def find(self, values: pa.Array) -> np.ndarray:
        """The code of each value, `MISSING` for those that are not there."""
        return self._find(_numbers(values))

    def add(self, values: pa.Array) -> np.ndarray:
        """The code of each value, each of which comes once; new ones come behind the others."""
        return self.add_numbered(values, _numbers(values))

    def add_repeated(self, texts: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """`add`, of texts of which some may be the same."""
        found = texts.cast(pa.string()).dictionary_encode()
        if isinstance(found, pa.ChunkedArray):
            found = found.combine_chunks()
        return self.add(found.dictionary).astype(np.int64)[found.indices.to_numpy()]

    def add_numbered(self, values: pa.Array, number: np.ndarray) -> np.ndarray:
        """`add`, where the values' numbers (`_numbers_of`) are known."""
        found = self._find(number)
        new = np.flatnonzero((found < 0) & (number >= 0))
        if not len(new):
            return found
        found[new] = len(self.values) + np.arange(len(new))
        own = self.values.chunks if isinstance(self.values, pa.ChunkedArray) else [self.values]
        self.values = pa.chunked_array([*own, values.take(pa.array(new))])
        order = new[np.argsort(number[new])]
        self._late = self._late.joined(number[order], found[order])
        if len(self._late.number) > LATE:
            self._known = self._known.joined(self._late.number, self._late.code)
            self._late = _Sorted(number[:0], found[:0])
            self.values = self.values.combine_chunks()
        return found

    def _find(self, number: np.ndarray) -> np.ndarray:
        found = self._known.find(number)
        if len(self._late.number):
            late = self._late.find(number)
            found = np.where(late >= 0, late, found)
        return found


@dataclass(frozen=True)
class _Sorted:
    """Numbers in order, each with its code."""

    number: np.ndarray
    code: np.ndarray

    def find(self, number: np.ndarray) -> np.ndarray:
        if not len(self.number):
            return np.full(len(number), MISSING, np.int32)
        place = self._place(number)
        place[place == len(self.number)] = 0
        seen = (self.number[place] == number) & (number >= 0)
        return np.where(seen, self.code[place], np.int32(MISSING))

    def _place(self, number: np.ndarray) -> np.ndarray:
        """Where each number would stand. Numbers in order are found in half the time."""
        if len(number) <= FEW:
            return np.searchsorted(self.number, number)
        order, ordered = in_order(number)
        place = np.empty(len(number), np.int64)
        place[order] = np.searchsorted(self.number, ordered)
        return place

    def joined(self, number: np.ndarray, code: np.ndarray) -> _Sorted:
        """With others, which are in order."""
        place = np.searchsorted(self.number, number)
        return _Sorted(np.insert(self.number, place, number), np.insert(self.code, place, code))


def _numbers(values: pa.Array) -> np.ndarray:
    """A number for each distinct value, negative for none: itself, or a hash of 62 bits."""
    return _numbers_of([values])[0]


def _numbers_of(columns: list[pa.Array]) -> list[np.ndarray]:
    """`_numbers` of the values of several columns; all texts are hashed at once."""
    texts = [values for values in columns if not pa.types.is_integer(values.type)]
    ends = np.cumsum([len(values) for values in texts])
    hashed = iter(np.split(hashes(pa.concat_arrays(texts)), ends[:-1]) if texts else [])
    return [
        pc.fill_null(values, MISSING).to_numpy(zero_copy_only=False).astype(np.int64)
        if pa.types.is_integer(values.type)
        else next(hashed)
        for values in columns
    ]


class Lexicons:
    """The lexicons of all columns of people."""

    def __init__(self, people: People) -> None:
        self._of = {name: Lexicon(values) for name, values in _values(people).items()}
        self.words = people.words

    def copy(self) -> Lexicons:
        """The same lexicons; what they take in from now on stays in the copy."""
        found = Lexicons.__new__(Lexicons)
        found._of = {name: lexicon.copy() for name, lexicon in self._of.items()}
        found.words = self.words
        return found

    def people(self, more: People, threads: int = 1) -> People:
        """The same records in the codes of the lexicons, which take in what is new to them.

        Identifier types and attributes that the lexicons don't have are left out.
        """
        known = len(self.words.values)
        given = {name: values for name, values in _values(more).items() if name in self._of}
        numbers = zip(given, _numbers_of(list(given.values())), strict=True)

        def codes(column: tuple[str, np.ndarray]) -> np.ndarray:
            name, number = column
            return self._of[name].add_numbered(given[name], number)

        code = dict(zip(given, side_by_side(codes, numbers, threads), strict=True))
        self._learn(more.words, code, known)
        none = np.full(len(more), MISSING, np.int32)
        attributes, identifiers = {}, {}
        for name, lexicon in self._of.items():
            kind, _, own = name.partition("_")
            if kind == "attribute":
                codes = look_up(code[name], more.attributes[own].codes) if name in code else none
                attributes[own] = Codes(codes, lexicon.values)
            elif kind == "identifier":
                slots = [none]
                if name in code:
                    slots = [look_up(code[name], slot) for slot in more.identifiers[own].slots]
                identifiers[own] = Identifier(slots, lexicon.values)
        columns = {name: getattr(more, name).codes for name in COLUMNS}
        return replace(
            more,
            words=self.words,
            given=_named(more.given, code[WORD]),
            family=_named(more.family, code[WORD]),
            attributes=attributes,
            identifiers=identifiers,
            **{
                name: Codes(look_up(code[name], codes), self._of[name].values)
                for name, codes in columns.items()
            },
        )

    def _learn(self, more: Vocabulary, code: dict[str, np.ndarray], known: int) -> None:
        """The vocabulary, which has `known` words, takes in those of `more` that are new to it."""
        word = code[WORD]
        new = np.flatnonzero(word >= known)
        if not len(new):
            return
        own = self.words
        sound = look_up(code[SOUND], more.sound.codes[new])
        initial = look_up(code[INITIAL], more.initial.codes[new])
        self.words = Vocabulary(
            values=self._of[WORD].values,
            sound=Codes(np.concatenate([own.sound.codes, sound]), self._of[SOUND].values),
            initial=Codes(np.concatenate([own.initial.codes, initial]), self._of[INITIAL].values),
            formal=np.concatenate([own.formal, word[more.formal[new]]]),
            is_initial=np.concatenate([own.is_initial, more.is_initial[new]]),
            is_foreign=np.concatenate([own.is_foreign, more.is_foreign[new]]),
            begins=np.concatenate([own.begins, more.begins[new]]),
            nick=np.concatenate([own.nick, more.nick[new]]),
            also=own.also,
        )


def _values(people: People) -> dict[str, pa.Array]:
    """The values of every column of people, and of their words, by name."""
    words = people.words
    return (
        {name: getattr(people, name).values for name in COLUMNS}
        | {WORD: words.values, SOUND: words.sound.values, INITIAL: words.initial.values}
        | {f"attribute_{name}": own.values for name, own in people.attributes.items()}
        | {f"identifier_{name}": own.values for name, own in people.identifiers.items()}
    )


def _named(name: Name, word: np.ndarray) -> Name:
    return Name(*(look_up(word, codes) for codes in (name.full, name.first, name.last)))


def joined(people: People, more: People, threads: int = 1) -> People:
    """Records and more records behind them, whose codes come from the same lexicons."""
    own = {name: value for name, value in vars(people).items() if name not in OF_ALL}
    both = [(value, getattr(more, name)) for name, value in own.items()]
    found = side_by_side(lambda pair: _one_behind_other(*pair), both, threads)
    return replace(people, words=more.words, **dict(zip(own, found, strict=True)))


def _one_behind_other(own: Any, more: Any) -> Any:
    """Anything that `People` holds per record."""
    if isinstance(own, dict):
        return {name: _one_behind_other(value, more[name]) for name, value in own.items()}
    if isinstance(own, Codes):
        return Codes(np.concatenate([own.codes, more.codes]), more.values)
    if isinstance(own, Name):
        parts = ((own.full, more.full), (own.first, more.first), (own.last, more.last))
        return Name(*(np.concatenate(pair) for pair in parts))
    if isinstance(own, Identifier):
        return _with_slots(own, more)
    return pa.concat_arrays([own, more]) if isinstance(own, pa.Array) else np.append(own, more)


def _with_slots(own: Identifier, more: Identifier) -> Identifier:
    def slot(found: Identifier, place: int) -> np.ndarray:
        none = np.full(len(found.slots[0]), MISSING, np.int32)
        return found.slots[place] if place < len(found.slots) else none

    count = max(len(own.slots), len(more.slots))
    slots = [np.concatenate([slot(own, i), slot(more, i)]) for i in range(count)]
    return Identifier(slots, more.values)
