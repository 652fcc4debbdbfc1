"""The plan: every key in exactly one bucket, whatever was acknowledged, refused or forbidden."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activation.engine.errors import SyncError
from activation.engine.operations import Mode
from activation.engine.plan import FIELD_HASH, IN_FLIGHT, Known, Plan, plan
from activation.engine.spec import Sync
from kindred.ledger.syncs import REJECTIONS, ROWS

NOW = dt.datetime(2026, 11, 1, 6, 0)
LATER, EARLIER = NOW + dt.timedelta(hours=1), NOW - dt.timedelta(hours=1)
LEAVES = ("keep", "delete", {"set": {"tags": None}})
AUDIENCE = pa.schema([(n, pa.string()) for n in ("customer_id", "their_id", "name", "mail")])
CONTACTABILITY = pa.schema(
    [
        ("customer_id", pa.string()),
        ("channel", pa.string()),
        ("purpose", pa.string()),
        ("allowed", pa.bool_()),
    ]
)


def sync(**changed: Any) -> Sync:
    content = {
        "name": "test",
        "description": "A test.",
        "owner": "team:data",
        "audience": "audience_test",
        "destination": "nowhere",
        "object": "people",
        "key": "kin",
        "mode": "upsert",
        "channel": "email",
        "purpose": "service",
        "destination_id": "their_id",
        "fields": {"Name": "name", "Mail": "mail"},
        "on_leave": {"set": {"tags": None}},
    }
    return Sync.model_validate(content | changed)


def audience(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{n: r.get(n) for n in AUDIENCE.names} for r in rows], AUDIENCE)


def row(key: str, name: str = "n", mail: str | None = "m", their_id: str | None = None) -> dict:
    return {"customer_id": key, "name": name, "mail": mail, "their_id": their_id}


def allowing(*keys: str) -> pa.Table:
    both = [
        {
            "customer_id": key,
            "channel": channel,
            "purpose": "service",
            "allowed": channel == "email",
        }
        for key in keys
        for channel in ("email", "post")
    ]
    return pa.Table.from_pylist(both, CONTACTABILITY)


def known(acknowledged: list[dict] | None = None, refused: list[dict] | None = None) -> Known:
    return Known(
        pa.Table.from_pylist(acknowledged or [], ROWS),
        pa.Table.from_pylist(refused or [], REJECTIONS),
    )


def acknowledgements(planned: Plan, **changed: Any) -> list[dict]:
    """What the ledger would hold had the destination accepted the plan."""
    return [
        {
            "key": item["key"],
            "destination_id": item["destination_id"] or f"id-{item['key']}",
            "row_hash": item["row_hash"],
            "field_hashes": item["field_hashes"],
            "fields_id": planned.sync.fields_id,
            "present": True,
            "created_by_us": True,
        }
        | changed
        for item in planned.rows.to_pylist()
    ]


def buckets(planned: Plan) -> dict[str, str]:
    return dict(
        zip(planned.rows["key"].to_pylist(), planned.rows["bucket"].to_pylist(), strict=True)
    )


def refusal(key: str, row_hash: str, next_attempt_at: dt.datetime) -> dict:
    times = dict.fromkeys(("first_rejected_at", "last_rejected_at"), NOW)
    values = {"sync": "test", "key": key, "row_hash": row_hash, "words": "no", "attempts": 1}
    return values | times | {"next_attempt_at": next_attempt_at}


def test_only_the_changed_field_is_planned() -> None:
    before = plan(sync(), audience(row("a"), row("b")), allowing("a", "b"), known(), NOW)
    assert buckets(before) == {"a": "create", "b": "create"}
    held = known(acknowledgements(before))
    after = plan(sync(), audience(row("a", mail=None), row("b")), allowing("a", "b"), held, NOW)
    assert buckets(after) == {"a": "update", "b": "unchanged"}
    assert after.field_changes() == {"Mail": 1}


def test_another_mapping_sends_rows_whole() -> None:
    before = plan(sync(), audience(row("a")), allowing("a"), known(), NOW)
    other = sync(fields={"Name": "name"})
    after = plan(other, audience(row("a")), allowing("a"), known(acknowledgements(before)), NOW)
    assert buckets(after) == {"a": "update"}
    assert after.rows["changed"].to_pylist() == [None]


def test_unknown_to_contactability_is_not_allowed() -> None:
    planned = plan(sync(), audience(row("a")), allowing("b"), known(), NOW)
    assert buckets(planned) == {"a": "suppressed"}


def test_any_channel_is_enough_where_the_sync_says_so() -> None:
    by_post = pa.Table.from_pylist(
        [{"customer_id": "a", "channel": "post", "purpose": "service", "allowed": True}],
        CONTACTABILITY,
    )
    strict = plan(sync(), audience(row("a")), by_post, known(), NOW)
    lenient = plan(sync(channel="any"), audience(row("a")), by_post, known(), NOW)
    assert (buckets(strict), buckets(lenient)) == ({"a": "suppressed"}, {"a": "create"})


def test_a_known_destination_row_is_updated_not_doubled() -> None:
    planned = plan(sync(), audience(row("a", their_id="X")), allowing("a"), known(), NOW)
    assert planned.rows.select(["bucket", "destination_id"]).to_pylist() == [
        {"bucket": "update", "destination_id": "X"}
    ]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.UPSERT, {"new": "create", "known": "update", "same": "unchanged", "other": "update"}),
        (
            Mode.UPDATE_ONLY,
            {"new": "update", "known": "update", "same": "unchanged", "other": "update"},
        ),
        (
            Mode.CREATE_ONLY,
            {"new": "create", "known": "unchanged", "same": "unchanged", "other": "unchanged"},
        ),
        (
            Mode.APPEND,
            {"new": "create", "known": "create", "same": "unchanged", "other": "create"},
        ),
    ],
)
def test_modes(mode: Mode, expected: dict[str, str]) -> None:
    chosen = sync(mode=mode)
    keys = tuple(expected)
    first = plan(chosen, audience(row("same"), row("other")), allowing(*keys), known(), NOW)
    rows = [row("new"), row("known", their_id="X"), row("same"), row("other", name="changed")]
    planned = plan(chosen, audience(*rows), allowing(*keys), known(acknowledgements(first)), NOW)
    assert buckets(planned) == expected


def test_a_merged_customers_row_is_handed_over_not_withdrawn() -> None:
    first = plan(sync(), audience(row("a", their_id="X")), allowing("a"), known(), NOW)
    held = known(acknowledgements(first))
    merged = plan(sync(), audience(row("b", their_id="X")), allowing("b"), held, NOW)
    assert buckets(merged) == {"b": "update"}
    assert merged.handed_over == ["a"]
    forbidden = plan(sync(), audience(row("b", their_id="X")), allowing(), held, NOW)
    assert buckets(forbidden) == {"b": "leave"}, "the successor may not be contacted: X must go"


def test_an_acknowledged_row_is_kept_though_the_audience_prefers_another() -> None:
    first = plan(sync(), audience(row("a", their_id="X")), allowing("a"), known(), NOW)
    held = known(acknowledgements(first))
    again = plan(sync(), audience(row("a", their_id="Y")), allowing("a"), held, NOW)
    assert buckets(again) == {"a": "unchanged"}
    lost = plan(
        sync(),
        audience(row("a", their_id="Y"), row("b", their_id="X")),
        allowing("a", "b"),
        held,
        NOW,
    )
    assert buckets(lost) == {"a": "update", "b": "update"}
    ids = {item["key"]: item["destination_id"] for item in lost.rows.to_pylist()}
    assert ids == {"a": "Y", "b": "X"}


def test_a_creation_that_was_never_answered_is_tried_or_withdrawn() -> None:
    begun = {"key": "a", "row_hash": IN_FLIGHT, "field_hashes": "", "fields_id": ""}
    held = known([begun | {"present": True, "created_by_us": True, "destination_id": None}])
    assert buckets(plan(sync(), audience(row("a")), allowing("a"), held, NOW)) == {"a": "create"}
    assert buckets(plan(sync(), audience(row("a")), allowing(), held, NOW)) == {"a": "leave"}
    assert buckets(plan(sync(), audience(), allowing(), held, NOW)) == {"a": "leave"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row("a"), row("a")], "2 rows 0 have none and 1 repeat"),
        ([{"name": "n"}], "1 have none"),
        ([row("a", their_id="X"), row("b", their_id="X")], "1 values of their_id"),
    ],
)
def test_an_ambiguous_audience_is_refused(rows: list[dict], words: str) -> None:
    with pytest.raises(SyncError, match=words):
        plan(sync(), audience(*rows), allowing("a", "b"), known(), NOW)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SyncError, match="audience_test has no column mail"):
        plan(sync(), audience(row("a")).drop_columns(["mail"]), allowing("a"), known(), NOW)


KEYS = [f"k{n:02}" for n in range(30)]
STATES = st.fixed_dictionaries(
    {
        "in_audience": st.booleans(),
        "allowed": st.booleans(),
        "name": st.sampled_from(["x", "y", None, ""]),
        "their_id": st.booleans(),
        "acknowledged": st.sampled_from(["no", "same", "different", "left", "begun"]),
        "created_by_us": st.booleans(),
        "refused": st.sampled_from(["no", "same due", "same later", "other"]),
    }
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(STATES, min_size=len(KEYS), max_size=len(KEYS)),
    st.sampled_from(list(Mode)),
    st.sampled_from(LEAVES),
)
def test_the_balance_holds_for_any_state(states: list[dict], mode: Mode, leave: Any) -> None:
    if mode == Mode.MIRROR:
        leave = "delete"
    chosen = sync(mode=mode, on_leave=leave)
    world = dict(zip(KEYS, states, strict=True))
    rows = [
        row(key, name=s["name"], their_id=f"T{key}" if s["their_id"] else None)
        for key, s in world.items()
    ]
    table = audience(*[r for r in rows if world[r["customer_id"]]["in_audience"]])
    contactability = allowing(*[key for key, s in world.items() if s["allowed"]])
    everything = plan(chosen, audience(*rows), allowing(*KEYS), known(), NOW)
    hashes = dict(
        zip(
            everything.rows["key"].to_pylist(), everything.rows["row_hash"].to_pylist(), strict=True
        )
    )
    held = known(
        [
            _acknowledged(chosen, key, s, hashes[key])
            for key, s in world.items()
            if s["acknowledged"] != "no"
        ],
        [r for key, s in world.items() for r in _refused(key, s, hashes[key])],
    )

    planned = plan(chosen, table, contactability, held, NOW)
    found = buckets(planned)

    assert len(found) == planned.rows.num_rows == planned.queried
    assert sum(planned.counts.values()) == planned.queried
    assert set(table["customer_id"].to_pylist()) <= set(found)
    for key, bucket in found.items():
        _check_one(chosen, world[key], key, bucket)
    sendable = planned.to_send("create", "update", "leave", "delete")
    assert sendable["key"].to_pylist() == sorted(
        key for key, bucket in found.items() if bucket in ("create", "update", "leave", "delete")
    )
    _check_it_settles(chosen, table, contactability, held, planned)


def _acknowledged(chosen: Sync, key: str, state: dict, row_hash: str) -> dict:
    kind = state["acknowledged"]
    ours = state["created_by_us"] or kind == "begun"
    hashed = {"same": row_hash, "different": "0" * 32, "left": chosen.leave_hash}
    return {
        "key": key,
        "destination_id": None if kind == "begun" else f"T{key}",
        "row_hash": hashed.get(kind, IN_FLIGHT),
        "field_hashes": "" if kind == "begun" else "0" * FIELD_HASH * 2,
        "fields_id": chosen.fields_id,
        "present": kind != "left",
        "created_by_us": ours,
    }


def _refused(key: str, state: dict, row_hash: str) -> list[dict]:
    kind = state["refused"]
    if kind == "no":
        return []
    if kind == "other":
        return [refusal(key, "f" * 32, LATER)]
    return [refusal(key, row_hash, LATER if kind == "same later" else EARLIER)]


def _check_one(chosen: Sync, state: dict, key: str, bucket: str) -> None:
    if not (state["in_audience"] and state["allowed"]):
        assert bucket not in ("create", "update", "unchanged"), "only who may be there is sent"
    if bucket == "delete":
        assert chosen.on_leave == "delete"
        assert state["created_by_us"] or state["acknowledged"] == "begun"
    if bucket in ("leave", "delete"):
        assert state["acknowledged"] in ("same", "different", "begun"), "only what is there leaves"
    if bucket == "waiting":
        assert state["refused"] == "same later"
    if bucket == "create" and chosen.mode != Mode.APPEND:
        assert state["acknowledged"] in ("no", "begun")


def _check_it_settles(
    chosen: Sync, table: pa.Table, contactability: pa.Table, held: Known, planned: Plan
) -> None:
    """When the destination accepts all, the next plan sends nothing."""
    rows = {item["key"]: item for item in held.acknowledged.to_pylist()}
    for key in planned.handed_over:
        rows[key] |= {"present": False}
    for item in planned.rows.to_pylist():
        if item["bucket"] not in ("create", "update", "leave", "delete"):
            continue
        deleted = item["bucket"] == "delete"
        rows[item["key"]] = {
            "key": item["key"],
            "destination_id": None if deleted else item["destination_id"] or f"T{item['key']}",
            "row_hash": item["row_hash"],
            "field_hashes": item["field_hashes"],
            "fields_id": chosen.fields_id,
            "present": item["bucket"] in ("create", "update"),
            "created_by_us": bool(item["created_by_us"]) and not deleted,
        }
    again = plan(chosen, table, contactability, known(list(rows.values())), NOW)
    waited = Counter(planned.counts)["waiting"]
    left = [b for b in buckets(again).values() if b in ("create", "update", "leave", "delete")]
    assert len(left) <= waited
