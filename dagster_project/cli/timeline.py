"""`kindred timeline`: everything that happened with one customer.

Belongs here: whom is meant, and showing. Does not belong here: the timeline itself
(dbt_project/models/activities).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from dagster_project import reading
from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from kindred.ledger import Ledger

TIMELINE = """
    select occurred_at as at, activity_type as activity, channel, source_system as source,
        amount, detail, subject_id as subject, record_id as record, activity_id
    from fct_activities
    where customer_id = $customer
        and ($since is null or occurred_at >= $since)
        and ($like is null or activity_type like $like)
    order by occurred_at desc, activity_id limit $most
"""
HIDDEN = ("record", "activity_id")
WIDE = 60


@app.command()
def timeline(
    customer: Annotated[str, typer.Argument(help="Customer id or record id.")],
    since: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Activities that begin so: `order`, `email_clicked`.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    *,
    json_file: JsonFile = None,
) -> None:
    """Show what happened with a customer, from every source, the newest first.

    A retired customer id stands for its successor. Times are UTC.
    """
    settings = console.settings()
    with Ledger.open(settings.ledger) as ledger:
        customer_id = ledger.customer_of(customer) or ledger.resolve_id(customer)
    try:
        with reading.open_gold(settings, ["fct_activities"]) as connection:
            values = {
                "customer": customer_id,
                "since": since,
                "like": None if kind is None else kind.replace("%", "") + "%",
                "most": most,
            }
            rows = connection.sql(TIMELINE, params=values).to_arrow_table().to_pylist()
    except reading.NotPublishedError as error:
        console.fail(str(error))
    if not rows:
        console.fail(f"nothing is known to have happened with {customer}")
    shown = [
        {name: _short(value) for name, value in row.items() if name not in HIDDEN} for row in rows
    ]
    console.show(shown, f"Customer {customer_id}: {len(rows)} activities", None)
    console.save_json(rows, json_file)


def _short(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    text = str(value) if isinstance(value, str) else None
    return f"{text[:WIDE]}…" if text and len(text) > WIDE else value
