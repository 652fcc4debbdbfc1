"""Creating the tables that the benchmark of the timeline, measures, segments and marts reads.

Belongs here: creating them, and the change of a day. Does not belong here: what is in them
(benchmarks/understanding_tables.py) and the measurement (benchmarks/understanding.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import model_builds
from benchmarks.understanding_tables import NOW, tables


def make(
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    people: int,
    events: int,
    derived: Path,
) -> None:
    """Create every table, and the scores where dbt reads them."""
    model_builds.make(connection, manifest, tables(people, events))
    make_scores(connection, people, derived)


def make_scores(connection: duckdb.DuckDBPyConnection, people: int, derived: Path) -> None:
    """Write a score per person where dbt reads scores."""
    folder = derived / "propensity_scores"
    folder.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy (select 'kc_' || i as customer_id, 'propensity_accessories' as model, "
        f"0.1 as score, 1 + i % 10 as decile, {NOW} as scored_at from range({people}) as r(i)) "
        f"to '{folder / 'part-0.parquet'}' (format parquet)"
    )


def a_day_later(connection: duckdb.DuckDBPyConnection, share: float = 0.01) -> None:
    """One in a hundred of all web and email events more, and as many orders of the day; one in a
    thousand of all records has another owner, as after merges and splits.
    """
    connection.execute(
        "update customers.bridge_customer_records set customer_id = left(customer_id, -1) || '7' "
        "where hash(record_id) % 1000 = 0 and length(customer_id) > 4"
    )
    for table, key in (("web_events", "event_id"), ("email_events", "event_id"),
                       ("orders", "order_id")):  # fmt: skip
        moment = "ordered_at" if table == "orders" else "occurred_at"
        connection.execute(
            f"insert into semantic.{table} select * replace ('new' || {key} as {key}, "
            f"{NOW} + to_minutes(cast(hash({key}) % 1400 as integer)) as {moment}) "
            f"from semantic.{table} where hash({key}) % 10000 < {int(share * 10000)}"
        )
