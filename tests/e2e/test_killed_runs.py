"""A demo killed at any moment and run again comes to the same result."""

from __future__ import annotations

import dagster as dg
import pytest

pytestmark = pytest.mark.e2e


def test_killed_and_run_again_gives_the_same_result(another_home, first):
    # while customers are being built: dbt holds the warehouse, Dagster's pool slot is taken
    another_home.demo_killed_after("match ")
    with another_home.instance() as instance:
        [killed] = instance.get_runs()
        assert killed.status == dg.DagsterRunStatus.STARTED
    # while destinations are being written: one is done, the next has begun
    another_home.demo_killed_after("activation: dynamics365 contacts")

    another_home.demo()

    with another_home.instance() as instance:
        statuses = sorted(run.status.value for run in instance.get_runs())
        assert statuses == ["FAILURE", "FAILURE", "SUCCESS"]
        assert instance.event_log_storage.get_concurrency_run_ids() == set()
    again = another_home.result()
    for part, expected in first.result.items():
        assert again[part] == expected, part
    assert not (another_home.path / "sandbox" / "running.json").exists()
