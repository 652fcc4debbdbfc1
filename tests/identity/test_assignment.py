"""Permanent ids promise: kept by overlap, by age and by id, never reused, given back, all told."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

import numpy as np
import people
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindred.identity import permanent_ids
from kindred.identity.permanent_ids import Assignment, assign
from kindred.ledger import Ledger

START = dt.datetime(2026, 1, 1)
RECORDS = [f"r{number:02}" for number in range(12)]
LABELS = st.lists(st.integers(0, 5), min_size=len(RECORDS), max_size=len(RECORDS))
KNOWN = st.dictionaries(
    st.sampled_from(RECORDS),
    st.tuples(st.sampled_from(["kc_1", "kc_2", "kc_3", "kc_4"]), st.integers(0, 2)),
)


def day(number: int) -> dt.datetime:
    return START + dt.timedelta(days=number)


def table(members: dict[str, tuple[str, int]]) -> pa.Table:
    return pa.table(
        {
            "record_id": pa.array(list(members), pa.string()),
            "customer_id": pa.array([m[0] for m in members.values()], pa.string()),
            "since": pa.array([day(m[1]) for m in members.values()], pa.timestamp("us")),
        }
    )


def run(labels: list[int], known: pa.Table, **more: object) -> Assignment:
    records = pa.array(RECORDS[: len(labels)], pa.string())
    return assign(records, np.array(labels, int), known, occurred_at=day(9), **more)


def ids(found: Assignment) -> dict[str, str]:
    rows = found.person_map.to_pylist()
    return {row["record_id"]: row["customer_id"] for row in rows}


def one_by_one(labels: list[int], known: dict[str, tuple[str, int]]) -> dict[int, str]:
    """The rule in slow words: label of a cluster to the known id that it keeps."""
    here = {r: (labels[n], *known[r]) for n, r in enumerate(RECORDS) if r in known}
    age = {i: min(since for j, since in known.values() if j == i) for i, _ in known.values()}
    counts = Counter((label, customer) for label, customer, _ in here.values())
    order = sorted(
        counts,
        key=lambda pair: (
            -counts[pair],
            age[pair[1]],
            pair[1],
            min(since for label, customer, since in here.values() if (label, customer) == pair),
            labels.index(pair[0]),
        ),
    )
    kept: dict[int, str] = {}
    for label, customer in order:
        if label not in kept and customer not in kept.values():
            kept[label] = customer
    return kept


@pytest.fixture(scope="module", params=[permanent_ids.ROUNDS, 0])
def rounds(request: pytest.FixtureRequest) -> int:
    """Rounds that are served together; with none, every contested id is served by itself."""
    return request.param


@settings(max_examples=40)
@given(labels=LABELS, known=KNOWN)
def test_ids_stay_by_overlap_then_age_then_id(
    rounds: int, labels: list[int], known: dict[str, tuple[str, int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(permanent_ids, "ROUNDS", rounds)
        found = ids(run(labels, table(known)))
    kept = one_by_one(labels, known)
    for number, label in enumerate(labels):
        if label in kept:
            assert found[RECORDS[number]] == kept[label]
        else:
            assert found[RECORDS[number]] not in {customer for customer, _ in known.values()}
    clusters = {(label, found[RECORDS[number]]) for number, label in enumerate(labels)}
    assert len(clusters) == len(set(labels)) == len(set(found.values()))


@settings(max_examples=30)
@given(labels=LABELS, known=KNOWN, seed=st.integers(0, 9))
def test_neither_numbers_of_clusters_nor_the_order_of_rows_matter(
    labels: list[int], known: dict[str, tuple[str, int]], seed: int
) -> None:
    chance = random.Random(seed)
    other = dict(zip(range(6), chance.sample(range(len(RECORDS)), 6), strict=True))
    rows = list(known.items())
    chance.shuffle(rows)
    found = run(labels, table(known))
    again = run([other[label] for label in labels], table(dict(rows)))
    assert again.person_map.equals(found.person_map)
    assert again.events.equals(found.events)


@settings(max_examples=30)
@given(labels=LABELS, known=KNOWN)
def test_a_second_run_changes_nothing_and_events_tell_every_change(
    labels: list[int], known: dict[str, tuple[str, int]]
) -> None:
    found = run(labels, table(known))
    now = ids(found)
    again = run(labels, found.person_map)
    assert again.person_map.equals(found.person_map)
    assert len(again.events) == 0
    happened = found.events.to_pylist()
    retired = {e["other_customer_id"] for e in happened if e["event_type"] == "merged"}
    assert not retired & set(now.values())
    changes = Counter((known[r][0], now[r]) for r in known if now[r] != known[r][0])
    assert people.told(happened) == changes


class History:
    """A ledger in plain words: what every run is told, and what it must never do."""

    def __init__(self) -> None:
        self.members: dict[str, tuple[str, int]] = {}
        self.former: dict[tuple[str, str], int] = {}
        self.successor: dict[str, str] = {}
        self.minted: set[str] = set()
        self.today = 0

    def run(self, records: list[str], labels: list[int]) -> dict[str, str]:
        self.today += 1
        former = {key: since for key, since in self.former.items() if key[1] in self.successor}
        rows = [(r, c, day(since)) for (r, c), since in former.items()]
        columns = list(zip(*rows, strict=True)) or [(), (), ()]
        kinds = (pa.string(), pa.string(), pa.timestamp("us"))
        found = assign(
            pa.array(records, pa.string()),
            np.array(labels, int),
            table(self.members),
            occurred_at=day(self.today),
            former=pa.table(
                [pa.array(c, k) for c, k in zip(columns, kinds, strict=True)],
                names=["record_id", "customer_id", "since"],
            ),
            retired=list(self.successor),
        )
        self._keep(ids(found), found.events.to_pylist())
        return ids(found)

    def _keep(self, now: dict[str, str], events: list[dict]) -> None:
        for record, customer in now.items():
            old = self.members.get(record)
            if old and old[0] != customer:
                self.former.setdefault((record, old[0]), old[1])
            if not old or old[0] != customer:
                since = self.former.get((record, customer), self.today)
                self.members[record] = (customer, since)
        for event in events:
            if event["event_type"] == "minted":
                assert event["customer_id"] not in self.minted, "an id was minted twice"
                self.minted.add(event["customer_id"])
            elif event["event_type"] == "merged":
                self.successor[event["other_customer_id"]] = event["customer_id"]
            elif event["event_type"] == "revived":
                del self.successor[event["customer_id"]]
        assert not set(now.values()) & set(self.successor), "an id lives again and no event says it"

    def resolve(self, customer: str) -> str:
        steps = 0
        while customer in self.successor:
            customer, steps = self.successor[customer], steps + 1
            assert steps < 100, "the succession is a circle"
        return customer


DAYS = st.lists(
    st.tuples(LABELS, st.sets(st.sampled_from(RECORDS), min_size=1)), min_size=1, max_size=6
)


@settings(max_examples=30)
@given(days=DAYS)
def test_no_id_is_reused_and_every_id_resolves_for_ever(days: list) -> None:
    history = History()
    for labels, present in days:
        chosen = [n for n, record in enumerate(RECORDS) if record in present]
        held = {c for c, _ in history.members.values()} | set(history.successor)
        now = history.run([RECORDS[n] for n in chosen], [labels[n] for n in chosen])
        for customer in set(now.values()) & held:
            before = {r for r, (c, _) in history.members.items() if c == customer}
            before |= {r for r, c in history.former if c == customer}
            assert before & {r for r, c in now.items() if c == customer}
        living = {c for c, _ in history.members.values()}
        assert {history.resolve(customer) for customer in history.minted} <= living


@settings(max_examples=30)
@given(labels=LABELS, one=st.integers(0, 5), other=st.integers(0, 5))
def test_a_merge_that_is_undone_gives_the_ids_of_before(
    labels: list[int], one: int, other: int
) -> None:
    history = History()
    before = history.run(RECORDS, labels)
    history.run(RECORDS, [one if label == other else label for label in labels])
    assert history.run(RECORDS, labels) == before
    assert history.successor == {}


@settings(max_examples=30)
@given(labels=LABELS, record=st.integers(0, len(RECORDS) - 1))
def test_a_split_that_is_undone_gives_the_ids_of_before(labels: list[int], record: int) -> None:
    history = History()
    before = history.run(RECORDS, labels)
    alone = [6 if n == record else label for n, label in enumerate(labels)]
    history.run(RECORDS, alone)
    assert history.run(RECORDS, labels) == before


def told(found: Assignment) -> list[tuple]:
    names = ("event_type", "customer_id", "other_customer_id", "record_count")
    return [tuple(event[name] for name in names) for event in found.events.to_pylist()]


def since(*customers: str) -> pa.Table:
    return table(dict(zip(RECORDS, [(customer, 0) for customer in customers], strict=False)))


def test_the_id_that_most_records_hold_survives_a_merge() -> None:
    found = run([0, 0, 0], since("kc_a", "kc_b", "kc_b"))
    assert set(ids(found).values()) == {"kc_b"}
    assert told(found) == [("merged", "kc_b", "kc_a", 1)]


def test_the_larger_part_keeps_the_id_after_a_split() -> None:
    found = run([0, 0, 1], since("kc_a", "kc_a", "kc_a"))
    new = ids(found)["r02"]
    assert told(found) == [("minted", new, None, 1), ("split", "kc_a", new, 1)]


def test_a_record_can_move_between_customers_that_both_live_on() -> None:
    found = run([0, 0, 0, 1, 1], since("kc_a", "kc_a", "kc_p", "kc_p", "kc_p"))
    assert told(found) == [("moved", "kc_p", "kc_a", 1)]


def test_a_retired_id_has_one_successor() -> None:
    known = since("kc_a", "kc_a", "kc_a", "kc_o", "kc_o", "kc_o", "kc_p", "kc_p")
    found = run([0, 0, 0, 0, 0, 1, 1, 1], known)
    assert told(found) == [("merged", "kc_a", "kc_o", 2), ("moved", "kc_o", "kc_p", 1)]


def test_an_id_that_lives_again_is_told_though_no_record_moved() -> None:
    """A record was away while its customer merged, and comes back with the id that it had."""
    found = run([0, 1, 1], since("kc_x", "kc_y", "kc_y"), retired=["kc_x", "kc_z"])
    assert told(found) == [("revived", "kc_x", None, 1)]


def test_records_that_vanished_do_no_harm() -> None:
    found = run([0], since("kc_a", "kc_b", "kc_b"))
    assert ids(found) == {"r00": "kc_a"}
    assert told(found) == []


def test_nothing_in_nothing_out() -> None:
    found = run([], since("kc_a"))
    assert len(found.person_map) == len(found.events) == 0


def test_a_taken_id_is_not_minted_again() -> None:
    [first] = ids(run([0], table({}))).values()
    assert set(ids(run([0], table({}), retired=[first])).values()) != {first}
    # the id lives on with other records, and r00 comes back as a person of its own
    found = ids(run([0, 1, 1], since(first, first, first)))
    assert found["r01"] == first
    assert found["r00"] != first


def test_without_history_ids_come_from_the_content() -> None:
    first, second = run([0, 0, 1], table({})), run([4, 4, 2], table({}))
    assert ids(first) == ids(second)
    assert all(customer.startswith("kc_") for customer in ids(first).values())


def test_a_split_that_gives_an_id_back_says_why() -> None:
    known = table({"r00": ("kc_a", 0), "r01": ("kc_a", 0), "r02": ("kc_a", 2)})
    former = table({"r02": ("kc_b", 1)})
    found = run([0, 0, 1], known, former=former, retired=["kc_b"])
    assert ids(found) == {"r00": "kc_a", "r01": "kc_a", "r02": "kc_b"}
    revived, event = found.events.to_pylist()
    assert (revived["event_type"], revived["customer_id"]) == ("revived", "kc_b")
    assert (event["event_type"], event["customer_id"]) == ("split", "kc_a")
    assert (event["other_customer_id"], event["record_count"]) == ("kc_b", 1)
    assert "undone" in event["reason"]


def test_the_ledger_remembers_what_a_merge_took(tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    seen = []
    with Ledger.open(url) as ledger:
        for number, labels in enumerate([[0, 0, 1], [0, 0, 0], [0, 0, 1]]):
            found = run(
                labels,
                ledger.known_ids(),
                former=ledger.former_ids(),
                retired=ledger.retired_ids(),
            )
            ledger.save_identity(found.person_map, found.events, day(number))
            seen.append((ids(found), ledger.known_ids().sort_by("record_id")))
        retired = seen[0][0]["r02"]
        assert ledger.resolve_id(retired) == retired
    assert len(set(seen[1][0].values())) == 1
    assert seen[2][0] == seen[0][0]
    assert seen[2][1].equals(seen[0][1])


def test_contested_ids_by_the_thousand_are_quick() -> None:
    size = 20_000
    records = pa.array([f"r{n:06}" for n in range(size)])
    pairs = np.repeat(np.arange(size // 2), 2)
    known = pa.table({"record_id": records, "customer_id": pa.array(pairs).cast(pa.string())})
    chain = np.roll(pairs, 1)  # every cluster holds two ids once, every id lies in two clusters
    found = assign(records, chain, known, occurred_at=day(0))
    assert len(found.person_map) == size
    assert len(set(found.person_map["customer_id"].to_pylist())) == size // 2
