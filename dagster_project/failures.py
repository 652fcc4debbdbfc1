"""What went wrong, in one message a person can act on.

Belongs here: finding, in a chain of wrapped errors, the one that says what to do. Does not belong
here: showing it (cli/display.py) or sending it (defs/automation.py).
"""

from __future__ import annotations

import dataclasses

import dagster as dg

OWN_PACKAGES = ("ingestion.", "kindred.", "activation.", "dagster_project.")
MESSAGE_LIMIT = 2000


@dataclasses.dataclass(frozen=True)
class Problem:
    """One failed step and the message to show."""

    step: str
    message: str


def clear_problem(event: dg.DagsterEvent) -> Problem:
    """The problem that a step-failure event describes."""
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return Problem(event.step_key, data.user_failure_data.description[:MESSAGE_LIMIT])
    return Problem(event.step_key, _clear_message(data.error))


def _clear_message(error: object | None) -> str:
    """Our own outermost error in the chain, for it names source and row; else the first cause."""
    chain = []
    while error is not None and len(chain) < 20:
        chain.append(error)
        error = error.cause or error.context
    if not chain:
        return "the step failed without saying why"
    own = [item for item in chain if item.message.startswith(OWN_PACKAGES)]
    chosen = own[0] if own else chain[-1]
    name, _, text = chosen.message.strip().partition(": ")
    message = text if own and text else chosen.message.strip()
    return (message or name)[:MESSAGE_LIMIT]
