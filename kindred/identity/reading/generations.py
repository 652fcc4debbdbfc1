"""Generations: which bearer of a name a record means, father, son or grandson.

`Jr`, `senior` or `III` behind a name is no part of it (`normal_forms` takes it away). Portuguese,
Spanish and French say the same in words that are family names, too: Silva Filho may be the son of a
Silva, or of a Silva Filho. Those stay, and name a generation where they end a family name of
several words.

Belongs here: reading generations out of names. Does not belong here: what follows for a pair
(`agreement`, `judgement`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import MISSING, Codes, look_up
from kindred.identity.codes.queries import few
from kindred.identity.reading.normal_forms import normal, plain

GENERATIONS = ("senior", "junior", "third", "fourth")
"""By number. Who is called junior, and who the second, is the same: both have one before them."""
_NUMBER = {
    word: number
    for number, words in enumerate(
        (
            "sr snr senior sen. padre pere",
            "jr jnr junior jun. ii filho hijo fils",
            "iii neto",
            "iv",
        )
    )
    for word in words.split()
}
NAMES_TOO = "filho|neto|hijo|padre|fils|pere"
"""Generations that are family names as well, as a pattern."""


def in_names(values: pa.Array, *, alone: bool = False) -> np.ndarray:
    """The number of the generation that each name says, `MISSING` for none, as int8.

    values: names as they are written. alone: the word may stand without a name before it, as in a
    column of middle names.
    """
    texts = few(values)
    if texts is not None:
        said = [text and plain(f"- {text}" if alone else text, "generation") for text in texts]
        return np.array([_NUMBER.get(word, MISSING) for word in said], np.int8)
    if alone:
        values = pc.binary_join_element_wise("-", values, " ")
    several = pc.fill_null(pc.match_substring_regex(values, "[ ,]"), False)
    rows = np.flatnonzero(several.to_numpy(zero_copy_only=False))
    return _numbers(len(values), rows, normal(values.take(pa.array(rows)), "generation"))


def in_family_names(family: Codes) -> np.ndarray:
    """The same per record, of family names in normal form."""
    several = pc.fill_null(pc.match_substring(family.values, " "), False)
    rows = np.flatnonzero(several.to_numpy(zero_copy_only=False))
    if not len(rows):
        return np.full(len(family), MISSING, np.int8)
    ends = pc.extract_regex(family.values.take(pa.array(rows)), f" (?P<word>{NAMES_TOO})$")
    words = pc.struct_field(ends, "word")
    return look_up(_numbers(len(family.values), rows, words), family.codes)


def first_known(*columns: np.ndarray) -> np.ndarray:
    """Per record the first generation that one of the columns knows."""
    found = columns[0]
    for other in columns[1:]:
        found = np.where(found < 0, other, found)
    return found


def _numbers(size: int, rows: np.ndarray, words: pa.Array) -> np.ndarray:
    """The numbers of words that stand in some of so many rows."""
    found = np.full(size, MISSING, np.int8)
    words = encode(words)
    number = np.array([_NUMBER[word] for word in words.values.to_pylist()], np.int8)
    found[rows] = look_up(number, words.codes)
    return found
