"""Candidates: rows by the keys that they share."""

from __future__ import annotations

import numpy as np
import pytest
from people import read

from kindred.identity.candidates.keys import Keys
from kindred.identity.candidates.pairing import distinct_of, parted
from kindred.identity.codes.pairs import pack
from kindred.identity.codes.sorting import distinct


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("size", [0, 1, 500, 30_000])
def test_sorting_in_parts_is_sorting(size: int, threads: int) -> None:
    rng = np.random.default_rng(size)
    pairs = pack(rng.integers(0, 1_000, size), rng.integers(0, 1_000, size))
    lists = [parted(some, 1_000, threads) for some in (pairs[: size // 3], pairs[size // 3 :])]
    parts = [sum(map(len, part)) for part in zip(*lists, strict=True)]
    np.testing.assert_array_equal(distinct_of(lists, threads), distinct(pairs))
    assert size < 30_000 or max(parts) < 1.1 * size / threads


def test_the_initials_of_swapped_names_are_the_same() -> None:
    people = read(
        given_name=["Laurent", "Simon", "Simone"], family_name=["Simon", "Laurent", "Ober"]
    )
    initials = Keys(people)["initials"]
    assert initials[0] == initials[1] != initials[2]


def test_who_lacks_a_name_has_no_initials() -> None:
    people = read(given_name=["Laurent", None, "Laurent"], family_name=["Simon", "Simon", None])
    assert (Keys(people)["initials"] >= 0).tolist() == [True, False, False]
