"""What a run gives the ledger to keep, written by hand: person maps and events.

Belongs here: rows for tests of the ledger and of what reads it. Does not belong here: runs that
would give them.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from kindred.ledger.identity import EVENTS

NOW = dt.datetime(2026, 11, 1, 6)


def person_map(**customers: str) -> pa.Table:
    """Records, each with its customer."""
    return pa.table(
        {
            "record_id": pa.array(list(customers), pa.string()),
            "customer_id": pa.array(list(customers.values()), pa.string()),
            "cluster_size": pa.array([1] * len(customers), pa.int64()),
        }
    )


def events(*rows: tuple[str, str, str | None], at: dt.datetime = NOW) -> pa.Table:
    """Events as (type, customer, other customer); a merge is (merged, kept, retired)."""
    return pa.Table.from_pylist(
        [
            {
                "event_id": f"{kind}-{customer}-{other}",
                "event_type": kind,
                "customer_id": customer,
                "other_customer_id": other,
                "record_count": 1,
                "occurred_at": at,
                "reason": "test",
            }
            for kind, customer, other in rows
        ],
        EVENTS,
    )
