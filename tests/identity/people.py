"""Records for the tests of identity: short to write, in the shape of `int_identity__records`."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("record_id", pa.string()),
        ("given_key", pa.string()),
        ("family_key", pa.string()),
        ("initial", pa.string()),
        ("birth_date", pa.date32()),
        ("email_key", pa.string()),
        ("phone_key", pa.string()),
        ("postal_key", pa.string()),
        ("house_key", pa.string()),
        ("country_code", pa.string()),
        ("is_echo", pa.bool_()),
    ]
)
SHORT = {
    "given": "given_key",
    "family": "family_key",
    "born": "birth_date",
    "email": "email_key",
    "phone": "phone_key",
    "postal": "postal_key",
    "house": "house_key",
}


def record(record_id: str, **values: str | None) -> dict:
    """One record; names of values are short, `born` is an ISO date."""
    row = {SHORT.get(name, name): value for name, value in values.items()}
    if row.get("birth_date"):
        row["birth_date"] = dt.date.fromisoformat(row["birth_date"])
    if row.get("given_key"):
        row.setdefault("initial", row["given_key"][0])
    return {"record_id": record_id, **row}


def records(*rows: dict) -> pa.Table:
    """A table of records."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def identifiers(*rows: tuple[str, str, str]) -> pa.Table:
    """(record_id, type, value) as a table."""
    names = ("record_id", "identifier_type", "identifier_value")
    schema = pa.schema([(name, pa.string()) for name in names])
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=schema)


def known(mapping: dict[str, str] | None = None) -> pa.Table:
    """record_id to customer_id as a table."""
    mapping = mapping or {}
    return pa.table(
        {
            "record_id": pa.array(mapping.keys(), pa.string()),
            "customer_id": pa.array(mapping.values(), pa.string()),
        }
    )


def customers(person_map: pa.Table) -> dict[str, str]:
    """record_id to customer_id of a person map."""
    return dict(
        zip(person_map["record_id"].to_pylist(), person_map["customer_id"].to_pylist(), strict=True)
    )


def groups(person_map: pa.Table) -> set[frozenset[str]]:
    """The clusters of a person map."""
    members: dict[str, set[str]] = {}
    for record_id, customer_id in customers(person_map).items():
        members.setdefault(customer_id, set()).add(record_id)
    return {frozenset(group) for group in members.values()}
