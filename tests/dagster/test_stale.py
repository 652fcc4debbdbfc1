"""A killed run must not block the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dagster_project import home, stale

ROOT = Path(__file__).resolve().parents[2]

HOLD_A_SLOT = textwrap.dedent(
    """
    import os, signal
    import dagster as dg
    import duckdb
    from dagster_project import stale

    @dg.asset(pool="warehouse")
    def busy():
        warehouse = duckdb.connect(os.environ["WAREHOUSE"])
        warehouse.execute("create table customers as select 'of yesterday' as name")
        warehouse.execute("begin; drop table customers")
        warehouse.execute("create table customers as select 'half of today' as name")
        os.kill(os.getpid(), signal.SIGKILL)

    job = dg.define_asset_job("holding", selection="*")
    defs = dg.Definitions(assets=[busy], jobs=[job])
    defs.resolve_job_def("holding").execute_in_process(
        instance=dg.DagsterInstance.get(),
        tags=TAGS,
    )
    """
)
TAGGED = "TAGS = {stale.PROCESS_TAG: stale.process_identity(os.getpid())}"


@pytest.fixture
def instance(tmp_path, monkeypatch):
    folder = tmp_path / "dagster"
    folder.mkdir()
    (folder / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    with dg.DagsterInstance.get() as found:
        yield found


@pytest.mark.parametrize("tags", [TAGGED, "TAGS = {}"], ids=["tagged", "by its executor's log"])
def test_a_killed_run_is_closed_and_its_slot_and_the_warehouse_are_free(
    instance, tags, tmp_path, monkeypatch
):
    """Killed in the middle of a table, as in a dbt build: the table is that of the run before."""
    monkeypatch.setenv("WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    code = HOLD_A_SLOT.replace("@dg.asset", tags + "\n\n@dg.asset", 1)
    command = [sys.executable, "-c", code]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    [run] = instance.get_runs()
    assert run.status == dg.DagsterRunStatus.STARTED
    assert instance.event_log_storage.get_concurrency_run_ids() == {run.run_id}

    assert stale.close_stale_runs(instance) == [run.run_id]

    assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE
    assert instance.event_log_storage.get_concurrency_run_ids() == set()
    assert stale.close_stale_runs(instance) == []
    with duckdb.connect(tmp_path / "warehouse.duckdb") as warehouse:
        assert warehouse.sql("from customers").fetchall() == [("of yesterday",)]


def test_a_living_run_is_left_alone(instance):
    @dg.op
    def look(context):
        return stale.close_stale_runs(context.instance)

    @dg.job
    def looking():
        look()

    result = looking.execute_in_process(
        instance=instance, tags={stale.PROCESS_TAG: stale.process_identity(os.getpid())}
    )
    assert result.output_for_node("look") == []


def test_a_recycled_process_id_is_another_process():
    assert stale.is_alive(stale.process_identity(os.getpid()))
    assert stale.is_alive(str(os.getpid()))
    if Path("/proc/self/stat").exists():
        assert not stale.is_alive(f"{os.getpid()}-1")


def test_one_home_has_one_run(tmp_path, monkeypatch):
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    from kindred import settings

    found = settings.load()
    busy = pytest.raises(home.HomeBusyError, match=str(os.getpid()))
    with home.exclusive(found), busy, home.exclusive(found):
        pass
    with home.exclusive(found):
        pass
