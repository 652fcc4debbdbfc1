"""The town that cases are put into: generated once, its weights learned once."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from people import SIZE, Town

from benchmarks import people as invented

RECORDS = 1_600
"""More than are compared each with each, so that blocking is part of every case."""


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory):
    """Writes so many records of people; gives the files of records and truth."""

    def write(count: int):
        folder = tmp_path_factory.mktemp("people")
        files = folder / "people.parquet", folder / "truth.parquet"
        invented.write(count, *files)
        return files

    return write


@pytest.fixture(scope="session")
def people(generated) -> pa.Table:
    """Records of invented people."""
    return pq.read_table(generated(RECORDS)[0])


@pytest.fixture(scope="session")
def some(people: pa.Table) -> pa.Table:
    """The first of them."""
    return people.slice(0, SIZE)


@pytest.fixture(scope="session")
def town(people: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(people, tmp_path_factory.mktemp("models"))
