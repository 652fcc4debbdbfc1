"""`kindred new source`: what it writes parses, lints and loads."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dagster_project import scaffold
from ingestion.landing import land
from kindred import settings as kindred_settings

ROOT = Path(__file__).resolve().parents[2]
NAME = "loyalty_club"
DOWNSTREAM = ("identity", "customers", "contactability", "activities", "measures", "features",
              "segments", "journeys", "marts", "audiences", "exposures.yml")  # fmt: skip
"""Models that read no source: to parse them, too, takes three times as long."""


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A copy of what the command changes, and of what reads that."""
    copy = tmp_path_factory.mktemp("repository")
    ignored = shutil.ignore_patterns("target", "logs", "dbt_packages", "tests", *DOWNSTREAM)
    shutil.copytree(ROOT / "dbt_project", copy / "dbt_project", ignore=ignored)
    (copy / "ingestion").mkdir()
    shutil.copy(ROOT / "pyproject.toml", copy)
    if (ROOT / ".sqlfluff").exists():
        shutil.copy(ROOT / ".sqlfluff", copy)
    scaffold.new_source(NAME, copy)
    return copy


def run(root: Path, *command: str) -> None:
    environment = os.environ | {
        "KINDRED_HOME": str(root / "home"),
        "KINDRED_SOURCES": f"dealer_erp,{NAME}",
        "DBT_PROFILES_DIR": str(root / "dbt_project"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    program = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run(
        [program, *command[1:]],
        cwd=root / "dbt_project",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_parses(root):
    run(root, "dbt", "--quiet", "parse", "--target-path", str(root / "target"))


def test_its_python_lints(root):
    run(root, "ruff", "check", str(root / "ingestion"))
    run(root, "ruff", "format", "--check", str(root / "ingestion"))


def test_it_is_listed_where_sources_are_switched_and_mapped(root):
    project = yaml.safe_load((root / "dbt_project" / "dbt_project.yml").read_text())
    before = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text())
    assert project["vars"]["mappings"]["person_records"] == [
        *before["vars"]["mappings"]["person_records"],
        NAME,
    ]
    for section in ("models", "sources"):
        staging = project[section]["kindred"]["staging"]
        assert set(staging) - set(before[section]["kindred"]["staging"]) == {NAME}
        assert NAME in staging[NAME]["+enabled"]


@pytest.fixture
def spec(root):
    path = root / "ingestion" / NAME / "connector.py"
    loaded = importlib.util.spec_from_file_location("loyalty_club_connector", path)
    module = importlib.util.module_from_spec(loaded)
    loaded.loader.exec_module(module)
    return module.SPEC


def test_connector_and_dbt_source_name_the_same_columns(root, spec):
    staging = root / "dbt_project" / "models" / "staging" / NAME
    [source] = yaml.safe_load((staging / f"_{NAME}__sources.yml").read_text())["sources"]
    [table] = source["tables"]
    stated = {c["name"]: c["data_type"] for c in table["columns"] if c["name"] != "_dlt_load_id"}
    assert stated == {c.name: c.type for c in spec.table("customers").columns}


def test_it_lands_a_file(spec, tmp_path, monkeypatch):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "customers_2026.csv").write_text(
        ",".join(c.name for c in spec.table("customers").native_columns)
        + "\n1,Anna,Jansen,1980-03-12,anna@example.nl,,,,,,NL,2026-01-01,2026-01-01\n"
    )
    monkeypatch.setenv(f"SOURCES__{NAME.upper()}__FOLDER", str(folder))
    monkeypatch.setattr("ingestion.catalog.source", lambda _settings, _name: spec)
    settings = kindred_settings.Settings(home=tmp_path / "home", sources=(NAME,))
    assert land(settings, NAME).rows == {"customers": 1}


@pytest.mark.parametrize("name", ["Bad-Name", "class", "files", "dynamics365", "1st"])
def test_a_name_that_is_wrong_or_taken_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(scaffold.ScaffoldError):
        scaffold.new_source(name, tmp_path)
    assert list(tmp_path.iterdir()) == []
