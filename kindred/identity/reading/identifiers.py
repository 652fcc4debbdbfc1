"""Identifiers: the values of a type that each record has.

Belongs here: bypass, normal form and order of the values of one type. Does not belong here: where
they come from (`reader`), and how much they say (`weights`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import MISSING, Identifier, look_up
from kindred.identity.codes.sorting import distinct, runs
from kindred.identity.reading.bypass import useless
from kindred.identity.reading.long_values import whole
from kindred.identity.reading.normal_forms import normal
from kindred.identity.rules.rules_file import Bypasses

MOST_VALUES = 5
"""Values of one identifier type that count per record; those that others have come first."""


def in_slots(parts: list[tuple[np.ndarray, pa.Array]], size: int, bypass: Bypasses) -> Identifier:
    """The distinct values of each of `size` records, in slots.

    parts: rows, and the value of each.
    """
    texts = encode(pa.concat_arrays([values for _, values in parts]))
    nothing = useless(bypass, "identifier_", texts.values)
    kept = pc.if_else(nothing, pa.scalar(None, pa.string()), texts.values)
    coded = encode(normal(whole(kept), "alnum"))
    code = look_up(coded.codes, texts.codes)
    row = np.concatenate([rows for rows, _ in parts])[code >= 0]
    code = code[code >= 0]
    pair = distinct((row.astype(np.int64) << 32) | code)
    row, code = pair >> 32, (pair & 0xFFFFFFFF).astype(np.int32)
    starts, counts = runs(row)
    several = np.flatnonzero(np.repeat(counts > 1, counts))
    own = np.bincount(code)[code[several]] == 1  # what nobody else has comes last, then by text
    texts = pc.rank(coded.values.take(pa.array(code[several])), tiebreaker="dense")
    code[several] = code[several[np.lexsort((texts.to_numpy(), own, row[several]))]]
    rank = np.arange(len(row)) - np.repeat(starts, counts)
    slots = []
    for slot in range(min(int(rank.max(initial=0)) + 1, MOST_VALUES)):
        codes = np.full(size, MISSING, np.int32)
        codes[row[rank == slot]] = code[rank == slot]
        slots.append(codes)
    return Identifier(slots, coded.values)
