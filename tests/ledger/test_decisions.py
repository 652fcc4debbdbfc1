"""Stewards' decisions: kept, listed, replaced, revoked; none that others contradict."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from kindred.ledger import Ledger
from kindred.ledger.decisions import DIFFERENT, SAME, DecisionError

NOW = dt.datetime(2026, 11, 1, 6, 0, 0, 123456)
LATER = NOW + dt.timedelta(days=1)
SIGNED = {"by": "a steward", "reason": "they told us", "at": NOW}


def standing(ledger: Ledger) -> list[tuple[str, str, str]]:
    rows = ledger.decisions().to_pylist()
    return [(row["record_id_1"], row["record_id_2"], row["verdict"]) for row in rows]


def test_a_decision_is_kept_with_who_why_and_when(ledger: Ledger) -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    at = NOW.replace(tzinfo=dt.UTC).astimezone(zone)
    decided = ledger.decide("b:1", "a:1", SAME, by=" a steward ", reason=" they told us ", at=at)
    assert decided.is_new
    assert decided.replaced is None
    assert ledger.decisions().to_pylist() == [
        {
            "decision_id": decided.decision.decision_id,
            "record_id_1": "a:1",
            "record_id_2": "b:1",
            "verdict": "same",
            "decided_by": "a steward",
            "reason": "they told us",
            "decided_at": NOW,
            "honoured_at": None,
        }
    ]


def test_the_same_decision_again_changes_nothing(ledger: Ledger) -> None:
    first = ledger.decide("a:1", "b:1", SAME, **SIGNED)
    again = ledger.decide("b:1", "a:1", SAME, by="another", reason="sure", at=LATER)
    assert not again.is_new
    assert again.decision == first.decision
    assert len(ledger.decision_history()) == 1


def test_the_contrary_replaces_and_says_so(ledger: Ledger) -> None:
    first = ledger.decide("a:1", "b:1", SAME, **SIGNED)
    second = ledger.decide("a:1", "b:1", DIFFERENT, by="another", reason="twins", at=LATER)
    assert second.replaced == first.decision
    assert standing(ledger) == [("a:1", "b:1", "different")]
    revoked, _ = ledger.decision_history()
    assert (revoked["revoked_at"], revoked["revoked_by"]) == (LATER, "another")
    assert "twins" in revoked["revoke_reason"]


def test_a_revoked_decision_stands_no_longer_and_can_be_made_again(ledger: Ledger) -> None:
    ledger.decide("a:1", "b:1", DIFFERENT, **SIGNED)
    assert ledger.revoke("b:1", "a:1", **SIGNED).verdict == DIFFERENT
    assert standing(ledger) == []
    with pytest.raises(DecisionError, match="no decision stands on a:1 and b:1"):
        ledger.revoke("a:1", "b:1", **SIGNED)
    ledger.decide("a:1", "b:1", DIFFERENT, **SIGNED)
    assert [row["revoked_at"] for row in ledger.decision_history()] == [NOW, None]


def test_a_split_within_what_links_join_is_refused(ledger: Ledger) -> None:
    ledger.decide("a:1", "b:1", SAME, **SIGNED)
    ledger.decide("b:1", "c:1", SAME, **SIGNED)
    with pytest.raises(DecisionError, match="one person by other decisions") as refused:
        ledger.decide("a:1", "c:1", DIFFERENT, **SIGNED)
    assert "a:1 and b:1 are always one person" in str(refused.value)
    assert "b:1 and c:1 are always one person" in str(refused.value)
    ledger.revoke("b:1", "c:1", **SIGNED)
    ledger.decide("a:1", "c:1", DIFFERENT, **SIGNED)
    assert standing(ledger) == [("a:1", "b:1", "same"), ("a:1", "c:1", "different")]


@pytest.mark.parametrize("split", [("a:1", "d:1"), ("d:1", "a:1")])
def test_a_link_across_a_split_is_refused(ledger: Ledger, split: tuple[str, str]) -> None:
    ledger.decide("a:1", "b:1", SAME, **SIGNED)
    ledger.decide("c:1", "d:1", SAME, **SIGNED)
    ledger.decide(*split, DIFFERENT, **SIGNED)
    with pytest.raises(DecisionError, match="can't be one person") as refused:
        ledger.decide("c:1", "b:1", SAME, **SIGNED)
    assert "a:1 and d:1 are never one person" in str(refused.value)
    assert len(standing(ledger)) == 3


def test_a_split_is_no_chain(ledger: Ledger) -> None:
    ledger.decide("a:1", "b:1", DIFFERENT, **SIGNED)
    ledger.decide("b:1", "c:1", DIFFERENT, **SIGNED)
    ledger.decide("a:1", "c:1", SAME, **SIGNED)
    assert len(standing(ledger)) == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reason": " "}, "a name and a reason"),
        ({"by": ""}, "a name and a reason"),
        ({"verdict": "maybe"}, "not 'maybe'"),
        ({"record_b": "a:1"}, "named twice"),
    ],
)
def test_what_says_nothing_is_refused(ledger: Ledger, changed: dict, message: str) -> None:
    wanted = {"record_a": "a:1", "record_b": "b:1", "verdict": SAME} | SIGNED | changed
    with pytest.raises(DecisionError, match=message):
        ledger.decide(**wanted)
    assert standing(ledger) == []


def test_one_decision_stands_per_pair_even_against_the_database(ledger: Ledger) -> None:
    ledger.decide("a:1", "b:1", SAME, **SIGNED)
    with pytest.raises(sa.exc.IntegrityError), ledger.writing() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO identity_decisions (record_id_1, record_id_2, verdict, decided_by, "
                "reason, decided_at) SELECT record_id_1, record_id_2, 'different', decided_by, "
                "reason, decided_at FROM identity_decisions"
            )
        )
