"""How any source lands: the dlt pipeline, what precedes a run, what follows it, what can go wrong.

Belongs here: everything that is the same for all sources. Dagster's wiring and `land` use the same
four pieces, in this order: `guarded`, `pipeline`, `before_run`, `report`. Does not belong here:
how a system is read (its own folder) or what its tables look like (`specs`).
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import pyarrow.parquet as pq
from dlt.common.storages import LoadStorage, NormalizeStorage, PackageStorage

from ingestion import quarantine
from ingestion.errors import LandingError, explain
from ingestion.lake import Lake

if TYPE_CHECKING:
    from dlt.common.pipeline import LoadInfo

    from kindred.settings import Settings

__all__ = [
    "LandingError",
    "LandingReport",
    "before_run",
    "guarded",
    "land",
    "pipeline",
    "report",
]

FILE_FORMAT = "parquet"

DLT_SETTINGS: dict[str, Any] = {
    # each file says which load brought it: staging keeps the latest version of a row by it
    "normalize.parquet_normalizer.add_dlt_load_id": True,
    # personal data lies in the lake, and in no second place once it is there
    "load.delete_completed_jobs": True,
    # a full disk stays full: say so on the second attempt and leave the package for the next run
    "load.raise_on_max_retries": 2,
    "load.workers": 4,
    "data_writer.compression": "zstd",
    "runtime.dlthub_telemetry": False,
}


WORKING_FOLDERS = {
    "normalize": (NormalizeStorage.EXTRACTED_FOLDER,),
    "load": (
        LoadStorage.NEW_PACKAGES_FOLDER,
        LoadStorage.NORMALIZED_FOLDER,
        LoadStorage.LOADED_FOLDER,
    ),
}
"""What dlt makes below a pipeline's working folder, and trusts to be there if the outer one is."""


@dataclass(frozen=True)
class LandingReport:
    """What one run of one source brought: rows per table, bad rows per table and reason."""

    source: str
    rows: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, dict[str, int]] = field(default_factory=dict)
    bytes: int = 0
    seconds: float = 0.0

    def __add__(self, other: LandingReport) -> LandingReport:
        """Both reports as one."""
        rows = {t: self.rows.get(t, 0) + other.rows.get(t, 0) for t in self.rows | other.rows}
        reasons = {
            table: {
                reason: self.quarantined.get(table, {}).get(reason, 0)
                + other.quarantined.get(table, {}).get(reason, 0)
                for reason in self.quarantined.get(table, {}) | other.quarantined.get(table, {})
            }
            for table in self.quarantined | other.quarantined
        }
        return LandingReport(
            self.source, rows, reasons, self.bytes + other.bytes, self.seconds + other.seconds
        )


def pipeline(settings: Settings, source_name: str) -> dlt.Pipeline:
    """The dlt pipeline that appends `source_name` to `lake/raw/<source_name>/`."""
    for name, value in DLT_SETTINGS.items():
        if dlt.config.get(name) is None:
            dlt.config[name] = value
    return dlt.pipeline(
        pipeline_name=source_name,
        destination=Lake(bucket_url=str(settings.raw)),
        dataset_name=source_name,
        pipelines_dir=str(settings.home / "dlt"),
        progress=None,
    )


@contextmanager
def guarded(settings: Settings, source_name: str) -> Iterator[None]:
    """Run the body as the only one that lands this source, and turn its failures into one sentence.

    Raises `LandingError` for whatever goes wrong inside, and when another run of the same source
    is under way.
    """
    folder = settings.home / "dlt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"{source_name}.lock").open("w")
    except OSError as error:
        raise explain(error, source_name) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LandingError("another run is landing this source", source_name) from None
        try:
            yield
        except Exception as error:
            # foreign messages may quote data, so the chain ends here
            raise explain(error, source_name) from None


def before_run(pipe: dlt.Pipeline) -> LandingReport | None:
    """Finish what an earlier run left behind. Call it before every run.

    While a package is pending, dlt's `run` lands that one and silently ignores the new data, and
    Dagster's resource drops it, with rows that the source would not send again. Returns what was
    finished, or None.
    """
    _complete_folders(pipe)
    if not pipe.has_pending_data:
        return None
    _settle(pipe)
    finished = report(pipe, pipe.run(), pending=True)
    # the package may know a later reading position than the run that was killed could write down
    pipe.sync_destination()
    return finished


def _complete_folders(pipe: dlt.Pipeline) -> None:
    """Make the working folders that a run killed at its very start had announced but not made."""
    for storage, folders in WORKING_FOLDERS.items():
        place = Path(pipe.working_dir) / storage
        if place.is_dir():
            for folder in folders:
                (place / folder).mkdir(exist_ok=True)


def _settle(pipe: dlt.Pipeline) -> None:
    """Undo the two states between dlt's own steps that it can't go on from after a kill.

    A package that was normalised but whose extracted form was not yet (or half) deleted: the rest
    goes. A package marked as finished but not yet moved away: the mark goes, and dlt finishes it
    once more, which writes files of the same names and content again.
    """
    working = Path(pipe.working_dir)
    packages = (working / "load" / LoadStorage.NORMALIZED_FOLDER).glob("*")
    for package in [found for found in packages if found.is_dir()]:
        (package / PackageStorage.PACKAGE_COMPLETED_FILE_NAME).unlink(missing_ok=True)
        for left in (
            working / "normalize" / NormalizeStorage.EXTRACTED_FOLDER / package.name,
            working / "load" / LoadStorage.NEW_PACKAGES_FOLDER / package.name,
        ):
            if left.is_dir():
                shutil.rmtree(left)


def report(pipe: dlt.Pipeline, load_info: LoadInfo | None, pending: bool = False) -> LandingReport:
    """Count what a run landed (from the landed files themselves) and what it quarantined."""
    rows: dict[str, int] = {}
    size = 0
    dataset = Path(pipe.destination.config_params["bucket_url"]) / pipe.dataset_name
    for load_id in load_info.loads_ids if load_info else ():
        for file in dataset.glob(f"*/{load_id}.*.parquet"):
            rows[file.parent.name] = rows.get(file.parent.name, 0) + _rows(file)
            size += file.stat().st_size
    trace = pipe.last_trace
    seconds = sum((s.finished_at - s.started_at).total_seconds() for s in trace.steps[-1:])
    quarantined = {} if pending else _quarantined(trace)
    return LandingReport(pipe.pipeline_name, rows, quarantined, size, seconds)


def land(settings: Settings, source_name: str) -> LandingReport:
    """Land one source: finish a pending package, read what is new, append it to the lake.

    Raises `LandingError`; then nothing of this run is visible in the lake, or it is pending and
    the next run brings it in first.
    """
    from ingestion import catalog  # noqa: PLC0415 - the catalog knows the sources, they know us

    started = time.monotonic()
    spec = catalog.source(settings, source_name)
    with guarded(settings, source_name):
        pipe = pipeline(settings, source_name)
        finished = before_run(pipe)
        done = report(pipe, pipe.run(spec.build(settings), loader_file_format=FILE_FORMAT))
    done = finished + done if finished else done
    return LandingReport(
        done.source, done.rows, done.quarantined, done.bytes, time.monotonic() - started
    )


def _rows(file: Path) -> int:
    return pq.read_metadata(file).num_rows


def _quarantined(trace: Any) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    info = trace.last_extract_info
    for metrics in (m for listed in info.metrics.values() for m in listed) if info else ():
        for table, resource in metrics["resource_metrics"].items():
            reasons = resource.custom_metrics.get(quarantine.METRIC)
            if reasons:
                found[table] = dict(reasons)
    return found
