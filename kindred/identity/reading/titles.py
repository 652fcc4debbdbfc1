"""Titles: Mrs Smith is a woman, and de heer Smit a man.

Belongs here: the gender that a form of address tells where no column does. Does not belong here:
taking titles away from names (`normal_forms`), and what a gender column says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import MISSING, Codes, look_up
from kindred.identity.codes.queries import few
from kindred.identity.reading.generations import first_known

GENDERS = ("f", "m")
"""In normal form, by number."""
WOMEN = (
    "mrs|ms|miss|mevr|mevrouw|mw|frau|mme|madame|mlle|mademoiselle|sra|señora|signora|smt|fru|rouva"
)
MEN = "mr|mister|dhr|de[nr]? heer|meneer|herr|monsieur|señor|signor|hra"
"""None that is a name, too (Don, Pan), or stands for something else (Sr)."""
TOLD = rf"(?i)^(?:(?P<women>{WOMEN})|(?:{MEN}))[. ]+[^ ].*\pL"
_FEW_TOLD = re.compile(TOLD.replace(r"\pL", "[a-z]"))
SEVERAL = r"(?i)[&+/]| (?:en|et|and|und|u[.]|y|e|i|ou|or|of) "
"""Names of two: Mr & Mrs Smith."""
_FEW_SEVERAL = re.compile(SEVERAL)


def in_names(values: pa.Array) -> np.ndarray:
    """The number of the gender that the title of each name tells, `MISSING` for none, as int8.

    values: names as they are written.
    """
    texts = few(values)
    if texts is not None:
        return np.array([_of_one(text) for text in texts], np.int8)
    titled = pc.fill_null(pc.match_substring_regex(values, TOLD), False)
    rows = np.flatnonzero(titled.to_numpy(zero_copy_only=False))
    found = np.full(len(values), MISSING, np.int8)
    texts = values.take(pa.array(rows))
    women = pc.struct_field(pc.extract_regex(texts, TOLD), "women")
    is_man = pc.equal(women, "").to_numpy(zero_copy_only=False)
    alone = ~pc.match_substring_regex(texts, SEVERAL).to_numpy(zero_copy_only=False)
    found[rows[alone]] = is_man[alone]
    return found


def _of_one(text: str | None) -> int:
    """The same of one name in ASCII: an engine for patterns takes 1.7 ms to get ready."""
    told = text and _FEW_TOLD.match(text)
    if not told or _FEW_SEVERAL.search(text):
        return MISSING
    return int(not told["women"])


def with_titles(gender: Codes, told: Sequence[np.ndarray]) -> Codes:
    """Genders, with those that titles tell of records without one.

    told: of each column of names (`in_names`).
    """
    said = first_known(*told)
    rows = np.flatnonzero((gender.codes < 0) & (said >= 0))
    if not len(rows):
        return gender
    codes = gender.codes.copy()
    codes[rows] = said[rows] + len(gender.values)
    again = encode(pa.concat_arrays([gender.values, pa.array(GENDERS)]))
    return Codes(look_up(again.codes, codes), again.values)
