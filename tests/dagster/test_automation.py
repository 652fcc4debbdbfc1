"""What starts a run, and who hears when it fails."""

from __future__ import annotations

import json

import dagster as dg
import pytest

from dagster_project import alerts
from dagster_project.defs import automation
from ingestion.errors import LandingError
from kindred import settings as kindred_settings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    found = tmp_path / "registers"
    found.mkdir()
    monkeypatch.setenv("SOURCES__REGISTERS__FOLDER", str(found))
    return found


def look(cursor=None, instance=None):
    context = dg.build_sensor_context(cursor=cursor, instance=instance)
    return automation.register_files(context)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def test_a_new_register_file_starts_a_run_once(folder, instance):
    (folder / "deceased_2026-11.csv").write_text("entry_id\n1\n")
    arrived = look(instance=instance)
    assert len(arrived.run_requests) == 1
    again = look(arrived.cursor, instance)
    assert isinstance(again, dg.SkipReason)


def test_a_changed_register_file_starts_a_run(folder, instance):
    path = folder / "moved_2026-11.csv"
    path.write_text("entry_id\n1\n")
    arrived = look(instance=instance)
    path.write_text("entry_id\n1\n2\n")
    changed = look(arrived.cursor, instance)
    assert len(changed.run_requests) == 1
    assert changed.run_requests[0].run_key != arrived.run_requests[0].run_key


def test_files_that_landed_before_the_first_look_start_nothing(folder, instance):
    (folder / "deceased_2026-10.csv").write_text("entry_id\n1\n")
    instance.report_runless_asset_event(dg.AssetMaterialization(["registers", "deceased"]))
    assert isinstance(look(instance=instance), dg.SkipReason)


def test_an_unconfigured_folder_is_said(monkeypatch, instance):
    monkeypatch.delenv("SOURCES__REGISTERS__FOLDER", raising=False)
    assert "not configured" in look(instance=instance).skip_message


def test_no_files_is_nothing_new(folder, instance):
    skipped = look(instance=instance)
    assert "nothing new" in skipped.skip_message
    assert json.loads("{}") == automation.files_in(folder)


def test_an_alert_names_run_step_asset_and_reason(tmp_path, instance):
    @dg.asset(key=["registers", "moved"])
    def moved():
        raise LandingError("moved_2026.csv: row 7 has no date", "registers", "moved")

    job = dg.Definitions(assets=[moved], jobs=[dg.define_asset_job("nightly")]).resolve_job_def(
        "nightly"
    )
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    [failure] = [event for event in result.all_events if event.is_run_failure]
    context = dg.build_run_status_sensor_context(
        sensor_name="alert_on_failure",
        dagster_event=failure,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    ).for_run_failure()
    settings = kindred_settings.Settings(home=tmp_path)
    alerts.write(settings, alerts.compose(context))
    alerts.write(settings, alerts.compose(context))

    text = settings.alerts.read_text()
    assert text.count(result.run_id) == 2
    assert "job nightly failed" in text
    assert "registers/moved" in text
    assert "registers.moved: moved_2026.csv: row 7 has no date" in text
    assert "Traceback" not in text
