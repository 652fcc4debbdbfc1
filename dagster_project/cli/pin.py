"""`kindred pin`, `unpin` and `pins`: golden values that a steward knows better than any source.

Belongs here: saying and listing pins. Does not belong here: keeping them (kindred/ledger) and
honouring them (dbt_project/models/customers).
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any

import typer

from dagster_project import golden, matching
from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from dagster_project.cli.deciding import GOLDEN, Later, Who, Why, honour, name_of, named
from kindred.ledger import Ledger, Pin, PinError
from kindred.ledger.pins import GROUPS, group_of
from kindred.settings import Settings

Customer = Annotated[
    str, typer.Argument(help="Customer id or record id.", show_default=False, callback=named)
]
Attribute = Annotated[
    str, typer.Argument(help="Such as phone, birth_date or city.", show_default=False)
]


@app.command()
def pin(
    customer: Customer,
    attribute: Attribute,
    value: Annotated[str, typer.Argument(help="As the golden record writes it; '' for none.")],
    *,
    why: Why,
    who: Who = None,
    later: Later = False,
) -> None:
    """Pin a golden value: it beats every survivorship rule until it is unpinned.

    A part of a name or an address pins all of it, with the other parts as they are now, so that
    no address is ever made of two. Golden record and contactability follow at once.
    """
    settings = console.settings()
    now = dt.datetime.now(dt.UTC)
    with Ledger.open(settings.ledger) as ledger:
        try:
            group = group_of(attribute)
            customer_id = _customer(ledger, customer)
            values = _now(settings, ledger, customer_id, group) | {attribute: value}
            pinned = ledger.pin(customer_id, group, values, by=name_of(who), reason=why, at=now)
        except (PinError, matching.NotReadyError) as error:
            console.fail(str(error))
    console.out().print(
        f"The {_word(group)} of {customer_id} is pinned: {_values(pinned)}.", markup=False
    )
    honour(settings, GOLDEN, later=later)


@app.command()
def unpin(
    customer: Customer, attribute: Attribute, why: Why, who: Who = None, later: Later = False
) -> None:
    """Take a pin back: the survivorship rules decide again.

    Any part of a name or an address, or `name` and `address` themselves, name the pin. Golden
    record and contactability follow at once.
    """
    settings = console.settings()
    now = dt.datetime.now(dt.UTC)
    with Ledger.open(settings.ledger) as ledger:
        try:
            group = attribute if attribute in GROUPS else group_of(attribute)
            customer_id = _customer(ledger, customer)
            ended = ledger.unpin(customer_id, group, by=name_of(who), reason=why, at=now)
        except PinError as error:
            console.fail(str(error))
    last = ended[-1]
    console.out().print(
        f"The {_word(group)} of {customer_id} is pinned no longer: {_values(last)} "
        f"(pinned by {last.pinned_by}: {last.reason}).",
        markup=False,
    )
    honour(settings, GOLDEN, later=later)


@app.command()
def pins(
    every: Annotated[bool, typer.Option("--all", help="Also those that hold no longer.")] = False,
    json_file: JsonFile = None,
) -> None:
    """List what stewards pinned: golden values that no rule changes."""
    settings = console.settings()
    with Ledger.open(settings.ledger) as ledger:
        rows = ledger.pin_history() if every else ledger.pins().to_pylist()
    console.show([_shown(row) for row in rows], "Pinned values", None)
    console.save_json(rows, json_file)


def _customer(ledger: Ledger, named: str) -> str:
    """The customer that an id, a retired id or a record means."""
    customer_id = ledger.customer_of(named) or ledger.resolve_id(named)
    if not ledger.records_of(customer_id):
        raise PinError(
            f"the ledger knows no record and no customer {named}; it knows those that a run has "
            "matched"
        )
    return customer_id


def _now(settings: Settings, ledger: Ledger, customer_id: str, group: str) -> dict[str, str | None]:
    """The group's values: as they are pinned, else as the last run made them."""
    attributes = GROUPS[group]
    if len(attributes) == 1:
        return {}
    for row in ledger.pins().to_pylist():
        if (row["customer_id"], row["attribute_group"]) == (customer_id, group):
            return {attribute: row[attribute] for attribute in attributes}
    found = golden.record(settings, customer_id) or {}
    return {attribute: found.get(attribute) for attribute in attributes}


def _word(group: str) -> str:
    return group.replace("_", " ")


def _values(pinned: Pin) -> str:
    return _joined(pinned.values, pinned.attribute_group)


def _joined(values: Any, group: str) -> str:
    """A group's values in one line."""
    separator = ", " if group == "address" else " "
    return separator.join(filter(None, (values[name] for name in GROUPS[group]))) or "none"


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    values = json.loads(row["pinned_values"]) if "pinned_values" in row else row
    shown = {
        "customer": row["customer_id"],
        "attribute": _word(row["attribute_group"]),
        "pinned": _joined(values, row["attribute_group"]),
        "by": row["pinned_by"],
        "because": row["reason"],
        "at": f"{row['pinned_at']:%Y-%m-%d %H:%M}",
    }
    if "unpinned_at" in row:
        ended = row["unpinned_at"]
        shown["until"] = f"{ended:%Y-%m-%d %H:%M}" if ended else None
        shown["unpinned by"] = row["unpinned_by"]
        shown["unpinned because"] = row["unpin_reason"]
    return shown
