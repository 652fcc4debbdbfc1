"""The two statements of every raw table agree: the connector's and dbt's."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingestion import catalog
from kindred.settings import Settings

STAGING = Path(__file__).parents[2] / "dbt_project" / "models" / "staging"
ADDED_BY_DLT = {"_dlt_load_id": "varchar"}


def declared(source: str) -> dict[str, dict[str, str]]:
    """Tables of a dbt source: table to column to data type."""
    found = {}
    for path in (STAGING / source).glob("_*sources.yml"):
        for entry in yaml.safe_load(path.read_text())["sources"]:
            if entry["name"] == source:
                for table in entry["tables"]:
                    columns = {c["name"]: c["data_type"] for c in table["columns"]}
                    found[table["name"]] = columns
    return found


@pytest.mark.parametrize("source", catalog.names())
def test_connector_and_dbt_declare_the_same_columns(source):
    spec = catalog.source(Settings(), source)
    ours = {t.name: {c.name: c.type for c in t.columns} | ADDED_BY_DLT for t in spec.tables}

    assert declared(source) == ours


@pytest.mark.parametrize("source", catalog.names())
def test_every_table_says_what_it_holds_and_its_key_is_a_column(source):
    spec = catalog.source(Settings(), source)

    assert spec.description
    for table in spec.tables:
        assert len(table.description) > 10
        assert table.key
        assert set(table.key) <= {column.name for column in table.columns}
