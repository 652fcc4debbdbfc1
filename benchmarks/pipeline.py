"""Rows per second, CPU seconds and peak memory of each stage of the graph, beside a floor; and how
good matching was against the company's truth.

    python -m benchmarks.pipeline 10000 100000 1000000 --json results.json

For each number of people: a sandbox company in a temporary home, its servers in a process of their
own (not measured), one run of the whole graph in a fresh process, then the floors in the same run:
for ingestion, copying the landed bytes to Parquet with DuckDB; for the transformation, reading
every raw file once and writing the published bytes once.

`--push N` sends the first N rows of each audience: all else is measured whole, and the speed of
sending doesn't depend on how many rows are still to come.

Belongs here: the measurement. Does not belong here: a claim; docs/performance.md holds the numbers.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.memory import PeakMemory

START_SECONDS = 3_600
WIDTH = 120
INGESTION, TRANSFORMATION, FLOOR = "ingestion", "transformation", "floor"
STAGES = (INGESTION, TRANSFORMATION, "ledger", "identity", "scoring", "gold", "activation")


def main() -> None:
    """Measure every size that the arguments name and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--json", type=Path, help="also write the rows of the table here")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--push", type=int, help="send this many rows per sync (default: all)")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    found: dict[int, dict[str, float]] = {}
    for people in options.people:
        with tempfile.TemporaryDirectory(dir=options.folder, prefix="kindred-bench-") as folder:
            rows += measure(people, Path(folder), options.push)
            found[people] = quality()
        console = Console(width=WIDTH)
        console.print(table(rows))
        console.print(accuracy(found))
    if options.json:
        result = {"machine": machine(), "rows": rows, "quality": found}
        options.json.write_text(json.dumps(result, indent=1))


def machine() -> str:
    """The machine in a few words, without its name."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def measure(people: int, home: Path, push: int | None = None) -> list[dict[str, Any]]:
    """One size: create, serve, run, floors.

    Rows: people, stage, rows, seconds, CPU seconds (a busy machine changes these less), peak MiB.
    """
    from ingestion import sandbox  # noqa: PLC0415

    os.environ |= {"KINDRED_HOME": str(home), "KINDRED_AS_OF": sandbox.AS_OF.isoformat()}
    with timed() as creation:
        sandbox.create_company(home / "sandbox", people=people)
    with served(home / "sandbox") as connections:
        os.environ |= connections
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            stages = pool.apply(run_graph, (push,))
    rows = [{"stage": "company", "rows": people} | creation]
    rows += summed(stages, home, push) + floors(home)
    return [{"people": people, **row} for row in rows]


@contextmanager
def timed() -> Iterator[dict[str, Any]]:
    """Seconds and CPU seconds of the body, in the mapping when it is over."""
    taken: dict[str, Any] = {"peak_mib": None}
    started, cpu = time.perf_counter(), time.process_time()
    yield taken
    taken |= {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}


class served:  # noqa: N801 - reads as a statement
    """The sandbox's servers in a process of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> dict[str, str]:
        command = [sys.executable, "-m", "ingestion.sandbox", "serve", "--folder", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not (self.folder / "running.json").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise SystemExit("the sandbox's servers did not start")
            time.sleep(0.1)
        from ingestion import sandbox  # noqa: PLC0415

        return sandbox.connection_environment(self.folder)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)


def run_graph(push: int | None = None) -> list[dict[str, Any]]:
    """Run everything in this process; per step its groups, seconds, CPU seconds, peak MiB."""
    from activation.engine import lake  # noqa: PLC0415
    from dagster_project import running  # noqa: PLC0415
    from kindred.settings import load  # noqa: PLC0415

    whole = lake.audience
    lake.audience = lambda *asked: whole(*asked).slice(0, push)
    cpu: dict[str, float] = {}
    with PeakMemory() as memory:

        def follow(event: Any, _stages: Any) -> None:
            if event.is_step_start:
                memory.phase = event.step_key
                cpu[event.step_key] = time.process_time() - memory.cpu
            elif event.is_step_success:
                cpu[event.step_key] = time.process_time() - memory.cpu - cpu[event.step_key]

        outcome = running.execute(load(), follow=follow)
    if not outcome.success:
        raise SystemExit("\n".join(str(problem) for problem in outcome.problems))
    return [
        {"step": stage.name, "groups": stage.groups, "seconds": stage.seconds}
        | {"cpu": cpu[stage.name], "peak_mib": memory.peaks.get(stage.name)}
        for stage in outcome.stages
    ]


def summed(
    steps: list[dict[str, Any]], home: Path, push: int | None = None
) -> list[dict[str, Any]]:
    """Steps as stages: the groups between ingestion and identity's neighbours are dbt's."""
    python_groups = STAGES[2:]
    stages: dict[str, dict[str, Any]] = {}
    for step in steps:
        groups = step["groups"]
        if groups == ["ingestion"]:
            name = INGESTION
        elif len(groups) == 1 and groups[0] in python_groups and "dbt" not in step["step"]:
            name = groups[0]
        else:
            name = TRANSFORMATION
        stage = stages.setdefault(
            name, {"stage": name, "seconds": 0.0, "cpu": 0.0, "peak_mib": 0.0}
        )
        stage["seconds"] += step["seconds"]
        stage["cpu"] += step["cpu"]
        stage["peak_mib"] = max(stage["peak_mib"], step["peak_mib"] or 0.0)
    raw = count(home / "lake" / "raw")
    rows = {
        INGESTION: raw,
        TRANSFORMATION: raw,
        "identity": count(home / "lake" / "derived" / "person_map"),
        "scoring": count(home / "lake" / "derived" / "propensity_scores"),
        "gold": count(home / "lake" / "gold"),
        "activation": sum(
            min(count(audience) or 0, push or sys.maxsize)
            for audience in (home / "lake" / "gold" / "audiences").iterdir()
        ),
    }
    return [stages[name] | {"rows": rows.get(name)} for name in STAGES if name in stages]


def parquet_files(folder: Path) -> list[str]:
    """Data files below a folder, without dlt's own tables and Delta's checkpoints."""
    return [
        str(path)
        for path in sorted(folder.rglob("*.parquet"))
        if not any(part.startswith("_") for part in path.relative_to(folder).parts)
    ]


def count(folder: Path) -> int | None:
    """Rows in the Parquet files below a folder; None when there are none."""
    files = parquet_files(folder)
    query = "select sum(num_rows) from parquet_file_metadata($files)"
    return int(duckdb.sql(query, params={"files": files}).fetchall()[0][0]) if files else None


def floors(home: Path) -> list[dict[str, Any]]:
    """What no implementation on this machine could beat by much, measured now."""
    raw, gold = home / "lake" / "raw", home / "lake" / "gold"
    target = home / "floor"
    target.mkdir()
    with timed() as ingestion:
        copy(raw, target)
    with timed() as transformation:
        read(raw)
        copy(gold, target)
    shutil.rmtree(target)
    rows = count(raw)
    return [
        {"stage": f"{INGESTION} {FLOOR}", "rows": rows} | ingestion,
        {"stage": f"{TRANSFORMATION} {FLOOR}", "rows": rows} | transformation,
    ]


def tables(folder: Path) -> list[list[str]]:
    """Files per table: those that lie in one folder."""
    found: dict[Path, list[str]] = {}
    for name in parquet_files(folder):
        found.setdefault(Path(name).parent, []).append(name)
    return list(found.values())


def copy(folder: Path, target: Path) -> None:
    """Every table below the folder, rewritten as one Parquet file."""
    for number, files in enumerate(tables(folder)):
        relation = duckdb.read_parquet(files, union_by_name=True)
        relation.write_parquet(str(target / f"{number}.parquet"))


def read(folder: Path) -> None:
    """Every value below the folder, read once."""
    for files in tables(folder):
        relation = duckdb.read_parquet(files, union_by_name=True)
        relation.aggregate(", ".join(f'max("{name}")' for name in relation.columns)).fetchall()


def quality() -> dict[str, float]:
    """How good matching was in the home that was measured, of records and of registers."""
    from dagster_project import summary  # noqa: PLC0415
    from kindred.settings import load  # noqa: PLC0415

    settings = load()
    return (summary.matching(settings) or {}) | summary.registers(settings)


def accuracy(found: dict[int, dict[str, float]]) -> Table:
    """Matching against the truth, by number of people."""
    shown = Table("measure", title="Matching against the truth", title_justify="left")
    for people in found:
        shown.add_column(f"{people:,}", justify="right")
    for name in next(iter(found.values())):
        values = (quality[name] for quality in found.values())
        cells = (f"{v:,.4f}" if isinstance(v, float) else f"{v:,}" for v in values)
        shown.add_row(name.replace("_", " "), *cells)
    return shown


def table(rows: list[dict[str, Any]]) -> Table:
    """The results as one table; the last column is the ratio to the floor of the same run."""
    shown = Table(title=f"Kindred, whole graph ({machine()})", title_justify="left")
    headings = ("people", "stage", "rows", "seconds", "rows/s", "CPU s", "peak MiB", "of the floor")
    for heading in headings:
        shown.add_column(heading, justify="left" if heading == "stage" else "right")
    for row in rows:
        floor = next(
            (
                other["seconds"]
                for other in rows
                if other["people"] == row["people"] and other["stage"] == f"{row['stage']} {FLOOR}"
            ),
            None,
        )
        speed = row["rows"] / row["seconds"] if row["rows"] and row["seconds"] else None
        shown.add_row(
            f"{row['people']:,}",
            row["stage"],
            f"{row['rows']:,}" if row["rows"] else "",
            f"{row['seconds']:.1f}",
            f"{speed:,.0f}" if speed else "",
            f"{row['cpu']:.1f}",
            f"{row['peak_mib']:,.0f}" if row["peak_mib"] else "",
            f"{row['seconds'] / floor:.0f}x" if floor else "",
        )
    return shown


if __name__ == "__main__":
    main()
