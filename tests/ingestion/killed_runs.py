"""Lands a source again and again, killing each run a little later than the one before.

Run as a program: `killed_runs.py HOME POINTS FOLDER [FOLDER BEFORE]`. It forks, so that each run
costs no imports. A run is killed (SIGKILL) at its n-th touch of a file below its home; then the
next run must finish. With FOLDER BEFORE, that one has landed before: the killed run is a later one.
Prints JSON: one result per point, the first being the uninterrupted run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pandas  # noqa: F401 - dlt imports it in the middle of a run
import pyarrow.parquet as pq

from ingestion.landing import LandingError, land
from kindred.settings import Settings

SOURCE = "registers"
FOLDER = "SOURCES__REGISTERS__FOLDER"
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


def main(home: Path, points: int, folder: str, before: str | None = None) -> None:
    base, whole = home / "base", home / "whole"
    base.mkdir(parents=True)
    if before:
        os.environ[FOLDER] = before
        in_child(base, None)
    os.environ[FOLDER] = folder
    shutil.copytree(base, whole)
    survived = in_child(whole, None, home / "count")
    total = int((home / "count").read_text())
    results = [{"point": 0, "of": total, "died": not survived, "landed": landed(whole)}]
    for number in range(points):
        point = 1 + number * total // points
        place = home / f"killed-{point}"
        shutil.copytree(base, place)
        died = not in_child(place, point)
        seen = landed(place)
        again = in_child(place, None)
        results.append(
            {"point": point, "died": died, "seen": seen, "again": again, "landed": landed(place)}
        )
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
