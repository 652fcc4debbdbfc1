"""Seconds per model of customers, contactability and the CRM's mart.

    python -m benchmarks.customers 1000000 --changed 0.01 --json results.json

Makes what these models read (records, consents, registers, orders, the timeline) out of arithmetic
in a temporary warehouse, builds them with their data tests from nothing, lets a day pass on which a
share of the people move, change their phone and withdraw a consent, and builds them again.

Belongs here: the measurement. Does not belong here: what is made to be measured
(benchmarks/customers_tables.py), and a claim: docs/performance.md holds the numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from benchmarks import customers_tables, model_builds
from benchmarks.pipeline import machine
from benchmarks.understanding_tables import AS_OF

STAGE = ("customers", "contactability", "crm")
KEYS = ("int_identity__person_map", "int_identity__records")
"""Of identity, what these models read record by record."""
SEEDS = ("customers", "contactability", "identity")


def main() -> None:
    """Measure the size that the arguments name and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=int, nargs="?", default=100_000)
    parser.add_argument("--events", type=int, help="of the timeline; default: 20 per person")
    parser.add_argument("--changed", type=float, default=0.01, help="share that changes in a day")
    parser.add_argument("--json", type=Path, help="also write all rows here")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    events = options.events or 20 * options.people
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="kindred-bench-") as folder:
        found = measure(Path(folder), options.people, events, options.changed)
    title = f"{found['people']:,} people, {found['events']:,} events ({machine()})"
    Console().print(*model_builds.tables_of(title, *found["builds"]))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), **found}, indent=1))


def measure(home: Path, people: int, events: int, changed: float) -> dict[str, Any]:
    """Build twice; all times in seconds, memory in MiB."""
    os.environ |= {"KINDRED_HOME": str(home), "KINDRED_AS_OF": AS_OF.isoformat()}
    from dagster_project import transform  # noqa: PLC0415 - reads the settings above
    from kindred.settings import load  # noqa: PLC0415

    manifest = transform.manifest_of(load())
    with duckdb.connect(load().warehouse) as connection:
        model_builds.make(connection, manifest, customers_tables.tables(people, events))
        customers_tables.make_decided(connection, people, load().derived)
    first = model_builds.build("from nothing", is_measured)
    with duckdb.connect(load().warehouse) as connection:
        customers_tables.a_day_later(connection, changed)
    os.environ["KINDRED_AS_OF"] = AS_OF.replace(day=AS_OF.day + 1).isoformat()
    second = model_builds.build(f"after {changed:.0%} changed", is_measured)
    return {"people": people, "events": events, "builds": [first, second]}


def is_measured(node: Mapping[str, Any]) -> bool:
    """The models of the stage, the keys that they read, and the seeds of both."""
    if node["resource_type"] == "seed":
        return node["schema"] in SEEDS
    is_key = node["name"] in KEYS
    return node["resource_type"] == "model" and (node["schema"] in STAGE or is_key)


if __name__ == "__main__":
    main()
