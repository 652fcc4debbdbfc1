"""`kindred pin`, `unpin` and `pins`; and what `explain` reads of the golden record."""

from __future__ import annotations

import getpass
import json

import duckdb
import pyarrow.parquet as pq
import pytest
from known_customers import remember
from typer.testing import CliRunner

from dagster_project import golden
from dagster_project.cli import app, deciding
from dagster_project.cli.explain import _lost
from dagster_project.defs.pins import pins
from kindred import settings as kindred_settings
from kindred.ledger import Ledger

WHY = ("--why", "they [told] us")
TABLES = """
    create schema customers;
    create table customers.dim_customers as
    select 'kc_anna' as customer_id, 'Anna' as given_name, null as middle_name,
        'Smit' as family_name,
        'Damrak' as street, '1' as house_number, '1012AB' as postal_code, 'Amsterdam' as city,
        'NL' as country_code;
    create table customers.int_customers__winners as
    select 'kc_anna' as customer_id, 'phone' as attribute_group, *, 1 as source_rank, null as issue,
        false as is_stale, value as value_key,
        split_part(record_id, ':', 1) as source_system, timestamp '2026-01-01' as updated_at
    from (values ('crm:1', '+311', 2), ('erp:1', '+312', 1), ('web:1', '+311', 3))
        as places (record_id, value, place);
    create table customers.customer_attribute_provenance as
    from customers.int_customers__winners where place = 1
"""


@pytest.fixture
def url(ledger_url, tmp_path) -> str:
    with duckdb.connect(tmp_path / "warehouse.duckdb") as warehouse:
        warehouse.execute(TABLES)
    remember(ledger_url, {"crm:1": "kc_anna", "erp:1": "kc_anna", "crm:2": "kc_bob"})
    return ledger_url


def standing(url: str) -> list[dict]:
    with Ledger.open(url) as ledger:
        return ledger.pins().to_pylist()


def test_a_value_is_pinned_and_unpinned(steward, url, asked):
    said = steward("pin", "kc_anna", "phone", "+31612345678", *WHY, "--who", "the night shift")
    assert "The phone of kc_anna is pinned: +31612345678" in said
    [row] = standing(url)
    assert (row["phone"], row["pinned_by"], row["reason"]) == (
        "+31612345678",
        "the night shift",
        "they [told] us",
    )
    said = steward("unpin", "kc_anna", "phone", "--why", "it rings at her mother's")
    assert "pinned no longer: +31612345678" in said
    assert "the night shift: they [told] us" in said
    assert standing(url) == []
    assert asked == [deciding.GOLDEN, deciding.GOLDEN]
    assert "nothing is pinned" in steward("unpin", "kc_anna", "phone", *WHY, fails=True)


def test_a_part_of_an_address_pins_it_whole_and_another_part_adds_to_that(steward, url):
    said = steward("pin", "kc_anna", "postal_code", "1013XX", *WHY)
    assert "Damrak, 1, 1013XX, Amsterdam, NL" in said
    steward("pin", "kc_anna", "city", "Utrecht", *WHY)
    [row] = standing(url)
    assert [row[name] for name in ("street", "house_number", "postal_code", "city")] == [
        "Damrak",
        "1",
        "1013XX",
        "Utrecht",
    ]
    steward("unpin", "kc_anna", "address", *WHY)
    assert standing(url) == []


@pytest.mark.parametrize("word", ["pin", "unpin"])
def test_a_pin_can_wait_for_the_next_run(steward, url, asked, word):
    values = {"pin": ("female",), "unpin": ()}
    steward("pin", "kc_anna", "gender", "male", *WHY, "--later")
    said = steward(word, "kc_anna", "gender", *values[word], *WHY, "--later")
    assert "The next `kindred run` honours it" in said
    assert asked == []


def test_that_there_is_none_can_be_pinned(steward, url):
    assert "is pinned: none" in steward("pin", "kc_anna", "email", "", *WHY)
    assert [row["email"] for row in standing(url)] == [None]


def test_a_record_and_a_retired_id_stand_for_their_customer(steward, url):
    steward("pin", "erp:1", "gender", "female", *WHY)
    remember(url, {"crm:1": "kc_bob", "erp:1": "kc_bob"}, ("kc_bob", "kc_anna"))
    steward("pin", "kc_anna", "language", "nl", *WHY)
    assert {(row["customer_id"], row["attribute_group"]) for row in standing(url)} == {
        ("kc_bob", "gender"),
        ("kc_bob", "language"),
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("kc_nobody", "phone", "+31612345678"), "no customer kc_nobody"),
        (("kc_anna", "phone", "0612345678"), "a number like"),
        (("kc_anna", "address", "Damrak 1"), "pin one of street"),
        (("kc_anna", "birth_date", "2999-01-01"), "yet to come"),
        (("kc_anna", "birth_date", "1980-02-30"), "no day of the calendar"),
        (("kc_anna", "shoe_size", "42"), "no attribute shoe_size"),
    ],
)
def test_what_cannot_be_pinned_is_said_plainly(steward, url, words, told):
    assert told in steward("pin", *words, *WHY, fails=True)
    assert standing(url) == []


def test_a_reason_is_asked_for(steward):
    done = CliRunner().invoke(app, ["pin", "kc_anna", "gender", "female"])
    assert done.exit_code == 2


def test_pins_are_listed_with_their_history(steward, url, tmp_path):
    steward("pin", "kc_anna", "gender", "female", *WHY)
    steward("pin", "kc_anna", "gender", "male", *WHY)
    path = tmp_path / "pins.json"
    assert getpass.getuser() in steward("pins", "--json", str(path))
    assert [row["gender"] for row in json.loads(path.read_text())] == ["male"]
    steward("pins", "--all", "--json", str(path))
    assert [bool(row["unpinned_at"]) for row in json.loads(path.read_text())] == [True, False]


def test_the_asset_hands_the_pins_to_dbt(steward, url, tmp_path):
    steward("pin", "kc_anna", "gender", "female", *WHY)
    pins()
    found = pq.read_table(tmp_path / "lake" / "derived" / "pins" / "part-0.parquet")
    assert found.select(["customer_id", "attribute_group", "gender"]).to_pylist() == [
        {"customer_id": "kc_anna", "attribute_group": "gender", "gender": "female"}
    ]


def test_the_values_that_lost_are_shown_once_with_who_says_so():
    rows = [
        {"value": value, "source_system": system, "issue": issue, "is_another_value": differs}
        for value, system, issue, differs in (
            ("+312", "crm", None, True),
            ("+312", "web", None, True),
            ("+31 1", "erp", None, False),
            ("12", "web", "malformed", True),
        )
    ]
    assert _lost(rows) == ["+312 (crm, web)", "12, malformed (web)"]


def test_a_golden_value_is_told_with_those_who_lost_to_it(url):
    settings = kindred_settings.load()
    [row] = golden.provenance(settings, "kc_anna")
    assert row["record_id"] == "erp:1"
    assert [lost["record_id"] for lost in row["lost"]] == ["crm:1", "web:1"]
    assert [lost["is_another_value"] for lost in row["lost"]] == [True, True]
    assert golden.record(settings, "kc_anna")["city"] == "Amsterdam"
    assert golden.record(settings, "kc_bob") is None
