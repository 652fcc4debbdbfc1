"""Labelled people that several tests of the benchmarks read."""

from __future__ import annotations

import pytest

from benchmarks import people
from benchmarks.identity_data.sets import LabelledSet


@pytest.fixture(scope="session")
def labelled(tmp_path_factory) -> LabelledSet:
    """2,000 records and who they are."""
    folder = tmp_path_factory.mktemp("people")
    found = LabelledSet("people", folder / "people.parquet", folder / "truth.parquet")
    people.write(2_000, found.records, found.truth)
    return found
