"""Phones: read byte by byte as an engine reads them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.identity.codes.queries import FEW
from kindred.identity.reading.normal_forms import normal
from kindred.identity.reading.phones import digits_of

ODD = [
    "+31 6 1827 3645",
    "0618273645.0",
    "06.18.27.36.0",
    "020 1234580 tst 67",
    "020-1234580x67",
    "",
    "none",
    "--",
    "0",
    ".0",
    "٠٦١٨٢٧٣٦",
    "6" * 250,
    "06\x0018",
    None,
]
phones = st.one_of(st.none(), st.sampled_from(ODD), st.text("0123456789 +-.()/xtÄ", max_size=14))


@given(st.lists(phones, min_size=FEW + 1, max_size=3 * FEW), st.integers(0, FEW))
def test_digits_are_those_of_the_normal_form(texts: list[str | None], start: int) -> None:
    given_ = pa.array(texts, pa.string())[start:]
    assert digits_of(given_).equals(normal(given_, "digits"))


@pytest.mark.parametrize("size", [0, 1, FEW, FEW + 1])
def test_where_there_is_none_there_are_no_digits(size: int) -> None:
    assert digits_of(pa.nulls(size, pa.string())).null_count == size
