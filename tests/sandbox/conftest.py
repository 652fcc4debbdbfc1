"""Servers that hold a tiny company."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_company import write_tiny_company

from ingestion.sandbox.servers import Handle, running


@pytest.fixture(scope="session")
def seeded_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny company whose systems have started once."""
    folder = write_tiny_company(tmp_path_factory.mktemp("seeded") / "sandbox")
    with running(folder):
        return folder


@pytest.fixture
def company_folder(tmp_path: Path, seeded_company: Path) -> Path:
    """A tiny company of the test's own."""
    folder = tmp_path / "sandbox"
    shutil.copytree(seeded_company, folder)
    (folder / "running.json").unlink(missing_ok=True)
    return folder


@pytest.fixture
def unseeded_folder(tmp_path: Path) -> Path:
    """A tiny company whose systems have never started."""
    return write_tiny_company(tmp_path / "sandbox")


@pytest.fixture(scope="session")
def shared(seeded_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handle]:
    """Servers for tests that only read."""
    folder = tmp_path_factory.mktemp("shared") / "sandbox"
    shutil.copytree(seeded_company, folder)
    with running(folder) as handle:
        yield handle


@pytest.fixture
def servers(company_folder: Path) -> Iterator[Handle]:
    with running(company_folder, capture=True) as handle:
        yield handle
