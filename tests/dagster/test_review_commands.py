"""`kindred review`, `accept` and `reject`: register entries and pairs of records, decided by id."""

from __future__ import annotations

import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from known_customers import remember

from dagster_project.cli import deciding
from kindred.identity.registers import MATCHES, review_id
from kindred.ledger import Ledger

MEMBERS = {"crm:1": "kc_anna", "crm:2": "kc_bob", "crm:3": "kc_carl"}
ENTRY = "registers:deceased:D1"
ASKED = review_id(ENTRY, "kc_anna")
WHY = ("--why", "I called", "--who", "a steward")
TABLES = """
create schema identity; create schema contactability;
create table identity.int_identity__records as
select 'crm:' || i as record_id, 'Anna' as given_name, 'Smit' as family_name
from range(1, 4) as r (i);
create table identity.fct_identity_reviews as
select * from (values
    ('r1', 'pair', 'crm:1', 'crm:2', 0.4, 2, 'given'),
    ('r2', 'cluster', 'crm:3', null, null, 60, 'more than 50 records')
) as t (review_id, kind, record_id_1, record_id_2, probability, record_count, reason);
create table contactability.fct_register_reviews as
select
    $1 as review_id, 'deceased' as register, 'registers:deceased:D1' as entry_id,
    'kc_anna' as customer_id, 'crm:1' as record_id, 1.5 as weight, 0.74 as probability,
    'same given name, same family name' as evidence, 'too little agrees' as reason,
    date '2026-01-05' as effective_on, 'Anna Maria' as entry_given_names,
    'Smit' as entry_family_name, date '1940-02-03' as entry_birth_date, null as entry_phone,
    null as entry_street, null as entry_house_number, '1012AB' as entry_postal_code,
    'Amsterdam' as entry_city, 'Anna' as given_name, 'Smit' as family_name, null as birth_date,
    'anna@x.nl' as email, null as phone, null as street, null as house_number,
    null as postal_code, null as city;
"""


@pytest.fixture
def home(ledger_url, tmp_path):
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        for statement in filter(str.strip, TABLES.split(";")):
            connection.execute(statement, [ASKED] if "$1" in statement else [])
    match = {"review_id": ASKED, "entry_id": ENTRY, "entry_digest": "d1", "customer_id": "kc_anna"}
    match |= {"record_id": "crm:1", "outcome": "review"}
    folder = tmp_path / "lake" / "derived" / "register_matches"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([match], MATCHES), folder / "part-0.parquet")
    remember(ledger_url, MEMBERS)
    return tmp_path


def decisions(home) -> list[tuple[str, ...]]:
    with Ledger.open(f"sqlite:///{home / 'ledger.db'}") as ledger:
        rows = ledger.entry_decisions().to_pylist()
    names = ("entry_id", "entry_digest", "record_id", "verdict", "decided_by", "reason")
    return [tuple(row[name] for name in names) for row in rows]


def test_the_list_shows_the_entry_beside_the_customer_with_its_evidence(steward, home):
    said = steward("review", "--json", str(home / "list.json"))
    first, *others = json.loads((home / "list.json").read_text())
    assert (first["review_id"], first["kind"]) == (ASKED, "register")
    assert (first["given_name_1"], first["given_name_2"]) == ("Anna Maria", "Anna")
    assert first["reason"] == "too little agrees: same given name, same family name"
    assert [row["kind"] for row in others] == ["cluster", "pair"]
    assert "To review: 3" in said


def test_a_register_entry_is_accepted_and_rejected(steward, home, asked):
    said = steward("review", "accept", ASKED, *WHY)
    assert f"{ENTRY} is about customer kc_anna from now on." in said
    assert "Golden record and contactability are as you decided" in said
    assert decisions(home) == [(ENTRY, "d1", "crm:1", "accepted", "a steward", "I called")]
    said = steward("review", "reject", ASKED, *WHY, "--later")
    assert "The next `kindred run` honours it" in said
    assert [row[3] for row in decisions(home)] == ["rejected"]
    assert asked == [deciding.GOLDEN]


def test_a_decision_is_taken_back_when_the_run_no_longer_lists_the_pair(steward, home):
    steward("review", "reject", ASKED, *WHY)
    path = home / "lake" / "derived" / "register_matches" / "part-0.parquet"
    pq.write_table(MATCHES.empty_table(), path)
    steward("review", "accept", ASKED, *WHY)
    assert [row[1:4] for row in decisions(home)] == [("d1", "crm:1", "accepted")]


@pytest.mark.parametrize(("word", "verdict"), [("accept", "same"), ("reject", "different")])
def test_a_pair_of_records_is_linked_or_split(steward, home, asked, word, verdict):
    steward("review", word, "r1", *WHY)
    assert asked == [deciding.IDS]
    with Ledger.open(f"sqlite:///{home / 'ledger.db'}") as ledger:
        [row] = ledger.decisions().to_pylist()
    assert (row["record_id_1"], row["record_id_2"], row["verdict"]) == ("crm:1", "crm:2", verdict)


def test_what_can_not_be_decided_is_said(steward, home):
    assert "is a whole cluster" in steward("review", "accept", "r2", *WHY, fails=True)
    unknown = steward("review", "reject", "nobody", *WHY, fails=True)
    assert "nothing to review by the id nobody" in unknown
    assert "a name and a reason" in steward("review", "reject", ASKED, "--why", " ", fails=True)
    assert decisions(home) == []
