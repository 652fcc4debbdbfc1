"""The undo log: who records were before a decision, until something else moves them."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from identity_rows import NOW, events, person_map

from kindred.ledger import Ledger
from kindred.ledger.undo import UNDO

SIGNED = {"by": "a steward", "reason": "they told us"}
DAY = dt.timedelta(days=1)
ALL_JOINED = {"a": "kc_3", "b": "kc_3", "c": "kc_3"}


def decided(ledger: Ledger, a: str, b: str) -> int:
    return ledger.decide(a, b, "same", at=NOW, **SIGNED).decision.decision_id


def moved(decision: int, **before: str) -> pa.Table:
    rows = [
        {"decision_id": decision, "record_id": record, "customer_id": customer, "since": NOW}
        for record, customer in before.items()
    ]
    return pa.Table.from_pylist(rows, UNDO)


def undone(ledger: Ledger) -> list[tuple[int, str, str]]:
    rows = ledger.undone_ids().to_pylist()
    return [(row["decision_id"], row["record_id"], row["customer_id"]) for row in rows]


@pytest.fixture
def first(ledger: Ledger) -> int:
    """A decision that joined b with a, and was honoured."""
    ledger.save_identity(person_map(a="kc_1", b="kc_2", c="kc_3"), events(), NOW)
    first = decided(ledger, "a", "b")
    joined = person_map(a="kc_1", b="kc_1", c="kc_3")
    ledger.save_identity(joined, events(), NOW + DAY, moved(first, a="kc_1", b="kc_2"))
    return first


def test_nothing_is_undone_while_the_decision_stands(ledger: Ledger, first: int) -> None:
    assert undone(ledger) == []
    assert ledger.decisions()["honoured_at"].to_pylist() == [NOW + DAY]


def test_a_decision_that_ends_is_undone_until_a_run_has_done_it(ledger: Ledger, first: int) -> None:
    ledger.revoke("a", "b", at=NOW, **SIGNED)
    rows = [(first, "a", "kc_1"), (first, "b", "kc_2")]
    assert undone(ledger) == rows
    ledger.save_identity(person_map(a="kc_1", b="kc_1"), events(), NOW + 2 * DAY)
    assert undone(ledger) == rows, "that run had read the ledger before"
    again = moved(first, a="kc_1", b="kc_2")
    ledger.save_identity(person_map(a="kc_1", b="kc_2"), events(), NOW + 3 * DAY, again)
    assert undone(ledger) == []


def test_what_a_later_run_moves_for_another_reason_stays(ledger: Ledger, first: int) -> None:
    ledger.save_identity(person_map(a="kc_1", b="kc_3", c="kc_3"), events(), NOW + 2 * DAY)
    ledger.revoke("a", "b", at=NOW, **SIGNED)
    assert undone(ledger) == [(first, "a", "kc_1")]


def test_a_decision_that_no_run_has_seen_moved_nobody(ledger: Ledger) -> None:
    decided(ledger, "a", "b")
    ledger.revoke("a", "b", at=NOW, **SIGNED)
    assert undone(ledger) == []


def all_joined(ledger: Ledger) -> int:
    """A second decision, after which all three are one; its number."""
    second = decided(ledger, "b", "c")
    before = moved(second, a="kc_1", b="kc_1", c="kc_3")
    ledger.save_identity(person_map(**ALL_JOINED), events(), NOW + 2 * DAY, before)
    return second


def test_a_decision_that_ends_while_a_run_undoes_another_one_is_undone_by_the_next(
    ledger: Ledger, first: int
) -> None:
    second = all_joined(ledger)
    joined = person_map(**ALL_JOINED)
    ledger.revoke("a", "b", at=NOW, **SIGNED)
    read = {record: customer for _, record, customer in undone(ledger)}
    ledger.revoke("b", "c", at=NOW, **SIGNED)
    ledger.save_identity(joined, events(), NOW + 3 * DAY, moved(first, **read))
    assert undone(ledger) == [(second, "a", "kc_1"), (second, "b", "kc_2"), (second, "c", "kc_3")]


@pytest.mark.parametrize("pairs", [["ab", "bc"], ["bc", "ab"]])
def test_decisions_that_build_on_each_other_end_in_any_order(
    ledger: Ledger, first: int, pairs: list[str]
) -> None:
    all_joined(ledger)
    now = dict(ALL_JOINED)
    for day, pair in enumerate(pairs):
        ledger.revoke(*pair, at=NOW, **SIGNED)
        rows = undone(ledger)
        now |= {record: customer for _, record, customer in rows}
        ended = moved(rows[0][0], **{record: customer for _, record, customer in rows})
        ledger.save_identity(person_map(**now), events(), NOW + (3 + day) * DAY, ended)
    assert now == {"a": "kc_1", "b": "kc_2", "c": "kc_3"}
    assert undone(ledger) == []


@pytest.mark.parametrize(("now", "inherited"), [("kc_1", True), ("kc_3", False)])
def test_an_earlier_decision_inherits_whom_it_keeps_from_going_back(
    ledger: Ledger, first: int, now: str, *, inherited: bool
) -> None:
    before = moved(all_joined(ledger), a="kc_1", b="kc_1", c="kc_3")
    ledger.revoke("b", "c", at=NOW, **SIGNED)
    ledger.save_identity(person_map(a="kc_1", b="kc_1", c=now), events(), NOW + 3 * DAY, before)
    ledger.revoke("a", "b", at=NOW, **SIGNED)
    assert ((first, "c", "kc_3") in undone(ledger)) == inherited
    assert undone(ledger)[:2] == [(first, "a", "kc_1"), (first, "b", "kc_2")]


def test_an_earlier_decision_about_others_inherits_nobody(ledger: Ledger, first: int) -> None:
    ledger.save_identity(person_map(d="kc_4", e="kc_5"), events(), NOW + DAY)
    second = decided(ledger, "d", "e")
    joined, before = person_map(d="kc_4", e="kc_4"), moved(second, d="kc_4", e="kc_5")
    ledger.save_identity(joined, events(), NOW + 2 * DAY, before)
    ledger.revoke("d", "e", at=NOW, **SIGNED)
    ledger.save_identity(person_map(d="kc_4", e="kc_6"), events(), NOW + 3 * DAY, before)
    ledger.revoke("a", "b", at=NOW, **SIGNED)
    assert undone(ledger) == [(first, "a", "kc_1"), (first, "b", "kc_2")]
