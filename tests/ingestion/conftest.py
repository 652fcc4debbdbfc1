"""Fixtures of the ingestion tests: a small company, its servers, a lake of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
import small_company
from small_company import System

from kindred.settings import Settings

if TYPE_CHECKING:
    from ingestion.sandbox.servers import Handle


@pytest.fixture(autouse=True)
def only_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    import os

    for name in os.environ:
        if name.startswith(("SOURCES__", "KINDRED_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KINDRED_CONFIG", "/nonexistent/kindred.toml")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Handle]]:
    """The small company, served for the whole session; its state goes on changing."""
    from ingestion.sandbox.servers import running

    folder = tmp_path_factory.mktemp("company")
    small_company.write(folder)
    with running(folder) as handle:
        yield folder, handle


@pytest.fixture
def company(
    served: tuple[Path, Handle], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], System]]:
    """A system of the served company by source name, configured and well behaved."""
    folder, handle = served
    for name, text in small_company.environment(folder, handle).items():
        monkeypatch.setenv(name, text)
    yield lambda source: System(source, folder, handle)
    handle.behave()


@pytest.fixture
def raw(settings: Settings) -> Callable[[str, str, str], list[tuple]]:
    """Query a raw table: `raw('magento', 'orders', 'SELECT count(*) FROM raw')`."""

    def query(source: str, table: str, sql: str) -> list[tuple]:
        with duckdb.connect() as connection:
            files = settings.raw / source / table / "*.parquet"
            connection.execute(
                f"CREATE VIEW raw AS FROM read_parquet('{files}', union_by_name = true)"
            )
            return connection.execute(sql).fetchall()

    return query
