"""Published tables are read by other engines, also while a build holds the warehouse."""

from __future__ import annotations

import threading

import duckdb
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

from dagster_project import publishing, reading
from kindred.settings import Settings

EVENTS = """
    create or replace table activities.events as
    select 'a' || i as activity_id, timestamp '2026-01-01' + interval (i) hour as occurred_at,
        {version} as version
    from range(4000) r(i)
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("create schema activities")
        connection.execute(EVENTS.format(version=0))
    return Settings(home=tmp_path)


def publish(settings: Settings) -> dict:
    folder = settings.gold / "activities" / "events"
    return publishing.publish_delta(
        settings.warehouse, "activities.events", folder, months_of="occurred_at"
    )


def change(settings: Settings, sql: str) -> None:
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute(sql)


def table(settings: Settings) -> DeltaTable:
    return DeltaTable(str(settings.gold / "activities" / "events"))


def test_only_the_months_that_changed_are_written_again(settings):
    assert publish(settings)["written"]
    before = set(table(settings).file_uris())
    assert not publish(settings)["written"]
    change(settings, "update activities.events set version = 1 where activity_id = 'a5'")
    facts = publish(settings)
    after = set(table(settings).file_uris())
    assert facts["months"] == 1
    assert len(before) == 6 and len(before & after) == 5
    assert table(settings).to_pyarrow_table().num_rows == 4000


def test_months_that_are_gone_and_columns_that_are_new(settings):
    publish(settings)
    change(settings, "delete from activities.events where month(occurred_at) = 2")
    assert publish(settings)["months"] == 1
    found = table(settings).to_pyarrow_table()
    assert sorted(set(found["month"].to_pylist())) == [f"2026-0{m}" for m in (1, 3, 4, 5, 6)]
    change(settings, "alter table activities.events add column note varchar")
    publish(settings)
    assert "note" in table(settings).to_pyarrow_table().column_names


def test_a_second_engine_reads_whole_versions_during_a_build(settings):
    """While dbt holds the warehouse nobody else can open it; the published table stays readable."""
    publish(settings)
    seen: set[tuple[int, ...]] = set()
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            dataset: ds.Dataset = table(settings).to_pyarrow_dataset()
            found = dataset.to_table(columns=["version"])
            assert found.num_rows == 4000
            seen.add(tuple(sorted(pc.unique(found["version"]).to_pylist())))

    reader = threading.Thread(target=read)
    reader.start()
    for version in range(1, 6):
        change(settings, EVENTS.format(version=version))
        publish(settings)
    over.set()
    reader.join()
    read_once = table(settings).to_pyarrow_dataset().to_table(columns=["version"])
    assert pc.unique(read_once["version"]).to_pylist() == [5]
    assert seen and all(len(versions) == 1 for versions in seen)
    with duckdb.connect(settings.warehouse), reading.open_gold(settings, ["events"]) as connection:
        [(rows, first)] = connection.sql(
            "select count(*), min(occurred_at) from events where version = 5"
        ).fetchall()
    assert rows == 4000
    assert first.isoformat() == "2026-01-01T00:00:00"


def test_a_table_that_nobody_published_is_named(settings):
    with pytest.raises(reading.NotPublishedError, match="segment_sizes"):
        reading.open_gold(settings, ["segment_sizes"])
