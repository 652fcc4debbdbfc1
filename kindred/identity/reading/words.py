"""Words of names: given and family names coded together, with how they sound and begin.

Belongs here: the vocabulary of both name columns. Does not belong here: normal forms of names
(`normal_forms`), the nicknames themselves (`nicknames`), and which names agree (`agreement`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import Codes, Name, Vocabulary, look_up
from kindred.identity.reading.nicknames import Spoken, first_letters
from kindred.identity.reading.normal_forms import normal
from kindred.identity.reading.scripts import are_foreign

FORMS = ("joined", "first_word", "last_word", "later_words")


def worded(given: Codes, family: Codes, nicknames: Spoken) -> tuple[Vocabulary, Name, Name]:
    """The vocabulary of names in normal form, and both columns in its codes."""
    texts = pa.concat_arrays([given.values, family.values])
    is_long = pc.fill_null(pc.match_substring(texts, " "), False)
    some = texts.filter(is_long)
    single = pc.if_else(is_long, pa.scalar(None, pa.string()), texts)
    used = encode(pa.concat_arrays([single, *(normal(some, form) for form in FORMS)]))
    parts = np.repeat(used.codes[None, : len(texts)], len(FORMS), axis=0)
    places = np.flatnonzero(is_long.to_numpy(zero_copy_only=False))
    parts[:, places] = used.codes[len(texts) :].reshape(len(FORMS), -1)
    split = len(given.values)
    return (
        _vocabulary(used.values, nicknames),
        Name(*(look_up(parts[form, :split], given.codes) for form in (0, 1, 3))),
        Name(*(look_up(parts[form, split:], family.codes) for form in (0, 1, 2))),
    )


def _vocabulary(used: pa.Array, nicknames: Spoken) -> Vocabulary:
    """What is known of each word, and of the names behind nicknames among them."""
    nick, names = nicknames.behind(used)
    words = encode(pa.concat_arrays([used, names]))
    formal = np.arange(len(words.values), dtype=np.int32)
    formal[nick] = words.codes[len(used) :]
    letters = pc.and_(pc.equal(pc.binary_length(words.values), 1), pc.ascii_is_lower(words.values))
    number = nicknames.numbers(words.values)
    begins = first_letters(words.values)
    begins |= begins[formal]
    several = np.flatnonzero(number >= 0)
    begins[several] |= nicknames.also_begin[number[several]]
    return Vocabulary(
        values=words.values,
        sound=encode(nicknames.skeletons(words.values)),
        initial=encode(pc.utf8_slice_codeunits(words.values, 0, 1)),
        formal=formal,
        is_initial=letters.to_numpy(zero_copy_only=False),
        is_foreign=are_foreign(words.values),
        begins=begins,
        nick=number,
        also=nicknames.also,
    )
