"""The page's cards of the systems that have no server."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from ingestion.sandbox.servers.holdings import Holdings
from ingestion.sandbox.servers.page import files_card


def test_a_database_and_folders_are_counted_afresh_when_they_change(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "dealer_erp.db")) as erp:
        erp.execute("create table dealers (code text)")
        erp.execute("insert into dealers values ('NL-001')")
        erp.commit()
    (tmp_path / "registers").mkdir()
    for name in ("deceased_2025-q1.csv", "deceased_2025-q2.csv", "do_not_contact_2025-q1.csv"):
        (tmp_path / "registers" / name).write_text("entry_id\n")
    holdings = Holdings(tmp_path)

    erp_state, registers = holdings.state()
    assert erp_state["tables"] == [{"name": "dealers", "number": 1, "unit": "row", "bytes": None}]
    assert [(row["name"], row["number"], row["bytes"]) for row in registers["tables"]] == [
        ("deceased", 2, 18),
        ("do_not_contact", 1, 9),
    ]
    assert "2 files" in files_card(registers)

    with contextlib.closing(sqlite3.connect(tmp_path / "dealer_erp.db")) as erp:
        erp.executemany("insert into dealers values (?)", [(str(n),) for n in range(9999)])
        erp.commit()
    assert holdings.state()[0]["tables"][0]["number"] == 10_000
