"""Permanent customer ids: which id each cluster keeps, and what happened to ids on the way.

Belongs here: inheritance by overlap with what records were known as, giving an id back when a merge
is undone, minting, and the events (minted, merged, revived, split, moved). Does not belong here:
storing ids; the ledger does. Everything works on whole arrays, never record by record.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import InputError

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
    "revived": "records have this id again, which a merge had retired",
    "split": "these records no longer belong to the customer that keeps the id",
    "restored": "the merge that retired this id is undone: its records have it again",
    "moved": "these records now belong to another customer that existed before",
}
NOBODY = -1
ROUNDS = 16
FEW_TEXTS = 10_000
PREFIX = "kc_"
DIGITS = 16
EVENT_DIGITS = 24


@dataclass(frozen=True)
class Assignment:
    """The ids of all clusters.

    person_map: `record_id, customer_id, cluster_size`, one row per record, in the records' order.
    events: what changed against what was known, a table of `EVENT_SCHEMA`.
    """

    person_map: pa.Table
    events: pa.Table


@dataclass(frozen=True)
class Overlap:
    """How many records of a cluster were known under an id: one row per (cluster, id).

    `since`: when the first of these records got the id.
    """

    cluster: np.ndarray
    code: np.ndarray
    count: np.ndarray
    since: np.ndarray

    def where(self, chosen: np.ndarray) -> Overlap:
        """Some of the rows."""
        columns = (self.cluster, self.code, self.count, self.since)
        return Overlap(*(column[chosen] for column in columns))


@dataclass(frozen=True)
class _Ids:
    """Known ids by code. `age`: since when the first record has had the id."""

    texts: pa.Array
    age: np.ndarray


@dataclass(frozen=True)
class _Held:
    """Records that were known under an id: row of the record, code of the id, since when."""

    row: np.ndarray
    code: np.ndarray
    since: np.ndarray


def assign(
    record_id: pa.Array,
    label: np.ndarray,
    known: pa.Table,
    *,
    occurred_at: dt.datetime,
    told: pa.Table | None = None,
    former: pa.Table | None = None,
    retired: Collection[str] = (),
) -> Assignment:
    """Give every cluster its permanent id.

    record_id: all records, sorted, unique. label: per record a number (0 or more, and small) that
    those of one cluster share; which number it is doesn't matter. known: `record_id, customer_id`
    and perhaps `since` (timestamp) from the ledger, each record once. former: the same of ids that
    are retired now (`Ledger.former_ids`). retired: ids that must not be minted again; events tell
    which of them live again. told: what records were last said to be, where that isn't `known`;
    events tell what changes against it.

    A cluster takes the id that most of its records hold; ties go to the older id, then to the
    smaller one; of two clusters with equally many records the one that has had the id longer keeps
    it. A cluster that is left without gets back a retired id that its records had before, if there
    is one. The others get new ids, made from their smallest record id.
    """
    cluster, heads = _clusters(label)
    nobody = known.slice(0, 0)
    tables = [known, nobody if former is None else former, nobody if told is None else told]
    (now, before, said), ids = _read_held(record_id, tables)
    overlap = _overlap(cluster[now.row], now)
    kept = np.full(len(heads), NOBODY)
    _inherit(kept, overlap, ids)
    final = kept.copy()
    retired_now = np.ones(len(ids.texts), dtype=bool)
    retired_now[overlap.code] = False
    returns = retired_now[before.code] & (kept[cluster[before.row]] == NOBODY)
    before = _Held(before.row[returns], before.code[returns], before.since[returns])
    _inherit(final, _overlap(cluster[before.row], before), ids)
    new = np.flatnonzero(final == NOBODY)
    taken = pa.concat_arrays([ids.texts, pa.array(list(retired), pa.string())])
    texts = pa.concat_arrays([ids.texts, mint(record_id.take(pa.array(heads[new])), taken)])
    final[new] = np.arange(len(new)) + len(ids.texts)
    sizes = np.bincount(cluster, minlength=len(heads))
    person_map = pa.table(
        {
            "record_id": record_id,
            "customer_id": texts.take(pa.array(final[cluster])),
            "cluster_size": pa.array(sizes[cluster], pa.int64()),
        }
    )
    if told is not None:
        overlap = _overlap(cluster[said.row], said)
    parts = [
        _minted(overlap, texts, final, sizes, new),
        _revived(texts, final, sizes, taken.slice(len(ids.texts))),
        _moved(overlap, texts, final, new),
    ]
    return Assignment(person_map, _events(pa.concat_tables(parts), occurred_at))


def _clusters(label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Clusters numbered by their smallest record: number per record, row of each one's smallest."""
    n = len(label)
    first = np.full(int(label.max(initial=0)) + 1, n)
    first[label[::-1]] = np.arange(n)[::-1]  # of several writes the last one stays
    heads = np.sort(first[first < n])
    number = np.zeros(n, dtype=np.int64)
    number[heads] = np.arange(len(heads))
    return number[first[label]], heads


def _read_held(record_id: pa.Array, tables: Sequence[pa.Table]) -> tuple[list[_Held], _Ids]:
    """What each table says of the records at hand, and all ids that any of them names."""
    columns = [table.column("customer_id").cast(pa.string()) for table in tables]
    encoded = pa.chunked_array([c for column in columns for c in column.chunks], pa.string())
    encoded = encoded.combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy().astype(np.int64)
    since = np.concatenate([moments(table) for table in tables])
    age = np.full(len(encoded.dictionary), np.iinfo(np.int64).max)
    np.minimum.at(age, codes, since)
    parts, start = [], 0
    for table in tables:
        row = _places(record_id, table.column("record_id"))
        here, span = row >= 0, slice(start, start := start + len(table))
        parts.append(_Held(row[here], codes[span][here], since[span][here]))
    return parts, _Ids(encoded.dictionary, age)


def check_known(known: pa.Table) -> None:
    """Raises `InputError` where it isn't clear who somebody is known as."""
    for column in ("record_id", "customer_id"):
        if column not in known.column_names:
            raise InputError(f"known: column {column} is missing")
    repeated = len(known) - pc.count_distinct(known.column("record_id"), mode="all").as_py()
    if repeated:
        raise InputError(f"known: record_id is not unique ({repeated} repetitions)")


def moments(table: pa.Table) -> np.ndarray:
    """`since` as a number per row; what isn't known is older than all else."""
    if "since" not in table.column_names:
        return np.zeros(len(table), dtype=np.int64)
    found = table.column("since").cast(pa.timestamp("us")).cast(pa.int64())
    return pc.fill_null(found, 0).to_numpy().astype(np.int64)


def _places(record_id: pa.Array, wanted: pa.ChunkedArray) -> np.ndarray:
    """Row of each wanted record, -1 where there is none."""
    if not len(wanted):
        return np.zeros(0, dtype=np.int64)
    wanted = wanted.cast(pa.string()).combine_chunks()
    if wanted.equals(record_id):
        return np.arange(len(record_id))
    return pc.fill_null(pc.index_in(wanted, value_set=record_id), NOBODY).to_numpy()


def _overlap(cluster: np.ndarray, held: _Held) -> Overlap:
    """Count records per (cluster, id)."""
    order = np.argsort(cluster * (held.code.max(initial=0) + 1) + held.code)
    c, h = cluster[order], held.code[order]
    if not len(order):
        return Overlap(c, h, h, h)
    starts = np.flatnonzero(np.concatenate(([True], (c[1:] != c[:-1]) | (h[1:] != h[:-1]))))
    count = np.diff(np.append(starts, len(order)))
    return Overlap(c[starts], h[starts], count, np.minimum.reduceat(held.since[order], starts))


def _inherit(kept: np.ndarray, overlap: Overlap, ids: _Ids) -> None:
    """Fill `kept`, the code of each cluster's id, in place: the largest overlap is served first.

    An id goes to one cluster and a cluster takes one id. An overlap that leads its cluster and its
    id, among those still open, is served in the same round as all others of that kind; that gives
    what serving them one by one would give, which is what long chains of ties are left to.
    """
    alone = np.bincount(overlap.code, minlength=len(ids.texts))[overlap.code] == 1
    alone &= np.bincount(overlap.cluster, minlength=len(kept))[overlap.cluster] == 1
    kept[overlap.cluster[alone]] = overlap.code[alone]
    rest = overlap.where(~alone)
    rest = rest.where(_by_precedence(rest, ids))
    cluster, code = rest.cluster, rest.code
    served = np.zeros(len(ids.texts), dtype=bool)
    for _ in range(ROUNDS):
        place = np.arange(len(cluster))
        leads = _first(cluster, len(kept))[cluster] == place
        leads &= _first(code, len(ids.texts))[code] == place
        kept[cluster[leads]] = code[leads]
        served[code[leads]] = True
        still = (kept[cluster] == NOBODY) & ~served[code]
        cluster, code = cluster[still], code[still]
        if not len(cluster):
            return
    for one, its in zip(cluster.tolist(), code.tolist(), strict=True):
        if kept[one] == NOBODY and not served[its]:
            kept[one] = its
            served[its] = True


def _by_precedence(overlap: Overlap, ids: _Ids) -> np.ndarray:
    """The order of service: most records, older id, smaller id, longer held, smaller record."""
    keys = (ids.age[overlap.code], -overlap.count)
    return np.lexsort((overlap.cluster, overlap.since, _ranks(ids.texts, overlap.code), *keys))


def _ranks(texts: pa.Array, codes: np.ndarray) -> np.ndarray:
    """Places of the codes' texts in alphabetical order; equal codes share one."""
    return pc.rank(texts.take(pa.array(codes)), tiebreaker="min").to_numpy()


def _first(values: np.ndarray, size: int) -> np.ndarray:
    """Per value its first place in `values`."""
    place = np.zeros(size, dtype=np.int64)
    place[values[::-1]] = np.arange(len(values))[::-1]
    return place


def mint(first_records: pa.Array, taken: pa.Array) -> pa.Array:
    """A new id for each cluster, derived from its smallest record id; never one of `taken`.

    Without history the same input therefore gives the same ids.
    """
    minted = pc.binary_join_element_wise(PREFIX, digests(first_records, DIGITS), "")
    attempt = 0
    while True:
        counts = pc.value_counts(minted)
        repeated = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        unusable = pc.or_(pc.is_in(minted, taken), pc.is_in(minted, repeated))
        again = np.flatnonzero(unusable)
        if not len(again):
            return minted
        attempt += 1
        salted = pc.binary_join_element_wise(first_records.take(pa.array(again)), f"#{attempt}", "")
        other = pc.binary_join_element_wise(PREFIX, digests(salted, DIGITS), "")
        minted = pc.replace_with_mask(minted, unusable, other)


def digests(texts: pa.Array | pa.ChunkedArray, length: int) -> pa.Array:
    """The first `length` hexadecimal digits of a hash of each text."""
    if len(texts) < FEW_TEXTS:  # these are done before DuckDB has opened
        found = [hashlib.sha256(text.encode()).hexdigest()[:length] for text in texts.to_pylist()]
        return pa.array(found, pa.string())
    table = pa.table({"row": np.arange(len(texts)), "text": texts})
    with duckdb.connect() as connection:
        connection.register("texts", table)
        hashed = connection.sql(
            "select row, left(sha256(text), $length) as digest from texts order by row",
            params={"length": length},
        ).to_arrow_table()
    return hashed.column("digest").combine_chunks()


_CHANGES = pa.schema(
    [
        EVENT_SCHEMA.field(name)
        for name in ("event_type", "customer_id", "other_customer_id", "record_count", "reason")
    ]
)
TYPES = ("merged", "minted", "moved", "revived", "split")


def _minted(
    overlap: Overlap, texts: pa.Array, final: np.ndarray, sizes: np.ndarray, new: np.ndarray
) -> pa.Table:
    """One row per cluster that got a new id."""
    known_before = np.zeros(len(final), dtype=bool)
    known_before[overlap.cluster] = True
    reasons = pa.array([REASONS["minted"], REASONS["split_minted"]])
    columns = [
        pa.repeat("minted", len(new)),
        texts.take(pa.array(final[new])),
        pa.nulls(len(new), pa.string()),
        pa.array(sizes[new], pa.int64()),
        reasons.take(pa.array(known_before[new].astype(np.int64))),
    ]
    return pa.table(columns, schema=_CHANGES)


def _revived(texts: pa.Array, final: np.ndarray, sizes: np.ndarray, retired: pa.Array) -> pa.Table:
    """One row per cluster that has a retired id, as of a record that was away meanwhile: nothing
    else tells of it."""
    alive = texts.take(pa.array(final))
    again = pc.is_in(alive, value_set=retired)
    rows = np.flatnonzero(again.to_numpy(zero_copy_only=False))
    columns = [
        pa.repeat("revived", len(rows)),
        alive.take(pa.array(rows)),
        pa.nulls(len(rows), pa.string()),
        pa.array(sizes[rows], pa.int64()),
        pa.repeat(REASONS["revived"], len(rows)),
    ]
    return pa.table(columns, schema=_CHANGES)


def _moved(overlap: Overlap, texts: pa.Array, final: np.ndarray, new: np.ndarray) -> pa.Table:
    """One row per cluster and id that its records no longer have.

    `merged` names the one successor of an id that no cluster has any longer in `customer_id`: the
    cluster with most of its records. `split` and `moved` name where records went in
    `other_customer_id`.
    """
    gone = overlap.where(final[overlap.cluster] != overlap.code)
    gone = gone.where(np.lexsort((_ranks(texts, gone.code), gone.cluster, -gone.count)))
    alive = np.zeros(len(texts), dtype=bool)
    alive[final] = True
    succeeds = _first(gone.code, len(texts))[gone.code] == np.arange(len(gone.code))
    merged = ~alive[gone.code] & succeeds
    is_new = np.zeros(len(final), dtype=bool)
    is_new[new] = True
    was_alive = np.zeros(len(texts), dtype=bool)
    was_alive[overlap.code] = True
    restored = ~was_alive[final[gone.cluster]] & ~is_new[gone.cluster]
    split = restored | is_new[gone.cluster]
    kind = np.where(merged, TYPES.index("merged"), TYPES.index("moved"))
    kind[split & ~merged] = TYPES.index("split")
    reasons = pa.array([REASONS[name] for name in (*TYPES, "restored")])
    reason = np.where(restored & ~merged, len(TYPES), kind)
    old, now = (texts.take(pa.array(code)) for code in (gone.code, final[gone.cluster]))
    columns = [
        pa.array(TYPES).take(pa.array(kind)),
        pc.if_else(pa.array(merged), now, old),
        pc.if_else(pa.array(merged), old, now),
        pa.array(gone.count, pa.int64()),
        reasons.take(pa.array(reason)),
    ]
    return pa.table(columns, schema=_CHANGES)


def _events(changes: pa.Table, occurred_at: dt.datetime) -> pa.Table:
    """The changes as events, by type; those of one type in the order in which they came."""
    changes = changes.combine_chunks()
    content = pc.binary_join_element_wise(
        changes["event_type"],
        changes["customer_id"],
        pc.fill_null(changes["other_customer_id"], ""),
        changes["record_count"].cast(pa.string()),
        occurred_at.isoformat(),
        "|",
    )
    moments = pa.repeat(pa.scalar(occurred_at, pa.timestamp("us")), len(changes))
    rows = changes.append_column("event_id", digests(content, EVENT_DIGITS))
    rows = rows.append_column("occurred_at", moments)
    kind = pc.index_in(changes["event_type"], pa.array(TYPES)).to_numpy()
    order = pa.array(np.argsort(kind, kind="stable"))
    return rows.select(EVENT_SCHEMA.names).cast(EVENT_SCHEMA).take(order).combine_chunks()
