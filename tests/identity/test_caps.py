"""Caps: blocks are as large as the data at hand have people in them several times."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from people import TODAY

from kindred.identity import Index, load_rules
from kindred.identity.candidates import caps
from kindred.identity.candidates.blocking_rules import RULES, Rule, rules_for
from kindred.identity.candidates.caps import SIZES
from kindred.identity.candidates.pairing import Shared
from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import candidates_of, match
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weighing import Engine
from kindred.identity.weights.model_file import ModelFile

STARTS = ("Jo", "Ma", "Lu", "Ti", "Ka", "Be", "No", "Fa")
ENDS = ("han", "ria", "kas", "mon", "rel", "nno", "ra", "bian")
GIVEN = [start + end for start in STARTS for end in ENDS]
HOUSES = ("Visser", "Bakker", "Smit", "Jansen", "Mulder", "Bos", "Vos")
FAMILY = [f"{house}{end}" for house in HOUSES for end in ("", "inga", "mans", "veld", "kamp")]
OPTIONAL = ("birth_date", "phone", "city")


def people(count: int, copies: int, names: int | None = None) -> list[dict[str, str]]:
    """So many people with a birth date, a city and a phone; each so many times, never complete.

    names: how many different names there are; None: as many as there are people.
    """
    draw = np.random.default_rng(count)
    rows = []
    for person in range(count):
        own = person % names if names else person
        line = own // len(GIVEN) // len(FAMILY)
        birth = dt.date(1930, 1, 1) + dt.timedelta(days=int(draw.integers(27_000)))
        whole = {
            "given_name": GIVEN[own % len(GIVEN)],
            "family_name": f"{FAMILY[own // len(GIVEN) % len(FAMILY)]}{'a' * line}",
            "birth_date": str(birth),
            "phone": f"06{draw.integers(10**8):08}",
            "city": f"Stad{draw.integers(400)}",
        }
        for _ in range(copies):
            gone = {name for name in OPTIONAL if draw.random() < 0.5}
            rows.append({name: None if name in gone else v for name, v in whole.items()})
    return rows


def read(rows: list[dict[str, str]]):
    table = pa.Table.from_pylist(rows)
    ids = pa.array([f"r{n:06d}" for n in range(len(rows))])
    return read_people(TableColumns(table.append_column("record_id", ids)), load_rules())


def learned(rows: list[dict[str, str]]) -> dict[str, int]:
    return candidates_of(Engine(read(rows)), None)[1]


def test_a_name_of_many_records_is_one_person_where_everybody_is_there_many_times() -> None:
    assert learned(people(600, 10))["names"] >= 10


def test_a_name_of_many_records_is_of_namesakes_where_everybody_is_there_once() -> None:
    found = learned(people(6_000, 1, names=500))
    assert found["names"] <= SIZES[0]
    assert found["birth date and given name"] <= SIZES[0]


def test_where_nobody_is_there_twice_who_comes_later_is_found() -> None:
    """Rules that met nobody yet stay open for blocks of the smallest size."""
    draw = np.random.default_rng(1)
    rows = [
        {"record_id": f"crm:{number}", "given_name": GIVEN[number % 64], "city": "Stad"}
        | {"family_name": FAMILY[number // 64], "email": f"u{number}@x.nl"}
        | {"phone": f"06{draw.integers(10**8):08}", "house_number": str(number % 90 + 1)}
        | {"postal_code": f"{draw.integers(1000, 9999)}AB"}
        for number in range(64 * len(FAMILY))
    ]
    asked = [row | {"record_id": f"ask:{row['record_id']}", "email": None} for row in rows[:100]]
    index = Index(pa.Table.from_pylist(rows))
    assert len(set(index.find(pa.Table.from_pylist(asked))["record_id"].to_pylist())) == 100


@pytest.mark.parametrize("records", [2_000, 60_000])
def test_many_records_of_one_person_meet(records: int) -> None:
    """Sixty records that share an email and names, and nothing else."""
    mine = [{"given_name": "Ann", "family_name": "Smit", "email": "ann@smit.nl"}] * 60
    others = [{"given_name": f"A{n}", "family_name": f"B{n}"} for n in range(records - 60)]
    found, _ = candidates_of(Engine(read([*mine, *others])), None)
    left, right = unpack(found)
    assert ((left < 60) & (right < 60)).sum() == 60 * 59 // 2


def test_a_kept_model_keeps_its_caps(tmp_path: Path) -> None:
    """Else a few new records could change whom all others meet."""
    kept = ModelFile(tmp_path / "model.json", TODAY)
    rows = people(400, 5)
    found = match(read(rows), load_rules(), model_file=kept)
    found.keep_model(kept)
    first = found.model.caps
    assert match(read([*rows, *people(300, 1)]), load_rules(), model_file=kept).model.caps == first
    assert learned([*rows, *people(300, 1)]) != first


def chosen(count: list[float], right: list[float], rule: Rule = RULES[0], records: int = 10) -> int:
    """How many sizes one rule takes; count, right: pairs and those of one person, by size."""
    gaps = [0.0] * (len(SIZES) - len(count))
    numbers = np.array([*count, *gaps]), np.array([*count, *gaps]), np.array([*right, *gaps])
    cap = caps._chosen([rule], *numbers, records=records)[rule.name]
    return int(np.searchsorted(SIZES, cap, side="right"))


def test_larger_blocks_are_taken_as_long_as_enough_of_their_pairs_are_of_one_person() -> None:
    assert chosen([100, 100, 100, 100], [90, 50, 10, 1]) == 3
    assert chosen([100, 100, 100, 100], [90, 50, 1, 60]) == 4
    assert chosen([100, 100], [1, 1]) == 0


def test_names_alone_must_be_right_more_often() -> None:
    names = next(rule for rule in RULES if rule.name == "names")
    assert chosen([100, 100, 100], [90, 40, 10], names) == 2


class OneKey:
    """Keys by which all who meet share every key, and no other."""

    people = range(1_000_000)

    def same(self, _: str, left: np.ndarray, __: np.ndarray) -> np.ndarray:
        return np.ones(len(left), bool)


def test_how_large_a_name_may_be_is_hardly_left_to_the_lot() -> None:
    """Of those of six, most are one person, and of those of eight, 21 in 100: too few."""
    names = next(rule for rule in RULES if rule.name == "names")
    small, large, worlds = 3_000, 3_000, 40
    sizes = np.repeat([6, 8], [small, large])
    starts = np.cumsum(sizes) - sizes
    found = []
    for world in range(worlds):
        rows = np.random.default_rng(world).permutation(sizes.sum())
        size_of = np.empty(len(rows), np.int64)
        size_of[rows] = np.repeat(sizes, sizes)
        luck = np.random.default_rng(world).random(len(rows))

        def weigh(pairs: np.ndarray, _, size_of=size_of, luck=luck) -> np.ndarray:
            left, _ = unpack(pairs)
            return np.where(luck[left] < np.where(size_of[left] == 6, 0.8, 0.21), 20.0, -20.0)

        shared = Shared(names, rows, starts, sizes)
        found.append(caps.learned_caps([shared], OneKey(), weigh)["names"])
    assert found.count(6) >= worlds - 4


def test_where_pairs_are_many_they_must_be_right_more_often() -> None:
    assert chosen([1_000, 1_000], [900, 40]) == 2
    assert chosen([250_000, 250_000], [225_000, 10_000]) == 1


def test_no_rule_brings_more_pairs_than_fit() -> None:
    assert chosen([200_000, 200_000, 200_000], [200_000] * 3, records=10) == 1
    assert chosen([200_000, 200_000, 200_000], [200_000] * 3, records=100_000) == 3


def test_identifiers_named_as_a_column_have_caps_of_their_own() -> None:
    """Five keys that all share say nothing; emails, of which everybody has his own, do."""
    rows = people(800, 2)
    for number, row in enumerate(rows):
        row |= {"email": f"u{number // 2}@x.nl", "identifier_email": f"k{number % 5}"}
        row |= {"identifier_phone": f"p{number}"}
    names = [rule.name for rule in rules_for(read(rows))]
    assert len(set(names)) == len(names)
    found = learned(rows)
    assert found["email"] > 0
    assert found["identifier_email"] <= SIZES[0]
