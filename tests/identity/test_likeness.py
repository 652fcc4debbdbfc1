"""Likeness: what is left out because it can't be alike never is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.identity.codes.queries import FEW
from kindred.identity.weights.likeness import (
    OF_NAMES,
    SIMILARITY,
    Letters,
    Measure,
    Texts,
    measured,
)

LETTERS = "aabcdeijéß@.1"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=2, max_size=12, unique=True)


class Unbounded(Texts):
    """Measures every pair."""

    @property
    def _letters(self) -> Letters:
        endless = Letters.of(self.values)
        return Letters(
            endless.length, endless.kinds | np.uint64(1), endless.length * 99, endless.head
        )


def every_pair(words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Codes of all pairs of words, in both directions."""
    a, b = np.divmod(np.arange(len(words) ** 2), len(words))
    return a, b


@given(WORDS)
def test_no_similarity_exceeds_what_the_letters_allow(words: list[str]) -> None:
    values, (a, b) = pa.array(words), every_pair(words)
    measured = Unbounded(values).similarity(a, b, 0.0)
    assert (measured <= Letters.of(values).most_alike(a, b) + 1e-5).all()


@given(WORDS)
def test_names_that_are_alike_are_never_left_out(words: list[str]) -> None:
    values, (a, b) = pa.array(words), every_pair(words)
    measured, found = (texts(values).of_names(a, b, 0.8) for texts in (Unbounded, Texts))
    alike = measured >= 0.8
    np.testing.assert_array_equal(found[alike], measured[alike])
    assert (found[~alike] < 0.8).all()


def test_a_slip_of_the_hand_is_close_and_strangers_are_not_measured() -> None:
    words = pa.array(["jansen", "mansen", "smit", "smti", "okonkwo"])
    a, b = np.array([0, 2, 0]), np.array([1, 3, 4])
    np.testing.assert_allclose(Texts(words).of_names(a, b, 0.8), [0.9, 0.9333, 0.0], atol=1e-4)


def test_texts_of_part_of_an_array_are_counted_as_they_are() -> None:
    whole = pa.array(["other", "jan", "", "smit"])
    letters = Letters.of(whole.slice(1))
    assert letters.most_alike(np.array([0, 0]), np.array([0, 1])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("how", [SIMILARITY, OF_NAMES], ids=["similarity", "of_names"])
@given(pairs=st.lists(st.tuples(*[st.text("abcdeij", min_size=1, max_size=12)] * 2), min_size=1))
def test_a_few_pairs_are_as_alike_as_they_are_among_many(
    how: Measure, pairs: list[tuple[str, str]]
) -> None:
    some = pairs[:FEW]
    few = measured(how, *(pa.array(texts) for texts in zip(*some, strict=True)))
    many = measured(how, *(pa.array(texts) for texts in zip(*some * FEW, strict=True)))
    np.testing.assert_array_equal(few, many[: len(some)])
