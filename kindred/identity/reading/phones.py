"""Phones: the number of each, from however it was written.

Belongs here: reading phones, many at once. Does not belong here: what a phone's number is
(`normal_forms`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode_many, encode_numbers
from kindred.identity.codes.columns import MISSING, Codes, look_up
from kindred.identity.codes.hashing import bytes_of
from kindred.identity.codes.queries import FEW
from kindred.identity.reading.bypass import useless
from kindred.identity.reading.folding import MOST_CHARACTERS
from kindred.identity.reading.normal_forms import normal
from kindred.identity.rules.rules_file import Bypasses

DIGIT, SIGN, OTHER = range(3)
_KINDS = np.full(256, OTHER, np.uint8)
_KINDS[list(b"0123456789")] = DIGIT
_KINDS[list(b" +-.()/")] = SIGN


def numbers_of_phones(texts: pa.ChunkedArray, bypass: Bypasses) -> Codes:
    """Phones as numbers: nearly every record has its own, so no text is kept."""
    digits = encode_many(digits_of(texts.combine_chunks()))
    nothing = useless(bypass, "phone", digits.values)
    known = pc.if_else(nothing, pa.scalar(None, pa.string()), digits.values)
    numbers = pc.fill_null(normal(known, "phone_of_digits").cast(pa.int32()), MISSING)
    return encode_numbers(look_up(numbers.to_numpy(), digits.codes))


def digits_of(texts: pa.Array) -> pa.Array:
    """The normal form `digits` of each phone, byte by byte where nothing but signs is between them.

    A million take 0.07 s, and 0.3 if an engine takes each apart.
    """
    if len(texts) <= FEW:
        return normal(texts, "digits")
    ends, signs = bytes_of(texts)
    kind = _KINDS[signs]
    before = np.zeros(len(signs) + 1, np.int32)
    np.cumsum(kind == DIGIT, out=before[1:])
    offsets = pa.py_buffer(before[ends])
    own = [None, offsets, pa.py_buffer(signs[kind == DIGIT])]
    found = pa.Array.from_buffers(pa.string(), len(texts), own)
    odd = _are_odd(ends, signs, kind)
    nothing = (np.diff(before[ends]) == 0) | texts.is_null().to_numpy(zero_copy_only=False)
    found = pc.if_else(nothing, pa.scalar(None, pa.string()), found)
    return pc.replace_with_mask(found, odd, normal(texts.filter(odd), "digits"))


def _are_odd(ends: np.ndarray, signs: np.ndarray, kind: np.ndarray) -> pa.Array:
    """True per text with other signs, too long to be read whole, or with a fraction.

    ends: where each begins and the last one ends; signs: their bytes, and of which kind each is.
    """
    length = np.diff(ends)
    odd = length > MOST_CHARACTERS
    odd[np.searchsorted(ends, np.flatnonzero(kind == OTHER), "right") - 1] = True
    long = np.flatnonzero(length > 1)
    last = ends[long + 1]
    odd[long] |= (signs[last - 1] == ord("0")) & (signs[last - 2] == ord("."))
    return pa.array(odd)
