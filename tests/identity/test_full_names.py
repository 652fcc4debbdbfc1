"""Full names: which are one, and how many people should have each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from people import RULES, record, records

from kindred.identity.codes.columns import People
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.namesakes import LEAST, MOST, NO_NAMESAKES, full_names

SYLLABLES = ("ba", "du", "fi", "go", "ha", "ke", "lo", "mi", "nu", "po")
GIVEN, FAMILY = SYLLABLES, [f"{name}sma" for name in SYLLABLES]


def named(*names: tuple[str, str, str | None]) -> People:
    """Records by given name, family name and country."""
    rows = [
        record(f"r{n:04}", given=given, family=family, country=country)
        for n, (given, family, country) in enumerate(names)
    ]
    return read_people(TableColumns(records(*rows)), RULES)


def test_a_full_name_is_of_its_country_and_the_same_whoever_else_is_there() -> None:
    countries = ["BE", "DE", "DK", "ES", "FI", "FR", "GB", "IT", "NL", "NO", "PL", "SE", None]
    people = named(*(("Anna", "Berg", country) for country in countries), ("Berg", "Anna", "NL"))
    found = full_names(people)
    assert len(np.unique(found)) == len(people)
    for rows in ([0, 3], [12], [3, 12]):
        assert full_names(people.take(np.array(rows))).tolist() == found[rows].tolist()


def test_two_names_are_no_more_frequent_than_either_of_them() -> None:
    """All of one country have one given name, and all of another one family name."""
    dutch = [("Anna", FAMILY[n % 8], "NL") for n in range(200)]
    belgian = [(GIVEN[n % 8], "Berg", "BE") for n in range(200)]
    chance = Frequencies(named(*dutch, *belgian))
    chance.know(replace(NO_NAMESAKES, others=np.full(MOST - LEAST + 1, 64, np.uint8)))
    most = np.minimum(-chance["given"], -chance["family"])
    assert np.array_equal(chance["namesakes"], most)
    assert most.max() < 8


def test_among_few_records_as_many_are_foretold_as_these_would_have() -> None:
    """Of a hundred, ten have each name: one has both."""
    chance = Frequencies(named(*((GIVEN[n % 10], FAMILY[n // 10], "NL") for n in range(100))))
    steps = np.arange(MOST - LEAST + 1, dtype=np.uint8) // 2
    chance.know(replace(NO_NAMESAKES, others=steps))
    assert chance["namesakes"] == pytest.approx(steps[-LEAST] / 8)
