"""The measure of register matches, and when it stops a run."""

from __future__ import annotations

import pytest

from dagster_project.defs.registers import _check, register_matches
from dagster_project.register_matching import Quality


def quality(identifiable: int, found: int, wrong: int, held: int | None = None) -> Quality:
    return Quality(
        register="deceased",
        held=identifiable if held is None else held,
        identifiable=identifiable,
        right=found,
        wrong=wrong,
        found=found,
        found_of_held=found,
        reviewed=0,
        reviewed_of_held=0,
    )


@pytest.mark.parametrize(
    ("identifiable", "found", "wrong", "is_good"),
    [
        (664, 644, 2, True),
        (664, 644, 8, False),
        (664, 629, 2, False),
        (30, 30, 1, True),
        (30, 30, 2, False),
        (37, 35, 0, True),
        (37, 34, 0, False),
        (19, 0, 9, True),
    ],
)
def test_shares_decide_with_one_entry_to_spare_and_few_say_nothing(
    identifiable: int, found: int, wrong: int, is_good: bool
) -> None:
    assert quality(identifiable, found, wrong).is_good is is_good


def test_nothing_matched_is_nothing_wrong() -> None:
    nothing = quality(0, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.recall_of_held) == (1.0, 1.0, 1.0)


def test_the_check_tells_both_recalls_and_what_identifiable_means() -> None:
    told = _check(quality(identifiable=30, found=30, wrong=0, held=44)).metadata
    assert told["recall of the identifiable"].value == 1.0
    assert told["recall of all held"].value == round(30 / 44, 4)
    [check] = register_matches.check_specs
    assert check.blocking
    assert "name and birth date or address" in check.description
