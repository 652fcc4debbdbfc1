"""Whole names: given and family name in one column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kindred.identity import load_rules
from kindred.identity.codes.columns import Codes, People
from kindred.identity.reading.reader import TableColumns, read_people

NAMES = ["Anna Kowalski", "Kowalski, Anna", "Dr. Anna van der Kowalski", "Jean-Pierre Dumas"]
WHOLE = ["given_name", "family_name"]


def read(usage: People | None = None, **columns: list[str | None]) -> People:
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    ids = pa.array([f"r{n}" for n in range(len(table))])
    rules = load_rules()
    records = TableColumns(table.append_column("record_id", ids))
    return read_people(records, rules, usage=usage.usage if usage else None)


def texts(people: People, codes: np.ndarray) -> list[str | None]:
    values = [*people.words.values.to_pylist(), None]
    return [values[code] for code in codes]


@pytest.mark.parametrize("column", WHOLE)
def test_a_column_of_whole_names_is_parted(column: str) -> None:
    found = read(**{column: NAMES})
    assert texts(found, found.family.full) == ["kowalski"] * 3 + ["dumas"]
    assert texts(found, found.given.first) == ["anna"] * 3 + ["jean"]


@pytest.mark.parametrize("column", WHOLE)
def test_a_word_alone_is_a_family_name(column: str) -> None:
    found = read(**{column: [*NAMES, "Zorro"]})
    assert texts(found, found.family.full)[-1] == "zorro"
    assert texts(found, found.given.full)[-1] is None


def test_names_of_one_word_stay_what_they_are() -> None:
    found = read(given_name=["Anna", "Bram", "Jean Pierre"])
    assert texts(found, found.given.first) == ["anna", "bram", "jean"]
    assert (found.family.full == -1).all()


def test_two_columns_of_names_stay_what_they_are() -> None:
    found = read(given_name=["Jean Pierre", "Anna Maria"], family_name=["Dumas", None])
    assert texts(found, found.family.full) == ["dumas", None]


def test_one_more_record_is_read_as_the_others_were() -> None:
    known = read(given_name=NAMES)
    alone = read(known, given_name=["Zorro"])
    assert texts(alone, alone.family.full) == ["zorro"]
    both = read(known, given_name=["Anna"], family_name=["Kowalski"])
    assert texts(both, both.given.full) == ["anna"]
    assert texts(both, both.family.full) == ["kowalski"]


def test_a_file_without_names_is_read() -> None:
    found = read(email=["a@x.nl"])
    assert isinstance(found.city, Codes)
    assert texts(found, found.family.full) == [None]
