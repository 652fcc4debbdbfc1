"""Evaluation: how good a person map is, measured against the truth.

Belongs here: pair and B-cubed measures over two clusterings. Does not belong here: where the truth
comes from (only the sandbox knows one).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode


@dataclass(frozen=True)
class Quality:
    """Measures of a person map. Pairs: of records in one cluster, against pairs of one person."""

    records: int
    people: int
    customers: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float

    def as_dict(self) -> dict[str, float]:
        """The measures by name."""
        return asdict(self)


def evaluate(person_map: pa.Table, truth: pa.Table) -> Quality:
    """Compare `person_map` (record_id, customer_id) with `truth` (record_id, person_id).

    Records that only one table knows, and records of nobody (`person_id` null), don't count.
    With no pair to find or found a measure is 1: nothing is wrong.
    """
    truth = truth.select(["record_id", "person_id"]).filter(pc.is_valid(truth["person_id"]))
    ids = person_map.column("record_id").cast(pa.string())
    position = pc.index_in(truth.column("record_id").cast(pa.string()), value_set=ids)
    both = pc.is_valid(position)
    person = _codes(truth.column("person_id").filter(both))
    customer = _codes(person_map.column("customer_id").take(position.filter(both)))
    in_person, in_customer = _occurrences(person), _occurrences(customer)
    in_both = _occurrences(person * (int(customer.max(initial=0)) + 1) + customer)
    found, right, wanted = _pairs(in_customer), _pairs(in_both), _pairs(in_person)
    pair = _scores(_ratio(right, found), _ratio(right, wanted))
    bcubed = _scores(_mean(in_both / in_customer), _mean(in_both / in_person))
    return Quality(len(person), _clusters(in_person), _clusters(in_customer), *pair, *bcubed)


def _codes(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    return encode(column.cast(pa.string())).codes.astype(np.int64)


def _pairs(sizes: np.ndarray) -> float:
    return float((sizes - 1).sum()) / 2


def _clusters(sizes: np.ndarray) -> int:
    return round(float((1 / sizes).sum())) if len(sizes) else 0


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 1.0


def _scores(precision: float, recall: float) -> tuple[float, float, float]:
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _occurrences(codes: np.ndarray) -> np.ndarray:
    """Per row, how many rows hold its code."""
    order = np.argsort(codes)
    ordered = codes[order]
    new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(codes) else ordered > 0
    block = np.cumsum(new) - 1
    counts = np.empty(len(codes), dtype=np.int64)
    counts[order] = np.bincount(block)[block] if len(codes) else 0
    return counts
