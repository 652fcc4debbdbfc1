"""Building models of the project on generated tables, and the seconds of each.

Belongs here: generated tables as dbt's models would have left them, a timed build, and its table.
Does not belong here: what is in the generated tables (benchmarks/*_tables.py), which models are
measured, and why.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
from rich.table import Table

from benchmarks.memory import PeakMemory

Generated = Mapping[str, tuple[str, int, Mapping[str, str]]]
"""Model to schema, rows, and columns as SQL expressions over the row number `i`."""
Chosen = Callable[[Mapping[str, Any]], bool]
"""Says of a node of dbt's manifest whether it is built."""


def make(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], tables: Generated
) -> None:
    """Create every table with all columns of its model; a column that nobody gave is null."""
    columns = {
        node["name"]: node["columns"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    connection.execute("set preserve_insertion_order = false")
    for name, (schema, rows, given) in tables.items():
        connection.execute(f"create schema if not exists {schema}")
        listed = ", ".join(
            f"cast({given.get(column, 'null')} as {facts['data_type'] or 'varchar'}) as {column}"
            for column, facts in columns[name].items()
        )
        connection.execute(
            f"create table {schema}.{name} as select {listed} from range({rows}) as r(i)"
        )


def build(name: str, chosen: Chosen) -> dict[str, Any]:
    """Build the chosen nodes, with the data tests of what is there, in this process.

    Returns seconds per model, of all tests, and of the whole; CPU seconds; the peak in MiB. Raises
    `SystemExit` with dbt's words when a model or a test fails.
    """
    from dagster_project import dbt_build, transform  # noqa: PLC0415 - reads the environment
    from kindred.settings import load  # noqa: PLC0415

    settings = load()
    manifest = transform.manifest_of(settings)
    nodes = [unique_id for unique_id, node in manifest["nodes"].items() if chosen(node)]
    folder = transform.prepare_run_folder(settings)
    transform.parsed(settings)
    started, cpu = time.perf_counter(), time.process_time()
    with PeakMemory() as memory:
        result = dbt_build.build(settings, nodes, folder, lambda _event: None)
        seconds, spent = time.perf_counter() - started, time.process_time() - cpu - memory.cpu
    if not result.success:
        raise SystemExit("\n".join(dbt_build.failures(result)) or str(result.exception))
    times: dict[str, dict[str, float]] = {"model": {}, "seed": {}, "test": {}}
    for done in result.result.results:
        times[str(done.node.resource_type)][done.node.name] = done.execution_time
    return {
        "name": name,
        "seconds": seconds,
        "cpu": spent,
        "peak_mib": max(memory.peaks.values()),
        "models": times["model"],
        "tests": sum(times["test"].values()),
    }


def tables_of(title: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Table, ...]:
    """Two builds as tables: seconds per model, the dearest first, and the whole."""
    models = Table(title=title, title_justify="left")
    for heading in ("model", "seconds", "share", second["name"]):
        models.add_column(heading, justify="left" if heading == "model" else "right")
    whole = sum(first["models"].values()) + first["tests"]
    for name, seconds in sorted(first["models"].items(), key=lambda item: -item[1]):
        later = f"{second['models'].get(name, 0):.2f}"
        models.add_row(name, f"{seconds:.2f}", f"{seconds / whole:.0%}", later)
    tests = (f"{first['tests']:.2f}", f"{first['tests'] / whole:.0%}", f"{second['tests']:.2f}")
    models.add_row("all data tests", *tests)
    builds = Table()
    for heading in ("build", "seconds", "CPU s", "peak MiB"):
        builds.add_column(heading, justify="left" if heading == "build" else "right")
    for one in (first, second):
        numbers = (f"{one['seconds']:.1f}", f"{one['cpu']:.1f}", f"{one['peak_mib']:,.0f}")
        builds.add_row(one["name"], *numbers)
    return models, builds
