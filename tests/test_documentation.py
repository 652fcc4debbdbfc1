"""Documentation fails the build when it drifts: settings, models, columns, links, dependencies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from kindred.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "dbt_project" / "models"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    missing = [
        name
        for name, field in Settings.model_fields.items()
        if f"`KINDRED_{name.upper()}" not in page or not field.description
    ]
    assert missing == []


def test_no_setting_is_documented_that_is_gone() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    named = set(re.findall(r"^\| `KINDRED_([A-Z_]+?)(?:_<NAME>)?`", page, re.MULTILINE))
    known = {name.upper() for name in Settings.model_fields} | {"CONFIG"}
    assert named <= known


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["postgres"],
        *project["dependency-groups"]["dev"],
        *project["dependency-groups"]["bench"],
    ]
    page = (ROOT / "docs" / "decisions" / "dependencies.md").read_text().lower()
    names = {re.split(r"[\[~><=! ]", entry, maxsplit=1)[0].lower() for entry in wanted}
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_every_model_has_its_page_beside_it() -> None:
    lonely = [
        str(path.relative_to(MODELS))
        for path in MODELS.rglob("*.sql")
        if not path.with_suffix(".yml").exists()
    ]
    assert lonely == []


def documented_models() -> list[tuple[Path, dict]]:
    found = []
    for path in sorted(MODELS.rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            found.append((path, model))
    return found


def test_every_model_and_column_is_described() -> None:
    gaps = []
    for path, model in documented_models():
        if not (model.get("description") or "").strip().startswith("One row per"):
            gaps.append(f"{path.stem}: the description begins 'One row per …'")
        columns = model.get("columns") or []
        if not columns:
            gaps.append(f"{path.stem}: no columns")
        gaps += [
            f"{path.stem}.{column['name']}"
            for column in columns
            if not (column.get("description") or "").strip()
        ]
    assert gaps == []


def test_every_raw_column_is_described() -> None:
    gaps = []
    for path in sorted(MODELS.rglob("*.yml")):
        for source in (yaml.safe_load(path.read_text()) or {}).get("sources", []):
            for table in source["tables"]:
                if not table.get("description"):
                    gaps.append(f"{source['name']}.{table['name']}")
                gaps += [
                    f"{source['name']}.{table['name']}.{column['name']}"
                    for column in table.get("columns", [])
                    if not (column.get("description") or "").strip()
                ]
    assert gaps == []


@pytest.mark.parametrize("path", sorted(MODELS.rglob("*.yml")), ids=lambda path: path.stem)
def test_files_that_a_model_names_exist(path: Path) -> None:
    named = re.findall(r"`((?:kindred|dagster_project|dbt_project)/[^`\s]+)`", path.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    dead = [target for target in targets if not (page.parent / target).exists()]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_in_the_text_exist(page: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)`", page.read_text()))
    assert named <= known


def test_kindred_commands_in_the_text_exist() -> None:
    from typer.main import get_command

    from dagster_project.cli import app

    known = set(get_command(app).commands)
    unknown = {
        f"{page.relative_to(ROOT)}: kindred {name}"
        for page in PAGES
        for name in re.findall(r"(?:^ {4}|`)kindred ([a-z]+)", page.read_text(), re.MULTILINE)
        if name not in known
    }
    assert unknown == set()
