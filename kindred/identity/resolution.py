"""Resolution: the whole way from records to permanent customer ids.

Belongs here: the order of the steps and the tables that come out. Does not belong here: the steps
themselves (`fields`, `links`, `clusters`, `permanent_ids`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity import permanent_ids
from kindred.identity.clusters import Links, components, consistent_links
from kindred.identity.fields import Fields, InputError, read_fields, row_numbers
from kindred.identity.links import identifier_links, owner_links, rule_links


@dataclass(frozen=True)
class Resolution:
    """What identity decided.

    person_map: `record_id, customer_id, cluster_size`, one row per record, sorted by record_id.
    links: `record_id_1, record_id_2, rule, probability`, the accepted links inside clusters.
    events: `event_id, event_type, customer_id, other_customer_id, record_count, occurred_at,
    reason`; what changed against `known`.
    """

    person_map: pa.Table
    links: pa.Table
    events: pa.Table


def resolve(
    records: pa.Table,
    identifiers: pa.Table,
    known: pa.Table,
    *,
    occurred_at: dt.datetime | None = None,
    retired: Collection[str] = (),
) -> Resolution:
    """Decide which records are one person and which permanent id that person has.

    records: columns of `int_identity__records`; only `record_id` is required, and unique.
    identifiers: `record_id, identifier_type, identifier_value`, strong types only; the type
    `kindred_id` names a customer. known: `record_id, customer_id` from the ledger (may be empty).
    occurred_at: time of the events (default: now, UTC). retired: ids that were once in use and
    must not be minted again.

    The same rows in any order give the same tables. With its own person map as `known` a second
    run has no events. Raises `InputError` (a ValueError) when a table can't be used.
    """
    data = read_fields(records)
    known = _read_known(known)
    found = identifier_links(data, identifiers, known).plus(rule_links(data))
    links = consistent_links(data, _one_per_pair(found, len(data)))
    links = links.plus(owner_links(data, links))
    label = components(len(data), links.left, links.right)
    moment = (occurred_at or dt.datetime.now(dt.UTC)).replace(tzinfo=None, microsecond=0)
    person_map, events = _with_ids(data, label, known, moment, retired)
    return Resolution(person_map, _link_table(data, links), events)


def _one_per_pair(links: Links, n: int) -> Links:
    """The most probable link of each pair, sorted by pair."""
    pair = links.left * n + links.right
    order = np.lexsort((-links.probability, pair))
    pair = pair[order]
    first = np.concatenate(([True], pair[1:] != pair[:-1])) if len(pair) else order.astype(bool)
    keep = order[first]
    return Links(links.left[keep], links.right[keep], links.rule[keep], links.probability[keep])


def _read_known(known: pa.Table) -> pa.Table:
    for column in ("record_id", "customer_id"):
        if column not in known.column_names:
            raise InputError(f"known: column {column} is missing")
    known = known.select(["record_id", "customer_id"]).combine_chunks()
    repeated = len(known) - pc.count_distinct(known.column("record_id"), mode="all").as_py()
    if repeated:
        raise InputError(f"known: record_id is not unique ({repeated} repetitions)")
    return known


def _with_ids(
    data: Fields,
    label: np.ndarray,
    known: pa.Table,
    moment: dt.datetime,
    retired: Collection[str],
) -> tuple[pa.Table, pa.Table]:
    """The person map and the events. Clusters are numbered by their smallest row."""
    heads = np.flatnonzero(label == np.arange(len(label)))
    cluster = np.searchsorted(heads, label)
    sizes = np.bincount(cluster, minlength=len(heads))
    known_ids, held = _held_ids(data, known)
    overlap = permanent_ids.overlaps(cluster, held)
    kept = permanent_ids.inherit(overlap, len(heads), len(known_ids))
    is_new = kept < 0
    cluster_ids = np.empty(len(heads), dtype=object)
    cluster_ids[~is_new] = known_ids[kept[~is_new]]
    first_records = data.record_id.take(pa.array(heads[is_new]))
    taken = set(known_ids.tolist()) | set(retired)
    cluster_ids[is_new] = permanent_ids.mint(first_records, taken)
    events = permanent_ids.events(
        overlap, cluster_ids, known_ids, sizes, is_new, occurred_at=moment
    )
    person_map = pa.table(
        {
            "record_id": data.record_id,
            "customer_id": pa.array(cluster_ids, pa.string()).take(pa.array(cluster)),
            "cluster_size": pa.array(sizes[cluster], pa.int64()),
        }
    )
    return person_map, events


def _held_ids(data: Fields, known: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """All known ids, sorted, and per record the position of the id it was known as, or -1."""
    customers = known.column("customer_id").cast(pa.string())
    distinct = pc.unique(customers)
    distinct = distinct.take(pc.sort_indices(distinct))
    rows = row_numbers(data.record_id, known.column("record_id"))
    codes = pc.index_in(customers, value_set=distinct).to_numpy().astype(np.int64)
    held = np.full(len(data), -1, dtype=np.int64)
    held[rows[rows >= 0]] = codes[rows >= 0]
    return np.asarray(distinct, dtype=object), held


def _link_table(data: Fields, links: Links) -> pa.Table:
    order = np.lexsort((links.right, links.left))
    return pa.table(
        {
            "record_id_1": data.record_id.take(pa.array(links.left[order])),
            "record_id_2": data.record_id.take(pa.array(links.right[order])),
            "rule": pa.array(links.rule[order], pa.string()),
            "probability": pa.array(links.probability[order], pa.float64()),
        }
    )
