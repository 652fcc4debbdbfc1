"""Customers that a ledger knows, without a run that would have matched them."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from kindred.ledger import Ledger
from kindred.ledger.identity import EVENTS

NOW = dt.datetime(2026, 11, 1, 6)


def remember(url: str, members: dict[str, str], *merged: tuple[str, str]) -> None:
    """Keep records with their customers, and merges as pairs of the kept and the retired id."""
    table = pa.table({"record_id": list(members), "customer_id": list(members.values())})
    rows = [
        {
            "event_id": f"{kept}-{retired}",
            "event_type": "merged",
            "customer_id": kept,
            "other_customer_id": retired,
            "record_count": 1,
            "occurred_at": NOW,
            "reason": "test",
        }
        for kept, retired in merged
    ]
    with Ledger.open(url) as ledger:
        ledger.save_identity(table, pa.Table.from_pylist(rows, EVENTS), NOW)
