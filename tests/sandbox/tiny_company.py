"""A tiny company's Parquet files: a few invented rows for each system."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.sandbox.servers.salesforce.entities import long_id

START = dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC)
CONTACTS = 25


def guid(kind: str, number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"{kind}/{number}"))


def salesforce_id(number: int) -> str:
    return long_id(f"003Kd{number:010d}")


def write_tiny_company(folder: Path, contacts: int = CONTACTS) -> Path:
    """Write `systems/*/<Entity>.parquet` with a few invented rows."""
    numbers = range(contacts)
    times = pa.array([START + dt.timedelta(minutes=n // 2) for n in numbers], pa.timestamp("us"))
    emails = [f"person{n}@example.com" for n in numbers]
    families = [["O'Neil", "van der Berg", "Müller"][n % 3] for n in numbers]
    stamps = {"createdon": times, "modifiedon": times}
    _write(
        folder / "systems/dynamics365/contacts.parquet",
        {
            "contactid": [guid("contact", n) for n in numbers],
            "firstname": [f"Ada{n}" for n in numbers],
            "lastname": families,
            "emailaddress1": emails,
            "birthdate": pa.array([dt.date(1980, 3, 12)] * contacts, pa.date32()),
            "gendercode": [1 + n % 2 for n in numbers],
            "donotemail": [n % 5 == 0 for n in numbers],
            "statecode": [0] * contacts,
            "kin_customerid": pa.array([None] * contacts, pa.string()),
            "_parentcustomerid_value": [guid("account", 0)] * contacts,
            **stamps,
        },
    )
    _write(
        folder / "systems/dynamics365/accounts.parquet",
        {
            "accountid": [guid("account", 0)],
            "name": ["Dealer One"],
            "accountnumber": ["NL-001"],
            "createdon": times[:1],
            "modifiedon": times[:1],
        },
    )
    _write(
        folder / "systems/salesforce/Contact.parquet",
        {
            "Id": [salesforce_id(n) for n in numbers],
            "FirstName": [f"Ada{n}" for n in numbers],
            "LastName": families,
            "Email": emails,
            "Birthdate": pa.array([dt.date(1980, 3, 12)] * contacts, pa.date32()),
            "HasOptedOutOfEmail": [False] * contacts,
            "IsDeleted": [n == 3 for n in numbers],
            "CreatedDate": times,
            "SystemModstamp": times,
        },
    )
    _write(
        folder / "systems/sap_commerce/customers.parquet",
        {
            "customerId": [f"C{n:05d}" for n in numbers],
            "uid": emails,
            "firstName": [f"Ada{n}" for n in numbers],
            "lastName": families,
            "newsletter": [n % 2 == 0 for n in numbers],
            "createdTime": times,
            "modifiedTime": times,
        },
    )
    _write(
        folder / "systems/sap_commerce/orders.parquet",
        {
            "code": ["O1"],
            "customerId": ["C00001"],
            "totalPrice": [20.5],
            "entries": ['[{"entryNumber":0,"product":"P1","quantity":2}]'],
            "createdTime": times[:1],
            "modifiedTime": times[:1],
        },
    )
    _write(
        folder / "systems/email_platform/contacts.parquet",
        {
            "contact_id": [f"em_{n}" for n in numbers],
            "email": emails,
            "status": [["subscribed", "unsubscribed", "bounced"][n % 3] for n in numbers],
            "external_id": pa.array([None] * contacts, pa.string()),
            "attributes": ["{}"] * contacts,
            "created_at": times,
            "updated_at": times,
        },
    )
    _write(
        folder / "systems/email_platform/events.parquet",
        {
            "event_id": list(range(1, contacts + 1)),
            "contact_id": [f"em_{n}" for n in numbers],
            "event_type": ["open"] * contacts,
            "occurred_at": times,
        },
    )
    return folder


def _write(path: Path, columns: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
