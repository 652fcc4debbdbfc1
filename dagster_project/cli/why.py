"""`kindred why`: who may be contacted where and for what, and why not, in sentences.

Belongs here: wording. Does not belong here: the rules (models/contactability).
"""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Any

import typer

from dagster_project import reading
from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from kindred.ledger import Ledger
from kindred.settings import Settings

CHANNELS = {"email": "Email", "phone": "Phone", "sms": "SMS", "post": "Post", "ads": "Ads"}
PURPOSES = {
    "service": "service",
    "marketing": "marketing",
    "profiling": "profiling",
    "third_party": "sharing with third parties",
}
REASONS = {
    "deceased": "a register says that the person died",
    "no_contact_point": "there is nowhere to send it",
    "moved": "the person moved and left no new address",
    "hard_bounce": "the address bounced",
    "complaint": "a message to the address was reported as spam",
    "minor": "the person is under 16",
    "do_not_contact": "a do-not-contact register forbids it",
    "consent_withdrawn": "consent was withdrawn",
    "consent_expired": "consent has expired",
    "no_consent": "nobody agreed to it",
}
"""Reasons of `fct_contactability` in words; its documentation lists them."""


@app.command()
def why(
    customer: Annotated[str, typer.Argument(help="Customer id or record id.")],
    json_file: JsonFile = None,
) -> None:
    """Say where and for what a customer may be contacted, and why not: a sentence per channel.

    It reads what the last run published, which is what activation obeys.
    """
    settings = console.settings()
    customer_id = _meant(settings, customer)
    rows = _rows(settings, customer_id)
    console.save_json(rows, json_file)
    if not rows:
        console.fail(
            f"contactability holds no customer {customer}: unknown, or a browser by which nobody "
            "can be reached"
        )
    shown = console.out()
    shown.print(f"Customer {customer_id}", markup=False)
    for channel, of_channel in groupby(rows, key=lambda row: row["channel"]):
        shown.print(sentence(channel, list(of_channel)), markup=False)


def sentence(channel: str, rows: list[dict[str, Any]]) -> str:
    """What holds on one channel; rows: `purpose, allowed, reasons, contact_point, since`.

    Purposes of one answer are named together.
    """
    ordered = sorted(rows, key=lambda row: list(PURPOSES).index(row["purpose"]))
    answers: dict[str, list[dict[str, Any]]] = {}
    for row in ordered:
        answers.setdefault(row["reasons"], []).append(row)
    parts = [_answer(reasons, of_answer) for reasons, of_answer in answers.items()]
    points = dict.fromkeys(row["contact_point"] for row in ordered if row["contact_point"])
    where = f" ({', '.join(points)})" if points else ""
    return f"{CHANNELS[channel]}{where}: {'; '.join(parts)}."


def _answer(reasons: str, rows: list[dict[str, Any]]) -> str:
    purposes = _listed([PURPOSES[row["purpose"]] for row in rows])
    since = min((row["since"] for row in rows if row["since"]), default=None)
    dated = f" (since {since:%Y-%m-%d})" if since else ""
    if not reasons:
        return f"yes for {purposes}{dated}"
    because = _listed([REASONS[reason] for reason in reasons.split(",")])
    return f"no for {purposes}, because {because}{dated}"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _meant(settings: Settings, named: str) -> str:
    with Ledger.open(settings.ledger) as ledger:
        return ledger.customer_of(named) or ledger.resolve_id(named)


def _rows(settings: Settings, customer_id: str) -> list[dict[str, Any]]:
    try:
        gold = reading.open_gold(settings, ["fct_contactability"])
    except reading.NotPublishedError as error:
        console.fail(str(error))
    with gold:
        found = gold.sql(
            """
            select channel, purpose, allowed, reasons, contact_point, since
            from fct_contactability where customer_id = $1
            """,
            params=[customer_id],
        )
        rows = found.to_arrow_table().to_pylist()
    order = (list(CHANNELS), list(PURPOSES))
    rows.sort(key=lambda row: (order[0].index(row["channel"]), order[1].index(row["purpose"])))
    return rows
