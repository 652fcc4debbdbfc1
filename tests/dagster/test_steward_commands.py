"""A steward's commands: link, split, unlink, decisions; by record id and by customer id."""

from __future__ import annotations

import getpass
import json
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from known_customers import remember
from typer.testing import CliRunner

from dagster_project.cli import app, deciding, run
from kindred.ledger import Ledger
from kindred.ledger.tables import identity_members

MEMBERS = {
    "crm:1": "kc_anna",
    "web:1": "kc_anna",
    "crm:2": "kc_bob",
    "erp:2": "kc_bob",
    "crm:3": "kc_carl",
}
WHY = ("--why", "they [told] us")


@pytest.fixture
def url(ledger_url) -> str:
    remember(ledger_url, MEMBERS)
    return ledger_url


def standing(url: str) -> list[tuple[str, str, str]]:
    with Ledger.open(url) as ledger:
        rows = ledger.decisions().to_pylist()
    return [(row["record_id_1"], row["record_id_2"], row["verdict"]) for row in rows]


def test_records_are_linked_and_split(steward, url):
    said = steward("link", "web:1", "crm:3", *WHY)
    assert "crm:3 and web:1 are always one person" in said
    assert "The next `kindred run` honours it" in said
    steward("split", "crm:1", "crm:2", *WHY, "--who", "the night shift")
    assert standing(url) == [("crm:1", "crm:2", "different"), ("crm:3", "web:1", "same")]
    with Ledger.open(url) as ledger:
        found = ledger.decisions().to_pylist()
    assert [row["decided_by"] for row in found] == ["the night shift", getpass.getuser()]
    assert {row["reason"] for row in found} == {"they [told] us"}


@pytest.mark.parametrize("command", ["link", "unlink"])
def test_a_decision_is_honoured_at_once_where_there_is_something_to_match(
    steward, url, tmp_path, monkeypatch, command
):
    (tmp_path / "warehouse.duckdb").touch()
    asked = []

    def execute(settings, select):
        with Ledger.open(settings.ledger) as ledger:
            asked.append((select, len(ledger.decisions())))
        return SimpleNamespace(success=True)

    monkeypatch.setattr(run, "execute", execute)
    steward("link", "crm:1", "crm:2", *WHY, "--later")
    assert asked == []
    said = steward(command, "crm:1", "crm:2", *WHY)
    assert asked == [(deciding.IDS, 1 if command == "link" else 0)]
    held = command == "link"  # the run that was asked for here changes no id
    assert ("But their ids are as they were" in said) == held
    assert ("The ids are as you decided" in said) == (not held)


@pytest.mark.parametrize("command", ["link", "split"])
@pytest.mark.parametrize("gone", [["crm:1"], ["crm:1", "crm:2"]])
def test_a_decision_about_records_that_are_gone_from_the_ledger_shows_nowhere(
    steward, url, tmp_path, monkeypatch, command, gone
):
    (tmp_path / "warehouse.duckdb").touch()

    def execute(settings, _select):
        with Ledger.open(settings.ledger) as ledger, ledger.writing() as connection:
            here = identity_members.c.record_id.in_(gone)
            connection.execute(identity_members.delete().where(here))
        return SimpleNamespace(success=True)

    monkeypatch.setattr(run, "execute", execute)
    said = steward(command, "crm:1", "crm:2", *WHY)
    assert "or a record is gone. What you decided is kept" in said
    assert "The ids are as you decided" not in said
    assert len(standing(url)) == 1


@pytest.mark.parametrize("command", ["link", "split"])
def test_a_customer_stands_for_its_smallest_record(steward, url, command):
    steward(command, "kc_bob", "kc_anna", *WHY)
    [(one, other, _)] = standing(url)
    assert (one, other) == ("crm:1", "crm:2")


def test_a_record_that_its_source_has_no_longer_stands_for_nobody(steward, url, tmp_path):
    folder = tmp_path / "lake" / "derived" / "person_map"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"record_id": ["erp:2", "web:1"]}), folder / "part-0.parquet")
    steward("link", "kc_bob", "kc_carl", *WHY)
    assert standing(url) == [("crm:3", "erp:2", "same")]


def test_a_retired_customer_is_its_successor(steward, url):
    remember(url, {"crm:3": "kc_anna"}, ("kc_anna", "kc_carl"))
    steward("link", "kc_carl", "kc_bob", *WHY)
    assert standing(url) == [("crm:1", "crm:2", "same")]
    assert "one customer already" in steward("split", "kc_carl", "kc_anna", *WHY, fails=True)
    assert "one customer already" in steward("split", "kc_anna", "web:1", *WHY, fails=True)
    steward("split", "crm:3", "web:1", *WHY)


def test_the_contrary_replaces_and_says_so(steward, url):
    steward("link", "crm:1", "crm:2", "--why", "one household")
    said = steward("split", "crm:1", "crm:2", *WHY)
    assert "This replaces the contrary decision of" in said
    assert "one household" in said
    assert "Decided already" in steward("split", "crm:2", "crm:1", *WHY)
    assert standing(url) == [("crm:1", "crm:2", "different")]


def test_unlink_takes_back_either_kind(steward, url):
    for command in ("link", "split"):
        steward(command, "crm:1", "crm:2", "--why", "a [reason]")
        said = steward("unlink", "crm:2", "crm:1", "--why", "it was a mistake")
        assert "a [reason]" in said
        assert standing(url) == []
    assert "no decision stands" in steward("unlink", "crm:1", "crm:2", *WHY, fails=True)


def test_unlink_finds_the_decision_after_the_customers_became_one(steward, url):
    steward("link", "kc_anna", "kc_bob", *WHY)
    remember(url, {"crm:2": "kc_anna", "erp:2": "kc_anna"}, ("kc_anna", "kc_bob"))
    steward("unlink", "kc_anna", "kc_bob", *WHY)
    assert standing(url) == []


def test_unlink_asks_which_one_where_several_stand(steward, url):
    steward("split", "crm:1", "crm:2", *WHY)
    steward("split", "crm:1", "erp:2", *WHY)
    said = steward("unlink", "kc_anna", "kc_bob", *WHY, fails=True)
    assert "crm:1 and crm:2, crm:1 and erp:2" in said
    assert len(standing(url)) == 2


@pytest.mark.parametrize("command", ["link", "split", "unlink"])
def test_nobody_is_named(steward, url, command):
    said = steward(command, "crm:1", "crm:99", *WHY, fails=True)
    assert "crm:99" in said
    assert standing(url) == []


def test_a_reason_is_asked_for(steward, url):
    assert CliRunner().invoke(app, ["link", "crm:1", "crm:2"]).exit_code == 2
    assert "a reason" in steward("link", "crm:1", "crm:2", "--why", "  ", fails=True)


def test_decisions_are_listed(steward, url, tmp_path):
    steward("link", "crm:1", "crm:3", "--why", "first")
    steward("split", "crm:1", "crm:3", "--why", "second")
    path = tmp_path / "decisions.json"
    said = steward("decisions", "--json", str(path))
    assert "never one person" in said
    [row] = json.loads(path.read_text())
    assert (row["record_id_1"], row["verdict"], row["reason"]) == ("crm:1", "different", "second")
    steward("decisions", "--all", "--json", str(path))
    assert [row["verdict"] for row in json.loads(path.read_text())] == ["same", "different"]
