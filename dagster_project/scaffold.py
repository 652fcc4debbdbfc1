"""The skeletons of a new source: a connector that reads CSV files, staging and mapping models.

Belongs here: writing `templates/source/` into `ingestion/` and `dbt_project/`, and listing the
source in dbt_project.yml. Does not belong here: the templates' text.
"""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template

import yaml

from ingestion import catalog
from kindred.settings import PROJECT_ROOT

TEMPLATES = Path(__file__).parent / "templates" / "source"
NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
RESERVED = {"files", "sandbox", "derived", "ledger", "identity", "scoring", "gold", "activation"}
SEMANTIC = "person_records"


class ScaffoldError(Exception):
    """The skeletons can't be written; the message says why. Nothing was written."""


def new_source(name: str, root: Path = PROJECT_ROOT) -> list[Path]:
    """Write the skeletons of source `name` below `root`; return the files written or changed.

    Raises `ScaffoldError` for a name that is taken or isn't snake case.
    """
    connector = root / "ingestion" / name
    staging = root / "dbt_project" / "models" / "staging" / name
    _check(name, connector, staging)
    project = root / "dbt_project" / "dbt_project.yml"
    listed = _list_source(project.read_text(), name)
    values = {
        "name": name,
        "upper": name.upper(),
        "title": name.replace("_", " ").capitalize(),
        "person_columns": _person_columns(root),
    }
    written = {
        connector / "__init__.py": "ingestion/__init__.py.txt",
        connector / "connector.py": "ingestion/connector.py.txt",
        staging / f"_{name}__sources.yml": "staging/_sources.yml.txt",
        staging / f"stg_{name}__customers.sql": "staging/stg_customers.sql.txt",
        staging / f"stg_{name}__customers.yml": "staging/stg_customers.yml.txt",
        staging / f"map_{name}__{SEMANTIC}.sql": "staging/map_person_records.sql.txt",
        staging / f"map_{name}__{SEMANTIC}.yml": "staging/map_person_records.yml.txt",
    }
    for path, template in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template((TEMPLATES / template).read_text()).substitute(values))
    project.write_text(listed)
    return [*written, project]


def _check(name: str, connector: Path, staging: Path) -> None:
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ScaffoldError(f"{name!r} is no name for a source: use snake_case, like dealer_erp")
    if name in RESERVED or name in catalog.names():
        raise ScaffoldError(f"the name {name} is taken")
    for folder in (connector, staging):
        if folder.exists():
            raise ScaffoldError(f"{folder} exists already")


def _list_source(text: str, name: str) -> str:
    """dbt_project.yml with the source mapped to person_records and switched by KINDRED_SOURCES."""
    lines = text.splitlines()
    _append_item(lines, f"    {SEMANTIC}:", f"      - {name}")
    switch = [
        f"      {name}:",
        f"""        +enabled: "{{{{ '{name}' in env_var('KINDRED_SOURCES', '')"""
        """.replace(' ', '').split(',') }}\"""",
    ]
    for section in ("models:", "sources:"):
        _append_switch(lines, section, switch)
    result = "\n".join(lines) + "\n"
    if name not in yaml.safe_load(result)["vars"]["mappings"][SEMANTIC]:
        raise ScaffoldError("dbt_project.yml has changed its shape; list the source there by hand")
    return result


def _append_item(lines: list[str], heading: str, item: str) -> None:
    """Add an item at the end of the list below `heading`."""
    place = _find(lines, heading, 0) + 1
    while lines[place].startswith("      - "):
        place += 1
    lines.insert(place, item)


def _append_switch(lines: list[str], section: str, switch: list[str]) -> None:
    """Add a source's switch after the last one in `section`'s block `staging`."""
    place = _find(lines, "    staging:", _find(lines, section, 0)) + 1
    last = place
    while place < len(lines) and (lines[place].startswith("      ") or not lines[place].strip()):
        if "+enabled:" in lines[place]:
            last = place + 1
        place += 1
    lines[last:last] = switch


def _find(lines: list[str], wanted: str, start: int) -> int:
    try:
        return lines.index(wanted, start)
    except ValueError:
        raise ScaffoldError(
            f"dbt_project.yml has no line {wanted.strip()!r}; list the source there by hand"
        ) from None


def _person_columns(root: Path) -> str:
    """The columns of person_records with their descriptions, as YAML for the mapping model."""
    path = root / "dbt_project" / "models" / "semantic" / f"{SEMANTIC}.yml"
    [model] = yaml.safe_load(path.read_text())["models"]
    return "\n".join(
        f"      - name: {column['name']}\n        description: {_quoted(column['description'])}"
        for column in model["columns"]
    )


def _quoted(text: str) -> str:
    return "'" + " ".join(text.split()).replace("'", "''") + "'"
