"""The arrows of the design: who may know whom, how large a module may grow, what it must say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ingestion", "kindred", "activation", "dagster_project")
GROUND_FLOOR = ("kindred.settings", "kindred.ledger")
IDENTITY = ("codes", "rules", "reading", "candidates", "weights", "clusters")
"""Folders of `kindred/identity` in the order of the work; `index` may know them all."""
MAX_LINES = 400

FORBIDDEN = {
    "ingestion": ("activation", "dagster_project", "dagster"),
    "kindred": ("ingestion", "activation", "dagster_project", "dagster"),
    "activation": ("ingestion", "dagster_project", "dagster"),
}
"""Package to the packages it may not know. `dagster_project` may know all."""


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Dotted names that the module imports, also inside functions; relative ones made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level]) if node.level else []
            prefix = ".".join([*base, *([node.module] if node.module else [])])
            yield prefix
            yield from (f"{prefix}.{alias.name}" for alias in node.names)


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("package", FORBIDDEN)
def test_packages_know_only_who_they_may(package: str) -> None:
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imports(path)
        for other in FORBIDDEN[package]
        if inside(name, other)
    ]
    assert broken == []


def test_ingestion_stands_on_the_ground_floor_only() -> None:
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("ingestion")
        for name in imports(path)
        if inside(name, "kindred")
        and name != "kindred"
        and not any(inside(name, floor) for floor in GROUND_FLOOR)
    ]
    assert broken == []


def test_folders_of_identity_know_only_those_before_them() -> None:
    home = ROOT / "kindred" / "identity"
    broken = [
        f"{path.relative_to(ROOT)} imports {name}"
        for place, folder in enumerate(IDENTITY)
        for path in sorted((home / folder).glob("*.py"))
        for name in imports(path)
        if inside(name, "kindred.identity") and name != "kindred.identity"
        if name.split(".")[2] not in IDENTITY[: place + 1]
    ]
    assert broken == []
    folders = {path.parent.name for path in home.glob("*/__init__.py")}
    assert folders == {*IDENTITY, "index"}, "every folder has its place in the order"


def test_nobody_but_the_operator_knows_the_sandbox() -> None:
    outside = [
        path
        for package in PACKAGES
        for path in modules(package)
        if not path.is_relative_to(ROOT / "ingestion" / "sandbox")
        and not path.is_relative_to(ROOT / "dagster_project" / "cli")
        and path != ROOT / "dagster_project" / "cli.py"
    ]
    broken = [
        str(path.relative_to(ROOT))
        for path in outside
        if any(inside(name, "ingestion.sandbox") for name in imports(path))
    ]
    assert broken == []


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_say_what_belongs_in_them(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules(package)
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("package", (*PACKAGES, "tests", "benchmarks"))
def test_modules_fit_in_a_head(package: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules(package)
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


def test_there_is_no_drawer_called_utils() -> None:
    drawers = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.stem in {"util", "utils", "helpers", "common", "misc"}
    ]
    assert drawers == []


def test_a_module_sends_its_reader_to_modules_that_exist() -> None:
    """Names in `...` after "Does not belong here", in identity, where there are many modules."""
    places = [*ROOT.glob("*"), *(ROOT / "kindred").rglob("*")]
    known = {place.name for place in places} | {place.stem for place in places}
    broken = [
        f"{path.relative_to(ROOT)} names {name}"
        for path in modules("kindred/identity")
        for name in re.findall(
            r"`([\w.]+)`",
            (ast.get_docstring(ast.parse(path.read_text())) or "").partition("not belong here")[2],
        )
        if not {name, name.rpartition(".")[2]} & known
    ]
    assert broken == []
