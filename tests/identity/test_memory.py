"""What many records freed goes back to the system."""

from __future__ import annotations

import pytest

from kindred.identity.codes import memory


@pytest.mark.parametrize(("records", "times"), [(memory.MANY, 1), (memory.MANY - 1, 0)])
def test_only_many_records_give_back(monkeypatch, records, times):
    called = []
    monkeypatch.setattr(memory, "_TRIM", called.append)
    memory.give_back(records)
    assert len(called) == times


def test_a_system_without_trim_gives_back_what_arrow_holds(monkeypatch):
    monkeypatch.setattr(memory, "_TRIM", None)
    memory.give_back(memory.MANY)
