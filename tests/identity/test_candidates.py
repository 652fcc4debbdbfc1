"""Candidates: rows by the keys that they share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.identity import candidates, load_rules
from kindred.identity.candidates import (
    by_shared_key,
    candidate_pairs,
    distinct,
    distinct_of,
    unpack,
)
from kindred.identity.reading import TableColumns, read_people


@given(st.lists(st.integers(0, 9), max_size=40))
def test_rows_under_a_shared_key_come_key_by_key_and_in_order(keys: list[int]) -> None:
    key = np.array(keys, np.int64)
    rows, found = by_shared_key(np.arange(len(key)) * 10, key)
    blocks = {k: [r * 10 for r, own in enumerate(keys) if own == k] for k in set(keys)}
    assert {k: rows[found == k].tolist() for k in set(found.tolist())} == {
        k: block for k, block in blocks.items() if len(block) > 1
    }
    starts, _ = candidates.runs(found)
    assert len(starts) == len(set(found.tolist()))


def test_keys_whose_hashes_collide_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "GOLDEN", np.uint64(0))  # every hash is 0
    rows, key = by_shared_key(np.arange(5), np.array([7, 3, 7, 3, 7]))
    assert rows.tolist() == [1, 3, 0, 2, 4]
    assert key.tolist() == [3, 3, 7, 7, 7]


@pytest.mark.parametrize("size", [0, 1, 500, 300_000])
def test_sorting_in_halves_is_sorting(size: int) -> None:
    values = np.random.default_rng(size).integers(0, size + 1, size)
    found = distinct_of([values[: size // 3], values[size // 3 :]], threads=2)
    np.testing.assert_array_equal(found, distinct(values))


@pytest.mark.parametrize(("records", "met"), [(2_000, True), (60_000, False)])
def test_many_records_of_one_person_meet_where_there_is_room(records: int, met: bool) -> None:
    """Sixty records that share an email and names, and nothing else."""
    mine = [{"given_name": "Ann", "family_name": "Smit", "email": "ann@smit.nl"}] * 60
    others = [{"given_name": f"A{n}", "family_name": f"B{n}"} for n in range(records - 60)]
    rows = pa.Table.from_pylist([*mine, *others])
    ids = pa.array([f"r{n:05d}" for n in range(records)])
    people = read_people(TableColumns(rows.append_column("record_id", ids)), load_rules())
    left, right = unpack(candidate_pairs(people))
    pairs = ((left < 60) & (right < 60)).sum()
    assert pairs == (60 * 59 // 2 if met else 0)
