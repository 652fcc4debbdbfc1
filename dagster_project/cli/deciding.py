"""What every command has in common by which a steward decides: who, why, and from when it holds.

Belongs here: those options, and the part of the graph that is run again at once. Does not belong
here: any decision (steward.py, review.py, pin.py).
"""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from dagster_project.cli import console
from kindred.ledger import Ledger
from kindred.ledger.decisions import SAME, Decision
from kindred.settings import Settings

IDS = " or ".join(
    f'key:"identity/{name}"'
    for name in ("person_map", "identity_links", "identity_reviews", "identity_events")
)
"""What decides about ids: a run of these takes seconds."""
_DECIDED = (
    'key:"identity/pins"',
    'key:"identity/register_matches"',
    'key:"identity/int_identity__person_map"',
)
_FOLLOWING = " or ".join(f"{key}+" for key in _DECIDED)
GOLDEN = (
    f"{' or '.join(_DECIDED)} or (({_FOLLOWING}) and (group:customers or group:contactability "
    'or key:"gold/customers/*" or key:"gold/contactability/*"))'
)
"""Golden records and contactability, made and published again. They begin at the customer ids, as
these may have changed since the last run: a register match must never name an id that the golden
records lack."""
NEXT_RUN = "The next `kindred run` honours it."
IDS_HOLD = (
    "The ids are as you decided. Tables, segments and destinations follow with the next "
    "`kindred run`."
)
HELD = (
    "But their ids are as they were: the cluster breaks a limit and is held, or a record is gone. "
    "What you decided is kept; `kindred review` lists what is held."
)
GOLDEN_HOLDS = (
    "Golden record and contactability are as you decided, and published. Segments, marts and "
    "destinations follow with the next `kindred run`."
)

Why = Annotated[str, typer.Option("--why", help="The reason, for those who ask later.")]
Who = Annotated[str | None, typer.Option("--who", help="Who decides (you, as you logged in).")]
Later = Annotated[bool, typer.Option("--later", help="Let the next `kindred run` honour it.")]


def named(someone: str) -> str:
    """An id as it was named; an empty one ends the command."""
    if not someone.strip():
        console.fail("name a record id or a customer id: one of them is empty")
    return someone


def name_of(who: str | None) -> str:
    """Who decides: as named, or as logged in."""
    return who if who is not None else getpass.getuser()


def honour(settings: Settings, what: str, *, later: bool, decision: Decision | None = None) -> None:
    """Make what was decided hold: at once, by running `what` (`IDS` or `GOLDEN`), or later.

    Before the first run there is nothing to run again. A run that fails ends the command; the
    decision is kept. decision: the one about two records whose ids must show it now.
    """
    if later or not settings.warehouse.exists():
        console.out().print(NEXT_RUN)
        return
    from dagster_project.cli.run import execute  # noqa: PLC0415 - loads the whole graph

    if not execute(settings, what).success:
        console.fail(f"What you decided is kept. {NEXT_RUN}")
    shows = decision is None or _shows(settings, decision)
    console.out().print({IDS: IDS_HOLD, GOLDEN: GOLDEN_HOLDS}[what] if shows else HELD)


def _shows(settings: Settings, decision: Decision) -> bool:
    """Whether the two records have one customer id, or two, as was decided."""
    with Ledger.open(settings.ledger) as ledger:
        one, other = map(ledger.customer_of, (decision.record_id_1, decision.record_id_2))
    are_there = one is not None and other is not None
    return are_there and (one == other) == (decision.verdict == SAME)
