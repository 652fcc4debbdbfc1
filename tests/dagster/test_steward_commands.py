"""A steward's commands: link, split, unlink, decisions; by record id and by customer id."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app, run, steward
from kindred.ledger import Ledger
from kindred.ledger.identity import EVENTS

NOW = dt.datetime(2026, 11, 1, 6)
MEMBERS = {
    "crm:1": "kc_anna",
    "web:1": "kc_anna",
    "crm:2": "kc_bob",
    "erp:2": "kc_bob",
    "crm:3": "kc_carl",
}
WHY = ("--why", "they [told] us")


@pytest.fixture
def url(tmp_path, monkeypatch) -> str:
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    monkeypatch.delenv("KINDRED_LEDGER_URL", raising=False)
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    save(url, MEMBERS)
    return url


def save(url: str, members: dict[str, str], *merged: tuple[str, str]) -> None:
    table = pa.table({"record_id": list(members), "customer_id": list(members.values())})
    rows = [
        {
            "event_id": f"{kept}-{retired}",
            "event_type": "merged",
            "customer_id": kept,
            "other_customer_id": retired,
            "record_count": 1,
            "occurred_at": NOW,
            "reason": "test",
        }
        for kept, retired in merged
    ]
    with Ledger.open(url) as ledger:
        ledger.save_identity(table, pa.Table.from_pylist(rows, EVENTS), NOW)


def standing(url: str) -> list[tuple[str, str, str]]:
    with Ledger.open(url) as ledger:
        rows = ledger.decisions().to_pylist()
    return [(row["record_id_1"], row["record_id_2"], row["verdict"]) for row in rows]


@pytest.fixture
def kindred(url):
    runner = CliRunner()

    def call(*arguments: str, fails: bool = False) -> str:
        done = runner.invoke(app, list(arguments))
        assert done.exit_code == int(fails), done.output
        return " ".join(done.output.split())

    return call


def test_records_are_linked_and_split(kindred, url):
    said = kindred("link", "web:1", "crm:3", *WHY)
    assert "crm:3 and web:1 are always one person" in said
    assert "The next `kindred run` honours it" in said
    kindred("split", "crm:1", "crm:2", *WHY, "--who", "the night shift")
    assert standing(url) == [("crm:1", "crm:2", "different"), ("crm:3", "web:1", "same")]
    with Ledger.open(url) as ledger:
        found = ledger.decisions().to_pylist()
    assert [row["decided_by"] for row in found] == ["the night shift", getpass.getuser()]
    assert {row["reason"] for row in found} == {"they [told] us"}


@pytest.mark.parametrize("command", ["link", "unlink"])
def test_a_decision_is_honoured_at_once_where_there_is_something_to_match(
    kindred, url, tmp_path, monkeypatch, command
):
    (tmp_path / "warehouse.duckdb").touch()
    asked = []

    def execute(settings, select):
        with Ledger.open(settings.ledger) as ledger:
            asked.append((select, len(ledger.decisions())))
        return SimpleNamespace(success=True)

    monkeypatch.setattr(run, "execute", execute)
    kindred("link", "crm:1", "crm:2", *WHY, "--later")
    assert asked == []
    said = kindred(command, "crm:1", "crm:2", *WHY)
    assert asked == [(steward.MATCH, 1 if command == "link" else 0)]
    assert "The ids are as you decided" in said


@pytest.mark.parametrize("command", ["link", "split"])
def test_a_customer_stands_for_its_smallest_record(kindred, url, command):
    kindred(command, "kc_bob", "kc_anna", *WHY)
    [(one, other, _)] = standing(url)
    assert (one, other) == ("crm:1", "crm:2")


def test_a_record_that_its_source_has_no_longer_stands_for_nobody(kindred, url, tmp_path):
    folder = tmp_path / "lake" / "derived" / "person_map"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"record_id": ["erp:2", "web:1"]}), folder / "part-0.parquet")
    kindred("link", "kc_bob", "kc_carl", *WHY)
    assert standing(url) == [("crm:3", "erp:2", "same")]


def test_a_retired_customer_is_its_successor(kindred, url):
    save(url, {"crm:3": "kc_anna"}, ("kc_anna", "kc_carl"))
    kindred("link", "kc_carl", "kc_bob", *WHY)
    assert standing(url) == [("crm:1", "crm:2", "same")]
    assert "one customer already" in kindred("split", "kc_carl", "kc_anna", *WHY, fails=True)
    assert "one customer already" in kindred("split", "kc_anna", "web:1", *WHY, fails=True)
    kindred("split", "crm:3", "web:1", *WHY)


def test_the_contrary_replaces_and_says_so(kindred, url):
    kindred("link", "crm:1", "crm:2", "--why", "one household")
    said = kindred("split", "crm:1", "crm:2", *WHY)
    assert "This replaces the contrary decision of" in said
    assert "one household" in said
    assert "Decided already" in kindred("split", "crm:2", "crm:1", *WHY)
    assert standing(url) == [("crm:1", "crm:2", "different")]


def test_unlink_takes_back_either_kind(kindred, url):
    for command in ("link", "split"):
        kindred(command, "crm:1", "crm:2", "--why", "a [reason]")
        said = kindred("unlink", "crm:2", "crm:1", "--why", "it was a mistake")
        assert "a [reason]" in said
        assert standing(url) == []
    assert "no decision stands" in kindred("unlink", "crm:1", "crm:2", *WHY, fails=True)


def test_unlink_finds_the_decision_after_the_customers_became_one(kindred, url):
    kindred("link", "kc_anna", "kc_bob", *WHY)
    save(url, {"crm:2": "kc_anna", "erp:2": "kc_anna"}, ("kc_anna", "kc_bob"))
    kindred("unlink", "kc_anna", "kc_bob", *WHY)
    assert standing(url) == []


def test_unlink_asks_which_one_where_several_stand(kindred, url):
    kindred("split", "crm:1", "crm:2", *WHY)
    kindred("split", "crm:1", "erp:2", *WHY)
    said = kindred("unlink", "kc_anna", "kc_bob", *WHY, fails=True)
    assert "crm:1 and crm:2, crm:1 and erp:2" in said
    assert len(standing(url)) == 2


@pytest.mark.parametrize("command", ["link", "split", "unlink"])
def test_nobody_is_named(kindred, url, command):
    said = kindred(command, "crm:1", "crm:99", *WHY, fails=True)
    assert "crm:99" in said
    assert standing(url) == []


def test_a_reason_is_asked_for(kindred, url):
    assert CliRunner().invoke(app, ["link", "crm:1", "crm:2"]).exit_code == 2
    assert "a reason" in kindred("link", "crm:1", "crm:2", "--why", "  ", fails=True)


def test_decisions_are_listed(kindred, url, tmp_path):
    kindred("link", "crm:1", "crm:3", "--why", "first")
    kindred("split", "crm:1", "crm:3", "--why", "second")
    path = tmp_path / "decisions.json"
    said = kindred("decisions", "--json", str(path))
    assert "never one person" in said
    [row] = json.loads(path.read_text())
    assert (row["record_id_1"], row["verdict"], row["reason"]) == ("crm:1", "different", "second")
    kindred("decisions", "--all", "--json", str(path))
    assert [row["verdict"] for row in json.loads(path.read_text())] == ["same", "different"]
