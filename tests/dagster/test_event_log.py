"""Dagster's event log over connections that stay open."""

from __future__ import annotations

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from dagster_project.event_log import FOLDER, MOST_OPEN, EventLog


@dg.asset
def one() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"dagster/row_count": 3})


def test_few_files_stay_open_and_dagsters_own_storage_reads_them(tmp_path):
    place = {"module": "dagster_project.event_log", "class": "EventLog"}
    settings = {"event_log_storage": place | {"config": {"base_dir": str(tmp_path)}}}
    with dg.instance_for_test(overrides=settings, temp_dir=str(tmp_path)) as instance:
        runs = [dg.materialize([one], instance=instance).run_id for _ in range(MOST_OPEN + 2)]
        assert isinstance(instance.event_log_storage, EventLog)
        assert len(instance.event_log_storage.__dict__["_engines"]) <= MOST_OPEN
        seen = [len(instance.all_logs(run)) for run in runs]
    theirs = SqliteEventLogStorage(str(tmp_path.joinpath(*FOLDER)))
    assert [len(theirs.get_logs_for_run(run)) for run in runs] == seen
    assert min(seen) > 0
