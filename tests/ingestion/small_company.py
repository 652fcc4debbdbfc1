"""A small company in every system at once, made from the connectors' own tables.

Belongs here: writing each system's state and changing it. Values carry no meaning; what a company
looks like is the sandbox generator's business, and `test_sandbox_company.py` lands that one.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import catalog
from ingestion.specs import TableSpec
from kindred.settings import Settings

if TYPE_CHECKING:
    from ingestion.sandbox.servers import Handle

ROWS = 23
FIRST = dt.datetime(2026, 10, 1, 8, 0, 0)
APIS = ("dynamics365", "salesforce", "sap_commerce", "email_platform")
FOLDERS = ("magento", "web_events", "registers", "partners")
SQL_TYPES = {"varchar": "TEXT", "bigint": "BIGINT", "double": "NUMERIC(12, 2)"} | {
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}


def value(name: str, type_: str, row: int) -> Any:
    """The value of a column in a row. Times come in threes, as an import's do."""
    return {
        "varchar": f"{name}-{row}",
        "bigint": row + 1,
        "double": row * 1.5,
        "boolean": row % 2 == 0,
        "date": dt.date(1980, 1, 1) + dt.timedelta(days=row),
        "timestamp": FIRST + dt.timedelta(minutes=row // 3),
    }[type_]


def records(table: TableSpec, rows: int = ROWS) -> list[dict[str, Any]]:
    """Rows by native column name."""
    return [
        {c.native: value(c.name, c.type, row) for c in table.native_columns} for row in range(rows)
    ]


def tables(source: str) -> tuple[TableSpec, ...]:
    """The tables of a built-in source."""
    return catalog.source(Settings(), source).tables


def write(folder: Path) -> None:
    """Write every system's first state below `folder`, laid out as the sandbox's."""
    for source in APIS:
        for table in tables(source):
            write_entity(folder / "systems" / source, table)
    for source in FOLDERS:
        for table in tables(source):
            write_file(folder / "files" / source, table, records(table))
    write_erp(f"{folder / 'files' / 'dealer_erp.db'}")


def write_entity(folder: Path, table: TableSpec) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = records(table)
    for row in found:
        row |= {name: '[{"entryNumber": 0}]' for name in ("entries", "attributes") if name in row}
    arrays = {
        c.native: pa.array([row[c.native] for row in found], c.arrow.type)
        for c in table.native_columns
    }
    pq.write_table(pa.table(arrays), folder / f"{table.entity}.parquet")


def write_file(folder: Path, table: TableSpec, rows: list[dict[str, Any]]) -> Path:
    """Write rows as the one file of a table, in the format its pattern names."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / table.entity.replace("*", "2026-11-01" if "-*" in table.entity else "20261101")
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows, schema=native_schema(table)), path)
    elif path.suffix == ".gz":
        with gzip.open(path, "wt") as file:
            file.writelines(json.dumps(nested(row), default=str) + "\n" for row in rows)
    else:
        with path.open("w", newline="") as file:
            names = [c.native for c in table.native_columns] + list(table.secret)
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            secrets = {name: f"SECRET-{name}" for name in table.secret}
            writer.writerows(row | secrets for row in rows)
    return path


def native_schema(table: TableSpec) -> pa.Schema:
    return pa.schema([pa.field(c.native, c.arrow.type) for c in table.native_columns])


def nested(row: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as the objects they stand for."""
    result: dict[str, Any] = {}
    for name, given in row.items():
        *path, last = name.split(".")
        place = result
        for part in path:
            place = place.setdefault(part, {})
        place[last] = given
    return result


def write_erp(path: str) -> None:
    with sqlite3.connect(path) as db:
        for table in tables("dealer_erp"):
            declared = ", ".join(f"{c.native} {SQL_TYPES[c.type]}" for c in table.native_columns)
            db.execute(f"CREATE TABLE {table.entity} ({declared})")
            rows = [tuple(map(erp_text, row.values())) for row in records(table)]
            marks = ", ".join("?" * len(table.native_columns))
            db.executemany(f"INSERT INTO {table.entity} VALUES ({marks})", rows)
    db.close()


def erp_text(given: Any) -> Any:
    return str(given) if isinstance(given, dt.date) else given


def environment(folder: Path, handle: Handle | None) -> dict[str, str]:
    """Where the connectors find the company."""
    found = {
        f"SOURCES__{name.upper()}__FOLDER": str(folder / "files" / name) for name in FOLDERS
    } | {"SOURCES__DEALER_ERP__CREDENTIALS": f"sqlite:///{folder / 'files' / 'dealer_erp.db'}"}
    for name in APIS if handle else ():
        start = f"SOURCES__{name.upper()}__"
        found |= {
            start + "BASE_URL": handle[name],
            start + "CLIENT_ID": "kindred",
            start + "CLIENT_SECRET": "sandbox-secret",
            start + "API_KEY": "sandbox-secret",
            start + "TOKEN_URL": f"{handle[name]}/tenant/oauth2/v2.0/token",
            start + "PAGE_SIZE": "10",
            start + "PATIENCE": "4",
        }
    return found


@dataclass
class System:
    """One source's system, to be counted and changed. `changed` names what `edit` touches."""

    source: str
    folder: Path
    handle: Handle | None

    def count(self, table: TableSpec) -> int:
        """Rows that the system has for us, deleted ones that it still tells of included."""
        if self.source in APIS:
            store = self.handle.systems[self.source].store
            return store.scalars(f'SELECT count(*) FROM "{table.entity}"')[0]
        return ROWS

    def edit(self, key_row: int, note: str) -> dict[str, int]:
        """Change one row of the first table; returns the rows this must land, per table."""
        table = tables(self.source)[0]
        key = value(table.key[0], "varchar", key_row)
        if self.source in APIS:
            self._store(lambda store, entity: store.update(entity, key, self._edited(note)))
            return {table.name: 1}
        if self.source == "dealer_erp":
            with sqlite3.connect(self.folder / "files" / "dealer_erp.db") as db:
                later = f"2026-11-02 00:00:{key_row:02d}"
                db.execute(
                    f"UPDATE {table.entity} SET city = ?, updated_at = ? WHERE {table.key[0]} = ?",
                    (note, later, key),
                )
            db.close()
            return {table.name: 1}
        rows = records(table)
        rows[key_row][table.native_columns[3].native] = value("x", table.columns[3].type, 77)
        write_file(self.folder / "files" / self.source, table, rows)
        return {table.name: ROWS}

    def remove(self, key_row: int) -> str:
        """Delete one row of the first table; returns its key."""
        key = value(tables(self.source)[0].key[0], "varchar", key_row)
        self._store(lambda store, entity: store.delete(entity, key))
        return key

    def _edited(self, note: str) -> dict[str, Any]:
        column = {"dynamics365": "firstname", "salesforce": "FirstName"} | {
            "sap_commerce": "firstName",
            "email_platform": "first_name",
        }
        return {column[self.source]: note}

    def _store(self, write: Callable[[Any, Any], None]) -> None:
        store = self.handle.systems[self.source].store
        with store.transaction():
            write(store, store.entities[tables(self.source)[0].entity])
