"""Glued initials: PA Kirkdon is P. A. Kirkdon, where nobody is called Pa.

Belongs here: which short words in capitals are the first letters of names, and parting them, so
that they compare as letters. Does not belong here: letters that stand alone (`words`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode_many
from kindred.identity.codes.columns import Codes, look_up
from kindred.identity.reading.normal_forms import PARTICLES, TITLES

PAIR = "[A-Z]{2}"
SOUNDLESS = "[BCDFGHJKLMNPQRSTVWXZ]{2,3}"
"""No name is written without a vowel."""
NO_INITIALS = frozenset(
    f"{PARTICLES} {TITLES} dj fr hr ii iv jnr jr ma mc ng ph snr sn sr st bv".split()
)
"""Particles, titles, generations, María, and what begins or is a family name."""
FEWEST = 10
"""Where there are fewer such words, they are abbreviations, or names that were cut."""
FEWEST_WRITTEN = 0.3
"""So many values must have small letters to show which short words are names: Jo, Al, Li."""
_MAY_BE_CUT = r"^(.{18,}) [A-Z]{2,3}$"
"""In a field of so many characters, the last word may be the beginning of a longer one."""
WRITTEN = "[A-Z][a-z]{1,2}"
_SOUNDLESS = re.compile(SOUNDLESS.lower())


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
        """values: as their source wrote them; alone: only where the word is all of the value."""
        uncut = values if alone else pc.replace_substring_regex(values, _MAY_BE_CUT, "\\1")
        return Shorts(
            _words(uncut, f"{PAIR}|{SOUNDLESS}", alone=alone),
            _words(values, WRITTEN, alone=False),
            len(values),
            pc.sum(_matching(values, "[a-z]")).as_py() or 0,
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

    alone: where the word is the whole name, else where it is beside a longer word.
    """
    pattern = "|".join(sorted(words))
    pattern = f"^(?:{pattern})$" if alone else rf"(?:^| )(?:{pattern})(?: |$)"
    own = _matching(names.values, pattern) if words else None
    if own is None or not pc.any(own).as_py():
        return names
    new = [_spaced(text, words, alone) for text in names.values.filter(own).to_pylist()]
    again = encode_many(pc.replace_with_mask(names.values, own, pa.array(new, pa.string())))
    return Codes(look_up(again.codes, names.codes), again.values)


def _spaced(text: str, words: frozenset[str], alone: bool) -> str:
    parts = text.split(" ")
    if not alone and not any(len(part) > 2 and part not in words for part in parts):
        return text
    return " ".join(" ".join(part) if part in words else part for part in parts)


def _matching(values: pa.Array, pattern: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(values, pattern), False)


def _words(values: pa.Array, word: str, *, alone: bool) -> frozenset[str]:
    """The words of such a form, in small letters; alone: only those that are all of a value."""
    own = _matching(values, f"^(?:{word})$" if alone else f"(?:^| )(?:{word})(?: |$)")
    fits = re.compile(word).fullmatch
    texts = values.filter(own).to_pylist()
    return frozenset(each.lower() for text in texts for each in text.split(" ") if fits(each))
