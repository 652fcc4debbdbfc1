"""One generated company for all tests of the generator, and ways to look into it."""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion import sandbox

PEOPLE = 3000
SEED = 11
SEGMENT = """{messageId: 'VARCHAR', type: 'VARCHAR', event: 'VARCHAR', anonymousId: 'VARCHAR',
    userId: 'VARCHAR', timestamp: 'TIMESTAMP', receivedAt: 'TIMESTAMP',
    context: 'STRUCT(page STRUCT(path VARCHAR))',
    properties: 'STRUCT(product_id VARCHAR, category VARCHAR, price DOUBLE)',
    traits: 'STRUCT(email VARCHAR)'}"""


_HOME = tempfile.TemporaryDirectory(prefix="sandbox-company-")  # removed when the tests end


@cache
def made() -> Path:
    """The folder of the company; made once for the session."""
    folder = Path(_HOME.name) / "sandbox"
    assert sandbox.create_company(folder, PEOPLE, SEED).created
    return folder


class Company:
    """The company's tables by short name, for queries: `dynamics365.contacts`, `truth.people`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.duck = duckdb.connect()
        self.duck.execute("SET TimeZone = 'UTC'")
        for path in [*folder.glob("systems/*/*.parquet"), *folder.glob("truth/*.parquet")]:
            self._table(path.parent.name, path.stem, f"read_parquet('{path}')")
        files = folder / "files"
        for schema, name, pattern in (
            ("magento", "customers", "customer_export_20250601.csv"),
            ("magento", "customer_addresses", "customer_address_export_*.csv"),
            ("magento", "orders", "orders_*.csv"),
            ("magento", "order_items", "order_items_*.csv"),
            ("registers", "deceased", "deceased_*.csv"),
            ("registers", "moved", "moved_*.csv"),
            ("registers", "do_not_contact", "do_not_contact_*.csv"),
            ("partners", "insurance_policies", "insurance_policies_*.csv"),
        ):
            reader = f"read_csv('{files / schema / pattern}', header = true, all_varchar = true)"
            self._table(schema, name, reader)
        for name in ("postal_demographics", "brand_affinity"):
            self._table("partners", name, f"read_parquet('{files / 'partners' / name}*.parquet')")
        self._table(
            "web_events",
            "events",
            f"read_json('{files / 'web_events'}/*.jsonl.gz', columns = {SEGMENT})",
        )
        self._copy_erp(files / "dealer_erp.db")

    def _table(self, schema: str, name: str, reader: str) -> None:
        self.duck.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self.duck.execute(f'CREATE TABLE {schema}."{name}" AS FROM {reader}')

    def _copy_erp(self, path: Path) -> None:
        self.duck.execute("CREATE SCHEMA dealer_erp")
        with sqlite3.connect(path) as erp:
            tables = [row[0] for row in erp.execute("SELECT name FROM sqlite_master")]
            for name in [table for table in tables if not table.startswith("sqlite_")]:
                info = erp.execute(f"PRAGMA table_info({name})").fetchall()
                rows = erp.execute(f"SELECT * FROM {name}").fetchall()
                columns = zip(*rows, strict=True)
                filled = {row[1]: values for row, values in zip(info, columns, strict=True)}
                self.duck.register("landing", pa.table(filled))
                typed = ", ".join(f"CAST({row[1]} AS {row[2]}) AS {row[1]}" for row in info)
                self.duck.execute(f"CREATE TABLE dealer_erp.{name} AS SELECT {typed} FROM landing")

    def one(self, sql: str) -> Any:
        """The single value of a query."""
        return self.duck.execute(sql).fetchall()[0][0]

    def rows(self, sql: str) -> list[tuple]:
        """All rows of a query."""
        return self.duck.execute(sql).fetchall()

    def columns(self, table: str) -> list[str]:
        """Column names of a table."""
        return [row[0] for row in self.rows(f"DESCRIBE {table}")]


@cache
def opened() -> Company:
    """The company, ready for queries; once for the session."""
    return Company(made())


def header(path: Path) -> list[str]:
    """The first line of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return next(csv.reader(file))
