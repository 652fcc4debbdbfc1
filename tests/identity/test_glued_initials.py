"""Glued initials: short words in capitals that are nobody's name are letters."""

from __future__ import annotations

import pyarrow as pa
import pytest
from people import RULES, read

from kindred.identity.codes.columns import People
from kindred.identity.reading.reader import TableColumns, read_people

NAMES = ["Peter", "Jo", "Colin", "Ann", "Mary", "Helen", "Susan", "Brian", "Rosemary"]
LETTERS = ["PJ", "BC", "CD", "DF", "FG", "GH", "HJ", "KL", "LM", "NP"]
"""So many that the file shows that somebody writes initials so."""


def place(people: People, behind: int = 0) -> int:
    """The row of the last record, or of one before it: records are sorted by their ids."""
    return people.record_id.index(f"r{len(people) - 1 - behind}").as_py()


def given(people: People) -> str:
    return people.words.values[int(people.given.full[place(people)])].as_py()


def is_letters(people: People, behind: int = 0) -> bool:
    return bool(people.words.is_initial[people.given.first[place(people, behind)]])


@pytest.mark.parametrize(
    ("name", "letters"),
    [("PA", True), ("JO", False), ("IW", True), ("PCD", True), ("Pa", False), ("JR", False)],
)
def test_two_capitals_that_nobody_is_called_are_letters(name: str, letters: bool) -> None:
    names = [*NAMES * 20, *LETTERS, name]
    people = read(given_name=names, family_name=["Kirkdon"] * len(names))
    assert is_letters(people) == letters


def test_a_file_in_capitals_does_not_show_which_words_are_names() -> None:
    names = [*[name.upper() for name in NAMES] * 20, *LETTERS, "PA", "PC"]
    people = read(given_name=names, family_name=["KIRKDON"] * len(names))
    assert not is_letters(people, 1)
    assert is_letters(people)  # no name is without a vowel


def test_a_family_name_is_none() -> None:
    names = [*NAMES * 20, *LETTERS, "XU"]
    people = read(given_name=names, family_name=["Xu"] * len(names))
    assert not is_letters(people)


@pytest.mark.parametrize(
    ("whole", "found"),
    [
        ("MR PA KIRKDON", "pa"),
        ("KIRKDON, JP", "jp"),
        ("JAN DE BOER", "jan"),
    ],
)
def test_they_stand_in_whole_names_too(whole: str, found: str) -> None:
    known = [f"{name} Kirkdon" for name in [*NAMES * 20, *LETTERS]]
    people = read(full_name=[*known, "Jan Bartholomew", whole])
    assert given(people) == found
    assert is_letters(people) == (len(found) == 2)


@pytest.mark.parametrize("whole", ["Colin Kirkdon RN", "KIRKDON BARTHOLOMEW PA", "WU Ann"])
def test_a_degree_a_word_that_was_cut_and_a_short_family_name_are_none(whole: str) -> None:
    names = [f"{name} Kirkdon" for name in [*NAMES * 20, *LETTERS]]
    people = read(full_name=[*names, whole])
    assert people.usage.initials.to_pylist() == sorted(word.lower() for word in LETTERS)


def test_few_records_are_read_as_many_others_taught() -> None:
    names = [*NAMES * 20, *LETTERS, "IO"]
    known = read(given_name=names, family_name=["Kirkdon"] * len(names))
    one = pa.table({"record_id": ["r0"], "given_name": ["IO"], "family_name": ["Kirkdon"]})
    assert is_letters(read_people(TableColumns(one), RULES, usage=known.usage))
    assert not is_letters(read_people(TableColumns(one), RULES))


def test_a_few_such_words_are_abbreviations() -> None:
    names = [*NAMES * 20, "PC", "JL"]
    people = read(given_name=names, family_name=["Kirkdon"] * len(names))
    assert not len(people.usage.initials)
