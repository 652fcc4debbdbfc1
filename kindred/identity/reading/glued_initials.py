"""Glued initials: PA Kirkdon is P. A. Kirkdon, where nobody is called Pa.

Belongs here: which short words in capitals are the first letters of names, and parting them, so
that they compare as letters. Does not belong here: letters that stand alone (`words`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode_many
from kindred.identity.codes.columns import Codes, look_up
from kindred.identity.codes.queries import few
from kindred.identity.reading.normal_forms import PARTICLES, TITLES

PAIR = "[A-Z]{2}"
SOUNDLESS = "[BCDFGHJKLMNPQRSTVWXZ]{2,3}"
"""No name is written without a vowel."""
NO_INITIALS = frozenset(
    f"{PARTICLES} {TITLES} dj fr hr ii iv jnr jr ma mc ng ph snr sn sr st bv"
    " an du fu gu ha he ho hu ko le li lo lu oh qi qu ru su vo wu xi xu ye yi yu".split()
)
"""Particles, titles, generations, María, and what begins or is a family name."""
FEWEST = 10
"""Where there are fewer such words, they are abbreviations, or names that were cut."""
FEWEST_WRITTEN = 0.3
"""So many values must have small letters to show which short words are names: Jo, Al, Li."""
WRITTEN = "[A-Z][a-z]{1,2}"
_SOUNDLESS = re.compile(SOUNDLESS.lower())
Place = tuple[str, slice]
"""A pattern of values with a word in its place, and which words of these may be it."""
ALONE: Place = ("^(?:{})$", slice(None))
BEFORE: Place = ("(?:^| )(?:{}) ", slice(-1))
ANYWHERE: Place = ("(?:^| )(?:{})(?: |$)", slice(None))


@dataclass(frozen=True)
class Shorts:
    """The short words of a column's distinct values, in small letters.

    capitals: those that are in capitals; names: those that are written as names are. size, small:
    how many values there are, and how many have small letters.
    """

    capitals: frozenset[str]
    names: frozenset[str]
    size: int
    small: int

    @staticmethod
    def of(values: pa.Array, *, alone: bool) -> Shorts:
        """values: as their source wrote them; alone: only where the word is all of the value, else
        before others: at the end it may be a degree, a company's form, or a word that was cut."""
        return Shorts(
            _words(values, f"{PAIR}|{SOUNDLESS}", ALONE if alone else BEFORE),
            _words(values, WRITTEN, ANYWHERE),
            len(values),
            len(values) and pc.sum(_matching(values, "[a-z]")).as_py(),
        )


def initials(columns: Iterable[Shorts], family: pa.Array) -> frozenset[str]:
    """The words that are initials and no names; family: family names, in normal form."""
    columns = list(columns)
    found = frozenset().union(*(own.capitals for own in columns)) - NO_INITIALS
    found -= frozenset().union(*(own.names for own in columns))
    if len(found) < FEWEST:
        return frozenset()
    if sum(own.small for own in columns) < FEWEST_WRITTEN * sum(own.size for own in columns):
        found = soundless(found)
    if not found:
        return found
    sought = pa.array(sorted(found), pa.string())
    return found - set(sought.filter(pc.is_in(sought, family)).to_pylist())


def soundless(words: Iterable[str]) -> frozenset[str]:
    """The words that are initials in whatever file."""
    return frozenset(word for word in words if _SOUNDLESS.fullmatch(word)) - NO_INITIALS


def parted(names: Codes, words: frozenset[str], *, alone: bool) -> Codes:
    """Names, of which the values are in normal form, with those words letter by letter.

    alone: where the word is the whole name, else where others are behind it.
    """
    if not words:
        return names
    own = _holding(names.values, words, alone)
    if not own.any():
        return names
    new = [_spaced(text, words, alone) for text in names.values.filter(own).to_pylist()]
    again = encode_many(pc.replace_with_mask(names.values, own, pa.array(new, pa.string())))
    return Codes(look_up(again.codes, names.codes), again.values)


def _holding(values: pa.Array, words: frozenset[str], alone: bool) -> np.ndarray:
    """True per value that has one of the words."""
    texts = few(values)
    if texts is not None:
        split = ((text or "").split(" ") for text in texts)
        return np.array([not words.isdisjoint(own) for own in split], bool)
    if alone:
        return pc.is_in(values, pa.array(sorted(words))).to_numpy(zero_copy_only=False)
    pattern = rf"(?:^| )(?:{'|'.join(sorted(words))}) "
    return _matching(values, pattern).to_numpy(zero_copy_only=False)


def _spaced(text: str, words: frozenset[str], alone: bool) -> str:
    parts = text.split(" ")
    if alone:
        return " ".join(text) if text in words else text
    if not any(len(part) > 2 and part not in words for part in parts):
        return text
    first = [" ".join(part) if part in words else part for part in parts[:-1]]
    return " ".join([*first, parts[-1]])


def _matching(values: pa.Array, pattern: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(values, pattern), False)


def _words(values: pa.Array, word: str, place: Place) -> frozenset[str]:
    """The words of such a form, where they are in such a place of a value; in small letters."""
    pattern, which = place
    texts = few(values)
    if texts is None:
        texts = values.filter(_matching(values, pattern.format(word))).to_pylist()
    fits = re.compile(word).fullmatch
    split = (text.split(" ")[which] for text in texts if text)
    return frozenset(each.lower() for own in split for each in own if fits(each))
