"""A small world for activation tests: gold tables, a ledger, and the sandbox's servers.

Belongs here: what tests of several destinations share. Does not belong here: a test.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from activation.engine.report import SyncReport
from activation.engine.run import run
from activation.engine.spec import Sync
from activation.syncs import load
from ingestion.sandbox.servers import Handle
from kindred.ledger import Ledger
from kindred.settings import Settings

START = dt.datetime(2026, 11, 1, 6, 0)
TEXT = pa.string()
CRM = ["given_name", "family_name", "email", "phone", "street_line", "postal_code", "city"]
CRM += ["country_code", "segments"]
SCHEMAS = {
    "dynamics365_contacts": pa.schema(
        [("customer_id", TEXT), ("dynamics365_contactid", TEXT)]
        + [(name, TEXT) for name in [*CRM, "middle_name", "language", "channel", "purpose"]]
        + [("birth_date", pa.date32()), ("gender_code", pa.int64()), ("propensity", pa.float64())]
        + [(f"{c}_marketing_allowed", pa.bool_()) for c in ("email", "phone", "post")]
    ),
    "salesforce_contacts": pa.schema(
        [("customer_id", TEXT), ("salesforce_contact_id", TEXT)]
        + [(name, TEXT) for name in CRM]
        + [("birth_date", pa.date32()), ("propensity", pa.float64())]
        + [(name, pa.bool_()) for name in ("has_opted_out_of_email", "do_not_call")]
    ),
    "email_newsletter": pa.schema(
        [("customer_id", TEXT), ("email_contact_id", TEXT)]
        + [(n, TEXT) for n in ("email", "given_name", "family_name", "language", "segments")]
        + [("propensity_decile", pa.int64())]
    ),
}
SYNCS = tuple(SCHEMAS)
TABLES = {
    "dynamics365": ("contacts", "contactid", "kin_customerid", "lastname", "firstname"),
    "salesforce": ("Contact", "Id", "Kindred_Id__c", "LastName", "FirstName"),
    "email_platform": ("contacts", "contact_id", "external_id", "last_name", "first_name"),
}
WITHDRAWN = {
    "dynamics365": ("kin_emailmarketing", 0),
    "salesforce": ("Kindred_Segments__c", None),
    "email_platform": (
        "attributes",
        '{"kindred_newsletter":false,"propensity_decile":null,"segments":null}',
    ),
}


def person(number: int, **changed: Any) -> dict[str, Any]:
    """An audience row with values for every column of every sync."""
    return {
        "customer_id": f"kc_{number:016x}",
        "given_name": f"Given{number}",
        "family_name": f"Family{number}",
        "email": f"person{number}@example.org",
        "phone": f"+3161{number:07d}",
        "street_line": f"Straat {number}",
        "postal_code": "1012 AB",
        "city": "Amsterdam",
        "country_code": "NL",
        "language": "nl",
        "birth_date": dt.date(1980, 1, 1 + number % 28),
        "gender_code": 1 + number % 2,
        "segments": "buyers",
        "propensity": 0.25,
        "propensity_decile": 3,
        "email_marketing_allowed": True,
        "has_opted_out_of_email": False,
        "do_not_call": False,
        "channel": "email",
        "purpose": "service",
    } | changed


@dataclass
class World:
    """One sync with its gold tables, its ledger and the servers it talks to."""

    sync: Sync
    settings: Settings
    handle: Handle
    folder: Path
    time: dt.datetime = START
    slept: list[float] = field(default_factory=list)

    @property
    def system(self) -> str:
        """The destination's name."""
        return self.sync.destination

    def use(self, **changed: Any) -> None:
        """Change fields of the sync."""
        content = self.sync.model_dump() | changed
        self.sync = Sync.model_validate(content)

    def publish(self, people: list[dict[str, Any]], forbidden: set[str] = frozenset()) -> None:
        """Write the audience, and contactability that allows all of them but `forbidden`."""
        rows = [p | self._id_column(p) for p in people]
        schema = SCHEMAS[self.sync.name]
        table = pa.Table.from_pylist(
            [{name: row.get(name) for name in schema.names} for row in rows], schema
        )
        path = self.settings.gold / "audiences" / self.sync.audience
        write_deltalake(str(path), table, mode="overwrite")
        self.allow([p["customer_id"] for p in people], forbidden)

    def _id_column(self, row: dict[str, Any]) -> dict[str, Any]:
        return {self.sync.destination_id: row.get("destination_id")}

    def allow(self, customers: list[str], forbidden: set[str] = frozenset()) -> None:
        """Publish contactability anew."""
        rows = [
            {"customer_id": c, "channel": "email", "purpose": p, "allowed": c not in forbidden}
            for c in customers
            for p in ("service", "marketing")
        ]
        path = self.settings.gold / "contactability" / "fct_contactability"
        schema = pa.schema(
            [("customer_id", TEXT), ("channel", TEXT), ("purpose", TEXT), ("allowed", pa.bool_())]
        )
        write_deltalake(str(path), pa.Table.from_pylist(rows, schema), mode="overwrite")

    def run(self, **options: Any) -> SyncReport:
        """Run the sync; time stands still and nobody sleeps."""
        return run(
            self.sync, self.settings, now=lambda: self.time, sleep=self.slept.append, **options
        )

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.time += dt.timedelta(**span)

    def ledger(self) -> Ledger:
        """The ledger of this world."""
        return Ledger.open(self.settings.ledger)

    def held(self) -> dict[str, dict[str, Any]]:
        """Rows that the destination holds, live ones, by customer id."""
        _, _, key, _, _ = TABLES[self.system]
        return {row[key]: row for row in self.rows() if row[key]}

    def rows(self) -> list[dict[str, Any]]:
        """All live rows of the destination's table."""
        table, *_ = TABLES[self.system]
        with sqlite3.connect(self.folder / "state" / f"{self.system}.db") as db:
            db.row_factory = sqlite3.Row
            rows = [dict(row) for row in db.execute(f'SELECT * FROM "{table}"')]
        return [row for row in rows if not row.get("IsDeleted")]

    def writes(self) -> int:
        """Writing requests that the destination received so far."""
        asked = self.handle.requests(self.system)
        return sum(r["count"] for r in asked if r["method"] != "GET" and "oauth" not in r["path"])

    def last_name(self, row: dict[str, Any]) -> str:
        """A held row's family name."""
        return row[TABLES[self.system][3]]

    def first_name(self, row: dict[str, Any]) -> str | None:
        """A held row's given name."""
        return row[TABLES[self.system][4]]

    def is_withdrawn(self, row: dict[str, Any]) -> bool:
        """Whether the leaving of this row arrived."""
        column, wanted = WITHDRAWN[self.system]
        if column == "attributes":
            return json.loads(row[column]) == json.loads(wanted)
        return row[column] == wanted


def environment(handle: Handle) -> dict[str, str]:
    """Connection variables of the running servers."""
    variables = {}
    for system in ("dynamics365", "salesforce", "email_platform"):
        prefix = f"SOURCES__{system.upper()}__"
        variables[prefix + "BASE_URL"] = handle[system]
        variables[prefix + "CLIENT_ID"] = "kindred"
        variables[prefix + "CLIENT_SECRET"] = "sandbox-secret"
        variables[prefix + "API_KEY"] = "sandbox-secret"
    variables["SOURCES__DYNAMICS365__TOKEN_URL"] = handle["dynamics365"] + "/t/oauth2/v2.0/token"
    return variables


def world(name: str, home: Path, handle: Handle, folder: Path) -> World:
    """A world around one sync."""
    return World(load(name), Settings(home=home), handle, folder)


__all__ = ["START", "SYNCS", "TABLES", "World", "environment", "person", "world"]
