"""Two measures of identity over time: how many ids a growing file changes, what a day costs.

Belongs here: the experiment and its number. Does not belong here: an engine; whoever measures
passes what to run.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kindred.identity.columns import encode
from kindred.identity.evaluation import evaluate
from kindred.identity.permanent_ids import assign

Match = Callable[[Path, Path], None]
"""From a file of records to a file of record_id, cluster_id."""
EPOCH = dt.datetime(2026, 1, 1)


def stability(records: Path, folder: Path, match: Match) -> dict[str, float]:
    """The share of records whose id changes when a tenth of all records is added.

    Of ids by overlap with what was known, and of the smallest member's id as most tools have it.
    """
    fewer, before_file, after_file = (folder / f"{name}.parquet" for name in ("fewer", "b", "a"))
    connection = duckdb.connect()
    connection.read_parquet(str(records)).filter("hash(record_id) % 10 <> 0").write_parquet(
        str(fewer)
    )
    match(fewer, before_file)
    match(records, after_file)
    before, after = (pq.read_table(file) for file in (before_file, after_file))
    kept = by_overlap(before, None)
    return {
        "overlap": changed(kept, by_overlap(after, kept)),
        "smallest member": changed(by_smallest(before), by_smallest(after)),
    }


def by_overlap(clusters: pa.Table, known: pa.Table | None) -> pa.Table:
    """Kindred's permanent ids of clusters (record_id, cluster_id): record_id, customer_id."""
    clusters = clusters.sort_by("record_id")
    nobody = pa.table({name: pa.array([], pa.string()) for name in ("record_id", "customer_id")})
    label = encode(clusters["cluster_id"]).codes
    ids = clusters["record_id"].combine_chunks()
    found = assign(ids, label, nobody if known is None else known, occurred_at=EPOCH)
    return found.person_map.select(["record_id", "customer_id"])


def by_smallest(clusters: pa.Table) -> pa.Table:
    """The smallest record id of each cluster as its id: record_id, customer_id."""
    return duckdb.sql(
        "select record_id, min(record_id) over (partition by cluster_id) as customer_id "
        "from clusters"
    ).to_arrow_table()


def changed(before: pa.Table, after: pa.Table) -> float:
    """The share of records in both tables (record_id, customer_id) whose id differs."""
    both = before.join(after, "record_id", right_suffix="_after", join_type="inner")
    return pc.mean(pc.not_equal(both["customer_id"], both["customer_id_after"])).as_py()


@dataclass(frozen=True)
class Day:
    """What a day's change cost, and how its clusters agree with a full run's (1: equal)."""

    changes: int
    seconds: float
    agreement: float


def incremental(
    records: Path,
    changes: int,
    start: Callable[[pa.Table], object],
    update: Callable[[object, pa.Table], pa.Table],
) -> Day:
    """Half of the changes are new records, half are known ones that moved house.

    start: resolves a table of records and keeps what it needs (not measured). update: resolves the
    changed records and returns record_id, cluster_id of all records (measured). The same `start`
    and `update` with no change give the full run to compare with.
    """
    people = pq.read_table(records)
    new = people.slice(0, changes // 2)
    known = people.slice(changes // 2)
    moved = moved_house(known.slice(0, changes - changes // 2), known)
    state = start(known)
    started = time.perf_counter()
    found = update(state, pa.concat_tables([new, moved]))
    seconds = time.perf_counter() - started
    whole = pa.concat_tables([new, moved, known.slice(len(moved))])
    full = update(start(whole), whole.slice(0, 0))
    agreement = evaluate(
        found.rename_columns({"cluster_id": "customer_id"}),
        full.rename_columns({"cluster_id": "person_id"}),
    ).pair_f1
    return Day(changes, seconds, agreement)


def moved_house(some: pa.Table, people: pa.Table) -> pa.Table:
    """These records with the addresses of as many others of `people`, from its end."""
    others = people.slice(len(people) - len(some))
    for name in ("street", "house_number", "postal_code", "city"):
        if name in some.column_names:
            some = some.set_column(some.column_names.index(name), name, others[name])
    return some
