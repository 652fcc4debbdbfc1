"""Columns of which little can be read: said in counts, never with a value."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pyarrow as pa
import pytest
from people import RULES
from typer.testing import CliRunner

from dagster_project.cli import app
from kindred.identity.reading.reader import TableColumns, read_people

DATES = [f"{day:02d}-03-1971" for day in range(1, 29)]


def said(caplog: pytest.LogCaptureFixture, **columns: list | pa.Array) -> list[str]:
    ids = [f"r{number:04d}" for number in range(max(map(len, columns.values())))]
    with caplog.at_level(logging.WARNING, "kindred.identity"):
        read_people(TableColumns(pa.table({"record_id": ids, **columns})), RULES)
    return [record.getMessage() for record in caplog.records]


def test_a_column_of_which_nothing_can_be_read_is_named(caplog) -> None:
    words, keys = [f"soon {n}" for n in range(204)], [f"k{n}" for n in range(204)]
    found = said(caplog, birth_date=words, email=keys, phone=words)
    assert sorted(found) == [
        "birth_date: none of 204 values is a date",
        "email: none of 204 values is an email",
        "phone: none of 204 values is a phone number",
    ]


def test_a_column_of_which_little_can_be_read_is_named(caplog) -> None:
    found = said(caplog, birth_date=[*DATES, *["soon"] * 40, *[""] * 50, None])
    assert found == ["birth_date: only 28 of 68 values are dates"]


@pytest.mark.parametrize(
    "columns",
    [
        {"birth_date": [*DATES, *["soon"] * 28]},
        {"birth_date": [*DATES, *[""] * 300, *[None] * 300]},
        {"birth_date": ["1900-01-01"] * 90},
        {"birth_date": pa.array([dt.date(1900, 1, 1)] * 90).dictionary_encode()},
        {"birth_date": pa.array([26004.0] + [None] * 90)},
        {"email": ["info@kpn.nl"] * 90, "phone": ["0600000000"] * 90},
        {"email": [None] * 90, "phone": pa.nulls(90)},
    ],
)
def test_columns_that_can_be_read_are_not(caplog, columns: dict) -> None:
    assert said(caplog, **columns) == []


def test_the_command_says_so(tmp_path: Path) -> None:
    people, out = tmp_path / "people.csv", tmp_path / "out.csv"
    lines = [f"{n},Anna,Quaedvlieg,Kwart {n}" for n in range(204)]
    people.write_text("\n".join(["record_id,given_name,family_name,birth_date", *lines]) + "\n")
    done = CliRunner().invoke(app, ["match", str(people), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "birth_date: none of 204 values is a date\n" in done.output
    assert "Kwart" not in done.output
