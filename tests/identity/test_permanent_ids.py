"""Customer ids: kept, merged, split, moved, minted; never reused, nor changed without reason."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from people import customers, identifiers, known, record, records

from kindred.identity import Resolution, resolve
from kindred.identity.fields import InputError

MOMENT = dt.datetime(2026, 11, 1)


def person(name: str, *record_ids: str) -> list[dict]:
    """Records that are one person."""
    return [record(r, given=name, family=name, email=f"{name}@x.nl") for r in record_ids]


def run(rows: list[dict], ids: dict[str, str], retired: tuple[str, ...] = ()) -> Resolution:
    return resolve(records(*rows), identifiers(), known(ids), occurred_at=MOMENT, retired=retired)


def events(found: Resolution) -> list[tuple]:
    return [
        (e["event_type"], e["customer_id"], e["other_customer_id"], e["record_count"])
        for e in found.events.to_pylist()
    ]


def test_a_cluster_keeps_the_id_that_most_of_its_records_hold() -> None:
    found = run(person("anna", "a:1", "b:1", "c:1"), {"a:1": "kc_a", "b:1": "kc_b", "c:1": "kc_b"})
    assert set(customers(found.person_map).values()) == {"kc_b"}
    assert events(found) == [("merged", "kc_b", "kc_a", 1)]


def test_ties_go_to_the_smaller_id() -> None:
    found = run(person("anna", "a:1", "b:1"), {"a:1": "kc_2", "b:1": "kc_1"})
    assert set(customers(found.person_map).values()) == {"kc_1"}


def test_after_a_split_the_larger_part_keeps_the_id() -> None:
    rows = person("anna", "a:1", "b:1") + person("pieter", "c:1")
    found = run(rows, {"a:1": "kc_1", "b:1": "kc_1", "c:1": "kc_1"})
    new = customers(found.person_map)["c:1"]
    assert customers(found.person_map) == {"a:1": "kc_1", "b:1": "kc_1", "c:1": new}
    assert events(found) == [("minted", new, None, 1), ("split", "kc_1", new, 1)]


def test_a_record_can_move_between_customers_that_both_live_on() -> None:
    rows = person("anna", "a:1", "b:1", "x:1") + person("pieter", "c:1", "d:1")
    ids = {"a:1": "kc_a", "b:1": "kc_a", "x:1": "kc_p", "c:1": "kc_p", "d:1": "kc_p"}
    found = run(rows, ids)
    assert customers(found.person_map)["x:1"] == "kc_a"
    assert events(found) == [("moved", "kc_p", "kc_a", 1)]


def test_a_retired_id_has_one_successor() -> None:
    # kc_old's records are spread over two customers that keep their own, better supported ids
    rows = person("anna", "a:1", "b:1", "c:1", "o:1", "o:2") + person("pieter", "d:1", "e:1", "o:3")
    ids = {"a:1": "kc_a", "b:1": "kc_a", "c:1": "kc_a", "d:1": "kc_p", "e:1": "kc_p"}
    ids |= {"o:1": "kc_old", "o:2": "kc_old", "o:3": "kc_old"}
    found = run(rows, ids)
    assert events(found) == [
        ("merged", "kc_a", "kc_old", 2),
        ("moved", "kc_old", "kc_p", 1),
    ]


def test_minting_depends_on_content_only_and_never_reuses_an_id() -> None:
    rows = person("anna", "a:1", "b:1")
    first = customers(run(rows, {}).person_map)["a:1"]
    assert first.startswith("kc_")
    assert len(first) == 19
    assert customers(run(rows[::-1], {}).person_map)["a:1"] == first
    assert customers(run(rows, {}, retired=(first,)).person_map)["a:1"] != first
    # the id lives on with other records, and a:1 comes back as a person of its own
    rows = person("anna", "a:1") + person("pieter", "c:1", "d:1")
    found = customers(run(rows, {"a:1": first, "c:1": first, "d:1": first}).person_map)
    assert found["c:1"] == first
    assert found["a:1"] != first


def test_records_that_vanished_from_the_sources_do_no_harm() -> None:
    found = run(person("anna", "a:1"), {"a:1": "kc_a", "gone:1": "kc_g"})
    assert customers(found.person_map) == {"a:1": "kc_a"}
    assert events(found) == []


def test_a_known_record_has_one_customer() -> None:
    twice = pa.table({"record_id": ["a:1", "a:1"], "customer_id": ["kc_1", "kc_2"]})
    with pytest.raises(InputError, match="record_id is not unique"):
        resolve(records(record("a:1")), identifiers(), twice)
