"""What the systems without a server hold: the ERP's database and the folders of files.

Belongs here: counting for the page, afresh only when a file changed. Does not belong here: HTML.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from typing import Any

TITLES = {
    "dealer_erp": ("Dealer ERP", "SQLite database"),
    "magento": ("Magento", "CSV exports of the old shop"),
    "web_events": ("Web events", "gzipped JSON lines, a file per day"),
    "registers": ("Registers", "CSV files, dropped here as they come"),
    "partners": ("Partners", "CSV and Parquet files"),
}
PERIOD = re.compile(r"[-_]?\d{4}.*$")
"""What a file name ends with: `_2025-q1`, `-2026-10-31`, `_20250601`."""


class Holdings:
    """The folder `files` of a company."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._counted: tuple[tuple[int, int], list[dict[str, Any]]] | None = None

    def state(self) -> list[dict[str, Any]]:
        """Per system its title, kind and `tables` (`name`, `number`, `unit`, `bytes`)."""
        found = []
        for name, (title, kind) in TITLES.items():
            path = self.folder / (f"{name}.db" if name == "dealer_erp" else name)
            if path.exists():
                tables = self._database(path) if path.is_file() else files_in(path)
                found.append({"system": name, "title": title, "kind": kind, "tables": tables})
        return found

    def _database(self, path: Path) -> list[dict[str, Any]]:
        stat = path.stat()
        version = (stat.st_mtime_ns, stat.st_size)
        if self._counted is None or self._counted[0] != version:
            self._counted = (version, rows_in(path))
        return self._counted[1]


def rows_in(path: Path) -> list[dict[str, Any]]:
    """Rows per table of a SQLite database."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        names = connection.execute(
            "select name from sqlite_master where type = 'table' order by name"
        ).fetchall()
        return [
            {"name": name, "number": number, "unit": "row", "bytes": None}
            for (name,) in names
            for (number,) in connection.execute(f'select count(*) from "{name}"')  # noqa: S608
        ]


def files_in(folder: Path) -> list[dict[str, Any]]:
    """Files and bytes per kind of file, that is per name without its period."""
    kinds: dict[str, list[int]] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file():
            stem = path.name.partition(".")[0]
            kinds.setdefault(PERIOD.sub("", stem), []).append(path.stat().st_size)
    return [
        {"name": name, "number": len(sizes), "unit": "file", "bytes": sum(sizes)}
        for name, sizes in kinds.items()
    ]
