"""Evidence: the accepted links as a table, each with what made it.

Belongs here: links for people to read. Does not belong here: finding them (`engine`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import Matched
from kindred.identity.weights.levels import Address, Birth, Family, Field, Given, Same, Value, Year
from kindred.identity.weights.model import Patterns

IDENTICAL, NAMED = "identical record", "names this customer"
"""Why records are one though nothing was compared: the latter says nothing else."""
LEFT_ALONE = "left alone"
"""What, besides the fields, joined a record that no link by itself would have joined."""
AGREES = {
    Given: Given.CLOSE,
    Family: Family.CLOSE,
    Birth: Birth.PART,
    Year: Year.DIGITS,
    Value: Value.CLOSE,
    Address: Address.AREA,
    Same: Same.EXACT + 1,
}
"""From which level on a field is named as a reason; being of one country is none."""


def links(found: Matched, record_id: pa.Array) -> pa.Table:
    """Links inside clusters: `record_id_1, record_id_2, probability, rule`, sorted by both records.

    Clusters as they were found, before any is held: a held one's links tell why it was to be one.
    record_id: the ids of all records; the one that comes first there is the first of a link, too.
    rule: what joined the two, or the fields that agree, as `given + birth`, and whether it was for
    being left alone that one joined the other.
    """
    kept, copies = _linked(found)
    left, right = (found.rows[end] for end in unpack(found.pairs[kept]))
    patterns = found.patterns.take(kept)
    reasons = found.judgement.names(found.pairs[kept], agreeing(patterns), patterns)
    told = pc.binary_join_element_wise(reasons, LEFT_ALONE, " + ")
    reasons = pc.if_else(pa.array(np.isin(kept, found.joined.place)), told, reasons)
    certainty = probability(found.linking[kept] + found.merge)
    beside = found.original[copies]
    left = np.concatenate([left, np.minimum(copies, beside)])
    right = np.concatenate([right, np.maximum(copies, beside)])
    certainty = np.concatenate([certainty, np.ones(len(copies))])
    same = pa.array(np.where(found.named[copies], NAMED, IDENTICAL), pa.string())
    reasons = pa.concat_arrays([reasons, same])
    order = np.lexsort((right, left))
    return pa.table(
        {
            "record_id_1": record_id.take(pa.array(left[order])),
            "record_id_2": record_id.take(pa.array(right[order])),
            "probability": certainty[order],
            "rule": reasons.take(pa.array(order)),
        }
    )


def link_count(found: Matched) -> int:
    """How many rows `links` has."""
    return sum(map(len, _linked(found)))


def _linked(found: Matched) -> tuple[np.ndarray, np.ndarray]:
    """Places of the pairs that link records inside clusters, and rows that stand with another."""
    over = np.flatnonzero(found.linking > 0)
    left, right = (found.label[found.rows[end]] for end in unpack(found.pairs[over]))
    return over[left == right], np.flatnonzero(found.original != np.arange(len(found.original)))


def probability(weight: np.ndarray) -> np.ndarray:
    """The probability behind weights in bits."""
    return 1 / (1 + np.exp2(-np.clip(weight.astype(np.float64), -60, 60)))


def agreeing(patterns: Patterns) -> pa.Array:
    """The names of the fields that agree, per pair."""
    fields = [field for group in patterns.groups for field in group]
    agrees = np.zeros((len(patterns), max(len(fields), 1)), bool)
    levels = patterns.levels()
    for place, field in enumerate(fields):
        agrees[:, place] = levels[field.name] >= AGREES[field.levels]
    bits = np.packbits(agrees, axis=1)
    buffers = [None, pa.py_buffer(bits)]
    rows = pa.Array.from_buffers(pa.binary(bits.shape[1]), len(bits), buffers)
    seen = rows.dictionary_encode()  # few differ, however many fields there are
    texts = [_text(fields, value) for value in seen.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(seen.indices)


def _text(fields: list[Field], bits: bytes) -> str:
    agrees = np.unpackbits(np.frombuffer(bits, np.uint8), count=len(fields))
    return " + ".join(f.name for f, one in zip(fields, agrees, strict=True) if one) or "likeness"
