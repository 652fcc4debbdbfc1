"""`kindred why`: a sentence per channel, from what the last run published."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from deltalake import write_deltalake
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.cli.why import REASONS, sentence
from kindred.settings import PROJECT_ROOT

DAY = dt.date(2026, 1, 5)


def row(purpose: str, reasons: str = "", point: str | None = "anna@x.nl") -> dict:
    return {
        "customer_id": "kc_anna",
        "channel": "email",
        "purpose": purpose,
        "allowed": not reasons,
        "reasons": reasons,
        "contact_point": point,
        "since": DAY,
    }


ROWS = [
    row("service"),
    row("marketing", "consent_withdrawn"),
    row("profiling"),
    row("third_party", "do_not_contact,no_consent"),
]


def test_a_sentence_names_purposes_together_and_every_reason():
    assert sentence("email", ROWS) == (
        "Email (anna@x.nl): yes for service and profiling (since 2026-01-05); no for marketing, "
        "because consent was withdrawn (since 2026-01-05); no for sharing with third parties, "
        "because a do-not-contact register forbids it and nobody agreed to it (since 2026-01-05)."
    )


def test_every_reason_has_its_words():
    path = PROJECT_ROOT / "dbt_project/models/contactability/fct_contactability.sql"
    rules = re.findall(r"^ {4}\('(\w+)', \"", Path(path).read_text(), re.MULTILINE)
    assert list(REASONS) == rules
    documented = yaml.safe_load(path.with_suffix(".yml").read_text())
    assert documented["models"][0]["name"] == "fct_contactability"


@pytest.fixture
def kindred(tmp_path, monkeypatch):
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    monkeypatch.delenv("KINDRED_LEDGER_URL", raising=False)
    folder = tmp_path / "lake" / "gold" / "contactability" / "fct_contactability"
    write_deltalake(str(folder), pa.Table.from_pylist(ROWS))

    def call(*arguments: str, fails: bool = False) -> str:
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == int(fails), done.output
        return " ".join(done.output.split())

    return call


def test_why_says_it(kindred):
    said = kindred("why", "kc_anna")
    assert said.startswith("Customer kc_anna Email (anna@x.nl): yes for service and profiling")


def test_nobody_is_no_silence(kindred):
    assert "contactability holds no customer kc_nobody" in kindred("why", "kc_nobody", fails=True)
