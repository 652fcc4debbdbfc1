"""Values that a steward pinned: golden whatever the survivorship rules say.

Belongs here: what can be pinned, keeping, ending and listing pins. Does not belong here: honouring
them (dbt_project/models/customers). What is pinned is in no source, so it can't be derived.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from kindred.ledger.database import Database, naive_utc
from kindred.ledger.tables import STILL_PINNED, identity_successors, pins

GROUPS = {
    "name": ("given_name", "middle_name", "family_name"),
    "birth_date": ("birth_date",),
    "gender": ("gender",),
    "email": ("email",),
    "phone": ("phone",),
    "address": ("street", "house_number", "postal_code", "city", "country_code"),
    "language": ("language",),
    "company": ("company",),
}
"""Attribute groups of the golden record and their attributes: a group is pinned whole."""

SHAPES = {
    "birth_date": (r"\d{4}-\d{2}-\d{2}", "a date like 1980-03-12"),
    "gender": (r"male|female", "male or female"),
    "email": (r"[^@\s]+@[^@\s]+[.][^@\s.]+", "an address like jan@example.org, in lower case"),
    "phone": (r"[+][1-9][0-9]{6,14}", "a number like +31612345678"),
    "country_code": (r"[A-Z]{2}", "an ISO code like NL"),
    "language": (r"[a-z]{2}", "an ISO 639-1 code like nl"),
}
"""How the golden record writes a value: a pin is taken as it is, so it must come like that."""

PINS = pa.schema(
    [
        ("pin_id", pa.int64()),
        ("customer_id", pa.string()),
        ("attribute_group", pa.string()),
        ("pinned_by", pa.string()),
        ("reason", pa.string()),
        ("pinned_at", pa.timestamp("us")),
        *((attribute, pa.string()) for group in GROUPS.values() for attribute in group),
    ]
)
COLUMNS = pins.c


class PinError(ValueError):
    """A pin that can't stand; the message says why."""


@dataclass(frozen=True)
class Pin:
    """One pin: the values of a whole attribute group, None where the person has none."""

    pin_id: int
    customer_id: str
    attribute_group: str
    values: Mapping[str, str | None]
    pinned_by: str
    reason: str
    pinned_at: dt.datetime


class PinLedger(Database):
    """What stewards pinned."""

    def pin(
        self,
        customer_id: str,
        group: str,
        values: Mapping[str, str | None],
        *,
        by: str,
        reason: str,
        at: dt.datetime,
    ) -> Pin:
        """Pin an attribute group of a customer; a pin that stands on it ends.

        customer_id: as of now; when it is retired later, its successor has the pin. values: every
        attribute of the group, written as the golden record writes them. Raises `PinError` when an
        attribute is missing or not so written, for a birth date to come, or without a name or a
        reason.
        """
        checked = _checked(group, values, at.date())
        _signed(by, reason)
        row = {
            "customer_id": customer_id,
            "attribute_group": group,
            "pinned_values": json.dumps(checked),
            "pinned_by": by.strip(),
            "reason": reason.strip(),
            "pinned_at": naive_utc(at),
        }
        with self.writing() as connection:
            before = _standing(connection, customer_id, group)
            if before:
                _end(connection, before, by, f"pinned anew: {reason}", at)
            key = connection.execute(pins.insert(), row).inserted_primary_key[0]
            [pinned] = _read(connection, COLUMNS.pin_id == key)
        return pinned

    def unpin(
        self, customer_id: str, group: str, *, by: str, reason: str, at: dt.datetime
    ) -> list[Pin]:
        """End the pins that a customer has on a group, those of merged customers too.

        Returns them; raises `PinError` when there is none.
        """
        _signed(by, reason)
        with self.writing() as connection:
            heirs = _heirs(connection)
            found = [
                pin
                for pin in _read(connection, STILL_PINNED & (COLUMNS.attribute_group == group))
                if _heir(heirs, pin.customer_id) == _heir(heirs, customer_id)
            ]
            if not found:
                raise PinError(f"nothing is pinned on the {group} of {customer_id}")
            for pin in found:
                _end(connection, pin, by, reason, at)
        return found

    def pins(self) -> pa.Table:
        """The pins that stand, as a table of `PINS`, under the customer ids of now.

        When customers with pins on one group have merged, the pin made last stands for both.
        """
        with self.reading() as connection:
            heirs = _heirs(connection)
            standing = _read(connection, STILL_PINNED)
        latest = {(_heir(heirs, pin.customer_id), pin.attribute_group): pin for pin in standing}
        rows = [
            {**vars(pin), **pin.values, "customer_id": customer_id}
            for (customer_id, _), pin in sorted(latest.items())
        ]
        return pa.Table.from_pylist(rows, PINS)

    def pin_history(self) -> list[dict[str, Any]]:
        """Every pin that ever was, the oldest first, each with when, by whom and why it ended."""
        query = sa.select(pins).order_by(COLUMNS.pin_id)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def group_of(attribute: str) -> str:
    """The group of an attribute of the golden record. Raises `PinError` for another word."""
    for group, attributes in GROUPS.items():
        if attribute in attributes:
            return group
    known = ", ".join(name for group in GROUPS.values() for name in group)
    if attribute in GROUPS:
        parts = ", ".join(GROUPS[attribute])
        raise PinError(f"{attribute} has several parts: pin one of {parts}")
    raise PinError(f"there is no attribute {attribute}; those that can be pinned: {known}")


def _checked(group: str, values: Mapping[str, str | None], today: dt.date) -> dict[str, str | None]:
    if set(values) != set(GROUPS[group]):
        raise PinError(f"a pin on {group} says what {', '.join(GROUPS[group])} are")
    checked = {attribute: _written(attribute, values[attribute]) for attribute in GROUPS[group]}
    born = checked.get("birth_date")
    if born is not None and _day(born) > today:
        raise PinError("the birth_date to pin is yet to come")
    return checked


def _written(attribute: str, value: str | None) -> str | None:
    """The value without blanks around it, None for an empty one; raises for another shape."""
    text = (value or "").strip()
    if not text:
        return None
    shape, example = SHAPES.get(attribute, ("(?s).+", ""))
    if not re.fullmatch(shape, text) or (attribute == "email" and text != text.lower()):
        raise PinError(f"the {attribute} to pin must be {example}")
    return text


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise PinError("the birth_date to pin is no day of the calendar") from None


def _signed(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise PinError("a pin needs a name and a reason")


def _standing(connection: sa.Connection, customer_id: str, group: str) -> Pin | None:
    here = (COLUMNS.customer_id == customer_id) & (COLUMNS.attribute_group == group)
    return next(iter(_read(connection, STILL_PINNED & here)), None)


def _read(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Pin]:
    """Pins in the order in which they were made."""
    names = ("pin_id", "customer_id", "attribute_group", "pinned_values")
    query = sa.select(
        *[COLUMNS[name] for name in (*names, "pinned_by", "reason", "pinned_at")]
    ).where(where)
    return [
        Pin(key, customer, group, json.loads(values), *signed)
        for key, customer, group, values, *signed in connection.execute(
            query.order_by(COLUMNS.pinned_at, COLUMNS.pin_id)
        )
    ]


def _end(connection: sa.Connection, pin: Pin, by: str, reason: str, at: dt.datetime) -> None:
    values = {"unpinned_at": naive_utc(at), "unpinned_by": by, "unpin_reason": reason}
    connection.execute(pins.update().where(COLUMNS.pin_id == pin.pin_id).values(values))


def _heirs(connection: sa.Connection) -> dict[str, str]:
    """Retired customer ids with their successors."""
    query = sa.select(identity_successors.c.customer_id, identity_successors.c.successor_id)
    return dict(connection.execute(query).all())


def _heir(heirs: Mapping[str, str], customer_id: str) -> str:
    """The id under which a customer lives today."""
    seen = {customer_id}
    while (successor := heirs.get(customer_id)) is not None:
        if successor in seen:
            raise RuntimeError(f"the succession of customer {customer_id} is a circle")
        seen.add(customer_id := successor)
    return customer_id
