"""Runs whose process is gone: marked as failed, and their pool slots given back.

A killed run can't say goodbye: Dagster still believes that it runs, and a slot of the pool
"warehouse" that it held would make the next run wait for ever. Belongs here: finding and closing
such runs. Does not belong here: half-written data (every writer renames a finished file instead).
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

PROCESS_TAG = "kindred/process"
"""Run tag that names the process running it, as `process_identity` gives it."""

UNDER_WAY = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def process_identity(pid: int) -> str:
    """`pid` and, where the system tells it, its start: a recycled pid is another process."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return str(pid)
    return f"{pid}-{stat.read_text().rpartition(')')[2].split()[19]}"


def is_alive(identity: str) -> bool:
    """Whether the process of that identity (or bare pid) still runs."""
    pid = int(identity.partition("-")[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        current = process_identity(pid)
    except FileNotFoundError:  # it ended between the two questions
        return False
    return "-" not in identity or current == identity


def close_stale_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs of dead processes as failed and free their slots; return the ids of those runs."""
    closed = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=UNDER_WAY)):
        identity = _process_of(instance, run)
        if identity is not None and not is_alive(identity):
            instance.report_run_failed(
                run, f"Its process ({identity}) ended without finishing the run."
            )
            closed.append(run.run_id)
    _free_slots(instance)
    return closed


def _process_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """Who runs it: by our own tag, else by the process id that the executor logged."""
    if PROCESS_TAG in run.tags:
        return run.tags[PROCESS_TAG]
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        pid = entry.dagster_event.event_specific_data.metadata.get("pid")
        if pid is not None:
            return str(pid.value)
    return None


def _free_slots(instance: dg.DagsterInstance) -> None:
    """Free pool slots held by runs that have ended or no longer exist."""
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return
    for run_id in storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
