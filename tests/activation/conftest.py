"""Fixtures of the activation tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from activation_world import SYNCS, World, environment, world

from ingestion.sandbox.servers import Handle, running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty sandbox company."""
    (tmp_path / "sandbox").mkdir()
    return tmp_path / "sandbox"


@pytest.fixture
def handle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handle]:
    """Running servers, with the connection variables set."""
    with running(folder, capture=True) as started:
        for name, value in environment(started).items():
            monkeypatch.setenv(name, value)
        yield started


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
