"""Permanent customer ids: which id each cluster keeps, and what happened to ids on the way.

Belongs here: inheritance by overlap with what records were known as, minting, and the events
(minted, merged, split, moved). Does not belong here: storing ids; the ledger does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.fields import encode, occurrences

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


def mint(first_records: pa.Array, taken: Collection[str]) -> pa.Array:
    """A new id for each cluster, derived from its smallest record id; never one of `taken`.

    Without history the same input therefore gives the same ids.
    """
    in_use = pa.array([customer_id.removeprefix("kc_") for customer_id in taken], pa.string())
    attempt = 0
    minted = _digests(first_records, 16)
    while True:
        used = pc.is_in(minted, value_set=in_use)
        repeated = occurrences(encode(minted).codes) > 1
        again = np.flatnonzero(np.asarray(used) | repeated)
        if not len(again):
            return pc.binary_join_element_wise("kc_", minted, "")
        attempt += 1
        salted = pc.binary_join_element_wise(first_records, f"#{attempt}", "")
        minted = pc.if_else(pa.array(np.asarray(used) | repeated), _digests(salted, 16), minted)


def _digests(texts: pa.Array, length: int) -> pa.Array:
    """The first `length` hexadecimal digits of a hash of each text."""
    table = pa.table({"row": np.arange(len(texts)), "text": texts})
    with duckdb.connect() as connection:
        connection.register("texts", table)
        hashed = connection.sql(
            "select row, left(sha256(text), $length) as digest from texts order by row",
            params={"length": length},
        ).to_arrow_table()
    return hashed.column("digest").combine_chunks()


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
    had_records = np.zeros(len(cluster_ids), dtype=bool)
    had_records[overlap.cluster] = True
    parts = [
        _minted(cluster_ids, sizes, is_new & ~had_records, "minted"),
        _minted(cluster_ids, sizes, is_new & had_records, "split_minted"),
        _changed(overlap, cluster_ids, known_ids, is_new),
    ]
    rows = pa.concat_tables(parts)
    content = pc.binary_join_element_wise(
        rows["event_type"],
        rows["customer_id"],
        pc.fill_null(rows["other_customer_id"], ""),
        rows["record_count"].cast(pa.string()),
        occurred_at.isoformat(),
        "|",
    )
    rows = rows.append_column("event_id", _digests(content, 24))
    moments = pa.array([occurred_at], pa.timestamp("us")).take(pa.array(np.zeros(len(rows), int)))
    rows = rows.append_column("occurred_at", moments)
    order = [(name, "ascending") for name in ("event_type", "customer_id", "other_customer_id")]
    return rows.select(EVENT_SCHEMA.names).cast(EVENT_SCHEMA).sort_by(order).combine_chunks()


_ROW_SCHEMA = pa.schema(
    [
        EVENT_SCHEMA.field(name)
        for name in ("event_type", "customer_id", "other_customer_id", "record_count", "reason")
    ]
)


def _minted(
    cluster_ids: np.ndarray, sizes: np.ndarray, chosen: np.ndarray, reason: str
) -> pa.Table:
    n = int(chosen.sum())
    columns = [
        pa.repeat("minted", n),
        pa.array(cluster_ids[chosen], pa.string()),
        pa.nulls(n, pa.string()),
        pa.array(sizes[chosen], pa.int64()),
        pa.repeat(REASONS[reason], n),
    ]
    return pa.table(columns, schema=_ROW_SCHEMA)


def _changed(
    overlap: Overlap, cluster_ids: np.ndarray, known_ids: np.ndarray, is_new: np.ndarray
) -> pa.Table:
    changed = np.flatnonzero(cluster_ids[overlap.cluster] != known_ids[overlap.known_id])
    alive = set(cluster_ids.tolist()) if len(changed) else set()
    order = changed[np.lexsort((overlap.cluster[changed], -overlap.count[changed]))]
    retired: set[str] = set()
    rows: list[tuple[str, str, str, int, str]] = []
    for index in order.tolist():
        old, cluster = str(known_ids[overlap.known_id[index]]), int(overlap.cluster[index])
        new, count = str(cluster_ids[cluster]), int(overlap.count[index])
        if old not in alive and old not in retired:
            retired.add(old)
            rows.append(("merged", new, old, count, REASONS["merged"]))
        elif is_new[cluster]:
            rows.append(("split", old, new, count, REASONS["split"]))
        else:
            rows.append(("moved", old, new, count, REASONS["moved"]))
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in _ROW_SCHEMA]
    return pa.table(
        [pa.array(c, f.type) for c, f in zip(columns, _ROW_SCHEMA, strict=True)], schema=_ROW_SCHEMA
    )
