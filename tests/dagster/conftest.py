"""A home of its own for each test of a steward's commands, and the command line over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app, run


@pytest.fixture
def ledger_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The ledger of an empty home."""
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    monkeypatch.delenv("KINDRED_LEDGER_URL", raising=False)
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What commands asked to run again, as selections; nothing runs."""
    selections: list[str] = []

    def execute(_settings: object, selection: str) -> SimpleNamespace:
        selections.append(selection)
        return SimpleNamespace(success=True)

    monkeypatch.setattr(run, "execute", execute)
    return selections


@pytest.fixture
def steward(ledger_url: str, asked: list[str]) -> Callable[..., str]:
    """Calls a command and returns what it said, in one line."""

    def call(*arguments: str, fails: bool = False) -> str:
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == int(fails), done.output
        return " ".join(done.output.split())

    return call
