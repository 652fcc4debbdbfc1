"""Lexicons: a value keeps its code, however many come after it."""

from __future__ import annotations

from copy import copy

import numpy as np
import pyarrow as pa
import pytest

from kindred.identity.codes.columns import MISSING, taken
from kindred.identity.index import lexicon
from kindred.identity.index.lexicon import Lexicon


@pytest.mark.parametrize("late", [0, 3, 1_000])
def test_a_value_keeps_its_code(monkeypatch: pytest.MonkeyPatch, late: int) -> None:
    monkeypatch.setattr(lexicon, "LATE", late)
    found = Lexicon(pa.array(["anna", "bram"]))
    assert found.add(pa.array(["cees", "anna", None])).tolist() == [2, 0, MISSING]
    for day in range(20):
        new = pa.array([f"new{day}", "bram", f"newer{day}"])
        assert found.add(new).tolist() == [3 + 2 * day, 1, 4 + 2 * day]
    assert found.find(pa.array(["newer4", "cees", "nobody"])).tolist() == [12, 2, MISSING]
    codes = np.array([42, 0, 2, 12, 1])
    assert taken(found.values, codes).to_pylist() == ["newer19", "anna", "cees", "newer4", "bram"]


def test_numbers_are_values_too() -> None:
    found = Lexicon(pa.array([612345678, 301234567]))
    assert found.add(pa.array([301234567, 699999999, None])).tolist() == [1, 2, MISSING]
    assert taken(found.values, np.array([2, 0])).to_pylist() == [699999999, 612345678]


def test_a_copy_keeps_what_it_takes_in_to_itself() -> None:
    found = Lexicon(pa.array(["anna"]))
    assert copy(found).add(pa.array(["bram"])).tolist() == [1]
    assert found.find(pa.array(["bram"])).tolist() == [MISSING]
