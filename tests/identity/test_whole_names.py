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
    ids = pa.array([f"r{n:03d}" for n in range(len(table))])
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


SPANISH = [("Ana Maria", "Garcia Lopez"), ("Juan", "Ruiz Navarro"), ("Luis", "Garcia Ruiz"),
           ("Maria", "Lopez Soto"), ("Ana", "Navarro Soto")]  # fmt: skip


def both(names: list[tuple[str, str]], whole: list[str], source: str = "bank") -> list[tuple]:
    """Given and family names of whole ones beside names in two columns."""
    found = read(
        given_name=[given for given, _ in names] + [None] * len(whole),
        family_name=[family for _, family in names] + [None] * len(whole),
        full_name=[None] * len(names) + whole,
        source_system=["crm"] * len(names) + [source] * len(whole),
    )
    parts = texts(found, found.given.full), texts(found, found.family.full)
    return list(zip(*parts, strict=True))[len(names) :]


@pytest.mark.parametrize(
    ("whole", "given", "family"),
    [
        ("Ana Maria Garcia Lopez", "anamaria", "garcialopez"),
        ("GARCIA LOPEZ ANA MARIA", "anamaria", "garcialopez"),
        ("Juan Garcia", "juan", "garcia"),
        ("RUIZ LUIS", "luis", "ruiz"),
        ("Luis Ruiz Zorro", "luis", "ruizzorro"),
        ("Ana", "ana", None),
        ("Soto", None, "soto"),
    ],
)
def test_a_whole_name_parts_where_its_words_say(
    whole: str, given: str | None, family: str | None
) -> None:
    assert both(SPANISH * 8, [whole]) == [(given, family)]


def test_initials_behind_a_family_name_are_given_names() -> None:
    names = [("Dirk", "Bakker"), ("Anna", "Visser"), ("Bram", "Smit"), ("Carla", "Bos")] * 5
    whole = ["BAKKER D T VAN", "SMIT A", "B. Visser", "BOS M S DE"]
    assert both(names, whole) == [("dt", "bakker"), ("a", "smit"), ("b", "visser"), ("ms", "bos")]


def test_where_words_say_nothing_the_habit_of_the_source_does() -> None:
    names = [(given, family) for given in ("Anna", "Bram", "Dirk") for family in ("Smit", "Bos")]
    last = [f"{family} {given}" for given, family in names]
    assert both(names * 5, [*last * 3, "Zorro Xandra"])[-1] == ("xandra", "zorro")
    first = [f"{given} {family}" for given, family in names]
    assert both(names * 5, [*first * 3, "Zorro Xandra"])[-1] == ("zorro", "xandra")


def test_whole_names_alone_teach_which_word_is_which() -> None:
    given = ["Anna", "Bram", "Dirk", "Ewa", "Frits", "Greet"]
    family = ["Bakker", "Visser", "Smit", "Bos", "Meijer"]
    forward = [f"{one} {other}" for one in given for other in family] * 2
    found = read(full_name=[*forward, "Smit Anna", "Ewa", "Bos"])
    pairs = zip(texts(found, found.given.full), texts(found, found.family.full), strict=True)
    assert list(pairs)[-3:] == [("anna", "smit"), ("ewa", None), (None, "bos")]


def test_a_file_without_names_is_read() -> None:
    found = read(email=["a@x.nl"])
    assert isinstance(found.city, Codes)
    assert texts(found, found.family.full) == [None]
