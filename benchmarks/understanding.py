"""Seconds per model of the timeline, measures, segments and marts; and of a segment's preview.

    python -m benchmarks.understanding 1000000 --events 20000000 --json results.json

Makes what these models read (customers, contactability, the semantic layer) out of arithmetic in a
temporary warehouse, builds them with their data tests from nothing, lets a day pass on which one in
a hundred of all events is new, and builds them again. Then it publishes the profile and asks
`kindred preview` for a segment.

Belongs here: the measurement. Does not belong here: what is made to be measured
(benchmarks/understanding_tables.py), and a claim: docs/performance.md holds the numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from benchmarks import model_builds
from benchmarks.pipeline import machine
from benchmarks.understanding_data import a_day_later, make
from benchmarks.understanding_tables import AS_OF

STAGE = ("activities", "measures", "segments", "marketing", "sales")
ASKED = """
select customer_id, 'previewed' as entered_reason, {{ as_of() }} as since
from {{ ref('customer_traits') }}
where cars > 0 and last_car_on < {{ days_ago(700) }} and days_since_last_contact > 60
    and emails_opened_365 >= 1 and interest = 'wheels' and age between 30 and 70
"""
ASKED_OF = ("measures.customer_traits", "segments.fct_segment_members", "segments.segment_sizes")
ASKINGS = 5


def main() -> None:
    """Measure the size that the arguments name and print three tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=int, nargs="?", default=100_000)
    parser.add_argument("--events", type=int, help="default: 20 per person")
    parser.add_argument("--json", type=Path, help="also write all rows here")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    events = options.events or 20 * options.people
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="kindred-bench-") as folder:
        found = measure(Path(folder), options.people, events)
    show(found)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), **found}, indent=1))


def measure(home: Path, people: int, events: int) -> dict[str, Any]:
    """Build twice and ask; all times in seconds, memory in MiB."""
    os.environ |= {"KINDRED_HOME": str(home), "KINDRED_AS_OF": AS_OF.isoformat()}
    from dagster_project import transform  # noqa: PLC0415 - reads the settings above
    from kindred.settings import load  # noqa: PLC0415

    manifest = transform.manifest_of(load())
    with duckdb.connect(load().warehouse) as connection:
        make(connection, manifest, people, events, load().derived)
    first = model_builds.build("from nothing", is_measured)
    with duckdb.connect(load().warehouse) as connection:
        a_day_later(connection)
    os.environ["KINDRED_AS_OF"] = AS_OF.replace(day=AS_OF.day + 1).isoformat()
    second = model_builds.build("a day later", is_measured)
    return {"people": people, "events": events, "builds": [first, second], "preview": ask(home)}


def is_measured(node: Mapping[str, Any]) -> bool:
    """The models of the stage."""
    return node["resource_type"] == "model" and node["schema"] in STAGE


def ask(home: Path) -> dict[str, float]:
    """How long a preview takes: the answer itself, and the command from start to end."""
    from dagster_project import publishing  # noqa: PLC0415
    from kindred.settings import load  # noqa: PLC0415

    settings = load()
    for table in ASKED_OF:
        folder = settings.gold / table.replace(".", "/")
        publishing.publish_delta(settings.warehouse, table, folder)
    question = home / "segment_asked.sql"
    question.write_text(ASKED)
    answers, commands = [], []
    for _ in range(ASKINGS):
        started = time.perf_counter()
        command = [sys.executable, "-m", "dagster_project.cli.main", "preview", str(question)]
        answer = home / "answer.json"
        subprocess.run([*command, "--json", str(answer)], check=True, stdout=subprocess.DEVNULL)
        commands.append(time.perf_counter() - started)
        answers.append(json.loads(answer.read_text()))
    return {
        "members": answers[0]["members"],
        "answer": statistics.median(answer["seconds"] for answer in answers),
        "command": statistics.median(commands),
    }


def show(found: dict[str, Any]) -> None:
    """The results as tables."""
    title = f"{found['people']:,} people, {found['events']:,} events ({machine()})"
    console, asked = Console(), found["preview"]
    console.print(*model_builds.tables_of(title, *found["builds"]))
    console.print(
        f"kindred preview: {asked['members']:,} members; the answer in {asked['answer']:.2f} s, "
        f"the command in {asked['command']:.2f} s"
    )


if __name__ == "__main__":
    main()
