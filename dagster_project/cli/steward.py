"""`kindred link`, `split`, `unlink` and `decisions`: what a steward knows and matching can't.

Belongs here: saying and listing decisions. Does not belong here: keeping them (kindred/ledger) and
honouring them (kindred/identity).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import duckdb
import typer
from rich.markup import escape

from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from dagster_project.cli.deciding import IDS, Later, Who, Why, honour, name_of, named
from kindred.ledger import Ledger
from kindred.ledger.decisions import DIFFERENT, SAME, Decided, Decision, DecisionError
from kindred.settings import Settings

PROMISE = {
    SAME: "[bold]{}[/] and [bold]{}[/] are always one person from now on.",
    DIFFERENT: "[bold]{}[/] and [bold]{}[/] are never one person from now on.",
}
MEANING = {SAME: "always one person", DIFFERENT: "never one person"}

Someone = Annotated[
    str, typer.Argument(help="Record id or customer id.", show_default=False, callback=named)
]


@app.command()
def link(a: Someone, b: Someone, why: Why, who: Who = None, later: Later = False) -> None:
    """Decide that two records, or two customers, always are one person.

    A customer stands for its records: the smallest record id of each is linked.
    """
    decision = decide(a, b, SAME, why, who)
    honour(console.settings(), IDS, later=later, decision=decision)


@app.command()
def split(a: Someone, b: Someone, why: Why, who: Who = None, later: Later = False) -> None:
    """Decide that two records, or two customers, never are one person.

    A customer stands for its records: the smallest record ids of the two are kept apart.
    """
    decision = decide(a, b, DIFFERENT, why, who)
    honour(console.settings(), IDS, later=later, decision=decision)


@app.command()
def unlink(a: Someone, b: Someone, why: Why, who: Who = None, later: Later = False) -> None:
    """Take back what `link` or `split` decided: matching alone decides again.

    With customer ids, the decision is found that stands between their records.
    """
    settings = console.settings()
    now = dt.datetime.now(dt.UTC)
    with Ledger.open(settings.ledger) as ledger:
        try:
            pair = _standing_pair(ledger, a, b)
            ended = ledger.revoke(*pair, by=name_of(who), reason=why, at=now)
        except DecisionError as error:
            console.fail(str(error))
    console.out().print(
        f"That {ended.record_id_1} and {ended.record_id_2} are {MEANING[ended.verdict]} "
        f"(decided by {ended.decided_by}: {ended.reason}) holds no longer.",
        markup=False,
    )
    honour(console.settings(), IDS, later=later)


@app.command()
def decisions(
    every: Annotated[bool, typer.Option("--all", help="Also those that hold no longer.")] = False,
    json_file: JsonFile = None,
) -> None:
    """List what stewards decided: which records always, or never, are one person."""
    settings = console.settings()
    with Ledger.open(settings.ledger) as ledger:
        rows = ledger.decision_history() if every else ledger.decisions().to_pylist()
    console.show([_shown(row) for row in rows], "Stewards' decisions", None)
    console.save_json(rows, json_file)


def decide(a: str, b: str, verdict: str, why: str, who: str | None) -> Decision:
    """Keep a decision about two records, or what stands for them, and say what it replaces."""
    settings = console.settings()
    now = dt.datetime.now(dt.UTC)
    with Ledger.open(settings.ledger) as ledger:
        try:
            pair = _pair(settings, ledger, a, b)
            decided = ledger.decide(*pair, verdict, by=name_of(who), reason=why, at=now)
        except DecisionError as error:
            console.fail(str(error))
    _tell(decided)
    return decided.decision


def _tell(decided: Decided) -> None:
    shown, decision, before = console.out(), decided.decision, decided.replaced
    if not decided.is_new:
        shown.print(
            f"Decided already, by {decision.decided_by} at {decision.decided_at:%Y-%m-%d %H:%M}: "
            f"{decision.reason}",
            markup=False,
        )
        return
    pair = (decision.record_id_1, decision.record_id_2)
    shown.print(PROMISE[decision.verdict].format(*map(escape, pair)))
    if before:
        shown.print(
            f"This replaces the contrary decision of {before.decided_by} at "
            f"{before.decided_at:%Y-%m-%d %H:%M}: {before.reason}",
            markup=False,
        )


def _pair(settings: Settings, ledger: Ledger, a: str, b: str) -> tuple[str, str]:
    """The two records that `a` and `b` mean."""
    customers = [ledger.customer_of(named) for named in (a, b)]
    if None in customers:  # a customer is named: it must be another one than the other's
        known = [
            customer or ledger.resolve_id(n) for customer, n in zip(customers, (a, b), strict=True)
        ]
        if known[0] == known[1]:
            raise DecisionError(f"{a} and {b} are one customer already: name two records")
    first, second = (
        named if customer else _representative(settings, ledger, named)
        for customer, named in zip(customers, (a, b), strict=True)
    )
    return first, second


def _representative(settings: Settings, ledger: Ledger, customer_id: str) -> str:
    """The smallest record of a customer that its source still has.

    A decision about a record that is gone has no effect until the record returns.
    """
    records = ledger.records_of(customer_id)
    if not records:
        raise DecisionError(
            f"the ledger knows no record and no customer {customer_id}; "
            "it knows those that a run has matched"
        )
    return min(_published(settings, records) or records)


def _published(settings: Settings, records: list[str]) -> list[str]:
    """Those of `records` that the last run matched."""
    path = settings.derived / "person_map" / "part-0.parquet"
    if not path.exists():
        return []
    with duckdb.connect() as connection:
        found = connection.execute(
            "select record_id from read_parquet($path) where list_contains($records, record_id)",
            {"path": str(path), "records": records},
        ).fetchall()
    return [record for (record,) in found]


def _standing_pair(ledger: Ledger, a: str, b: str) -> tuple[str, str]:
    """The two records of the one decision that stands between what `a` and `b` mean."""
    first, second = (
        {named} if ledger.customer_of(named) is not None else set(ledger.records_of(named))
        for named in (a, b)
    )
    found = [
        (row["record_id_1"], row["record_id_2"])
        for row in ledger.decisions().to_pylist()
        if (row["record_id_1"] in first and row["record_id_2"] in second)
        or (row["record_id_2"] in first and row["record_id_1"] in second)
    ]
    if not found:
        raise DecisionError(f"no decision stands between {a} and {b}; see `kindred decisions`")
    if len(found) > 1:
        pairs = ", ".join(f"{one} and {other}" for one, other in found)
        raise DecisionError(f"several decisions stand between {a} and {b}: name one of {pairs}")
    return found[0]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "record": row["record_id_1"],
        "and": row["record_id_2"],
        "are": MEANING[row["verdict"]],
        "decided by": row["decided_by"],
        "because": row["reason"],
        "at": f"{row['decided_at']:%Y-%m-%d %H:%M}",
    }
    if "revoked_at" in row:
        revoked = row["revoked_at"]
        shown["until"] = f"{revoked:%Y-%m-%d %H:%M}" if revoked else None
        shown["revoked by"] = row["revoked_by"]
        shown["revoked because"] = row["revoke_reason"]
    return shown
