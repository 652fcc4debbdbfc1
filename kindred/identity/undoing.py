"""Whom stewards' decisions move, so that one that is taken back leaves no trace.

Belongs here: starting from before decisions that ended, and what a decision can have moved. Does
not belong here: keeping that (`kindred.ledger.undo`), and honouring decisions (`judgement`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.components import components
from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import Matched

MOVED = pa.schema(
    [
        ("decision_id", pa.int64()),
        ("record_id", pa.string()),
        ("customer_id", pa.string()),
        ("since", pa.timestamp("us")),
    ]
)


def put_back(known: pa.Table, undone: pa.Table | None) -> pa.Table:
    """`known`, with the records of `undone` as they were before any of those decisions.

    undone: a table of `MOVED`, the decision that was honoured first comes first.
    """
    if undone is None or not len(undone):
        return known
    earliest = undone.group_by("record_id", use_threads=False).aggregate(
        [("customer_id", "first"), ("since", "first")]
    )
    earliest = earliest.rename_columns(["record_id", "customer_id", "since"])
    others = pc.invert(pc.is_in(known["record_id"], value_set=earliest["record_id"]))
    return pa.concat_tables([known.filter(others), earliest.select(known.column_names)])


def moved(
    found: Matched,
    person_map: pa.Table,
    before: pa.Table,
    decisions: pa.Table | None,
    undone: pa.Table | None,
) -> pa.Table:
    """For each decision that is new or ended: the records it concerned, and who they were.

    person_map: who they are now; before: who they were, as `known` of `resolve` says it. decisions:
    those that stand; new are those without `honoured_at`. undone: as in `put_back`. A decision can
    have moved whoever is reached from its records by links, or by being one customer, before or
    now. Gives a table of `MOVED`; the decision's own records are in it even where they didn't move.
    """
    ids, now = (person_map[name].combine_chunks() for name in ("record_id", "customer_id"))
    seeds = _new(ids, decisions) | _ended(ids, undone)
    if not seeds:
        return MOVED.empty_table()
    place = pc.index_in(ids, value_set=before["record_id"].cast(pa.string()).combine_chunks())
    was = before["customer_id"].cast(pa.string()).take(place).combine_chunks()
    since = before["since"].cast(pa.timestamp("us")).take(place).combine_chunks()
    reach = _reach(found, encode(was).codes, encode(now).codes)
    differs = pc.fill_null(pc.not_equal(was, now), fill_value=False).to_numpy(zero_copy_only=False)
    known = pc.is_valid(was).to_numpy(zero_copy_only=False)
    parts = []
    for decision, own in seeds.items():
        concerned = differs & np.isin(reach, reach[own])
        concerned[own] = known[own]
        rows = pa.array(np.flatnonzero(concerned))
        columns = [column.take(rows) for column in (ids, was, since)]
        number = pa.repeat(pa.scalar(decision, pa.int64()), len(rows))
        parts.append(pa.table([number, *columns], schema=MOVED))
    return pa.concat_tables(parts)


def _new(ids: pa.Array, decisions: pa.Table | None) -> dict[int, np.ndarray]:
    """The two rows of each decision that no run has honoured; it rests while one is gone."""
    if decisions is None or "honoured_at" not in decisions.column_names:
        return {}
    found = {}
    for row in decisions.filter(pc.is_null(decisions["honoured_at"])).to_pylist():
        pair = pa.array([row["record_id_1"], row["record_id_2"]], pa.string())
        rows = pc.index_in(pair, value_set=ids)
        if not rows.null_count:
            found[row["decision_id"]] = rows.to_numpy()
    return found


def _ended(ids: pa.Array, undone: pa.Table | None) -> dict[int, np.ndarray]:
    """The rows that each decision moved that was taken back."""
    if undone is None or not len(undone):
        return {}
    rows = pc.index_in(undone["record_id"].combine_chunks(), value_set=ids)
    here = pc.is_valid(rows)
    decision = undone["decision_id"].filter(here).to_numpy()
    rows = rows.filter(here).to_numpy()
    return {int(one): rows[decision == one] for one in np.unique(decision)}


def _reach(found: Matched, *customers: np.ndarray) -> np.ndarray:
    """Per record a number that those share who are linked, or of one customer.

    customers: per record a code of its customer, or less than 0; once for each time.
    """
    one, other = unpack(found.pairs[found.over > -found.model.reach])
    everybody = np.arange(len(found.original))
    left, right = [found.rows[one], found.original], [found.rows[other], everybody]
    for code in customers:
        rows = np.flatnonzero(code >= 0)
        first = np.zeros(int(code.max(initial=0)) + 1, np.int64)
        first[code[rows[::-1]]] = rows[::-1]  # of several writes the last one stays
        left.append(first[code[rows]])
        right.append(rows)
    return components(len(everybody), np.concatenate(left), np.concatenate(right))
