"""What many records freed goes back to the system."""

from __future__ import annotations

import pytest
from people import RULES, read

from kindred.identity.codes import memory
from kindred.identity.codes.columns import People
from kindred.identity.engine import match


@pytest.mark.parametrize(("records", "times"), [(memory.MANY, 1), (memory.MANY - 1, 0)])
def test_only_many_records_give_back(monkeypatch, records, times):
    called = []
    monkeypatch.setattr(memory, "_TRIM", called.append)
    memory.give_back(records)
    assert len(called) == times


def test_a_system_without_trim_gives_back_what_arrow_holds(monkeypatch):
    monkeypatch.setattr(memory, "_TRIM", None)
    memory.give_back(memory.MANY)


def test_matching_many_gives_back_between_its_steps(monkeypatch):
    trims = []
    monkeypatch.setattr(memory, "MANY", 100)
    monkeypatch.setattr(memory, "_TRIM", trims.append)
    match(names(200), RULES)
    assert len(trims) >= 3


def names(count: int) -> People:
    given = [("Anna", "Daan", "Sanne", "Luuk")[n % 4] for n in range(count)]
    return read(given_name=given, family_name=[f"Bakker{n // 3}" for n in range(count)])
