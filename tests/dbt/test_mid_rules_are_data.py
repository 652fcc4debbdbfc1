"""The middle of the graph as data: seeds agree with the models and rules that read them."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from kindred.identity import load_rules
from kindred.identity.permanent_ids import EVENT_SCHEMA
from kindred.identity.reading import countries
from kindred.identity.reading.bypass import useless
from kindred.identity.reading.normal_forms import normal
from kindred.identity.registers import MATCHES
from kindred.identity.resolution import REVIEWS
from kindred.ledger.pins import GROUPS, PINS
from kindred.settings import BUILT_IN_SOURCES

DBT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = DBT / "models"
REGISTERS_NEVER_IDENTIFY = {"registers"}


def seed(path: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sql(model: str) -> str:
    (path,) = MODELS.rglob(f"{model}.sql")
    return path.read_text()


def documented(model: str) -> dict[str, Any]:
    (path,) = MODELS.rglob(f"{model}.yml")
    (found,) = yaml.safe_load(path.read_text())["models"]
    return found


def test_every_candidate_group_has_a_survivorship_rule_and_the_other_way_round() -> None:
    ruled = {row["attribute_group"] for row in seed("customers/survivorship_rules.csv")}
    text = sql("int_customers__candidates")
    candidates = set(re.findall(r"'(\w+)' as attribute_group", text))
    candidates |= set(re.findall(r"^ {8}\(\s*'(\w+)',", text, re.MULTILINE))
    assert candidates == ruled


def test_what_can_be_pinned_is_what_the_golden_record_has() -> None:
    ruled = {row["attribute_group"] for row in seed("customers/survivorship_rules.csv")}
    assert set(GROUPS) == ruled
    golden = re.findall(
        r"^    \('(\w+)', '(\w+)', '\w+'\),$", sql("int_customers__golden"), re.MULTILINE
    )
    assert {(a, group) for group, attributes in GROUPS.items() for a in attributes} == set(golden)


@pytest.mark.parametrize("source", sorted(set(BUILT_IN_SOURCES) - REGISTERS_NEVER_IDENTIFY))
def test_every_person_source_has_a_rank_in_every_group(source: str) -> None:
    groups = {row["attribute_group"] for row in seed("customers/survivorship_rules.csv")}
    ranked = {
        row["attribute_group"]
        for row in seed("customers/source_ranks.csv")
        if row["source_system"] == source
    }
    assert ranked == groups


def test_no_register_has_a_say_in_the_golden_record() -> None:
    ranked = {row["source_system"] for row in seed("customers/source_ranks.csv")}
    assert not ranked & REGISTERS_NEVER_IDENTIFY


def test_every_reason_of_contactability_is_documented_and_counted() -> None:
    reasons = re.findall(r"^ {4}\('(\w+)', \"", sql("fct_contactability"), re.MULTILINE)
    (column,) = (c for c in documented("fct_contactability")["columns"] if c["name"] == "reasons")
    assert len(reasons) >= 9
    for reason in reasons:
        assert reason in column["description"]
        assert f"'{reason}'" in sql("int_contactability__summary")


def test_the_derived_tables_are_declared_as_python_writes_them() -> None:
    path = MODELS / "identity" / "_derived__sources.yml"
    (source,) = yaml.safe_load(path.read_text())["sources"]
    tables = {table["name"]: table for table in source["tables"]}
    assert [c["name"] for c in tables["identity_events"]["columns"]] == EVENT_SCHEMA.names
    assert [c["name"] for c in tables["identity_reviews"]["columns"]] == REVIEWS.names
    assert [c["name"] for c in tables["pins"]["columns"]] == PINS.names
    assert [c["name"] for c in tables["register_matches"]["columns"]] == MATCHES.names
    keys = {name: table["config"]["meta"]["dagster"]["asset_key"] for name, table in tables.items()}
    assert keys == {
        "person_map": ["identity", "person_map"],
        "pins": ["identity", "pins"],
        "identity_links": ["identity", "identity_links"],
        "identity_events": ["identity", "identity_events"],
        "identity_reviews": ["identity", "identity_reviews"],
        "register_matches": ["identity", "register_matches"],
        "propensity_scores": ["scoring", "propensity_scores"],
        "sync_outcomes": ["ledger", "sync_outcomes"],
    }
    assert all(column["data_type"] for t in tables.values() for column in t["columns"])


@pytest.mark.parametrize("folder", ["identity", "customers", "contactability"])
def test_every_model_says_what_a_row_is_and_describes_its_columns(folder: str) -> None:
    for path in (MODELS / folder).glob("*.sql"):
        page = documented(path.stem)
        assert re.match(r"One row per ", page["description"]), path.stem
        assert all(column.get("description") for column in page["columns"]), path.stem


def test_a_nickname_stands_for_one_name_and_no_name_is_its_own_nickname() -> None:
    rows = seed("identity/nicknames.csv")
    nicknames = [row["nickname"].lower() for row in rows]
    assert len(set(nicknames)) == len(nicknames)
    assert not {row["name"].lower() for row in rows} & set(nicknames)


def test_nicknames_of_golden_names_are_those_of_matching() -> None:
    """The seed is a part of matching's list, which knows many more."""
    with load_rules().aliases.file.open(encoding="utf-8", newline="") as file:
        known = {(r["language"], r["nickname"], r["name"]) for r in csv.DictReader(file)}
    rows = seed("identity/nicknames.csv")
    assert [r for r in rows if (r["language"], r["nickname"], r["name"]) not in known] == []


def test_countries_of_staging_are_those_of_matching() -> None:
    """The seed is a part of matching's list, which knows every country."""
    with countries.LIST.open(encoding="utf-8", newline="") as file:
        codes = {row["written_as"]: row["country_code"] for row in csv.DictReader(file)}
    forms = countries.known()
    for row in seed("staging/country_names.csv"):
        form = normal(pa.array([row["written_as"]]), countries.FORM)[0].as_py()
        assert forms[form] == row["country_code"].lower(), row
    assert all(len(code) == 2 and code.isupper() for code in codes.values())


def test_what_is_no_golden_value_says_nothing_to_matching_either() -> None:
    bypass = load_rules().bypass
    emails = [
        f"{r['value']}@kpn.nl" if r["part"] == "local_part" else f"jan.jansen@{r['value']}"
        for r in seed("identity/bypass_emails.csv")
    ]
    phones = [f"06{r['ending']}" for r in seed("identity/bypass_phones.csv")]
    for column, values in (("email", emails), ("phone", phones)):
        said = useless(bypass, column, pa.array(values)).to_pylist()
        assert [value for value, nothing in zip(values, said, strict=True) if not nothing] == []


def test_the_proofs_look_at_every_audience() -> None:
    macro = (DBT / "macros" / "contactability" / "audience_members.sql").read_text()
    audiences = {path.stem for path in (MODELS / "audiences").glob("*.sql")}
    assert audiences
    assert set(re.findall(r"'(audience_\w+)'", macro)) == audiences


def test_every_reason_has_a_proof_that_names_it() -> None:
    reasons = re.findall(r"^ {4}\('(\w+)', \"", sql("fct_contactability"), re.MULTILINE)
    proofs = "".join(path.read_text() for path in (DBT / "tests").glob("assert_no_audience_*.sql"))
    assert [reason for reason in reasons if f"`{reason}`" not in proofs] == []
