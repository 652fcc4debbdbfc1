"""Alerts: what a person is told when a run fails while nobody watches.

Belongs here: the words, and appending them to the alert file. Does not belong here: noticing the
failure (defs/automation.py). Messages hold no personal data: they are those of `failures`.
"""

from __future__ import annotations

import datetime as dt

import dagster as dg

from dagster_project.failures import clear_problem
from kindred.settings import Settings

SHOWN_ASSETS = 5


def compose(context: dg.RunFailureSensorContext) -> str:
    """The alert for a failed run: when, which job and run, and each failed step's message."""
    run = context.dagster_run
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    lines = [f"{now}  run {run.run_id} of job {run.job_name} failed"]
    planned = context.instance.all_logs(
        run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    )
    for event in context.get_step_failure_events():
        problem = clear_problem(event)
        names = [
            entry.dagster_event.asset_key.to_user_string()
            for entry in planned
            if entry.dagster_event.step_key == event.step_key
        ]
        more = f" and {len(names) - SHOWN_ASSETS} more" if len(names) > SHOWN_ASSETS else ""
        lines.append(f"  step {problem.step} ({', '.join(names[:SHOWN_ASSETS])}{more})")
        lines += [f"    {line}" for line in problem.message.splitlines()]
    if len(lines) == 1:
        lines.append(f"  {context.failure_event.message}")
    return "\n".join(lines) + "\n"


def write(settings: Settings, text: str) -> None:
    """Append an alert to the alert file."""
    settings.alerts.parent.mkdir(parents=True, exist_ok=True)
    with settings.alerts.open("a", encoding="utf-8") as file:
        file.write(text)
