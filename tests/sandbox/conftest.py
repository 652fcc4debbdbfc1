"""Servers that hold a tiny company."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_company import write_tiny_company

from ingestion.sandbox.servers import Handle, running


@pytest.fixture
def company_folder(tmp_path: Path) -> Path:
    return write_tiny_company(tmp_path / "sandbox")


@pytest.fixture
def servers(company_folder: Path) -> Iterator[Handle]:
    with running(company_folder, capture=True) as handle:
        yield handle
