"""Lands a source again and again, killing each run a little later than the one before.

Run as a program: `killed_runs.py HOME FOLDER POINTS [FROM]`. It forks, so that each run costs no
imports. A run is killed (SIGKILL) at its n-th touch of a file below its home; then the next run
must finish.
Prints JSON: one result per point, the first being the uninterrupted run.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

import pandas  # noqa: F401 - dlt imports it in the middle of a run
import pyarrow.parquet as pq

from ingestion.landing import LandingError, land
from kindred.settings import Settings

SOURCE = "registers"
EVENTS = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree")


def in_child(home: Path, die_at: int | None, count_to: Path | None = None) -> bool:
    """Land in a child process; whether it survived."""
    child = os.fork()
    if child == 0:
        touched = 0

        def hook(event: str, arguments: tuple) -> None:
            nonlocal touched
            if event in EVENTS and str(arguments[0]).startswith(str(home)):
                touched += 1
                if touched == die_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            land(Settings(home=home), SOURCE)
        except LandingError as error:
            sys.stderr.write(f"{error}\n")
            os._exit(1)
        if count_to:
            count_to.write_text(str(touched))
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def landed(home: Path) -> str:
    """A digest of all that is visible in the lake, load ids left aside; reads every file."""
    rows = []
    for file in (home / "lake" / "raw").rglob("*.parquet"):
        for row in pq.ParquetFile(file).read().to_pylist():
            del row["_dlt_load_id"]
            rows.append(repr((file.parent.name, sorted(row.items()))))
    return f"{len(rows)} {hashlib.sha256(''.join(sorted(rows)).encode()).hexdigest()}"


def main(home: Path, points: int, first: int = 1) -> None:
    counted = home / "count"
    whole = home / "whole"
    whole.mkdir(parents=True)
    survived = in_child(whole, None, counted)
    total = int(counted.read_text())
    results = [{"point": 0, "of": total, "died": not survived, "landed": landed(whole)}]
    for number in range(points):
        point = first + number * (total - first) // points
        place = home / f"killed-{point}"
        died = not in_child(place, point)
        visible = landed(place)
        again = in_child(place, None)
        results.append(
            {"point": point, "died": died, "seen": visible, "again": again, "landed": landed(place)}
        )
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    os.environ["SOURCES__REGISTERS__FOLDER"] = sys.argv[2]
    main(Path(sys.argv[1]), int(sys.argv[3]), *map(int, sys.argv[4:]))
