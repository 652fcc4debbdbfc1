"""The identity benchmark: engines as commands, scores of all records, measures over time."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks import identity
from benchmarks.children import FailedError, measure
from benchmarks.identity_data import public
from benchmarks.identity_data.sets import LabelledSet
from benchmarks.identity_measures import by_overlap, by_smallest, changed, day, stability
from benchmarks.peers.graph import clusters
from kindred.identity import load_rules, match_file

RULES = identity.PEER.format("deterministic")


def test_an_engine_is_a_command_that_is_scored(labelled, tmp_path):
    rows = list(identity.Bench(tmp_path, 1).measured(labelled, "rules", RULES))
    assert [row["engine"] for row in rows] == ["rules"]
    assert rows[0]["records"] == 2_000
    assert rows[0]["pair_precision"] > 0.95
    assert 0.1 < rows[0]["pair_recall"] < 0.9
    assert rows[0]["seconds"] > 0
    assert rows[0]["cpu_seconds"] > 0
    identity.table(rows)
    assert rows[0]["peak_mib"] > 10


def test_a_failed_engine_is_said_so(labelled, tmp_path):
    fails = "{python} -c 'raise SystemExit(\"no engine here\")'"
    (row,) = identity.Bench(tmp_path, 1).measured(labelled, "ours", fails)
    assert row["failed"] == "no engine here"
    assert "no engine here" in identity.line(row)
    identity.table([row])


def test_rules_without_their_columns_join_nobody(labelled, tmp_path):
    records = pq.read_table(labelled.records)
    pq.write_table(records.drop_columns(["family_name"]), tmp_path / "whole_names")
    found = LabelledSet("whole names", tmp_path / "whole_names", labelled.truth)
    (row,) = identity.Bench(tmp_path, 1).measured(found, "rules", RULES)
    assert row["records"] == 2_000
    assert row["pair_recall"] == 0


def test_a_lost_record_is_no_score(labelled):
    found = pq.read_table(labelled.records).select(["record_id"]).slice(1)
    with pytest.raises(ValueError, match="1,999 clustered of 2,000"):
        identity.score(found.append_column("cluster_id", found["record_id"]), labelled)


def test_a_child_is_measured_by_itself():
    held = np.zeros(60_000_000, dtype=np.int8) + 1
    small = measure([sys.executable, "-c", "pass"])
    large = measure([sys.executable, "-c", "b'x' * 80_000_000"])
    assert held[0] == 1
    assert small.peak_mib < 50
    assert large.peak_mib > small.peak_mib + 60
    with pytest.raises(FailedError):
        measure([sys.executable, "-c", "raise SystemExit(3)"])


def test_components_join_what_pairs_join():
    with duckdb.connect() as connection:
        found = clusters(
            connection,
            "select unnest(['a', 'b', 'c', 'd'])",
            "select * from (values ('a', 'c'), ('c', 'd'))",
        )
    label = dict(zip(found["record_id"].to_pylist(), found["cluster_id"].to_pylist(), strict=True))
    assert label["a"] == label["c"] == label["d"] != label["b"]


def cluster_table(**members: str) -> pa.Table:
    rows = [(record, name) for name, records in members.items() for record in records]
    return pa.table({"record_id": [r for r, _ in rows], "cluster_id": [c for _, c in rows]})


def test_ids_by_overlap_outlive_a_new_smallest_member():
    before, after = cluster_table(x="bc", y="de"), cluster_table(u="abc", v="de")
    kept = by_overlap(before, None)
    assert changed(kept, by_overlap(after, kept)) == 0
    assert changed(by_smallest(before), by_smallest(after)) == 0.5


def test_ids_that_change_are_measured_in_four_ways(labelled, tmp_path):
    def match(people: Path, out: Path) -> None:
        match_file(people, out, load_rules())

    found = stability(labelled.records, tmp_path, match)
    assert list(found) == [
        "weights kept", "weights learned anew", "overlap of files", "smallest member",
    ]  # fmt: skip
    assert max(found["weights kept"], found["overlap of files"]) < found["smallest member"]


def test_a_day_is_as_a_full_run_has_it(labelled):
    found = day(labelled.records, 100)
    assert (found.records, found.changes) == (2_000, 100)
    assert found.agreement > 0.99
    assert "100 changes among 2,000 records" in identity.said(found)


def test_fake_1000_keeps_its_labels():
    try:
        records, truth = public.fake_1000()
    except LookupError as missing:
        pytest.skip(str(missing))
    assert records.num_rows == truth.num_rows == 1_000
    assert {"given_name", "family_name", "birth_date", "email", "city"} <= set(records.column_names)


@pytest.mark.parametrize(
    ("name", "rows", "persons"), [("febrl1", 1_000, 500), ("febrl4", 10_000, 5_000)]
)
def test_febrl_keeps_its_labels(name, rows, persons):
    try:
        records, truth = public.febrl(name)
    except LookupError as missing:
        pytest.skip(str(missing))
    assert records.num_rows == rows
    assert len(pc.unique(truth["person_id"])) == persons
