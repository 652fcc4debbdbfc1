"""One clear message, whatever wraps it."""

from __future__ import annotations

import dagster as dg

from dagster_project.failures import clear_problem
from ingestion.errors import LandingError


def problem_of(raising):
    @dg.op(name="ingest_registers")
    def step():
        raising()

    @dg.job
    def failing():
        step()

    result = failing.execute_in_process(raise_on_error=False)
    [event] = [event for event in result.all_events if event.is_step_failure]
    return clear_problem(event)


def test_our_own_error_speaks_without_its_class_name():
    def raising():
        try:
            raise LandingError("row 7 of moved_2026.csv has no date", "registers", "moved")
        except LandingError as error:
            raise RuntimeError("pipeline step failed") from error

    found = problem_of(raising)
    assert found.step == "ingest_registers"
    assert found.message == "registers.moved: row 7 of moved_2026.csv has no date"


def test_a_failure_with_a_description_is_shown_as_it_is():
    def raising():
        raise dg.Failure("dbt: 2 of its nodes failed")

    assert problem_of(raising).message == "dbt: 2 of its nodes failed"


def test_a_foreign_error_shows_its_first_cause():
    def raising():
        try:
            raise ZeroDivisionError("division by zero")
        except ZeroDivisionError as error:
            raise RuntimeError("could not compute") from error

    assert "division by zero" in problem_of(raising).message
