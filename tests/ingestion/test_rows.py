"""Values into columns, and reading positions: the two rules every source leans on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.arrow import fit, typed
from ingestion.cursor import Cursor
from ingestion.specs import ARROW_TYPES, Column, TableSpec, columns

NOON = dt.datetime(2026, 10, 1, 12)
TABLE = TableSpec("t", columns("k varchar\nn bigint\nat timestamp"), ("k",), "A table.")


@pytest.mark.parametrize(
    ("type_", "given_", "read"),
    [
        ("varchar", ["a", 1, True, {"b": [1]}, None], ["a", "1", "true", '{"b":[1]}', None]),
        ("bigint", ["1", " 2 ", "", None, 3], [1, 2, None, None, 3]),
        ("double", ["1.5", 2, None], [1.5, 2.0, None]),
        ("double", [Decimal("12.30"), None], [12.3, None]),
        ("boolean", ["true", "0", None], [True, False, None]),
        ("date", ["1980-03-12", "1980-03-12T00:00:00Z", None], [dt.date(1980, 3, 12)] * 2 + [None]),
        ("date", [dt.date(1980, 3, 12)], [dt.date(1980, 3, 12)]),
        (
            "timestamp",
            ["2026-10-01T12:00:00Z", "2026-10-01 12:00:00", "2026-10-01T14:00:00.000+0200"],
            [NOON] * 3,
        ),
        ("timestamp", ["2026-10-01T12:00:00.1234567Z"], [NOON.replace(microsecond=123456)]),
        ("timestamp", [NOON.replace(tzinfo=dt.UTC)], [NOON]),
    ],
)
def test_values_are_read_as_their_column(type_, given_, read):
    array, bad = typed(given_, Column("c", type_, "c"))

    assert array.type == ARROW_TYPES[type_]
    assert array.to_pylist() == read
    assert bad == []


@pytest.mark.parametrize(
    ("type_", "wrong"),
    [
        ("bigint", "1.5"),
        ("bigint", "x"),
        ("double", "1,5"),
        ("boolean", "perhaps"),
        ("date", "12-03-1980"),
        ("date", "1980-02-30"),
        ("timestamp", "yesterday"),
    ],
)
def test_each_bad_value_is_found_among_good_ones(type_, wrong):
    good = {"bigint": "1", "double": "1", "boolean": "true", "date": "1980-03-12"}
    right = good.get(type_, "2026-10-01T12:00:00Z")
    given_ = [right] * 50
    given_[7] = given_[33] = wrong

    array, bad = typed(given_, Column("c", type_, "c"))

    assert bad == [7, 33]
    assert array.null_count == 2


def test_a_misfit_is_told_by_index_and_reason_without_its_value():
    rows, misfits = fit(TABLE, {"k": ["a", None, ""], "n": ["1", "1", "secret"]}, 3)

    assert rows.schema == TABLE.schema
    assert [(m.index, m.reason) for m in misfits] == [
        (1, "k is missing"),
        (2, "k is missing; n is not a bigint"),
    ]


def batch(rows: list[tuple[str, int]]) -> pa.Table:
    times = [NOON + dt.timedelta(seconds=second) for _, second in rows]
    return pa.table(
        {"k": [key for key, _ in rows], "n": [0] * len(rows), "at": times}, schema=TABLE.schema
    )


def read(state: dict, *batches: list[tuple[str, int]]) -> list[str]:
    cursor = Cursor(state, "at")
    keys = []
    for rows in batches:
        table = batch(rows)
        keys += table.filter(cursor.fresh(table))["k"].to_pylist()
    cursor.save()
    return keys


def test_rows_at_the_boundary_are_neither_lost_nor_read_twice():
    state: dict = {}
    assert read(state, [("a", 0), ("b", 1)]) == ["a", "b"]
    assert read(state, [("b", 1)]) == []
    assert read(state, [("b", 1), ("c", 1)]) == ["c"]
    assert read(state, [("c", 1), ("b", 1), ("d", 2)]) == ["d"]
    assert read(state, [("d", 2)]) == []


def test_a_limit_keeps_the_position_back():
    state: dict = {}
    cursor = Cursor(state, "at")
    cursor.limit(NOON + dt.timedelta(seconds=1))
    table = batch([("a", 0), ("b", 1), ("c", 5)])
    assert table.filter(cursor.fresh(table)).num_rows == 3
    cursor.save()

    # b changed while c was read: it comes with a time before c's
    assert read(state, [("b", 1), ("b2", 3), ("c", 5)]) == ["b2", "c"]


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.text("ab", min_size=1, max_size=6), st.integers(0, 4)))))
def test_whatever_comes_in_order_of_change_is_read_exactly_once(runs):
    """Each run answers all rows changed at or after the position, as the systems do."""
    state: dict = {}
    held: dict[tuple[str, int], None] = {}
    seen: list[tuple[str, int]] = []
    for run in runs:
        newest = max((second for _, second in held), default=0)
        held |= dict.fromkeys((key, second) for key, second in run if second >= newest)
        since = state.get("cursor", {}).get("since")
        start = (dt.datetime.fromisoformat(since) - NOON).seconds if since else -1
        answer = [row for row in held if row[1] >= start]
        table = batch(answer)
        cursor = Cursor(state, "at")
        fresh = table.filter(cursor.fresh(table))
        cursor.save()
        seen += [
            (key, (at - NOON).seconds)
            for key, at in zip(fresh["k"].to_pylist(), fresh["at"].to_pylist(), strict=True)
        ]

    assert sorted(seen) == sorted(held)
