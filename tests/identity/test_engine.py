"""The engine: what chance is, whichever people there are."""

from __future__ import annotations

import random

import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity import evaluate, load_rules
from kindred.identity.codes.columns import People
from kindred.identity.engine import match
from kindred.identity.reading.reader import TableColumns, read_people

RULES = load_rules()


def two_systems(countries: tuple[str | None, str | None], count: int = 1_200) -> list[dict]:
    """People of whom each of two systems has a record, with the country that it writes."""
    draw = random.Random(5)
    given = ["".join(draw.choices("abdeiklmnorst", k=5)) for _ in range(90)]
    family = ["".join(draw.choices("abdeiklmnorstvw", k=7)) for _ in range(400)]
    rows = []
    for n in range(count):
        who = {"given_name": draw.choice(given), "family_name": draw.choice(family),
               "birth_date": f"19{draw.randrange(40, 99)}-0{draw.randrange(1, 9)}-11",
               "email": f"{n}@ziggo.nl",
               "postal_code": f"{draw.randrange(1000, 3000)}AB"}  # fmt: skip
        for system, country in enumerate(countries):
            kept = {name: v for name, v in who.items() if name != "email" or draw.random() < 0.5}
            own = {"source_system": f"s{system}", "country_code": country}
            rows.append({"record_id": f"{draw.randrange(10**9):09}:{n:05}", **own, **kept})
    return rows


def read(rows: list[dict], *, by_hash: bool = False) -> People:
    return read_people(TableColumns(pa.Table.from_pylist(rows)), RULES, by_hash=by_hash)


def quality(rows: list[dict]) -> float:
    people = read(rows)
    label = match(people, RULES).label
    found = pa.table({"record_id": people.record_id, "customer_id": label})
    person = pc.utf8_slice_codeunits(people.record_id, 10)
    truth = pa.table({"record_id": people.record_id, "person_id": person})
    return evaluate(found, truth).pair_f1


def test_systems_that_write_their_country_otherwise_are_matched_as_others_are() -> None:
    """No two records of one country were of two systems: that weighed 16 bits for each pair of two
    systems, and nearly everybody was one person."""
    for countries in (("NL", "NL"), ("NL", None), ("NL", "BE"), ("NL", "Nederland")):
        assert quality(two_systems(countries)) > 0.95, countries


def test_the_order_of_rows_does_not_matter_even_where_ids_ascend() -> None:
    rows = two_systems(("NL", "NL"), 300)
    ascending = read(sorted(rows, key=lambda row: row["record_id"]), by_hash=True)
    shuffled = read(rows, by_hash=True)
    assert ascending.record_id.equals(shuffled.record_id)
    one, other = (match(people, RULES).label.tolist() for people in (ascending, shuffled))
    assert one == other
