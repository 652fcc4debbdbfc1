"""The town that cases are put into: generated once, its weights learned once."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from people import Town

from benchmarks import people

RECORDS = 1_600
"""More than are compared each with each, so that blocking is part of every case."""


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory):
    """Writes so many records of people; gives the files of records and truth."""

    def write(count: int):
        folder = tmp_path_factory.mktemp("people")
        files = folder / "people.parquet", folder / "truth.parquet"
        people.write(count, *files)
        return files

    return write


@pytest.fixture(scope="session")
def town(generated, tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(pq.read_table(generated(RECORDS)[0]), tmp_path_factory.mktemp("models"))
