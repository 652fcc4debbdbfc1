"""Two measures of identity over time: how many ids a growing file changes, what a day costs.

Belongs here: the experiment and its number. Does not belong here: an engine; whoever measures
passes what to run.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kindred.identity import Index, open_index, resolve, save_index
from kindred.identity.codes.coding import encode
from kindred.identity.evaluation import evaluate
from kindred.identity.permanent_ids import assign
from kindred.identity.weights.model_file import ModelFile

Match = Callable[[Path, Path], None]
"""From a file of records to a file of record_id, cluster_id."""
LOOKED_UP = 200
EPOCH = dt.datetime(2026, 1, 1)


def _empty(*names: str) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in names})


NOBODY = _empty("record_id", "customer_id")
NOTHING = _empty("record_id", "identifier_type", "identifier_value")


def stability(records: Path, folder: Path, match: Match) -> dict[str, float]:
    """The share of records whose id changes when a tenth of all records is added.

    Of ids as the graph gives them, with the weights kept, as it keeps them from day to day, and
    learned anew; of ids by overlap of two files of clusters, which no guard has seen; and of the
    smallest member's id, as most tools have it.
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
        **in_the_graph(fewer, records, ModelFile(folder / "weights.json", EPOCH.date())),
        "overlap of files": changed(kept, by_overlap(after, kept)),
        "smallest member": changed(by_smallest(before), by_smallest(after)),
    }


def in_the_graph(fewer: Path, records: Path, weights: ModelFile) -> dict[str, float]:
    """The share of records whose id changes where the second run keeps the first one's weights, or
    learns its own."""
    before = resolve(pq.read_table(fewer), NOTHING, NOBODY, model_file=weights)
    before.matched.keep_model(weights)
    known, everybody = before.person_map, pq.read_table(records)
    del before
    return {
        name: changed(known, resolve(everybody, NOTHING, known, model_file=file).person_map)
        for name, file in (("weights kept", weights), ("weights learned anew", None))
    }


def by_overlap(clusters: pa.Table, known: pa.Table | None) -> pa.Table:
    """Kindred's permanent ids of clusters (record_id, cluster_id): record_id, customer_id."""
    clusters = clusters.sort_by("record_id")
    label = encode(clusters["cluster_id"]).codes
    ids = clusters["record_id"].combine_chunks()
    found = assign(ids, label, NOBODY if known is None else known, occurred_at=EPOCH)
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
    """What a day's changes cost.

    seconds: of the day with reclustering and ids; full_seconds: of the index's first, full run;
    find_seconds: of finding one new record, the median. open_seconds: of opening the index that the
    day left, from its file, and finding one. agreement: pair F1 of the day's clusters with those of
    a full run over everybody, which learns its weights anew (1: equal).
    """

    records: int
    changes: int
    seconds: float
    full_seconds: float
    find_seconds: float
    open_seconds: float
    agreement: float


def day(records: Path, changes: int, threads: int = 2) -> Day:
    """Half of the changes are new records, half are known ones that moved house."""
    people = pq.read_table(records)
    new, known = people.slice(0, changes // 2), people.slice(changes // 2)
    moved = moved_house(known.slice(0, changes - changes // 2), known)
    started = time.perf_counter()
    index = Index(known, threads=threads)
    built = time.perf_counter()
    found = [_seconds(lambda row=row: index.find(new.slice(row, 1))) for row in range(LOOKED_UP)]
    before = time.perf_counter()
    index.update(pa.concat_tables([new, moved]))
    seconds = time.perf_counter() - before
    with tempfile.TemporaryDirectory() as folder:
        save_index(index, Path(folder, "people.index"))
        opened = _seconds(lambda: open_index(Path(folder, "people.index")).find(new.slice(0, 1)))
    whole = pa.concat_tables([new, moved, known.slice(len(moved))])
    full = Index(whole, threads=threads).person_map()
    agreement = evaluate(
        index.person_map(), full.rename_columns({"customer_id": "person_id"})
    ).pair_f1
    return Day(len(people), changes, seconds, built - started, median(found), opened, agreement)


def _seconds(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def moved_house(some: pa.Table, people: pa.Table) -> pa.Table:
    """These records with the addresses of as many others of `people`, from its end."""
    others = people.slice(len(people) - len(some))
    for name in ("street", "house_number", "postal_code", "city"):
        if name in some.column_names:
            some = some.set_column(some.column_names.index(name), name, others[name])
    return some
