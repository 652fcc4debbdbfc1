"""Tables appear whole; what hasn't changed isn't written again."""

from __future__ import annotations

import datetime as dt

import dagster as dg
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from dagster_project import dbt_build, publishing
from dagster_project.defs import docs, gold

QUERY = """
    select i as customer_id, 'name ' || i as name, null as nothing, i::uinteger as small,
           timestamp '2026-11-01 12:00' + interval (i) minute as seen_at,
           i * 1.5::decimal(18, 2) as amount, i % 2 = 0 as even
    from range({rows}) r(i)
"""


@pytest.fixture
def warehouse(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema crm")
        connection.execute("create table crm.people as " + QUERY.format(rows=100))
    return path


def publish(warehouse):
    folder = warehouse.parent / "gold" / "crm" / "people"
    return publishing.publish_delta(warehouse, "crm.people", folder), DeltaTable(str(folder))


def test_a_table_is_published_with_types_every_reader_knows(warehouse):
    facts, table = publish(warehouse)
    assert facts == {"rows": 100, "written": True, "delta_version": 0}
    found = table.to_pyarrow_table()
    assert found.num_rows == 100
    kinds = {field.name: field.type for field in found.schema}
    assert kinds["small"] == pa.int64()
    assert kinds["nothing"] == pa.string()
    assert kinds["seen_at"] == pa.timestamp("us", tz="UTC")
    first = found.filter(pa.compute.equal(found["customer_id"], 0)).to_pylist()[0]
    assert first["seen_at"] == dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def test_the_same_rows_in_another_order_are_not_written_again(warehouse):
    publish(warehouse)
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            "create or replace table crm.people as select * from crm.people order by name desc"
        )
    facts, table = publish(warehouse)
    assert facts == {"rows": 100, "written": False, "delta_version": 0}
    assert len(table.file_uris()) == 1


@pytest.mark.parametrize(
    "change",
    [
        "update crm.people set name = 'other' where customer_id = 7",
        "delete from crm.people where customer_id = 7",
        "insert into crm.people select * from crm.people where customer_id = 7",
        "alter table crm.people rename column name to full_name",
    ],
)
def test_a_change_makes_a_new_version(warehouse, change):
    publish(warehouse)
    with duckdb.connect(warehouse) as connection:
        connection.execute(change)
    facts, table = publish(warehouse)
    assert facts["written"]
    assert table.version() == 1
    with duckdb.connect(warehouse, read_only=True) as connection:
        expected = connection.sql("from crm.people").fetchall()
    assert table.to_pyarrow_table().num_rows == len(expected)


def test_an_empty_table_is_published_too(warehouse):
    with duckdb.connect(warehouse) as connection:
        connection.execute("delete from crm.people")
    facts, table = publish(warehouse)
    assert facts["rows"] == 0
    assert table.to_pyarrow_table().num_rows == 0


def test_a_derived_table_is_replaced_whole(tmp_path):
    folder = tmp_path / "derived" / "person_map"
    for rows in (3, 2):
        publishing.write_derived(folder, pa.table({"record_id": [str(n) for n in range(rows)]}))
    assert [path.name for path in folder.iterdir()] == ["part-0.parquet"]
    assert pq.read_table(folder / "part-0.parquet").num_rows == 2


def test_a_table_that_is_published_no_longer_is_removed_and_nothing_of_anybody_else(warehouse):
    publish(warehouse)
    product = warehouse.parent / "gold" / "crm"
    publishing.publish_delta(warehouse, "crm.people", product / "int_crm__people")
    rows = pa.table({"n": [1]})
    write_deltalake(str(product / "of_an_analyst"), rows)
    publishing.publish_delta(warehouse, "crm.people", product / "adopted")
    write_deltalake(str(product / "adopted"), rows, mode="overwrite", schema_mode="overwrite")
    (product / "notes.txt").write_text("read me")
    (product / "empty").mkdir()
    assert publishing.drop_others(product, {"people"}) == ["int_crm__people"]
    left = {path.name for path in product.iterdir()}
    assert left == {"people", "of_an_analyst", "adopted", "notes.txt", "empty"}
    assert publishing.drop_others(warehouse.parent / "gold" / "sales", set()) == []


def test_histories_and_what_other_assets_publish_are_never_dropped():
    assert {
        "segments/fct_segment_history",
        "measures/fct_measure_history",
        "segments/segment_waterfall",
    } == gold.NEVER_DROPPED


def test_the_documentation_is_an_asset_that_says_where_its_page_is(tmp_path, monkeypatch):
    """What the page shows, a browser looks at: tests/browser/test_dbt_docs.py."""
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))

    def document(settings, folder):
        assert folder == settings.docs
        page = folder / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text("<html>")
        return page

    monkeypatch.setattr(dbt_build, "document", document)
    done = dg.materialize([docs.dbt_docs])
    [event] = done.asset_materializations_for_node("gold__dbt_docs")
    assert event.asset_key == docs.KEY
    assert event.metadata["page"].value == str(tmp_path / "docs" / "index.html")
    assert event.metadata["bytes"].value == 6
