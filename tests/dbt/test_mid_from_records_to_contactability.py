"""The middle of the graph end to end: records, identity, golden customers, contactability.

Two sources are enough for it: the dealers' ERP and the registers. Every expectation is about a
person whom a careless match would get wrong.
"""

from __future__ import annotations

import datetime as dt
import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kindred import identity
from kindred.identity.registers import match_entries
from kindred.identity.weights.model_file import ModelFile

SOURCES = ("dealer_erp", "registers")
PEOPLE = [
    # customer_number, given, family, birth date, email, phone, street, number, postal code, updated
    ("K1", "Jan", "van der Berg", "1948-05-02", "jan@x.nl", "0612312312", "Dam", "1", "1012AB", 1),
    ("K2", "JAN", "v.d. Berg", None, "jan@x.nl", None, "Singel", "9", "1015AA", 9),
    ("K3", "Jan", "van der Berg", "1979-08-13", "zoon@x.nl", "0687687687", "Dam", "1", "1012AB", 3),
    ("K4", "Daan", "Müller", "2001-02-03", None, "0611122233", "Kade", "4", "3011AA", 4),
    ("K5", "Lucas", "Mueller", "2001-02-03", None, "0611122233", "Kade", "4", "3011AA", 5),
    ("K6", "Info", "Garage", None, "info@garage.nl", "0000000000", None, None, None, 6),
    ("K7", "Anna", "de Wit", "1990-09-09", "anna@x.nl", None, "Laan", "7", "2511AA", 7),
]
DECEASED = [("D1", "Jan", "van der Berg", "1948-05-02", "1012AB"),
            ("D2", "Daan Pieter", "MULLER", "2001-02-03", "3011AA")]  # fmt: skip
MOVED = [("M1", "Anna", "de Wit", "1990-09-09", "2511AA", "7", "Plein", "3", "3511AA")]


def land(home, source: str, table: str, select: str) -> None:
    folder = home / "lake" / "raw" / source / table
    folder.mkdir(parents=True, exist_ok=True)
    duckdb.sql(select).write_parquet(str(folder / "part.parquet"))


def values(rows: list[tuple]) -> str:
    """Rows as a SQL `values` list; only for the constants above."""
    return ", ".join(
        "(" + ", ".join("null" if v is None else f"'{v}'" for v in row) + ")" for row in rows
    )


@pytest.fixture(scope="module")
def middle(project):
    home = project.home
    land(
        home,
        "dealer_erp",
        "customers",
        f"""
        select *, 'NL' as country_code, 'Stad' as city, '1.0' as _dlt_load_id,
            timestamp '2024-01-01' as created_at,
            timestamp '2025-01-01' + to_days(cast(day as integer)) as updated_at
        from (values {values(PEOPLE)}) as people (
            customer_number, given_name, family_name, birth_date, email, phone, street,
            house_number, postal_code, day
        )
        """,
    )
    land(
        home,
        "registers",
        "deceased",
        f"""
        select *, 'add' as action, 'NL' as country_code, date '2026-01-01' as died_on,
            date '2026-02-01' as recorded_on, '1.0' as _dlt_load_id, 'd.csv' as _file, 1 as _row
        from (values {values(DECEASED)}) as dead (
            entry_id, given_names, family_name, birth_date, postal_code
        )
        """,
    )
    land(
        home,
        "registers",
        "moved",
        f"""
        select *, 'add' as action, 'NL' as country_code, date '2026-03-01' as moved_on,
            date '2026-03-05' as recorded_on, '1.0' as _dlt_load_id, 'm.csv' as _file, 1 as _row
        from (values {values(MOVED)}) as moved (
            entry_id, given_names, family_name, birth_date, old_postal_code, old_house_number,
            new_street, new_house_number, new_postal_code
        )
        """,
    )
    upstream = (
        *("+int_identity__records", "+int_identity__identifiers"),
        *("+register_entries", "+int_contactability__last_seen"),
    )
    project.succeed("seed", sources=SOURCES)
    project.succeed("run", "--select", *upstream, sources=SOURCES)
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        records, identifiers, entries = (
            warehouse.sql(f"from {name}").to_arrow_table()
            for name in (
                "identity.int_identity__records",
                "identity.int_identity__identifiers",
                "semantic.register_entries",
            )
        )
    nobody = pa.table(
        {"record_id": pa.array([], pa.string()), "customer_id": pa.array([], pa.string())}
    )
    today = dt.datetime(2026, 11, 1)
    weights = ModelFile(home / "models" / "identity.json", today.date())
    found = identity.resolve(records, identifiers, nobody, occurred_at=today, model_file=weights)
    found.matched.keep_model(weights)
    matches = match_entries(
        records, found.person_map, entries, weights=weights.path, rules=identity.load_rules()
    )
    for name, table in {
        "person_map": found.person_map,
        "identity_links": found.links,
        "identity_events": found.events,
        "register_matches": matches,
    }.items():
        folder = home / "lake" / "derived" / name
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / "part.parquet")
    downstream = (
        "+dim_households",
        "+int_contactability__summary",
        "customer_attribute_provenance",
        "fct_identity_events",
    )
    project.succeed("run", "--select", *downstream, sources=SOURCES)
    return project


def customer(middle, number: str) -> dict:
    (row,) = middle.query(
        f"""
        select to_json(customers) from customers.dim_customers as customers
        join customers.bridge_customer_records using (customer_id)
        where source_key = '{number}'
        """
    )
    return json.loads(row[0])


def test_one_person_keeps_one_profile_and_father_son_and_twins_their_own(middle):
    ids = {n: customer(middle, n)["customer_id"] for n in ("K1", "K2", "K3", "K4", "K5", "K6")}
    assert ids["K1"] == ids["K2"]
    assert len(set(ids.values())) == 5


def test_the_latest_address_wins_whole_and_a_role_account_gives_no_email(middle):
    father = customer(middle, "K1")
    assert (father["street"], father["house_number"], father["postal_code"]) == (
        "Singel",
        "9",
        "1015AA",
    )
    assert customer(middle, "K6")["email"] is None
    assert customer(middle, "K6")["phone"] is None


def test_neither_son_nor_twin_inherits_a_death(middle):
    dead = {n: customer(middle, n)["deceased"] for n in ("K1", "K3", "K4", "K5", "K7")}
    assert dead == {"K1": True, "K3": False, "K4": True, "K5": False, "K7": False}


def test_a_forwarding_address_corrects_the_address(middle):
    moved = customer(middle, "K7")
    assert (moved["street"], moved["postal_code"]) == ("Plein", "3511AA")
    assert moved["address_from_register"] is True


def test_a_forwarding_address_has_its_provenance(middle):
    rows = middle.query(
        """
        select provenance.source_system, strategy, value, losing_value_list
        from customers.customer_attribute_provenance as provenance
        join customers.bridge_customer_records as bridge using (customer_id)
        where bridge.source_key = 'K7' and attribute_group = 'address'
        """
    )
    assert rows == [
        ("registers", "register_of_movers", "Plein 3, 3511AA, NL", "Laan 7, 2511AA Stad, NL")
    ]


def test_what_is_no_value_is_flagged_where_it_is_all_there_is(middle):
    garage = customer(middle, "K6")
    assert (garage["email_issue"], garage["phone_issue"]) == ("shared_or_test", "malformed")
    assert customer(middle, "K1")["email_issue"] is None


def test_nobody_dead_may_be_contacted_and_marketing_needs_a_grant(middle):
    reasons = dict(
        middle.query(
            """
            select channel || ' ' || purpose, reasons from contactability.fct_contactability
            join customers.bridge_customer_records using (customer_id)
            where source_key = 'K1'
            """
        )
    )
    assert len(reasons) == 20
    assert all("deceased" in reason for reason in reasons.values())
    alive = middle.query(
        """
        select purpose, reasons from contactability.fct_contactability
        join customers.bridge_customer_records using (customer_id)
        where source_key = 'K3' and channel = 'email'
        """
    )
    assert dict(alive) == {
        "service": "",
        "profiling": "",
        "marketing": "no_consent",
        "third_party": "no_consent",
    }


def test_provenance_names_winner_rule_and_losers(middle):
    (row,) = middle.query(
        """
        select provenance.record_id, strategy, losing_records, losing_values, losing_value_list
        from customers.customer_attribute_provenance as provenance
        join customers.bridge_customer_records as bridge using (customer_id)
        where bridge.source_key = 'K1' and attribute_group = 'address'
        """
    )
    assert row[:4] == ("dealer_erp:K2", "most_recent", 1, 1)
    assert "Dam 1" in row[4]


def test_unit_tests_and_the_proofs_hold(middle):
    folders = ("identity", "customers", "contactability")
    words = [f"path:models/{folder},test_type:unit" for folder in folders]
    proofs = (
        "assert_no_deceased_person_is_contactable",
        "assert_no_golden_address_mixes_two_records",
        "assert_marketing_has_an_explicit_grant",
    )
    ran = middle.succeed("test", "--select", *words, *proofs, sources=SOURCES)
    assert len(ran.results) >= 14


def deaths(middle) -> dict[str, bool]:
    """Source key to whether contactability forbids everything because of a death."""
    return dict(
        middle.query(
            """
            select source_key, bool_and(reasons like '%deceased%')
            from contactability.fct_contactability
            join customers.bridge_customer_records using (customer_id)
            group by source_key
            """
        )
    )


def test_a_withdrawn_entry_restores_whom_it_suppressed_and_touches_nobody_else(middle):
    before = deaths(middle)
    assert before == {"K1": True, "K2": True, "K3": False, "K4": True} | dict.fromkeys(
        ("K5", "K6", "K7"), False
    )
    with duckdb.connect(str(middle.home / "warehouse.duckdb")) as warehouse:
        column = "contactability.fct_contactability.since"
        warehouse.execute(f"comment on column {column} is 'not made anew'")
    folder = middle.home / "lake" / "raw" / "registers" / "deceased"
    duckdb.sql(
        f"""
        select * replace (
            'withdraw' as action, date '2026-03-01' as recorded_on, '2.0' as _dlt_load_id,
            'd2.csv' as _file
        )
        from '{folder / "part.parquet"}' where entry_id = 'D1'
        """
    ).write_parquet(str(folder / "later.parquet"))
    middle.succeed(
        "run",
        "--select",
        *("register_entries", "int_contactability__register_matches", "dim_customers"),
        *("int_contactability__facts", "fct_contactability"),
        sources=SOURCES,
    )
    assert deaths(middle) == before | {"K1": False, "K2": False}
    assert middle.query("select count(*) from contactability.fct_contactability") == [(120,)]
    (kept,) = middle.query(
        """
        select comment from duckdb_columns()
        where table_name = 'fct_contactability' and column_name = 'since'
        """
    )
    assert kept == ("not made anew",)
