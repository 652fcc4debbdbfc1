"""dbt run inside this process.

A dbt process of its own costs several seconds of start and parsing for each of the three builds of
a run, and one that outlives a killed run goes on holding the warehouse. Belongs here: calling dbt
and letting the warehouse go afterwards. Does not belong here: assets (defs/dbt.py).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import reset_adapters
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from dbt_common.events.functions import msg_to_dict

from dagster_project import transform
from kindred.settings import Settings

BUILD = (
    *("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable"),
    *("--log-level", "warn", "--log-level-file", "none", "--no-write-json"),
)
"""Data tests run where all they read is built; unit tests are the test suite's. The manifest is not
written at each of a run's three builds: it is there already, and takes a second."""

FAILED = {"error", "fail", "runtime error"}

TO_BUILD = "kindred_to_build"

RESULTS = {"LogSeedResult", "LogModelResult", "LogSnapshotResult", "LogTestResult"}
"""dbt's events that say how a node ended."""

Event = dict[str, Any]


def build(
    settings: Settings, nodes: Collection[str], folder: Path, on_event: Callable[[Event], None]
) -> dbtRunnerResult:
    """Build the nodes with these ids and run their data tests.

    Compiled SQL goes to `folder`; `on_event` hears every event as dbt's JSON log would say it.
    Returns dbt's result, whose `exception` is set when dbt could not start.
    """
    manifest = transform.parsed(settings)
    _make_warehouse(settings.warehouse)
    with transform.environment(settings), warehouse_released(), _tagged(manifest, nodes):
        runner = dbtRunner(manifest, [lambda message: _pass_on(message, on_event)])
        return runner.invoke([*BUILD, *_places(folder), "--select", f"tag:{TO_BUILD}"])


def _make_warehouse(path: Path) -> None:
    """Make the warehouse for its owner only, where there is none: DuckDB opens it to everybody."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        duckdb.connect(path).close()
        path.chmod(0o600)


def failures(result: dbtRunnerResult) -> list[str]:
    """What failed in a build, one line per node, in dbt's words but without row values."""
    results = result.result.results if result.result else []
    return [
        f"{one.node.unique_id.split('.', 2)[-1]}: {_without_values(one.message or '')}"
        for one in results
        if one.status in FAILED
    ]


def _without_values(message: str) -> str:
    """DuckDB quotes the value that it couldn't convert or that is a duplicate: leave that out."""
    flat = " ".join(message.split())
    return re.sub(r"\b(string|value|key|field) (['\"]).*?\2", r"\1 \2...\2", flat)


def document(settings: Settings, folder: Path) -> Path:
    """Write dbt's documentation as one page into `folder` and return the page.

    It says what each model, column and metric means, and the lineage; sizes and types are those of
    the warehouse, which nobody else may hold meanwhile. Raises `transform.TransformError` with
    dbt's own words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with transform.environment(settings), warehouse_released():
        runner = dbtRunner(transform.parsed(settings))
        done = runner.invoke(["--quiet", "docs", "generate", "--static", *_places(folder)])
    if not done.success:
        raise transform.TransformError(f"dbt can't write the documentation:\n{done.exception}")
    return folder / "static_index.html"


def _pass_on(message: EventMsg, on_event: Callable[[Event], None]) -> None:
    if message.info.name in RESULTS:
        on_event(msg_to_dict(message))


def _places(folder: Path) -> list[str]:
    return ["--target-path", str(folder), "--log-path", str(folder), *transform.PROJECT_FLAGS]


@contextlib.contextmanager
def _tagged(manifest: Manifest, nodes: Collection[str]) -> Iterator[None]:
    """One tag, in memory, on the nodes to build.

    dbt looks at every node for every criterion of a selection: 290 names took 8 of the 80 CPU
    seconds of a small run.
    """
    chosen = [manifest.nodes[unique_id] for unique_id in nodes]
    for node in chosen:
        node.tags.append(TO_BUILD)
    try:
        yield
    finally:
        for node in chosen:
            node.tags.remove(TO_BUILD)


@contextlib.contextmanager
def warehouse_released() -> Iterator[None]:
    """dbt keeps the database open as long as its process lives: close it when the build is over."""
    try:
        yield
    finally:
        environment = DuckDBConnectionManager._ENV
        if environment is not None:
            environment.close()
        DuckDBConnectionManager.close_all_connections()
        reset_adapters()
