"""Fixtures of the activation tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from activation_world import SYNCS, TABLES, World, environment, world

from ingestion.sandbox.servers import Handle, running


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox company without anybody."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="session")
def servers(folder: Path) -> Iterator[Handle]:
    """Running servers, for the whole session: each test finds them empty."""
    with running(folder, capture=True) as started:
        yield started


@pytest.fixture
def handle(servers: Handle, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handle]:
    """Running servers that hold nothing, with the connection variables set."""
    for name, value in environment(servers).items():
        monkeypatch.setenv(name, value)
    yield servers
    servers.behave()
    for system, (table, *_) in TABLES.items():
        servers.systems[system].requests.clear()
        servers.systems[system].captured.clear()
        with sqlite3.connect(folder / "state" / f"{system}.db") as db:
            db.execute(f'DELETE FROM "{table}"')


@pytest.fixture(params=SYNCS)
def each(request: pytest.FixtureRequest, tmp_path: Path, handle: Handle, folder: Path) -> World:
    """A world for each sync: what runs here is the conformance suite of the destinations."""
    return world(request.param, tmp_path / "home", handle, folder)


@pytest.fixture
def dynamics(tmp_path: Path, handle: Handle, folder: Path) -> World:
    """A world around the Dynamics 365 sync."""
    return world("dynamics365_contacts", tmp_path / "home", handle, folder)


@pytest.fixture
def salesforce(tmp_path: Path, handle: Handle, folder: Path) -> World:
    """A world around the Salesforce sync."""
    return world("salesforce_contacts", tmp_path / "home", handle, folder)


@pytest.fixture
def newsletter(tmp_path: Path, handle: Handle, folder: Path) -> World:
    """A world around the newsletter sync."""
    return world("email_newsletter", tmp_path / "home", handle, folder)
