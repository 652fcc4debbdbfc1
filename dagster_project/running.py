"""The whole graph, or a part of it, run in this process through Dagster.

Belongs here: starting a run, following its events, saying in one message what went wrong, and the
record of the last run. Does not belong here: what the assets do (defs/) and how progress looks
(cli/display.py).
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_project import home, stale, transform
from dagster_project.failures import Problem, clear_problem
from kindred import settings as kindred_settings
from kindred.settings import Settings

JOB = "everything"
ROW_COUNT = "dagster/row_count"
INTERNAL_KEYS = ("dagster", "dagster_dbt", "dagster_dlt")


@dataclasses.dataclass
class Stage:
    """One step of the run: which part of the picture, how many assets, how long."""

    name: str
    groups: list[str]
    assets: int
    seconds: float = 0.0
    done: bool = False


@dataclasses.dataclass
class Outcome:
    """What a run did. `assets` maps "prefix/name" keys to the metadata a person wants to see.

    `number` counts the runs that got to their end in this home, from 1.
    """

    run_id: str
    number: int
    success: bool
    started_at: float
    seconds: float
    stages: list[Stage]
    problems: list[Problem]
    assets: dict[str, dict[str, Any]]
    checks_passed: int
    checks_failed: int

    def save(self, path: Path) -> None:
        """Keep it as JSON for `kindred summary`."""
        content = json.dumps(dataclasses.asdict(self), indent=1, default=str)
        home.write_if_changed(path, content.encode())


Follower = Callable[[dg.DagsterEvent, dict[str, Stage]], None]


def execute(
    settings: Settings,
    selection: str | None = None,
    follow: Follower | None = None,
    tags: Mapping[str, str] | None = None,
) -> Outcome:
    """Run the job `everything`, or the assets of a Dagster selection string, in this process.

    tags: what the run bears besides its own, for steps that look for it. Raises
    `home.HomeBusyError` when another run is under way, `dagster_project.transform.TransformError`
    when the dbt project doesn't parse, `ValueError` for a selection that matches nothing. A
    failing step doesn't raise: it is a problem of the outcome.
    """
    home.prepare(settings)
    with home.exclusive(settings), dg.DagsterInstance.get() as instance:
        stale.close_stale_runs(instance)
        job, graph, keys = _job(selection)
        recorder = _Recorder(graph, follow)
        run_id = str(uuid.uuid4())
        instance.add_event_listener(run_id, recorder.on_event)
        started = time.time()
        result = job.execute_in_process(
            run_config={"loggers": {"console": {"config": {"log_level": "WARNING"}}}},
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            asset_selection=keys,
            tags={stale.PROCESS_TAG: stale.process_identity(os.getpid()), **(tags or {})},
        )
        outcome = recorder.outcome(result.success, started)
    record = settings.home / "last_run.json"
    outcome.number = _runs_finished(record) + outcome.success
    outcome.save(record)
    return outcome


def _runs_finished(record: Path) -> int:
    return json.loads(record.read_text())["number"] if record.exists() else 0


def _job(selection: str | None) -> tuple[dg.JobDefinition, Any, list[dg.AssetKey] | None]:
    """The job, the asset graph, and the keys that the selection stands for (None: all)."""
    from dagster_project.definitions import definitions  # noqa: PLC0415 - loads the whole graph

    transform.ensure_manifest(kindred_settings.load())
    loaded = definitions()
    job, graph = loaded.resolve_job_def(JOB), loaded.resolve_asset_graph()
    if selection is None:
        return job, graph, None
    try:
        keys = dg.AssetSelection.from_string(selection).resolve(graph)
    except dg.DagsterError as error:
        raise ValueError(f"--select: {error}; 'group:ingestion' and 'a or b' are some") from error
    if not keys:
        raise ValueError(f"no asset matches --select {selection!r}; `kindred ui` shows their names")
    return job, graph, sorted(keys)


class _Recorder:
    """Collects a run's events into an `Outcome`, and passes them on to a follower."""

    def __init__(self, graph: Any, follow: Follower | None) -> None:
        self.graph = graph
        self.run_id = ""
        self.stages: dict[str, Stage] = {}
        self.problems: list[Problem] = []
        self.assets: dict[str, dict[str, Any]] = {}
        self.checks = {True: 0, False: 0}
        self.follow = follow

    def on_event(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            return
        self.run_id = entry.run_id
        stage = self.stages.get(event.step_key or "")
        if event.is_asset_materialization_planned:
            self._plan(event)
        elif event.is_step_success and stage:
            stage.seconds = event.step_success_data.duration_ms / 1000
            stage.done = True
        elif event.is_step_failure:
            self.problems.append(clear_problem(event))
        elif event.is_step_materialization:
            found = event.step_materialization_data.materialization
            self.assets[found.asset_key.to_user_string()] = _plain(found.metadata)
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            self.checks[event.asset_check_evaluation_data.passed] += 1
        if self.follow:
            self.follow(event, self.stages)

    def _plan(self, event: dg.DagsterEvent) -> None:
        stage = self.stages.setdefault(event.step_key, Stage(event.step_key, [], 0))
        stage.assets += 1
        group = self.graph.get(event.asset_key).group_name
        if group not in stage.groups:
            stage.groups.append(group)

    def outcome(self, success: bool, started: float) -> Outcome:
        skipped = [stage.name for stage in self.stages.values() if not stage.done]
        if success and skipped:  # a step that is skipped without an error is no success
            self.problems.append(Problem(skipped[0], f"never ran: {', '.join(skipped)}"))
            success = False
        return Outcome(
            run_id=self.run_id,
            number=0,
            success=success,
            started_at=started,
            seconds=time.time() - started,
            stages=list(self.stages.values()),
            problems=self.problems,
            assets=self.assets,
            checks_passed=self.checks[True],
            checks_failed=self.checks[False],
        )


def _plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """Metadata as JSON values, without pictures and what Dagster's integrations keep for them."""
    return {
        key: value.value
        for key, value in metadata.items()
        if isinstance(getattr(value, "value", None), str | int | float | bool | dict | list)
        and not isinstance(value, dg.MarkdownMetadataValue)
        and (key == ROW_COUNT or key.partition("/")[0] not in INTERNAL_KEYS)
    }
