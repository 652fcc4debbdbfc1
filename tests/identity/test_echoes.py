"""Echoes: several attributes that say one thing count once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kindred.identity import load_rules
from kindred.identity.codes.columns import People
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weights.agreement import Comparer
from kindred.identity.weights.echoes import echoes
from kindred.identity.weights.levels import NONE, Value

CITY = ["Ede", "Epe", "Goes", "Urk"]
REGION = {"Ede": "east", "Epe": "east", "Goes": "west", "Urk": "north"}


def people() -> People:
    dealers = [n * n % 13 for n in range(200)]
    city = [CITY[dealer % 4] for dealer in dealers]
    columns = {
        "attribute_dealer": [f"dealer {d:07x}" for d in np.array(dealers) * 7_919_111],
        "attribute_city": [None if n % 50 == 7 else name for n, name in enumerate(city)],
        "attribute_region": [REGION[name] for name in city],
        "attribute_colour": [["red", "blue", "green"][n % 3] for n in range(200)],
        "attribute_key": [f"{n}" for n in range(200)],
    }
    table = pa.table({"record_id": [f"{n:03}" for n in range(200)], **columns})
    return read_people(TableColumns(table), load_rules())


def test_what_follows_from_others_is_seen() -> None:
    found = echoes(people().attributes)
    assert found["city"] == ("dealer",)
    assert set(found["region"]) == {"dealer", "city"}
    assert found["dealer"] == found["colour"] == found["key"] == ()


def test_of_two_that_say_each_other_the_second_is_the_echo() -> None:
    attributes = people().attributes
    twice = {"one": attributes["dealer"], "two": attributes["dealer"]}
    assert echoes(twice) == {"one": (), "two": ("one",)}


def test_an_echo_says_nothing_where_what_it_follows_from_agrees() -> None:
    dealers = [n * n % 13 for n in range(200)]
    left = np.zeros(200, np.int64)
    levels = Comparer(people()).compare(left, np.arange(200)).levels
    same = np.array(dealers) == dealers[0]
    assert (levels["attribute_dealer"][same] == Value.EXACT).all()
    assert (levels["attribute_region"][same] == NONE).all()
    apart = levels["attribute_dealer"] == Value.DIFFERENT
    again = apart & (levels["attribute_city"] >= Value.CLOSE)
    assert again.any()
    assert (levels["attribute_region"][again] == NONE).all()
    told = apart & (levels["attribute_city"] < Value.CLOSE)
    assert set(levels["attribute_region"][told]) == {Value.DIFFERENT, Value.EXACT}
