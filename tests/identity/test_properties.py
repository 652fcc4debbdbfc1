"""What must hold for any input: order and threads don't matter, a second run changes nothing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from people import (
    MOMENT,
    SCHEMA,
    Town,
    customers,
    decisions,
    identifiers,
    known,
    same,
    shuffled,
    told,
)

from kindred.identity import Resolution, resolve

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "source_system": st.sampled_from(["crm", "shop"]),
            "given_name": st.sampled_from([None, "Anna", "Ann", "Jan", "Johannes", "P."]),
            "family_name": st.sampled_from([None, "Jansen", "Janssen", "de Vries", "Anna", "李"]),
            "birth_date": st.sampled_from(
                [None, dt.date(1950, 1, 2), dt.date(1950, 2, 1), dt.date(1981, 6, 30)]
            ),
            "email": st.sampled_from([None, "a@x.nl", "jan.jansen@x.nl", "info@y.nl"]),
            "phone": st.sampled_from([None, "0618273645", "+31 6 18273645", "061"]),
            "house_number": st.sampled_from([None, "1", "2"]),
            "postal_code": st.sampled_from([None, "1012 AB", "2000aa"]),
            "card": st.sampled_from([None, None, "4711", "4712"]),
            "known": st.sampled_from([None, None, "kc_1", "kc_2", "kc_3"]),
            "names_customer": st.sampled_from([None, None, None, "kc_1", "kc_9"]),
        }
    ),
    max_size=25,
)
VERDICTS = st.dictionaries(
    st.tuples(st.integers(0, 24), st.integers(0, 24)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from(["same", "different"]),
    max_size=3,
)
QUICK = settings(max_examples=5)


def tables(rows: list[dict]) -> tuple[pa.Table, pa.Table, dict[str, str]]:
    """Records, identifiers and known ids of generated rows."""
    named = [{"record_id": f"s:{n:03}", **row} for n, row in enumerate(rows)]
    shared = [(r["record_id"], "loyalty_card", r["card"]) for r in named if r["card"]]
    shared += [
        (r["record_id"], "kindred_id", r["names_customer"]) for r in named if r["names_customer"]
    ]
    ids = {r["record_id"]: r["known"] for r in named if r["known"]}
    return pa.Table.from_pylist(named, schema=SCHEMA), identifiers(*shared), ids


@QUICK
@given(rows=ROWS, verdicts=VERDICTS, seed=st.integers(0, 9))
def test_neither_the_order_of_rows_nor_threads_matter(
    rows: list[dict], verdicts: dict, seed: int
) -> None:
    people, shared, ids = tables(rows)
    decided = decisions(*((f"s:{a:03}", f"s:{b:03}", v) for (a, b), v in verdicts.items()))
    found = resolve(people, shared, known(ids), decisions=decided, occurred_at=MOMENT, threads=1)
    again = resolve(
        shuffled(people, seed),
        shuffled(shared, seed),
        shuffled(known(ids), seed),
        decisions=shuffled(decided, seed),
        occurred_at=MOMENT,
        threads=2,
    )
    assert same(found, again)


def test_neither_matters_in_a_town(town: Town) -> None:
    """More records than are compared each with each, and weights that are learned anew."""
    nothing = identifiers()
    one = resolve(town.people, nothing, known(), occurred_at=MOMENT, threads=1)
    other = resolve(shuffled(town.people, 1), nothing, known(), occurred_at=MOMENT, threads=2)
    assert same(one, other)
    assert one.matched.model.priors == other.matched.model.priors


def test_which_of_several_identifiers_comes_first_does_not_matter() -> None:
    people = pa.table({"record_id": [f"s:{n}" for n in range(9)], "given_name": ["Anna"] * 9})
    cards = [(f"s:{n}", "card", f"{(n * 5 + k * 7) % 11}") for n in range(9) for k in range(7)]
    shared = identifiers(*cards)
    found = resolve(people, shared, known(), occurred_at=MOMENT)
    for seed in range(3):
        other = resolve(people, shuffled(shared, seed), known(), occurred_at=MOMENT)
        assert same(found, other)
        for one, two in zip(
            found.matched.people.identifiers["card"].slots,
            other.matched.people.identifiers["card"].slots,
            strict=True,
        ):
            assert texts(found, one) == texts(other, two)


def texts(found: Resolution, codes: np.ndarray) -> list[str]:
    values = found.matched.people.identifiers["card"].values
    return values.take(pa.array(codes)).to_pylist()


@QUICK
@given(rows=ROWS)
def test_a_second_run_changes_nothing(rows: list[dict]) -> None:
    people, shared, _ = tables(rows)
    shared = shared.filter(pa.compute.not_equal(shared["identifier_type"], "kindred_id"))
    found = resolve(people, shared, known())
    again = resolve(people, shared, found.person_map)
    assert again.person_map.equals(found.person_map)
    assert len(again.events) == 0


@QUICK
@given(rows=ROWS)
def test_every_record_has_a_customer_and_events_account_for_every_change(rows: list[dict]) -> None:
    people, shared, ids = tables(rows)
    found = resolve(people, shared, known(ids), occurred_at=MOMENT)
    now = customers(found.person_map)
    assert sorted(now) == people["record_id"].to_pylist()
    happened = found.events.to_pylist()
    assert len({e["event_id"] for e in happened}) == len(happened)
    changes = {(old, now[record_id]) for record_id, old in ids.items() if now[record_id] != old}
    assert changes == set(told(happened))
    minted = {e["customer_id"] for e in happened if e["event_type"] == "minted"}
    assert minted == set(now.values()) - set(ids.values())
    retired = [e["other_customer_id"] for e in happened if e["event_type"] == "merged"]
    assert len(set(retired)) == len(retired)
    assert not set(retired) & set(now.values())


@QUICK
@given(rows=ROWS, verdicts=VERDICTS)
def test_links_lie_inside_customers_or_in_what_is_held(rows: list[dict], verdicts: dict) -> None:
    people, shared, _ = tables(rows)
    decided = decisions(*((f"s:{a:03}", f"s:{b:03}", v) for (a, b), v in verdicts.items()))
    found = resolve(people, shared, known(), decisions=decided)
    now = customers(found.person_map)
    held = {row["record_id_1"] for row in found.reviews.to_pylist() if row["kind"] == "cluster"}
    label = dict(zip(people["record_id"].to_pylist(), found.matched.label.tolist(), strict=True))
    ids = people["record_id"].to_pylist()
    for link in found.links.to_pylist():
        one, other = link["record_id_1"], link["record_id_2"]
        assert now[one] == now[other] or ids[label[one]] in held
    for (a, b), verdict in verdicts.items():
        if verdict == "different" and b < len(rows):
            assert now[f"s:{a:03}"] != now[f"s:{b:03}"]
