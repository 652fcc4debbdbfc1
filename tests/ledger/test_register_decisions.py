"""Decisions about register entries: kept with who and why, replaced by the contrary."""

from __future__ import annotations

import datetime as dt

import pytest

from kindred.ledger import DecisionError, Ledger
from kindred.ledger.registers import ACCEPTED, REJECTED

NOW = dt.datetime(2026, 11, 1, 6, 0)
SIGNED = {"by": "a steward", "reason": "I called", "at": NOW}


def verdicts(ledger: Ledger) -> list[tuple[str, str, str]]:
    rows = ledger.entry_decisions().to_pylist()
    return [(row["entry_id"], row["record_id"], row["verdict"]) for row in rows]


def test_a_decision_stands_until_the_contrary_replaces_it(ledger: Ledger) -> None:
    ledger.decide_entry("e:1", "d1", "a:1", ACCEPTED, **SIGNED)
    ledger.decide_entry("e:1", "d1", "a:2", REJECTED, **SIGNED)
    assert verdicts(ledger) == [("e:1", "a:1", ACCEPTED), ("e:1", "a:2", REJECTED)]
    later = SIGNED | {"at": NOW + dt.timedelta(days=1), "reason": "they called"}
    ledger.decide_entry("e:1", "d1", "a:1", REJECTED, **later)
    assert verdicts(ledger) == [("e:1", "a:1", REJECTED), ("e:1", "a:2", REJECTED)]
    assert ledger.entry_decisions()["reason"].to_pylist() == ["they called", "I called"]


@pytest.mark.parametrize(
    ("verdict", "signed"),
    [("perhaps", {}), (ACCEPTED, {"by": " "}), (ACCEPTED, {"reason": ""})],
)
def test_a_decision_that_says_nothing_is_refused(
    ledger: Ledger, verdict: str, signed: dict
) -> None:
    with pytest.raises(DecisionError):
        ledger.decide_entry("e:1", "d1", "a:1", verdict, **(SIGNED | signed))
    assert verdicts(ledger) == []
