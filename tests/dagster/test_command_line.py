"""The operator's tool: help, one clear message on failure, JSON beside tables."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.cli.commands import COMMANDS
from dagster_project.cli.console import output_in_file

CLI = Path(__file__).resolve().parents[2] / "dagster_project" / "cli"
HEAVY = ("dagster", "dbt", "dlt", "pandas", "duckdb", "pyarrow", "numpy", "sqlalchemy")
MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"


@pytest.fixture
def kindred(tmp_path, monkeypatch):
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    monkeypatch.delenv("KINDRED_SOURCES", raising=False)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, list(arguments))


@pytest.mark.parametrize(
    "command", [[name] for name in COMMANDS] + [["sandbox", "create"], ["new", "source"]]
)
def test_every_command_explains_itself(kindred, command):
    done = kindred(*command, "--help")
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 5


def test_a_selection_that_is_no_selection_is_said_so(kindred):
    done = kindred("run", "--select", "a - group:b")
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "--select: Invalid selection string: a - group:b" in " ".join(done.output.split())


def test_help_lists_every_command_and_says_what_it_does(kindred):
    listed = [line.strip("│ ").split() for line in kindred("--help").output.splitlines()]
    helped = {words[0] for words in listed if len(words) > 3}
    assert set(COMMANDS) <= helped


def packages_loaded_by(*arguments: str) -> set[str]:
    code = (
        "import sys, typer.testing; from dagster_project.cli import app\n"
        f"done = typer.testing.CliRunner().invoke(app, {list(arguments)!r})\n"
        "assert done.exit_code == 0, done.output\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_help_loads_no_engine():
    assert packages_loaded_by("--help") & set(HEAVY) == set()


@pytest.mark.parametrize("command", ["match", "link", "decisions"])
def test_what_needs_no_graph_loads_none(command):
    assert packages_loaded_by(command, "--help") & {"dagster", "dbt", "dlt", "pandas"} == set()


def test_every_command_is_in_the_list():
    written = {
        (node.name, path.stem)
        for path in CLI.glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(decorator) == "app.command()" for decorator in node.decorator_list)
    }
    groups = {("new", "new"), ("review", "review"), ("sandbox", "sandbox")}
    assert written | groups == set(COMMANDS.items())


def test_a_misspelt_command_is_corrected(kindred):
    done = kindred("sandbx")
    assert done.exit_code == 2
    assert "Did you mean 'sandbox'?" in done.output


def test_a_wrong_setting_is_named(kindred, monkeypatch):
    monkeypatch.setenv("KINDRED_AS_OF", "yesterday")
    done = kindred("sources")
    assert done.exit_code == 1
    assert "KINDRED_AS_OF" in done.output
    assert "Traceback" not in done.output


def test_an_unknown_source_is_named(kindred, monkeypatch):
    monkeypatch.setenv("KINDRED_SOURCES", "dynamics365,nobody")
    done = kindred("sources")
    assert done.exit_code == 1
    assert "nobody" in done.output


@pytest.mark.parametrize("command", [["summary"], ["evaluate"], ["sandbox", "serve"]])
def test_what_is_missing_is_said(kindred, command):
    done = kindred(*command)
    assert done.exit_code == 1
    assert "Error" in done.output


def test_an_unknown_sync_is_one_message(kindred):
    done = kindred("sync", "nobody", "--dry-run")
    assert done.exit_code == 1
    assert "nobody" in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_tables_are_json_too(kindred, tmp_path):
    done = kindred("sources", "--json", str(tmp_path / "sources.json"))
    assert done.exit_code == 0, done.output
    rows = json.loads((tmp_path / "sources.json").read_text())
    assert {row["source"] for row in rows} >= {"dynamics365", "registers"}
    assert all(row["tables"] for row in rows)


def test_migrate_makes_a_ledger(kindred, tmp_path):
    assert kindred("migrate").exit_code == 0
    assert (tmp_path / "ledger.db").exists()


def test_a_demo_of_another_size_than_the_home_holds_is_refused(kindred, tmp_path):
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "company.json").write_text('{"people": 100, "seed": 1, "version": 1}')
    done = kindred("demo", "--people", "200")
    assert done.exit_code == 1
    assert "100" in done.output


def test_what_children_print_goes_to_the_log(tmp_path, capfd):
    with output_in_file(tmp_path / "run.log") as terminal:
        subprocess.run(["echo", "from a child"], check=True)
        terminal.print("for the operator")
    assert (tmp_path / "run.log").read_text() == "from a child\n"
    assert capfd.readouterr().out == "for the operator\n"


def test_make_lists_every_target_of_its_own():
    text = MAKEFILE.read_text()
    [phony] = [line for line in text.splitlines() if line.startswith(".PHONY:")]
    for target in phony.split()[1:]:
        assert f"\n{target}:" in text
        assert f"\n{target}: ## " in text or f"\n{target}: $(READY) ## " in text, target
