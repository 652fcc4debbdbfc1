"""How well register entries find their people: precision and recall against the sandbox's truth.

    python -m benchmarks.registers 5000 100000 --seed 20261101 --json results.json

For each number of people: a sandbox company in a temporary home, its sources landed, its records
matched, its register entries matched; nothing after that. Twins, fathers and sons of one name, and
namesakes are in every company, and so are entries about such persons who are no customers.

Belongs here: the measurement. Does not belong here: the measures (dagster_project/
register_matching.py), and a claim; docs/explanation/contactability.md holds the numbers.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.pipeline import served

UP_TO_MATCHES = "+group:identity"


def main() -> None:
    """Measure every size and print one table."""
    from ingestion import sandbox  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=int, nargs="*", default=[5_000, 100_000])
    parser.add_argument("--seed", type=int, default=sandbox.SEED, help="of the company")
    parser.add_argument("--json", type=Path, help="also write the rows of the table here")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for people in options.people:
        with tempfile.TemporaryDirectory(dir=options.folder, prefix="kindred-bench-") as folder:
            rows += measure(people, options.seed, Path(folder))
    Console().print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def measure(people: int, seed: int, home: Path) -> list[dict[str, Any]]:
    """One company: a row per register, with counts, precision and recall."""
    from ingestion import sandbox  # noqa: PLC0415

    os.environ |= {
        "KINDRED_HOME": str(home),
        "KINDRED_AS_OF": sandbox.AS_OF.isoformat(),
        "DAGSTER_HOME": str(home / "dagster"),
    }
    sandbox.create_company(home / "sandbox", people=people, seed=seed)
    with served(home / "sandbox") as connections:
        os.environ |= connections
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            rows = pool.apply(matched)
    return [{"people": people, **row} for row in rows]


def matched() -> list[dict[str, Any]]:
    """Run the graph up to the register matches, in this process, and measure them."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    from dagster_project import register_matching, running  # noqa: PLC0415
    from kindred import settings as kindred_settings  # noqa: PLC0415

    settings = kindred_settings.load()
    outcome = running.execute(settings, UP_TO_MATCHES)
    if not outcome.success and not (settings.derived / register_matching.FOLDER).exists():
        raise SystemExit(f"the run failed: {outcome.problems}")
    found = pq.read_table(settings.derived / register_matching.FOLDER / "part-0.parquet")
    seconds = {stage.name: stage.seconds for stage in outcome.stages}
    return [
        {
            "register": one.register,
            "entries of people held": one.held,
            "identifiable": one.identifiable,
            "matched rightly": one.right,
            "matched wrongly": one.wrong,
            "precision": round(one.precision, 4),
            "recall of the identifiable": round(one.recall, 4),
            "recall of all held": round(one.recall_of_held, 4),
            "to be reviewed": one.reviewed_of_held,
            "seconds": round(seconds["identity__register_matches"], 1),
        }
        for one in register_matching.quality(settings, found).values()
    ]


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows as a table for people."""
    found = Table(title="Registers against the truth", title_justify="left")
    for name in rows[0]:
        found.add_column(name, justify="left" if name == "register" else "right")
    for row in rows:
        found.add_row(*(f"{v:,}" if isinstance(v, int) else str(v) for v in row.values()))
    return found


if __name__ == "__main__":
    main()
