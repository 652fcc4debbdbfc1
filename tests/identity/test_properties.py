"""What must hold for any input: order does not matter, a second run changes nothing."""

from __future__ import annotations

import datetime as dt
import random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from people import SCHEMA, customers, identifiers, known

from kindred.identity import Resolution, resolve

MOMENT = dt.datetime(2026, 11, 1)
NAMES = st.sampled_from([None, "anna", "ann", "jan", "johannes", "pieter"])
FAMILIES = st.sampled_from([None, "jansen", "janssen", "devries", "anna"])
BIRTHS = st.sampled_from([None, dt.date(1950, 1, 2), dt.date(1950, 2, 1), dt.date(1981, 6, 30)])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "given_key": NAMES,
            "family_key": FAMILIES,
            "initial": st.sampled_from([None, "a", "j", "p"]),
            "birth_date": BIRTHS,
            "email_key": st.sampled_from([None, "a@x.nl", "b@x.nl", "c12@y.nl"]),
            "phone_key": st.sampled_from([None, "3161", "3162"]),
            "postal_key": st.sampled_from([None, "NL|1012AB", "NL|2000AA"]),
            "house_key": st.sampled_from([None, "1", "2"]),
            "card": st.sampled_from([None, None, "1", "2"]),
            "known": st.sampled_from([None, None, "kc_1", "kc_2", "kc_3"]),
            "names_customer": st.sampled_from([None, None, None, "kc_1", "kc_9"]),
        }
    ),
    max_size=25,
)


def tables(rows: list[dict]) -> tuple[pa.Table, pa.Table, dict[str, str]]:
    """Records, identifiers and known ids of generated rows."""
    named = [{"record_id": f"s:{n:03}", **row} for n, row in enumerate(rows)]
    shared = [(r["record_id"], "loyalty_card", r["card"]) for r in named if r["card"]]
    shared += [
        (r["record_id"], "kindred_id", r["names_customer"]) for r in named if r["names_customer"]
    ]
    ids = {r["record_id"]: r["known"] for r in named if r["known"]}
    return pa.Table.from_pylist(named, schema=SCHEMA), identifiers(*shared), ids


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    order = list(range(len(table)))
    random.Random(seed).shuffle(order)
    return table.take(pa.array(order, pa.int64()))


def same(one: Resolution, other: Resolution) -> bool:
    return (
        one.person_map.equals(other.person_map)
        and one.links.equals(other.links)
        and one.events.equals(other.events)
    )


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, seed=st.integers(0, 9))
def test_the_order_of_rows_does_not_matter(rows: list[dict], seed: int) -> None:
    people, shared, ids = tables(rows)
    found = resolve(people, shared, known(ids), occurred_at=MOMENT)
    again = resolve(
        shuffled(people, seed),
        shuffled(shared, seed),
        shuffled(known(ids), seed),
        occurred_at=MOMENT,
    )
    assert same(found, again)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_a_second_run_changes_nothing(rows: list[dict]) -> None:
    people, shared, _ = tables(rows)
    found = resolve(people, shared, known())
    again = resolve(people, shared, found.person_map)
    assert again.person_map.equals(found.person_map)
    assert len(again.events) == 0


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_every_record_has_a_customer_and_events_account_for_every_change(rows: list[dict]) -> None:
    people, shared, ids = tables(rows)
    found = resolve(people, shared, known(ids), occurred_at=MOMENT)
    now = customers(found.person_map)
    assert sorted(now) == people["record_id"].to_pylist()
    happened = found.events.to_pylist()
    assert len({e["event_id"] for e in happened}) == len(happened)
    changes = {(old, now[record_id]) for record_id, old in ids.items() if now[record_id] != old}
    told = {
        (e["other_customer_id"], e["customer_id"])
        if e["event_type"] == "merged"
        else (e["customer_id"], e["other_customer_id"])
        for e in happened
        if e["event_type"] != "minted"
    }
    assert changes == told
    minted = {e["customer_id"] for e in happened if e["event_type"] == "minted"}
    assert minted == set(now.values()) - set(ids.values())
    retired = [e["other_customer_id"] for e in happened if e["event_type"] == "merged"]
    assert len(set(retired)) == len(retired)
    assert not set(retired) & set(now.values())


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_a_split_only_ever_follows_from_a_link_that_is_gone(rows: list[dict]) -> None:
    people, shared, _ = tables(rows)
    found = resolve(people, shared, known())
    now = customers(found.person_map)
    for link in found.links.to_pylist():
        assert now[link["record_id_1"]] == now[link["record_id_2"]]
