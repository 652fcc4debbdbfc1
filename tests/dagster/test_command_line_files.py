"""Files that commands are told to write: never over anything else, and refused before the work."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from kindred.ledger import Ledger, database
from kindred.ledger.identity import EVENTS

PEOPLE = "record_id,email\n1,a@x.nl\n2,b@x.nl\n"


@pytest.fixture
def kindred(tmp_path, monkeypatch):
    """Runs a command and gives what it said on one line; it must end as expected."""
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KINDRED_SOURCES", raising=False)
    monkeypatch.setenv("COLUMNS", "1000")  # wherever tests run, no path is parted

    def run(*arguments: object, fails: bool = False) -> str:
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert (done.exit_code != 0) == fails, done.output
        return " ".join(done.output.split())

    return run


def test_a_table_is_written_over_nothing_but_a_table(kindred, tmp_path: Path) -> None:
    home, people, out = (tmp_path / name for name in ("home", "people.csv", "out.csv"))
    people.write_text(PEOPLE)
    kindred("migrate")
    (home / "sandbox").mkdir()
    (home / "sandbox" / "company.json").write_text("{}")
    text, rules = tmp_path / "text.json", tmp_path / "rules.json"
    text.write_text("[1,")
    rules.write_text("{}")
    kept = {path: path.read_bytes() for path in (people, text, rules, home / "ledger.db")}
    match = ("match", people, "--out", out)
    for command, message in (
        ((*match, "--json", people), "people.csv is there already and is no JSON"),
        ((*match, "--json", out), "out.csv is named for the clusters and for the table"),
        ((*match, "--links", tmp_path / "l.csv", "--json", tmp_path / "l.csv"), "for the links"),
        ((*match, "--rules", rules, "--json", rules), "rules.json holds the rules"),
        (("match", "--plan", "--rules", rules, "--json", rules), "rules.json holds the rules"),
        ((*match, "--json", text), "is no JSON"),
        (("match", people, "--out", home / "lake" / "x.csv"), "keeps its own data"),
        (("match", people, "--out", out, "--links", "/dev/null"), "is no ordinary file"),
        (("decisions", "--json", home / "ledger.db"), "keeps its own data"),
        (("decisions", "--json", home / "sandbox" / "company.json"), "keeps its own data"),
        (("explain", "a", "--picture", tmp_path / "q.svg", "--json", tmp_path / "q.svg"),
         "is named for the picture and for the table"),
        (("explain", "a", "--picture", tmp_path / "x" / ".." / "people.csv"), "a picture is a"),
        (("explain", "a", "--picture", "/proc/x.svg"), "/proc/x.svg can't be written"),
    ):  # fmt: skip
        said = kindred(*command, fails=True)
        assert message in said, said
    assert {path: path.read_bytes() for path in kept} == kept
    assert not out.exists()


def test_a_source_of_files_and_the_rules_in_use_are_not_written_over(
    kindred, tmp_path: Path, monkeypatch
) -> None:
    shop, rules = tmp_path / "shop", tmp_path / "rules.json"
    shop.mkdir()
    rules.write_text("{}")
    monkeypatch.setenv("KINDRED_FILES_SHOP", str(shop))
    monkeypatch.setenv("KINDRED_IDENTITY_RULES", str(rules))
    assert "a source's files" in kindred("decisions", "--json", shop / "x.json", fails=True)
    assert "holds the rules" in kindred("decisions", "--json", rules, fails=True)


def test_a_table_may_be_written_again_or_to_a_stream(kindred, tmp_path: Path) -> None:
    for _ in range(2):
        kindred("decisions", "--json", tmp_path / "new" / "found.json")
    assert json.loads((tmp_path / "new" / "found.json").read_text()) == []
    kindred("decisions", "--json", "/dev/null")
    assert Path("/dev/null").is_char_device()
    kindred("decisions", "--json", "/dev/full", fails=True)


def test_what_looks_like_markup_is_shown_as_it_is(kindred, tmp_path: Path) -> None:
    people = tmp_path / "[bold]p[" / "[/x]"
    people.mkdir(parents=True)
    (people / "p.csv").write_text("record_id,email,[/x],:smile:\n1,a@x.nl,b,c\n")
    said = kindred("match", people / "p.csv", "--out", people / "o.csv")
    assert "Not used: [/x], :smile:." in said
    assert "[bold]p[/[/x]" in said.replace(" ", "")
    assert "[/x]" in kindred("match", people / "p.csv", "--out", people, fails=True)
    bare = CliRunner().invoke(app, ["match", "gone[/x]\udcff.csv", "--out", str(people / "o.csv")])
    assert "there is no file gone[/x]\\udcff.csv" in " ".join(bare.output.split())


def test_a_ledger_that_cannot_be_used_is_named(kindred, tmp_path: Path, monkeypatch) -> None:
    kindred("migrate")
    ledger = tmp_path / "home" / "ledger.db"
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with contextlib.closing(sqlite3.connect(ledger)) as other:
        other.execute("pragma journal_mode=delete")
        other.execute("begin exclusive")
        said = kindred("decisions", fails=True)
    assert "ledger.db is in use by another command" in said
    for content in (b"no database" * 100, b"SQLite format 3\0" + b"\xff" * 5_000):
        ledger.write_bytes(content)
        assert "ledger.db is no SQLite database, or damaged" in kindred("decisions", fails=True)
    monkeypatch.setenv("KINDRED_LEDGER_URL", "postgresql+psycopg://me:secret@127.0.0.1:1/none")
    said = kindred("decisions", fails=True)
    assert "the ledger postgresql+psycopg://me:***@127.0.0.1:1/none can't be used" in said
    assert "secret" not in said


def test_an_id_or_a_reason_that_says_nothing_is_refused(kindred) -> None:
    kindred("migrate")
    for pair in (("", ""), ("", "a"), ("a", "  ")):
        assert "one of them is empty" in kindred("link", *pair, "--why", "x", fails=True)
    assert "one of them is empty" in kindred("unpin", "", "city", "--why", "x", fails=True)
    for command in (("link", "a\udcff", "b", "--why", "x"), ("timeline", "a\udcff")):
        assert "a byte that is no text" in kindred(*command, fails=True)
    said = kindred("link", "x" * 100_000, "y" * 100_000, "--why", "x", fails=True)
    assert len(said) < 500


def test_a_reason_that_is_no_text_decides_nothing(kindred, tmp_path: Path) -> None:
    kindred("migrate")
    url = f"sqlite:///{tmp_path / 'home' / 'ledger.db'}"
    at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    with Ledger.open(url) as ledger:
        ids = pa.table({"record_id": ["a", "b"], "customer_id": ["1", "2"]})
        ledger.save_identity(ids, EVENTS.empty_table(), at)
    for signed in (("--why", "x\udcff"), ("--why", "x", "--who", "\udcff")):
        assert "a byte that is no text" in kindred("link", "a", "b", *signed, fails=True)
    assert json.loads(written_json(kindred, tmp_path)) == []


def written_json(kindred, folder: Path) -> str:
    kindred("decisions", "--json", folder / "decisions.json")
    return (folder / "decisions.json").read_text()


def test_an_output_that_is_full_is_one_message(kindred, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dagster_project.cli.main", "sources"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Error: standard output can't be written: No space left on device\n"
