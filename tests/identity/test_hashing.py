"""Hashes: the same text is the same number, wherever it stands, and different ones differ."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.identity.codes import hashing
from kindred.identity.codes.hashing import hashes, mixed

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=30)


def test_a_hash_is_the_same_for_ever() -> None:
    texts = pa.array(["jan", "jan.smit@kpn.nl", "Иванов", "a\x00", "a"])
    assert hashes(texts).tolist() == [
        1_233_092_195_349_830_946,
        2_586_288_945_513_747_739,
        325_222_017_802_616_561,
        881_039_024_883_576_017,
        1_850_856_526_577_353_031,
    ]


def test_no_text_has_no_number() -> None:
    assert hashes(pa.array(["", None, "x"])).tolist()[:2] == [-1, -1]
    assert hashes(pa.array([], pa.string())).tolist() == []
    assert hashes(pa.array([None, None], pa.string())).tolist() == [-1, -1]


@given(TEXTS, st.integers(1, 7))
def test_it_does_not_matter_where_a_text_stands(texts: list[str | None], at_once: int) -> None:
    whole = hashes(pa.array(texts, pa.string()))
    alone = [hashes(pa.array([text], pa.string()))[0] for text in texts]
    assert whole.tolist() == alone
    later = pa.array(["before", *texts, "behind"], pa.string()).slice(1, len(texts))
    assert hashes(later).tolist() == alone
    usual, hashing.AT_ONCE = hashing.AT_ONCE, at_once
    try:
        assert hashes(pa.array(texts, pa.string())).tolist() == alone
    finally:
        hashing.AT_ONCE = usual


def test_different_texts_have_different_numbers() -> None:
    texts = [f"{a}{'x' * (n % 20)}{n}" for n in range(50_000) for a in ("", "\x00")]
    found = hashes(pa.array(texts))
    assert found.min() >= 0
    assert found.max() < 2**62
    assert len(set(found.tolist())) == len(texts)
    ones = [int(differ).bit_count() for differ in found[1:] ^ found[:-1]]
    assert 30 < np.mean(ones) < 32  # half of 62 bits


@pytest.mark.parametrize("before", ["member:", "account", "cust-nl", ""])
def test_texts_that_differ_in_digits_of_two_words_have_different_numbers(before: str) -> None:
    numbers = np.unique(np.random.default_rng(3).integers(10**8, 10**9, 1_000_000))
    found = hashes(pa.array(np.char.add(before, numbers.astype("U9")).tolist()))
    assert len(np.unique(found)) == len(numbers)


def test_mixed_numbers_depend_on_both_and_on_their_order() -> None:
    one, other = np.arange(1_000), np.arange(6_000, 5_000, -1)
    found = np.concatenate([mixed(one, other), mixed(one, one + 1), mixed(one + 1, one)])
    assert len(set(found.tolist())) == len(found)
    assert found.min() >= 0
