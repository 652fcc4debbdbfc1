"""The whole graph on a tiny company: complete, balanced, incremental."""

from __future__ import annotations

import json

import dagster as dg
import pytest
from colleague import CITY, PHONE, PINNED

BALANCE = ("created", "updated", "deleted", "unchanged", "suppressed", "rejected")
FILE_SOURCES = ("dealer_erp/", "magento/", "registers/", "partners/", "web_events/")
STATED = ("people", "contactability", "segments")
pytestmark = pytest.mark.e2e


def syncs(run):
    return {k: v for k, v in run["assets"].items() if k.startswith("activation/")}


def landed(run, prefix=""):
    return {k: v["rows landed"] for k, v in run["assets"].items() if "rows landed" in v}


def test_every_stage_ran_and_nothing_failed(first):
    assert first.run["success"]
    assert first.run["problems"] == []
    groups = {group for stage in first.run["stages"] for group in stage["groups"]}
    assert {"ingestion", "staging", "semantic", "identity", "customers", "contactability"} <= groups
    assert {"activities", "measures", "features", "segments", "scoring", "crm"} <= groups
    assert {"marketing", "sales", "audiences", "gold", "activation", "ledger"} <= groups
    assert all(stage["done"] for stage in first.run["stages"])
    assert first.run["checks_passed"] > 50


def test_every_planned_asset_has_been_built(home, first):
    planned = sum(stage["assets"] for stage in first.run["stages"])
    assert len(first.run["assets"]) == planned
    with home.instance() as instance:
        for key in first.run["assets"]:
            assert instance.get_latest_materialization_event(dg.AssetKey(key.split("/")))


def test_tables_carry_their_row_counts(first):
    counted = [k for k, v in first.run["assets"].items() if "dagster/row_count" in v]
    for table in ("customers/dim_customers", "identity/person_map", "gold/customers/dim_customers"):
        assert table in counted
    assert first.run["assets"]["customers/dim_customers"]["dagster/row_count"] == len(
        first.result["people"]
    )


def test_every_sync_balances_and_its_check_says_so(home, first):
    assert set(syncs(first.run)) == {
        "activation/dynamics365_contacts",
        "activation/salesforce_contacts",
        "activation/email_newsletter",
    }
    for name, facts in syncs(first.run).items():
        assert facts["queried"] == sum(facts[outcome] for outcome in BALANCE), name
        assert facts["queried"] > 0, name
        with home.instance() as instance:
            key = dg.AssetCheckKey(dg.AssetKey(name.split("/")), "balance")
            [record] = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
            assert record.evaluation.passed


def test_destinations_hold_what_was_acknowledged(first):
    for system, sync in (
        ("dynamics365", "dynamics365_contacts"),
        ("salesforce", "salesforce_contacts"),
        ("email_platform", "email_newsletter"),
    ):
        facts = first.run["assets"][f"activation/{sync}"]
        held = first.result[system]
        assert len(held) == facts["created"] + facts["updated"]
        assert set(held) <= set(first.result["people"])


def test_nobody_who_may_not_be_mailed_gets_the_newsletter(first):
    allowed = {
        customer
        for (customer, channel, purpose), (yes, _) in first.result["contactability"].items()
        if channel == "email" and purpose == "marketing" and yes
    }
    assert set(first.result["email_platform"]) <= allowed


def test_the_summary_says_what_a_newcomer_wants_to_know(home, first):
    for heading in (
        "First run",
        "Source records per system",
        "Customers found",
        "Who may be contacted",
        "Top segments",
        "What each destination received",
        "Matching against the truth",
        "Where to look next",
    ):
        assert heading in first.output
    assert "First run" in (home.path / "summary.txt").read_text() or second_ran(home)
    assert (home.path / "summary.svg").read_text().startswith("<svg")


def second_ran(home):
    return home.last_run["number"] > 1


def test_matching_is_good_against_the_truth(home, first, tmp_path):
    done = home.kindred("evaluate", "--json", str(tmp_path / "quality.json"))
    assert done.returncode == 0, done.stderr
    figures = {
        r["measure"]: r["value"] for r in json.loads((tmp_path / "quality.json").read_text())
    }
    assert figures["pair precision"] > 0.9
    assert figures["pair recall"] > 0.8


def test_no_run_leaves_a_slot_or_a_server_behind(home, first):
    assert not (home.path / "sandbox" / "running.json").exists()
    with home.instance() as instance:
        assert instance.event_log_storage.get_concurrency_run_ids() == set()


def test_the_second_run_lands_only_what_changed(first, second):
    assert "incremental" in second.output
    again = landed(second.run)
    assert sum(landed(first.run).values()) > 1000
    assert {k: v for k, v in again.items() if k.startswith(FILE_SOURCES) and v} == {}
    # what Kindred itself pushed comes back as changed contacts, and so does what was edited
    changed = {k for k, v in again.items() if v}
    assert changed <= {"dynamics365/contacts", "salesforce/contacts", "email_platform/contacts"}


def test_nobody_becomes_somebody_else(first, second):
    assert set(second.result["people"]) == set(first.result["people"])


def test_the_third_run_sends_nothing(third):
    for name, facts in syncs(third.run).items():
        assert sent(facts) == {"created": 0, "updated": 0, "deleted": 0}, name
        assert facts["unchanged"] > 0, name


def test_what_kindred_wrote_is_no_statement_of_the_system(first, edits, second):
    touched = {edits.phone_of, edits.city_of, edits.pinned}
    before, after = (
        {part: _of_others(run, part, touched) for part in STATED} for run in (first, second)
    )
    assert all(len(found) > 100 for found in before.values())
    assert after == before


def _of_others(run, part, touched):
    """What a run came to about everybody but those whom somebody edited."""
    found = run.result[part]
    rows = found.items() if isinstance(found, dict) else ((row, True) for row in found)
    return {
        key: value
        for key, value in rows
        if (key if isinstance(key, str) else key[0]) not in touched
    }


def sent(facts):
    return {outcome: facts[outcome] for outcome in ("created", "updated", "deleted")}


def test_what_a_colleague_edits_in_one_crm_is_in_the_other_one_run_later(
    home, edits, second, third
):
    for run in (second, third):
        assert run.result["salesforce"][edits.phone_of]["MobilePhone"] == PHONE
        assert run.result["dynamics365"][edits.phone_of]["mobilephone"] == PHONE
        assert run.result["dynamics365"][edits.city_of]["address1_city"] == CITY
    provenance = home.warehouse(
        "select record_id, strategy from customers.customer_attribute_provenance "
        "where customer_id = ? and attribute_group = 'phone'",
        edits.phone_of,
    )
    assert provenance == [(f"dynamics365:{edits.phone_contact}", "most_recent")]


def test_what_a_steward_pins_is_golden_and_contactable_at_once(edits):
    assert edits.at_once == (PINNED, PINNED)


def test_what_a_steward_pinned_is_golden_and_in_every_crm(edits, second, third):
    for run in (second, third):
        assert run.result["salesforce"][edits.pinned]["MobilePhone"] == PINNED
        assert run.result["dynamics365"][edits.pinned]["mobilephone"] == PINNED


def test_explain_says_where_the_golden_values_come_from(home, edits, third, tmp_path):
    phones = {}
    for customer in (edits.phone_of, edits.pinned):
        path = tmp_path / f"{customer}.json"
        done = home.kindred("explain", customer, "--json", str(path))
        assert done.returncode == 0, done.stderr
        told = json.loads(path.read_text())
        [phones[customer]] = [r for r in told["provenance"] if r["attribute_group"] == "phone"]
        assert told["profile"]["phone"] == phones[customer]["value"]
    edited, pinned = phones[edits.phone_of], phones[edits.pinned]
    assert (edited["value"], edited["source_system"]) == (PHONE, "dynamics365")
    assert (pinned["value"], pinned["strategy"], pinned["pin_reason"]) == (
        PINNED,
        "pinned",
        "told us",
    )


def test_of_an_edited_row_the_fields_that_kindred_wrote_stay_as_they_are(first, edits, second):
    for customer, changed in ((edits.phone_of, "mobilephone"), (edits.city_of, "address1_city")):
        before, after = (run.result["dynamics365"][customer] for run in (first, second))
        assert {name for name in before if before[name] != after[name]} == {changed}


def test_unchanged_tables_are_not_published_again(third):
    written = {k for k, v in third.run["assets"].items() if k.startswith("gold/") and v["written"]}
    assert "gold/audiences/audience_dynamics365_contacts" not in written
    assert "gold/customers/dim_customers" not in written
