"""A demo killed at any moment and run again comes to the same result.

Here a whole company, killed while dbt builds: the second run of the home that all tests here share,
after a colleague edited both CRMs and the edits landed. That the next run does all that the killed
one left, and the one after it nothing, is shown here and in `test_whole_graph`. What a kill leaves
of a landing is shown in `ingestion/`, of a sync in `activation/`, of the warehouse and of Dagster's
own records in `dagster/test_stale.py`; `test_killed_anywhere`, which is slow, kills at every stage.
"""

from __future__ import annotations

import pytest

DESTINATIONS = ("dynamics365", "salesforce", "email_platform")
pytestmark = pytest.mark.e2e


def test_a_killed_run_is_told_apart_and_leaves_no_slot_and_no_server(home, killed, second):
    assert killed == "STARTED"
    with home.instance() as instance:
        statuses = [run.status.value for run in instance.get_runs()]
        assert set(statuses) == {"SUCCESS", "FAILURE"}
        assert statuses.count("FAILURE") == 1
        assert instance.event_log_storage.get_concurrency_run_ids() == set()
    assert not (home.path / "sandbox" / "running.json").exists()


@pytest.mark.parametrize("system", DESTINATIONS)
def test_run_again_the_destinations_hold_every_edit_once_and_nothing_else(
    system, first, edits, second
):
    before, after = first.result[system], second.result[system]
    assert set(before) == set(after)
    changed = {customer for customer in before if before[customer] != after[customer]}
    edited = {edits.phone_of, edits.city_of, edits.pinned}
    assert changed == (edited if system != "email_platform" else set())


def test_the_run_after_it_comes_to_the_same_result(second, third):
    for part, expected in second.result.items():
        assert third.result[part] == expected, part
