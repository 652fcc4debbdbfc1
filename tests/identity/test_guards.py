"""Guards: what looks like more than one person keeps its last good state and is listed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from people import RULES, Town, customers, decisions, record, records

from kindred.identity import Index
from kindred.identity.clusters import clustering
from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import match
from kindred.identity.reading.reader import TableColumns, read_people


def copies(count: int, **values: str) -> list[dict]:
    """Records of one person, each with a system of its own so that none repeats another."""
    rows = {"given": "Anna", "family": "Quaedvlieg", "email": "anna.q@ziggo.nl"} | values
    return [record(f"s{n:02}:1", **rows) for n in range(count)]


def held(town: Town, rows: list[dict], **more: object) -> tuple[set[frozenset[str]], list[dict]]:
    """The clusters of these records, and the reviews of whole clusters."""
    found = town.resolve(*rows, **more)
    reviews = [row for row in found.reviews.to_pylist() if row["kind"] == "cluster"]
    return town.of(found, *rows), [r for r in reviews if r["record_id_1"] not in town.ids]


def test_a_cluster_over_the_cap_is_held(town: Town) -> None:
    rules = RULES.model_copy(update={"cluster_cap": 6})
    rows = copies(7)
    clusters, [review] = held(town, rows, rules=rules)
    assert len(clusters) == 7
    assert (review["reason"], review["record_count"]) == ("more than 6 records", 7)
    assert (review["record_id_1"], review["record_id_2"]) == ("s00:1", None)
    assert held(town, rows[:6], rules=rules) == ({frozenset(r["record_id"] for r in rows[:6])}, [])


def test_what_is_too_large_to_open_is_held_too(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its records would be single customers from one day to the next, and nobody told."""
    monkeypatch.setattr(clustering, "COMPONENT_CAP", 5)
    rows = copies(7, phone="0612349876", born="1971-06-14")
    assert held(town, rows) == ({frozenset(row["record_id"] for row in rows)}, [])
    before = town.resolve(*rows[:4]).person_map
    rules = RULES.model_copy(update={"cluster_cap": 6})
    clusters, [review] = held(town, rows, rules=rules, ids=before)
    assert review["record_count"] == 7
    assert frozenset(row["record_id"] for row in rows[:4]) in clusters


def test_what_is_held_stays_as_it_was_known(town: Town) -> None:
    rules = RULES.model_copy(update={"cluster_cap": 6})
    rows = copies(7)
    before = town.resolve(*rows[:6], rules=rules).person_map
    after = town.resolve(*rows, rules=rules, ids=before)
    # of the town others may be on the edge, where a record more decides
    ids = [row["record_id"] for row in rows]
    was, now = customers(before), customers(after.person_map)
    assert [now[record_id] for record_id in ids[:6]] == [was[record_id] for record_id in ids[:6]]
    theirs = {now[record_id] for record_id in ids}
    told = [row["event_type"] for row in after.events.to_pylist() if row["customer_id"] in theirs]
    assert told == ["minted"]
    assert len(town.resolve(*rows, rules=rules, ids=after.person_map).events) == 0


def test_a_split_holds_in_what_is_held(town: Town) -> None:
    rows = copies(8)
    known = town.resolve(*rows).person_map
    parted = [(one["record_id"], other["record_id"], "different")
              for one in rows[:4] for other in rows[4:]]  # fmt: skip
    rules = RULES.model_copy(update={"cluster_cap": 3})
    clusters, reviews = held(town, rows, rules=rules, ids=known, decisions=decisions(*parted))
    assert len(reviews) == 2
    assert clusters == {frozenset(r["record_id"] for r in part) for part in (rows[:4], rows[4:])}


def test_more_values_of_an_identifier_than_a_person_has_are_held(town: Town) -> None:
    rows = copies(2)
    shared = tuple((row["record_id"], "national_id", f"90010{n}") for n, row in enumerate(rows))
    clusters, [review] = held(town, rows, shared=shared)
    assert len(clusters) == 2
    assert review["reason"] == "more than 1 values of national_id"


def test_birth_dates_of_two_generations_are_held(town: Town) -> None:
    rows = copies(1, born="1950-01-01") + copies(3)[1:2] + copies(3, born="1981-06-30")[2:]
    clusters, reviews = held(town, rows)
    assert not any({"s00:1", "s02:1"} <= group for group in clusters)
    assert {review["reason"] for review in reviews} <= {"birth dates far apart"}


@pytest.mark.parametrize(
    ("births", "broken"),
    [
        (("1950-03-12", "1980-03-12"), False),
        (("1950-03-12", "1950-03-21", "1979-03-12", "1980-03-12"), False),
        (("1950-03-12", "1963-05-07"), True),
        (("1950-03-12", "1963-05-07", "1980-03-12"), True),
        ((None, "1950-03-12", "1963-05-07", "1980-03-12"), True),
    ],
)
def test_a_slip_of_the_hand_between_two_birth_dates_excuses_no_third(
    town: Town, births: tuple[str | None, ...], broken: bool
) -> None:
    rows = [record(f"s{n:02}:1", given="Anna", born=born) for n, born in enumerate(births)]
    shared = tuple((row["record_id"], "sap_customer_id", "K-7") for row in rows)
    _, reviews = held(town, rows, shared=shared)
    assert ["birth dates far apart"] * broken == [review["reason"] for review in reviews]


def test_pairs_that_nearly_match_are_listed(town: Town) -> None:
    found = town.resolve()
    pairs = [row for row in found.reviews.to_pylist() if row["kind"] == "pair"]
    ids = customers(found.person_map)
    low = 1 / (1 + 2**-RULES.thresholds.review)
    assert pairs
    for row in pairs:
        assert low <= row["probability"] <= 0.5
        assert ids[row["record_id_1"]] != ids[row["record_id_2"]]
    assert len({row["review_id"] for row in found.reviews.to_pylist()}) == len(found.reviews)


@pytest.mark.parametrize("room", [0, 1])
def test_nobody_is_taken_in_whom_copies_leave_no_room(town: Town, room: int) -> None:
    """A cluster that was full with its copies would be held as a whole for one more."""
    found = match(read(town.people), RULES)
    ids = found.people.record_id.to_pylist()
    told = {row["record_id"]: row for row in town.people.to_pylist()}
    pair = [ids[int(end[found.joined.place[0]])] for end in unpack(found.pairs)]
    number = ids.index(pair[0])
    cluster = {ids[row] for row in np.flatnonzero(found.joined.label == found.joined.label[number])}
    enough = ("given_name", "family_name", "birth_date")
    one = next(told[name] for name in sorted(cluster) if all(told[name][key] for key in enough))
    again = [one | {"record_id": f"{one['record_id']}:{n}"} for n in range(3)]
    table = pa.concat_tables([town.people, records(*again)])
    rules = RULES.model_copy(update={"cluster_cap": len(cluster) + 2 + room})
    whole, index = Index(table, rules), Index(town.people, rules)
    index.update(records(*again))
    for person in (customers(found.person_map()) for found in (whole, index)):
        of = {person[name] for name in cluster}
        assert len(of) == (1 if room else 2)
        assert person[one["record_id"]] == person[again[0]["record_id"]]


def read(table: pa.Table) -> People:
    return read_people(TableColumns(table), RULES)
