"""Permanent customer ids: which id each cluster keeps, and what happened to ids on the way.

Belongs here: inheritance by overlap with what records were known as, minting, and the events
(minted, merged, split, moved). Does not belong here: storing ids; the ledger does.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

EVENT_SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("event_type", pa.string()),
        ("customer_id", pa.string()),
        ("other_customer_id", pa.string()),
        ("record_count", pa.int64()),
        ("occurred_at", pa.timestamp("us")),
        ("reason", pa.string()),
    ]
)
REASONS = {
    "minted": "no record of this cluster was known before",
    "split_minted": "the id stayed with the larger part of its records",
    "merged": "most records of the joint cluster hold the surviving id",
    "split": "these records no longer belong to the customer that keeps the id",
    "moved": "these records now belong to another customer that existed before",
}


@dataclass(frozen=True)
class Overlap:
    """How many records of a cluster were known under an id: one row per (cluster, id)."""

    cluster: np.ndarray
    known_id: np.ndarray
    count: np.ndarray


def overlaps(cluster: np.ndarray, held: np.ndarray) -> Overlap:
    """Count records per (cluster, id). `held`: code of the id per record, -1 when unknown."""
    rows = np.flatnonzero(held >= 0)
    order = rows[np.lexsort((held[rows], cluster[rows]))]
    c, h = cluster[order], held[order]
    if not len(order):
        empty = np.empty(0, dtype=np.int64)
        return Overlap(empty, empty, empty)
    starts = np.flatnonzero(np.concatenate(([True], (c[1:] != c[:-1]) | (h[1:] != h[:-1]))))
    return Overlap(c[starts], h[starts], np.diff(np.append(starts, len(order))))


def inherit(overlap: Overlap, clusters: int, ids: int) -> np.ndarray:
    """Per cluster the code of the id that it keeps, or -1.

    The largest overlap is served first, ties by the smaller id, then by the smaller cluster. An
    id goes to one cluster only and a cluster takes one id only. Codes of ids sort as the ids do.
    """
    kept = np.full(clusters, -1, dtype=np.int64)
    id_uses = np.bincount(overlap.known_id, minlength=ids)
    cluster_uses = np.bincount(overlap.cluster, minlength=clusters)
    simple = (id_uses[overlap.known_id] == 1) & (cluster_uses[overlap.cluster] == 1)
    kept[overlap.cluster[simple]] = overlap.known_id[simple]
    contested = np.flatnonzero(~simple)
    order = np.lexsort(
        (
            overlap.cluster[contested],
            overlap.known_id[contested],
            -overlap.count[contested],
        )
    )
    given_away: set[int] = set()
    for index in contested[order].tolist():
        cluster, known_id = int(overlap.cluster[index]), int(overlap.known_id[index])
        if kept[cluster] < 0 and known_id not in given_away:
            kept[cluster] = known_id
            given_away.add(known_id)
    return kept


def mint(first_records: list[str], taken: Collection[str]) -> list[str]:
    """A new id for each cluster, derived from its smallest record id; never one of `taken`.

    Without history the same input therefore gives the same ids.
    """
    used = set(taken)
    minted = []
    for record in first_records:
        attempt = 0
        while True:
            salt = f"#{attempt}" if attempt else ""
            digest = hashlib.blake2b((record + salt).encode(), digest_size=8).hexdigest()
            customer_id = f"kc_{digest}"
            if customer_id not in used:
                break
            attempt += 1
        used.add(customer_id)
        minted.append(customer_id)
    return minted


def events(
    overlap: Overlap,
    cluster_ids: np.ndarray,
    known_ids: np.ndarray,
    sizes: np.ndarray,
    is_new: np.ndarray,
    *,
    occurred_at: dt.datetime,
) -> pa.Table:
    """What happened to ids, as a table of `EVENT_SCHEMA`, sorted by type and ids.

    cluster_ids, sizes, is_new: per cluster its final id, its records, whether the id was minted;
    known_ids: text of each id code. `merged` names the one successor of a retired id in
    `customer_id`; `split` and `moved` name where records went in `other_customer_id`.
    """
    rows = _minted_rows(overlap, cluster_ids, sizes, is_new)
    rows += _changed_rows(overlap, cluster_ids, known_ids, is_new)
    rows.sort()
    stamp = occurred_at.isoformat()
    columns: dict[str, list] = {name: [] for name in EVENT_SCHEMA.names}
    for kind, customer_id, other, count, reason in rows:
        content = "|".join((kind, customer_id, other, str(count), stamp))
        columns["event_id"].append(hashlib.blake2b(content.encode(), digest_size=12).hexdigest())
        columns["event_type"].append(kind)
        columns["customer_id"].append(customer_id)
        columns["other_customer_id"].append(other or None)
        columns["record_count"].append(count)
        columns["occurred_at"].append(occurred_at)
        columns["reason"].append(REASONS[reason])
    return pa.table(columns, schema=EVENT_SCHEMA)


Row = tuple[str, str, str, int, str]


def _minted_rows(
    overlap: Overlap, cluster_ids: np.ndarray, sizes: np.ndarray, is_new: np.ndarray
) -> list[Row]:
    had_records = np.zeros(len(cluster_ids), dtype=bool)
    had_records[overlap.cluster] = True
    return [
        (
            "minted",
            cluster_ids[c],
            "",
            int(sizes[c]),
            "split_minted" if had_records[c] else "minted",
        )
        for c in np.flatnonzero(is_new).tolist()
    ]


def _changed_rows(
    overlap: Overlap, cluster_ids: np.ndarray, known_ids: np.ndarray, is_new: np.ndarray
) -> list[Row]:
    changed = np.flatnonzero(cluster_ids[overlap.cluster] != known_ids[overlap.known_id])
    alive = set(cluster_ids.tolist()) if len(changed) else set()
    order = changed[np.lexsort((overlap.cluster[changed], -overlap.count[changed]))]
    retired: set[str] = set()
    rows: list[Row] = []
    for index in order.tolist():
        old, cluster = str(known_ids[overlap.known_id[index]]), int(overlap.cluster[index])
        new, count = str(cluster_ids[cluster]), int(overlap.count[index])
        if old not in alive and old not in retired:
            retired.add(old)
            rows.append(("merged", new, old, count, "merged"))
        elif is_new[cluster]:
            rows.append(("split", old, new, count, "split"))
        else:
            rows.append(("moved", old, new, count, "moved"))
    return rows
