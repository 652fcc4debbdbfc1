"""Whole names: given and family name in one text, as lists, web forms and bank accounts have them.

`GARCIA LOPEZ ANA MARIA` and `Ana Maria Garcia Lopez` are the same two names. Where they part, and
which of them comes first, the words tell: how often others bear each as a given or a family name,
how many words such names have, and in which order the source writes what is beyond doubt.

Belongs here: seeing that a file has whole names only, and parting them. Does not belong here: which
other names are whole (`name_order`), names inside emails (`names_in_emails`), titles and particles
(`normal_forms`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import Codes
from kindred.identity.codes.hashing import hashes
from kindred.identity.reading.generations import NAMES_TOO
from kindred.identity.reading.names_in_emails import Uses

MOST_WORDS = 6
"""A name with more words parts among the first six."""
SURE = 4.0
"""Bits that one word tells at most."""
INITIAL = 2.0
"""Bits by which a letter alone is rather a given name."""
ALONE = 1.0
"""Bits from which on a word alone is a given name, and not a family name."""
CLEAR = 3.0
"""Bits between both orders from which on a name tells how its source writes names, ..."""
HABIT = 6.0
"""... and that the habit of a source tells at most."""
EXPECTED = (17.0, 2.4, 0.4, 0.1, 0.05, 0.05)
"""Given names, and family names, with so many words, before any are seen."""
TEACHERS = 0.1
"""So many names in two columns for each whole one, and these alone teach which word is which."""
ROUNDS = 3


def are_whole(given: Codes, family: Codes) -> bool:
    """True where one of the columns is empty, and most names in the other have several words."""
    if bool(len(given.values)) == bool(len(family.values)):
        return False
    names = given if len(given.values) else family
    several = pc.match_substring(names.values, " ").to_numpy(zero_copy_only=False)
    return bool(names.counts[several].sum() * 2 > names.counts.sum())


@dataclass(frozen=True)
class _Words:
    """The words of names. code: of each word, name by name; where those of a name begin, and how
    many it has; values: the distinct words, by code, of all columns that were read together."""

    code: np.ndarray
    start: np.ndarray
    size: np.ndarray
    values: pa.Array

    @staticmethod
    def of(*columns: pa.Array) -> list[_Words]:
        """Of columns of names in normal form."""
        lists = [pc.split_pattern(names, " ") for names in columns]
        flat = encode(pa.concat_arrays([words.flatten() for words in lists]))
        found, behind = [], 0
        for words in lists:
            ends = words.offsets.to_numpy() - words.offsets[0].as_py()
            code = flat.codes[behind : behind + ends[-1]]
            found.append(_Words(code, ends[:-1], np.diff(ends), flat.values))
            behind += ends[-1]
        return found

    def counted(self, times: np.ndarray, cut: np.ndarray, *, behind: bool) -> np.ndarray:
        """How often each distinct word stands before, or behind, the cut of a name; times: of each
        name."""
        place = np.arange(len(self.code)) - np.repeat(self.start, self.size)
        there = (place >= np.repeat(cut, self.size)) == behind
        weight = np.repeat(times, self.size) * there
        return np.bincount(self.code, weights=weight, minlength=len(self.values))


def _lengths(size: np.ndarray, times: np.ndarray) -> np.ndarray:
    """How many names have so many words."""
    place = np.minimum(size, MOST_WORDS) - 1
    return np.bincount(place[size > 0], weights=times[size > 0], minlength=MOST_WORDS)


@dataclass(frozen=True)
class _Taught:
    """How often each distinct word is part of a given and of a family name, and how often these
    have so many words; a row for each."""

    words: np.ndarray
    lengths: np.ndarray

    @staticmethod
    def by_columns(columns: list[_Words], times: list[np.ndarray]) -> _Taught:
        """By names in two columns."""
        pairs = list(zip(columns, times, strict=True))
        words = [w.counted(n, np.zeros_like(w.size), behind=True) for w, n in pairs]
        return _Taught(np.stack(words), np.stack([_lengths(w.size, n) for w, n in pairs]))

    def and_by(self, whole: _Words, cut: np.ndarray, times: np.ndarray) -> _Taught:
        """By whole names too. cut, times: per order (the family name last, first) and name, where
        it parts and how many records have it so."""
        words, lengths = self.words.astype(float), self.lengths.astype(float)
        several = whole.size > 1
        for order in (0, 1):
            for side in (0, 1):
                behind = side != order
                size = whole.size - cut[order] if behind else cut[order]
                words[side] += whole.counted(times[order] * several, cut[order], behind=behind)
                lengths[side] += _lengths(size, times[order] * several)
        return _Taught(words, lengths)


@dataclass(frozen=True)
class Parting:
    """How whole names part.

    given, family: how often a word is part of which. lengths: log2 of the share of given names
    (first row) and of family names that have so many words. source, habit: log2 of the odds that
    the family name is last, by source; null stands for none.
    """

    given: Uses
    family: Uses
    lengths: np.ndarray
    source: pa.Array
    habit: np.ndarray

    @staticmethod
    def of(whole: Codes, source: Codes, given: Codes, family: Codes) -> Parting:
        """As names in two columns teach it, and the whole names themselves.

        whole, source: per whole name. given, family: names in two columns, both known.
        """
        *columns, words = _Words.of(given.values, family.values, whole.values)
        known = _Taught.by_columns(columns, [given.counts, family.counts])
        taught = known
        if len(given) < TEACHERS * len(whole):
            last = np.maximum(words.size - 1, 1)  # the last word is the family name, at first
            times = np.stack([whole.counts, np.zeros_like(whole.counts)])
            taught = known.and_by(words, np.stack([last, last]), times)
        for _ in range(ROUNDS):
            parting = Parting._of(taught, words.values)
            cut, score = parting._cuts(words)
            parting = parting._with_habits(score, whole, source)
            first = parting._family_first(score, whole, source)
            orders = (whole.codes[~first], whole.codes[first])
            times = [np.bincount(codes, minlength=len(words.size)) for codes in orders]
            taught = known.and_by(words, cut, np.stack(times))
        return parting

    @staticmethod
    def _of(taught: _Taught, words: pa.Array) -> Parting:
        hashed = hashes(words)
        order = np.argsort(hashed)
        given, family = (Uses(hashed[order], count[order]) for count in taught.words)
        lengths = taught.lengths + np.array(EXPECTED)
        shares = np.log2(lengths / lengths.sum(axis=1, keepdims=True))
        return Parting(given, family, shares, pa.array([], pa.string()), np.zeros(0))

    def parted(self, whole: Codes, source: Codes) -> tuple[pa.Array, pa.Array]:
        """Given and family name of each whole name, null where there is none."""
        (words,) = _Words.of(whole.values)
        cut, score = self._cuts(words)
        first = self._family_first(score, whole, source)
        key = whole.codes.astype(np.int64) * 2 + first
        used, place = np.unique(key, return_inverse=True)
        texts = whole.values.take(pa.array(used // 2))
        parts = _cut(texts, cut[used % 2, used // 2])
        turned = pa.array((used % 2).astype(bool))
        both = (pc.if_else(turned, *parts[::way]) for way in (-1, 1))
        return tuple(names.take(pa.array(place)) for names in both)

    def are_both(self, names: pa.Array) -> np.ndarray:
        """True per name that holds a given and a family name, as far as its words tell."""
        (words,) = _Words.of(names)
        cut, score = self._cuts(words)
        at = cut[np.argmax(score, axis=0), np.arange(len(names))]
        sums = np.concatenate(([0.0], np.cumsum(self._odds(words.values)[words.code])))
        front = sums[words.start + at] - sums[words.start]
        rest = sums[words.start + words.size] - sums[words.start + at]
        return (front * rest < 0) & (np.minimum(np.abs(front), np.abs(rest)) >= ALONE)

    def _odds(self, words: pa.Array) -> np.ndarray:
        """Per distinct word, log2 of the odds that it is part of a given name."""
        hashed = hashes(words)
        given, family = self.given.look_up(hashed), self.family.look_up(hashed)
        odds = np.clip(np.log2((given + 1) / (family + 1)), -SURE, SURE)
        odds[pc.equal(pc.utf8_length(words), 1).to_numpy(zero_copy_only=False)] = INITIAL
        odds[_are_generations(words)] = -SURE
        return odds

    def _cuts(self, words: _Words) -> tuple[np.ndarray, np.ndarray]:
        """Per order (the family name last, first) and name: where it parts best, and how well."""
        odds = self._odds(words.values)[words.code]
        sums = np.concatenate(([0.0], np.cumsum(odds)))
        before, whole = sums[words.start], sums[words.start + words.size] - sums[words.start]
        cut = np.ones((2, len(words.size)), np.int64)
        score = np.full(cut.shape, -np.inf)
        given, family = self.lengths
        belongs = _are_generations(words.values)[words.code]  # to the family name before it
        for at in range(1, min(int(words.size.max(initial=0)), MOST_WORDS)):
            rows = np.flatnonzero(words.size > at)
            if at > 1:
                rows = rows[~belongs[words.start[rows] + at]]
            rest = np.minimum(words.size[rows] - at, MOST_WORDS) - 1
            front = sums[words.start[rows] + at] - before[rows]
            found = (
                front + given[at - 1] + family[rest],
                whole[rows] - front + family[at - 1] + given[rest],
            )
            for order in (0, 1):
                better = found[order] > score[order, rows]
                score[order, rows[better]] = found[order][better]
                cut[order, rows[better]] = at
        alone = words.size == 1
        cut[:, alone] = whole[alone] > ALONE
        score[0, alone] = np.inf
        return cut, score

    def _with_habits(self, score: np.ndarray, whole: Codes, source: Codes) -> Parting:
        """With what names beyond doubt tell of their sources."""
        lead = np.subtract(*score)[whole.codes]
        size = len(source.values) + 1
        last, first = (
            np.bincount(source.codes[rows] + 1, minlength=size)
            for rows in (np.isfinite(lead) & (lead >= CLEAR), lead <= -CLEAR)
        )
        habit = np.clip(np.log2((last + 1) / (first + 1)), -HABIT, HABIT)
        names = pa.concat_arrays([pa.array([None], pa.string()), source.values])
        return replace(self, source=names, habit=habit)

    def _family_first(self, score: np.ndarray, whole: Codes, source: Codes) -> np.ndarray:
        """True per whole name that begins with the family name."""
        names = pa.concat_arrays([source.values, pa.array([None], pa.string())])
        place = pc.fill_null(pc.index_in(names, value_set=self.source), -1).to_numpy()
        habit = np.append(self.habit, 0.0)[place][source.codes]
        return score[0][whole.codes] + habit < score[1][whole.codes]


def _are_generations(words: pa.Array) -> np.ndarray:
    """True per word that says which bearer of a name is meant."""
    found = pc.is_in(words, pa.array(NAMES_TOO.split("|")))
    return found.to_numpy(zero_copy_only=False)


def _cut(names: pa.Array, at: np.ndarray) -> tuple[pa.Array, pa.Array]:
    """The words of each name before and behind a place, null where there are none."""
    words = pc.split_pattern(names, " ")
    front, rest = [], []
    order = np.argsort(at, kind="stable")
    for place in range(int(at.min(initial=0)), int(at.max(initial=-1)) + 1):
        some = words.take(pa.array(order[at[order] == place]))
        nothing = pa.nulls(len(some), pa.string())
        front.append(pc.binary_join(pc.list_slice(some, 0, place), " ") if place else nothing)
        rest.append(pc.binary_join(pc.list_slice(some, place), " "))
    back = pa.array(np.argsort(order, kind="stable"))
    return tuple(_joined(parts, back) for parts in (front, rest))


def _joined(parts: list[pa.Array], order: pa.Array) -> pa.Array:
    """One column of several, in that order, with nulls for empty texts."""
    texts = pa.concat_arrays([pa.array([], pa.string()), *parts]).take(order)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
