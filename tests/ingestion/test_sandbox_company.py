"""The sandbox company lands whole: every system, every row, none of them bad."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingestion import catalog
from ingestion.landing import land
from ingestion.sandbox import connection_environment, create_company
from kindred.settings import BUILT_IN_SOURCES


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox") / "company"
    create_company(folder, people=200)
    return folder


def test_every_system_of_the_company_lands(sandbox, settings, monkeypatch):
    from ingestion.sandbox.servers import running

    with running(sandbox):
        for name, text in connection_environment(sandbox).items():
            monkeypatch.setenv(name, text)
        for source in BUILT_IN_SOURCES:
            report = land(settings, source)

            assert report.quarantined == {}
            assert set(report.rows) == {t.name for t in catalog.source(settings, source).tables}
            for table in catalog.source(settings, source).tables:
                state = sandbox / "systems" / source / f"{table.entity}.parquet"
                if state.exists():
                    assert report.rows[table.name] == pq.read_metadata(state).num_rows
            assert land(settings, source).rows == {}
