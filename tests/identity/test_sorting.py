"""Orders of numbers are those that sorting places by numbers gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.identity.codes import sorting
from kindred.identity.codes.sorting import by_shared_key, in_order, merged


@given(st.lists(st.integers(0, 9), max_size=40))
def test_rows_under_a_shared_key_come_key_by_key_and_in_order(keys: list[int]) -> None:
    key = np.array(keys, np.int64)
    rows, found = by_shared_key(np.arange(len(key)) * 10, key)
    blocks = {k: [r * 10 for r, own in enumerate(keys) if own == k] for k in set(keys)}
    assert {k: rows[found == k].tolist() for k in set(found.tolist())} == {
        k: block for k, block in blocks.items() if len(block) > 1
    }
    starts, _ = sorting.runs(found)
    assert len(starts) == len(set(found.tolist()))


def test_keys_whose_hashes_collide_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "GOLDEN", np.uint64(0))  # every hash is 0
    rows, key = by_shared_key(np.arange(5), np.array([7, 3, 7, 3, 7]))
    assert rows.tolist() == [1, 3, 0, 2, 4]
    assert key.tolist() == [3, 3, 7, 7, 7]


@pytest.mark.parametrize("size", [0, 1, 900, 3_000])
@pytest.mark.parametrize(("least", "most"), [(-1, 50), (0, 2**27), (-1, 2**62), (-(2**40), 7)])
def test_equal_numbers_stay_as_they_come(size: int, least: int, most: int) -> None:
    numbers = np.random.default_rng(size).integers(least, most, size)
    order, ordered = in_order(numbers)
    np.testing.assert_array_equal(order, np.argsort(numbers, kind="stable"))
    np.testing.assert_array_equal(ordered, numbers[order])


def test_numbers_that_differ_in_their_last_bits_only_are_told_apart() -> None:
    """Beside their places, of so many numbers only the first 52 bits have room."""
    rng = np.random.default_rng(1)
    numbers = (rng.integers(0, 20, 3_000) << 57) + rng.integers(0, 8, 3_000)
    order, ordered = in_order(numbers)
    np.testing.assert_array_equal(order, np.argsort(numbers, kind="stable"))
    np.testing.assert_array_equal(ordered, numbers[order])


@given(st.lists(st.lists(st.integers(-5, 60)), min_size=1, max_size=4), st.booleans())
def test_lists_are_merged_whether_they_are_in_order_or_not(lists, are_sorted):
    parts = [np.array(sorted(own) if are_sorted else own, np.int64) for own in lists]
    assert merged(parts).tolist() == sorted(set().union(*lists))
