"""Candidates: rows by the keys that they share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kindred.identity import load_rules
from kindred.identity.candidates import candidate_pairs, distinct_of, pack, parted, unpack
from kindred.identity.reading import TableColumns, read_people
from kindred.identity.sorting import distinct


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("size", [0, 1, 500, 30_000])
def test_sorting_in_parts_is_sorting(size: int, threads: int) -> None:
    rng = np.random.default_rng(size)
    pairs = pack(rng.integers(0, 1_000, size), rng.integers(0, 1_000, size))
    lists = [parted(some, 1_000, threads) for some in (pairs[: size // 3], pairs[size // 3 :])]
    parts = [sum(map(len, part)) for part in zip(*lists, strict=True)]
    np.testing.assert_array_equal(distinct_of(lists, threads), distinct(pairs))
    assert size < 30_000 or max(parts) < 1.1 * size / threads


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
