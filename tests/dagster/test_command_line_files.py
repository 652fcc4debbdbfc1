"""Files that commands are told to write: never over anything else, and refused before the work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app

PEOPLE = "record_id,email\n1,a@x.nl\n2,b@x.nl\n"


@pytest.fixture
def kindred(tmp_path, monkeypatch):
    """Runs a command and gives what it said on one line; it must end as expected."""
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KINDRED_SOURCES", raising=False)

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
