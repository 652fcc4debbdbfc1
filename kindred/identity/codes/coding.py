"""Coding: from a column's values to a code for each, the same for the same value.

Belongs here: distinct values of texts and numbers. Does not belong here: what a coded column is
(`columns`), codes that later values join (`lexicon`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import MISSING, Codes
from kindred.identity.codes.hashing import hashes
from kindred.identity.codes.queries import FEW
from kindred.identity.codes.sorting import in_order

MANY = 200_000
"""From so many texts on, sorting their hashes is cheaper than a table of the texts."""


def encode(text: pa.Array | pa.ChunkedArray) -> Codes:
    """Codes of a text column, or of one that is coded already; nulls are missing."""
    if pa.types.is_dictionary(text.type):
        found = text if isinstance(text, pa.ChunkedArray) else pa.chunked_array([text])
        found = found.unify_dictionaries().combine_chunks()
    else:
        whole = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
        if len(whole) <= FEW:
            return _of_few(whole.to_pylist())
        found = whole.dictionary_encode()
    if isinstance(found, pa.ChunkedArray):  # without rows there is no chunk to combine
        found = pa.array([], pa.string()).dictionary_encode()
    codes = found.indices if not found.null_count else pc.fill_null(found.indices, MISSING)
    codes = codes.to_numpy(zero_copy_only=False)
    return Codes(codes.astype(np.int32, copy=False), found.dictionary)


def _of_few(texts: list[str | None]) -> Codes:
    """The same of a few texts, without the table that an engine makes for many."""
    place: dict[str, int] = {}
    codes = [MISSING if text is None else place.setdefault(text, len(place)) for text in texts]
    return Codes(np.array(codes, np.int32), pa.array(place, pa.string()))


def encode_many(text: pa.Array | pa.ChunkedArray) -> Codes:
    """`encode` for texts most of which may differ: three times faster for a million emails."""
    whole = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    if len(whole) < MANY or pa.types.is_dictionary(whole.type):
        return encode(whole)
    codes, first = _ranked(hashes(whole))
    return Codes(codes, whole.take(pa.array(first)))


def encode_numbers(numbers: np.ndarray) -> Codes:
    """Codes of numbers; negative ones are missing."""
    codes, first = _ranked(numbers)
    return Codes(codes, pa.array(numbers[first], pa.int64()))


def _ranked(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A code per number in their order, `MISSING` for negative ones; a place of each code."""
    order, ordered = in_order(numbers)
    new = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(order)]
    new &= ordered >= 0
    codes = np.empty(len(numbers), np.int32)
    codes[order] = np.cumsum(new, dtype=np.int32) - 1
    codes[numbers < 0] = MISSING
    return codes, order[new]
