"""A home that Kindred makes is its owner's, and so is the warehouse in any home."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from dagster_project import dbt_build, home, transform
from kindred.settings import Settings


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a home that isn't there yet; what `prepare` puts into the environment is undone."""
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "deep" / "home"))
    found = Settings()
    for name, value in found.environment().items():
        monkeypatch.setenv(name, value)
    return found


def test_a_home_that_is_made_is_its_owners(settings: Settings) -> None:
    home.prepare(settings)
    assert mode(settings.home) == 0o700
    assert (settings.home / "dagster" / "dagster.yaml").exists()


def test_a_home_that_is_there_stays_as_open_as_it_is(settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    settings.home.chmod(0o755)
    home.prepare(settings)
    assert mode(settings.home) == 0o755


def test_the_warehouse_is_made_for_its_owner(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object) -> None:
        """What dbt does: open the file and write."""
        with duckdb.connect(settings.warehouse) as connection:
            connection.sql("create or replace table people as select 1 as person")

    runner = SimpleNamespace(invoke=build)
    monkeypatch.setattr(dbt_build, "dbtRunner", lambda *_: runner)
    monkeypatch.setattr(transform, "parsed", lambda _: None)
    for expected in (0o600, 0o640):
        dbt_build.build(settings, [], settings.home / "dbt", print)
        assert mode(settings.warehouse) == expected
        settings.warehouse.chmod(0o640)
