"""Resolution: the whole way from records to permanent customer ids.

Belongs here: the order of the steps and the tables that come out. Does not belong here: the steps
themselves (`reading`, `engine`, `guards`, `permanent_ids`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity import permanent_ids, undoing
from kindred.identity.clusters.guards import Held, hold
from kindred.identity.clusters.judgement import KINDRED_ID
from kindred.identity.clusters.references import named_by_keys, reference_pairs, stands_with
from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import InputError
from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import Decisions, Matched, Prepared, match_prepared, prepare
from kindred.identity.evidence import agreeing, links, probability
from kindred.identity.reading.reader import FORMS, TableColumns, read_people
from kindred.identity.rules.rules_file import Rules, load_rules
from kindred.identity.weights.model_file import ModelFile

SPEAKING = frozenset({*FORMS, "birth_date", "phone", "house_number"} - {"country_code"})
"""Columns that say something of a person."""
REFERENCES = pa.schema([("record_id", pa.string()), ("identifier_value", pa.string())])
REVIEWS = pa.schema(
    [
        ("review_id", pa.string()),
        ("kind", pa.string()),
        ("record_id_1", pa.string()),
        ("record_id_2", pa.string()),
        ("probability", pa.float64()),
        ("record_count", pa.int64()),
        ("reason", pa.string()),
    ]
)
"""`kind` is `pair` (two records that nearly match) or `cluster` (one that is held)."""


@dataclass(frozen=True)
class Resolution:
    """What identity decided.

    person_map: `record_id, customer_id, cluster_size`, one row per record, sorted by record_id.
    links: `record_id_1, record_id_2, rule, probability`, the accepted links inside clusters;
    where a cluster is held, its links are there too, and may lie between two customers.
    events: `event_id, event_type, customer_id, other_customer_id, record_count, occurred_at,
    reason`; what changed against `known`. reviews: what a steward may look at, of `REVIEWS`.
    moved: what decisions that are new or ended concerned (`undoing.MOVED`), for the ledger.
    matched: weights and patterns, for metadata and explanations.
    """

    person_map: pa.Table
    links: pa.Table
    events: pa.Table
    reviews: pa.Table
    moved: pa.Table
    matched: Matched


def resolve(
    records: pa.Table,
    identifiers: pa.Table,
    known: pa.Table,
    *,
    rules: Rules | None = None,
    decisions: pa.Table | None = None,
    model_file: ModelFile | None = None,
    occurred_at: dt.datetime | None = None,
    retired: Collection[str] = (),
    former: pa.Table | None = None,
    undone: pa.Table | None = None,
    threads: int = 2,
) -> Resolution:
    """Decide which records are one person and which permanent id that person has.

    records: columns of `person_records`; only `record_id` is required, and unique. identifiers:
    `record_id, identifier_type, identifier_value`; the type `kindred_id` names a customer. known:
    `record_id, customer_id` and perhaps `since` from the ledger (may be empty). decisions:
    `record_id_1, record_id_2, verdict` (`same` or `different`) of stewards. model_file: holds
    the weights of earlier runs; whoever accepts what was found keeps new ones (`keep_model` of
    `matched`). occurred_at: time of the events (default: now, UTC). retired: ids that were once in
    use and must not be minted again. former: who held these, as `known` says it. undone:
    who records were before decisions that were taken back (`Ledger.undone_ids`): all is decided as
    if they still were, and events tell what that changes against `known`.

    The same rows in any order give the same tables. With its own person map as `known` a second
    run has no events. Raises `InputError` (a ValueError) when a table can't be used.
    """
    rules = rules or load_rules()
    permanent_ids.check_known(known)
    before = undoing.put_back(known, undone)
    prepared = prepare_records(
        records, identifiers, before, rules=rules, decisions=decisions, threads=threads
    )
    people = prepared.everybody
    ids = people.record_id
    found = match_prepared(prepared, rules, model_file)
    linked = prepared.rows[prepared.judgement.linked()]
    label, held = hold(
        people,
        found.label,
        _held(ids, before),
        rules,
        original=found.original,
        looked_at=linked,
        apart=prepared.rows[prepared.judgement.parted()],
    )
    moment = (occurred_at or dt.datetime.now(dt.UTC)).replace(tzinfo=None, microsecond=0)
    assigned = permanent_ids.assign(
        ids,
        label,
        before,
        told=None if before is known else known,
        occurred_at=moment,
        former=former,
        retired=retired,
    )
    return Resolution(
        assigned.person_map,
        links(found, ids),
        assigned.events,
        _reviews(found, ids, held, rules),
        undoing.moved(found, assigned.person_map, before, decisions, undone),
        found,
    )


def prepare_records(
    records: pa.Table,
    identifiers: pa.Table,
    known: pa.Table,
    *,
    rules: Rules,
    decisions: pa.Table | None = None,
    threads: int = 2,
) -> Prepared:
    """Read what `resolve` takes, ready for comparing pairs. Raises `InputError`."""
    permanent_ids.check_known(known)
    if "record_id" not in records.column_names:
        raise InputError("the column record_id is missing")
    silent_ids = _silent(records, identifiers)
    is_reference = pc.equal(identifiers["identifier_type"], KINDRED_ID)
    is_silent = pc.is_in(identifiers["record_id"].cast(pa.string()), value_set=silent_ids)
    named = identifiers.filter(is_reference)
    spoken = pc.and_(pc.invert(is_reference), pc.invert(is_silent))
    people = read_people(TableColumns(records), rules, identifiers.filter(spoken), threads)
    ids = people.record_id
    silent = pc.is_in(ids, value_set=silent_ids).to_numpy(zero_copy_only=False)
    decided = _rows(ids, decisions)
    together = stands_with(ids, silent, named, known)
    _part(together, _held(ids, known), decided)
    columns = ["record_id", "identifier_value"]
    references = pa.concat_tables(
        [
            identifiers.filter(pc.and_(is_reference, pc.invert(is_silent)))
            .select(columns)
            .cast(REFERENCES),
            named_by_keys(identifiers, silent_ids).cast(REFERENCES),
        ]
    )
    pairs = reference_pairs(ids, references, known)
    return prepare(
        people,
        rules,
        decisions=decided,
        references=pairs,
        together=together,
        threads=threads,
    )


def _part(together: np.ndarray, held: np.ndarray, decisions: Decisions) -> None:
    """Let a silent record stand alone, in place, that a steward parted from whom it names.

    together: per record the row that it stands with; held: per record a number for its customer.
    """
    for a, b, same in decisions:
        if not same and held[together[a]] == held[together[b]] >= 0:
            silent = b if together[b] != b else a
            together[silent] = silent


def _silent(records: pa.Table, identifiers: pa.Table) -> pa.Array:
    """Ids of records that name a customer and say nothing of a person: only Kindred wrote them."""
    named = identifiers.filter(pc.equal(identifiers["identifier_type"], KINDRED_ID))
    silent = pc.is_in(
        records["record_id"].cast(pa.string()),
        value_set=named["record_id"].cast(pa.string()).combine_chunks(),
    )
    for name in records.column_names:
        if name in SPEAKING:
            silent = pc.and_(silent, pc.is_null(records[name]))
    found = records["record_id"].cast(pa.string()).filter(silent)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _rows(ids: pa.Array, decisions: pa.Table | None) -> Decisions:
    """Decisions by row; one about a record that is no longer there rests."""
    if decisions is None:
        return ()
    ends = [
        pc.index_in(decisions[name].cast(pa.string()), value_set=ids).to_pylist()
        for name in ("record_id_1", "record_id_2")
    ]
    same = pc.equal(decisions["verdict"], "same").to_pylist()
    return [
        (a, b, verdict)
        for a, b, verdict in zip(*ends, same, strict=True)
        if a is not None and b is not None
    ]


def _held(ids: pa.Array, known: pa.Table) -> np.ndarray:
    """Per record a number for the customer it was known as, or -1."""
    place = pc.index_in(ids, value_set=known["record_id"].cast(pa.string()).combine_chunks())
    customer = encode(known["customer_id"].cast(pa.string())).codes
    found = np.full(len(ids), -1, np.int64)
    there = pc.is_valid(place).to_numpy(zero_copy_only=False)
    found[there] = customer[place.drop_null().to_numpy()]
    return found


def _reviews(found: Matched, ids: pa.Array, held: Held, rules: Rules) -> pa.Table:
    """Pairs between the thresholds for review and for merging, and clusters that are held."""
    left, right = unpack(found.pairs)
    left, right = found.rows[left], found.rows[right]
    near = (found.over <= 0) & (found.weight > np.float32(rules.thresholds.review))
    near &= found.label[left] != found.label[right]
    rows = np.flatnonzero(near)
    pairs = {
        "kind": pa.repeat("pair", len(rows)),
        "record_id_1": ids.take(pa.array(left[rows])),
        "record_id_2": ids.take(pa.array(right[rows])),
        "probability": pa.array(probability(found.weight[rows])),
        "record_count": pa.array(np.full(len(rows), 2)),
        "reason": agreeing(found.patterns.take(rows)),
    }
    clusters = {
        "kind": pa.repeat("cluster", len(held.row)),
        "record_id_1": ids.take(pa.array(held.row, pa.int64())),
        "record_id_2": pa.nulls(len(held.row), pa.string()),
        "probability": pa.nulls(len(held.row), pa.float64()),
        "record_count": pa.array(held.count, pa.int64()),
        "reason": pa.array(held.reason, pa.string()),
    }
    table = pa.concat_tables([pa.table(pairs), pa.table(clusters)])
    content = pc.binary_join_element_wise(
        table["record_id_1"], pc.fill_null(table["record_id_2"], ""), table["reason"], "|"
    )
    digests = permanent_ids.digests(content.combine_chunks(), 16)
    return table.append_column("review_id", digests).select(REVIEWS.names).cast(REVIEWS)
