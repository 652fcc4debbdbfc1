"""A real web shop's file, brought in as a user would bring a source of their own."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("KINDRED_TEST_DATA", ROOT.parent / "shared" / "data"))
FILE = FOLDER / "online_retail.parquet"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not FILE.exists(),
        reason=f"{FILE} is not there: fetch UCI Online Retail, or set KINDRED_TEST_DATA",
    ),
]


def test_the_shop_alone_builds_the_whole_graph_and_reconciles(another_home):
    done = another_home.kindred(
        "run",
        KINDRED_SOURCES="online_retail",
        KINDRED_FILES_ONLINE_RETAIL=str(FILE),
        KINDRED_AS_OF="2011-12-10",
    )
    assert done.returncode == 0, done.stdout + done.stderr + another_home.log()
    run = another_home.last_run
    assert run["assets"]["online_retail/online_retail"]["rows landed"] == 541_909
    assert len(another_home.gold("customers/dim_customers")) > 4_000
    with duckdb.connect(another_home.path / "warehouse.duckdb", read_only=True) as connection:
        [(ours,)] = connection.sql("select sum(net_amount) from semantic.orders").fetchall()
        [(theirs,)] = connection.sql(
            'select sum("Quantity" * "UnitPrice") from read_parquet($file)',
            params={"file": str(FILE)},
        ).fetchall()
    assert float(ours) == pytest.approx(float(theirs), abs=0.5)
