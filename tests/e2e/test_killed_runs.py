"""A demo killed at any moment and run again comes to the same result.

Here a whole company, killed at the worst moment. What a kill leaves of a landing is shown in
`ingestion/`, of a sync in `activation/`, of the warehouse and of Dagster's own records in
`dagster/test_stale.py`.
"""

from __future__ import annotations

import dagster as dg
import pytest

pytestmark = pytest.mark.e2e


def test_killed_and_run_again_gives_the_same_result(another_home, first):
    # while destinations are being written: one is done, the next has begun
    another_home.demo_killed_after("activation: dynamics365 contacts")
    with another_home.instance() as instance:
        [killed] = instance.get_runs()
        assert killed.status == dg.DagsterRunStatus.STARTED

    another_home.demo()

    with another_home.instance() as instance:
        statuses = sorted(run.status.value for run in instance.get_runs())
        assert statuses == ["FAILURE", "SUCCESS"]
        assert instance.event_log_storage.get_concurrency_run_ids() == set()
    again = another_home.result()
    for part, expected in first.result.items():
        assert again[part] == expected, part
    assert not (another_home.path / "sandbox" / "running.json").exists()
