"""Stewards' decisions: over the weights, over rebuilds, and reversible without a trace."""

from __future__ import annotations

import datetime as dt

import pytest
from people import MOMENT, RULES, Shared, Town, customers, decisions, record, same

from kindred.identity import Resolution, Rules
from kindred.ledger import Ledger

ANNA = {"given": "Anna", "family": "Quaedvlieg", "born": "1980-03-12", "email": "anna.q@ziggo.nl"}
PIETER = {"given": "Pieter", "family": "Wollebrants", "born": "1950-01-01", "country": "BE"}
ROWS = (record("a:1", **ANNA), record("b:1", **ANNA), record("c:1", **PIETER))


def test_a_link_joins_what_nothing_else_would_and_a_split_parts_what_agrees(town: Town) -> None:
    assert town.clusters(*ROWS) == {frozenset({"a:1", "b:1"}), frozenset({"c:1"})}
    linked = town.resolve(*ROWS, decisions=decisions(("a:1", "c:1", "same")))
    assert town.of(linked, *ROWS) == {frozenset({"a:1", "b:1", "c:1"})}
    [link] = [row for row in linked.links.to_pylist() if row["record_id_2"] == "c:1"]
    assert (link["rule"], link["probability"]) == ("steward", 1.0)
    parted = town.clusters(*ROWS, decisions=decisions(("a:1", "b:1", "different")))
    assert parted == {frozenset({row["record_id"]}) for row in ROWS}


def test_a_link_joins_all_that_each_of_the_two_is_one_person_with(town: Town) -> None:
    """Else the two leave their own behind: one record of a customer went, and the others stayed."""
    anna = {"given": "Anna", "family": "Quaedvlieg", "born": "1980-02-03", "email": "anna@x.nl"}
    piet = {"given": "Pieter", "family": "Zwart", "born": "1951-11-30", "email": "piet@y.nl"}
    rows = [record(f"{source}:{n}", **who) for n, who in enumerate((anna, piet))
            for source in ("crm", "shop", "web")]  # fmt: skip
    apart = {frozenset(f"{source}:{n}" for source in ("crm", "shop", "web")) for n in (0, 1)}
    assert town.clusters(*rows) == apart
    linked = decisions(("crm:0", "shop:1", "same"))
    assert town.clusters(*rows, decisions=linked) == {frozenset(row["record_id"] for row in rows)}
    torn = decisions(("crm:0", "shop:1", "same"), ("web:0", "web:1", "different"))
    found = town.clusters(*rows, decisions=torn)
    assert {frozenset({"crm:0", "shop:1"}) <= group for group in found} == {True, False}
    assert not any({"web:0", "web:1"} <= group for group in found)


def test_a_split_holds_against_a_rule_and_an_identifier(town: Town) -> None:
    shared = (("a:1", "loyalty_card", "4711"), ("b:1", "loyalty_card", "4711"))
    verdict = decisions(("b:1", "a:1", "different"))
    assert frozenset({"a:1", "b:1"}) in town.clusters(*ROWS, shared=shared)
    found = town.clusters(*ROWS, shared=shared, decisions=verdict)
    assert {frozenset({"a:1"}), frozenset({"b:1"})} <= found


@pytest.mark.parametrize("merge", [-3.0, 4.0])
def test_decisions_stand_over_any_threshold(town: Town, merge: float) -> None:
    thresholds = RULES.thresholds.model_copy(update={"merge": merge, "review": -6.0})
    rules = RULES.model_copy(update={"thresholds": thresholds})
    anna = [record(f"{system}:1", **ANNA) for system in "abde"]
    pieter = [record(f"{system}:1", **PIETER) for system in "wxyz"]
    linked = decisions(("a:1", "w:1", "same"))
    together = town.resolve(*anna, *pieter, rules=rules, decisions=linked)
    assert any({"a:1", "w:1"} <= group for group in town.of(together, *anna))
    parted = decisions(("a:1", "b:1", "different"))
    found = town.resolve(*anna, *pieter, rules=rules, decisions=parted)
    assert not any({"a:1", "b:1"} <= group for group in town.of(found, *anna))


@pytest.mark.parametrize("other", ["a:1", "b:1", "s:1"])
def test_a_split_parts_what_only_we_wrote_from_whom_it_names(town: Town, other: str) -> None:
    rows = (*ROWS[:2], record("s:1"), record("s:2"))
    everybody = {row["record_id"] for row in rows}
    told = {
        "shared": (("s:1", "kindred_id", "kc_anna"), ("s:2", "kindred_id", "kc_anna")),
        "ids": dict.fromkeys(everybody, "kc_anna"),
    }
    assert town.clusters(*rows, **told) == {frozenset(everybody)}
    found = town.clusters(*rows, **told, decisions=decisions((other, "s:2", "different")))
    assert found == {frozenset({"s:2"}), frozenset(everybody - {"s:2"})}


def test_a_split_parts_two_that_a_third_record_joins(town: Town) -> None:
    rows = (record("a:1", **ANNA), record("b:1", **ANNA), record("d:1", **ANNA))
    found = town.clusters(*rows, decisions=decisions(("a:1", "b:1", "different")))
    assert sorted(map(len, found)) == [1, 2]


def test_decisions_about_records_that_are_gone_rest(town: Town) -> None:
    gone = decisions(("a:1", "z:9", "same"), ("z:8", "z:9", "different"))
    assert same(town.resolve(*ROWS, decisions=gone), town.resolve(*ROWS))


class Company:
    """The town with a ledger, as the graph runs it."""

    def __init__(self, town: Town, ledger: Ledger) -> None:
        self.town = town
        self.ledger = ledger
        self.day = 0

    def run(self, *rows: dict, rules: Rules = RULES, shared: Shared = ()) -> Resolution:
        self.day += 1
        moment = MOMENT + dt.timedelta(days=self.day)
        found = self.town.resolve(
            *(rows or ROWS),
            ids=self.ledger.known_ids(),
            rules=rules,
            shared=shared,
            decisions=self.ledger.decisions(),
            former=self.ledger.former_ids(),
            retired=self.ledger.retired_ids(),
            undone=self.ledger.undone_ids(),
            occurred_at=moment,
        )
        self.ledger.save_identity(found.person_map, found.events, moment, found.moved)
        return found

    def decide(self, a: str, b: str, verdict: str) -> None:
        self.ledger.decide(a, b, verdict, by="steward", reason="they told us", at=MOMENT)

    def revoke(self, a: str, b: str) -> None:
        self.ledger.revoke(a, b, by="steward", reason="a mistake", at=MOMENT)


@pytest.fixture
def company(town: Town, tmp_path):
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        yield Company(town, ledger)


@pytest.mark.parametrize(
    ("pair", "verdict"), [(("a:1", "c:1"), "same"), (("a:1", "b:1"), "different")]
)
def test_a_decision_that_is_taken_back_leaves_exactly_the_tables_of_before(
    company: Company, pair: tuple[str, str], verdict: str
) -> None:
    before = company.run()
    company.decide(*pair, verdict)
    decided = company.run()
    assert not decided.person_map.equals(before.person_map)
    assert len(decided.events) > 0
    company.revoke(*pair)
    after = company.run()
    assert traceless(after, before)
    assert len(company.run().events) == 0


def traceless(after: Resolution, before: Resolution) -> bool:
    names = ("person_map", "links", "reviews")
    return all(getattr(after, name).equals(getattr(before, name)) for name in names)


def test_a_split_that_is_taken_back_leaves_held_together_what_was(company: Company) -> None:
    rows = [record(f"{system}:1", **ANNA) for system in "abcdef"]
    everybody = {frozenset(row["record_id"] for row in rows)}
    tight = {"rules": RULES.model_copy(update={"cluster_cap": 5})}
    company.run(*rows)
    before = company.run(*rows, **tight)
    assert company.town.of(before, *rows) == everybody, "held, as it was known before the cap"
    company.decide("a:1", "b:1", "different")
    parted = company.run(*rows, **tight)
    assert len(company.town.of(parted, *rows)) == 2
    company.revoke("a:1", "b:1")
    after = company.run(*rows, **tight)
    assert traceless(after, before)
    told = [(e["event_type"], e["record_count"]) for e in after.events.to_pylist()]
    assert told == [("merged", min(map(len, company.town.of(parted, *rows))))]


def test_what_only_we_wrote_goes_back_to_whom_it_names(company: Company) -> None:
    pieter = customers(company.run().person_map)["c:1"]
    rows, shared = (*ROWS, record("s:1")), (("s:1", "kindred_id", pieter),)
    before = company.run(*rows, shared=shared)
    company.decide("a:1", "c:1", "same")
    linked = customers(company.run(*rows, shared=shared).person_map)
    assert linked["s:1"] == linked["c:1"] != pieter
    company.revoke("a:1", "c:1")
    assert traceless(company.run(*rows, shared=shared), before)


def test_only_what_a_decision_can_have_moved_is_undone(company: Company) -> None:
    other = record("x:1", given="Els", family="Ketelbuters", born="1962-06-21", city="Hoorn")
    stranger = record("y:1", given="Joost", family="Vroegindewey", born="1971-10-01", city="Hoorn")
    company.run(*ROWS, other, stranger)
    company.decide("a:1", "c:1", "same")
    both = company.run(*ROWS, other, other | {"record_id": "y:1", "source_system": "y"})
    assert {e["event_type"] for e in both.events.to_pylist()} == {"merged"}
    assert frozenset({"x:1", "y:1"}) in company.town.of(both, other)
    company.revoke("a:1", "c:1")
    assert set(company.ledger.undone_ids()["record_id"].to_pylist()) == {"a:1", "c:1"}


def test_a_decision_that_replaces_the_contrary_starts_from_before_it(company: Company) -> None:
    before = company.run()
    company.decide("a:1", "c:1", "same")
    company.run()
    company.decide("a:1", "c:1", "different")
    assert company.run().person_map.equals(before.person_map)
    company.revoke("a:1", "c:1")
    assert traceless(company.run(), before)


def test_a_decision_about_a_record_that_is_gone_is_new_when_it_returns(company: Company) -> None:
    before = company.run()
    company.decide("a:1", "c:1", "same")
    company.run(*ROWS[:2])
    assert company.ledger.decisions()["honoured_at"].null_count == 1
    assert company.run().person_map["customer_id"] != before.person_map["customer_id"]
    assert company.ledger.decisions()["honoured_at"].null_count == 0
    company.revoke("a:1", "c:1")
    assert traceless(company.run(), before)
