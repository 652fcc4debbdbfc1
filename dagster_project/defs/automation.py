"""When the graph runs: the job, the daily schedule, the sensors.

Belongs here: what starts a run and what follows a failure. Does not belong here: assets.
"""

import json
from pathlib import Path

import dagster as dg
import dlt

from dagster_project import alerts
from dagster_project.defs import docs
from dagster_project.running import JOB
from kindred import settings as kindred_settings

REGISTERS = "registers"
REGISTERS_JOB = "registers_arrived"
SENSOR_SECONDS = 60

everything = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(docs.KEY),
    description="The whole graph once: collect, understand, decide, act.",
    executor_def=dg.in_process_executor,
)


@dg.definitions
def automation_definitions() -> dg.Definitions:
    """The job, its schedule, and the sensors that the enabled sources allow."""
    settings = kindred_settings.load()
    jobs, sensors = [everything], [alert_on_failure]
    if REGISTERS in settings.sources:
        jobs.append(registers_arrived)
        sensors.append(register_files)
    daily = dg.ScheduleDefinition(
        name="every_morning",
        job=everything,
        cron_schedule="0 5 * * *",
        execution_timezone="UTC",
        description="Runs everything at five in the morning (UTC). Off until you switch it on.",
    )
    return dg.Definitions(jobs=jobs, schedules=[daily], sensors=sensors)


registers_arrived = dg.define_asset_job(
    REGISTERS_JOB,
    selection=dg.AssetSelection.key_prefixes(REGISTERS).downstream(),
    description="Lands new register files and carries on downstream: who died, moved or objected "
    "is suppressed without waiting for the morning.",
    executor_def=dg.in_process_executor,
)


@dg.sensor(
    name="register_files",
    job=registers_arrived,
    minimum_interval_seconds=SENSOR_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts `registers_arrived` when a file in the registers folder is new or changed.",
)
def register_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Compare the folder with what it held at the last look."""
    folder = dlt.config.get(f"sources.{REGISTERS}.folder")
    if not folder:
        return dg.SkipReason("sources.registers.folder is not configured")
    files = files_in(Path(folder))
    seen = json.loads(context.cursor) if context.cursor else _landed(context.instance, files)
    fresh = sorted(name for name, version in files.items() if seen.get(name) != version)
    cursor = json.dumps(files, sort_keys=True)
    if not fresh:
        context.update_cursor(cursor)
        return dg.SkipReason(f"nothing new among {len(files)} files")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=cursor, tags={"kindred/files": str(len(fresh))})],
        cursor=cursor,
    )


def files_in(folder: Path) -> dict[str, str]:
    """Name to version (time of change and size) of the register files in a folder."""
    return {
        path.name: f"{path.stat().st_mtime_ns}-{path.stat().st_size}"
        for path in sorted(folder.glob("*.csv"))
    }


def _landed(instance: dg.DagsterInstance, files: dict[str, str]) -> dict[str, str]:
    """At the first look: files older than the last landing of the registers count as seen."""
    event = instance.get_latest_materialization_event(dg.AssetKey([REGISTERS, "deceased"]))
    if event is None:
        return {}
    return {
        name: version
        for name, version in files.items()
        if int(version.partition("-")[0]) / 1e9 <= event.timestamp
    }


@dg.run_failure_sensor(
    name="alert_on_failure",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes a readable alert to the alert file when a run fails.",
)
def alert_on_failure(context: dg.RunFailureSensorContext) -> None:
    """Say which run, step and assets failed, and why."""
    alerts.write(kindred_settings.load(), alerts.compose(context))
