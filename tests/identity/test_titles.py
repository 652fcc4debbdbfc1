"""Titles: which gender a form of address tells."""

from __future__ import annotations

import pytest
from people import read


@pytest.mark.parametrize("times", [1, 100])
@pytest.mark.parametrize(
    ("whole", "gender"),
    [
        ("Mrs Smith", "f"),
        ("MR. P EVANS", "m"),
        ("Mw. Brouwer - de Vries", "f"),
        ("de heer Smit", "m"),
        ("Madame Lefèvre", "f"),
        ("Mr & Mrs J Smith", None),
        ("Frau und Herr Meier", None),
        ("Dr. Smith", None),
        ("Mister", None),
        ("Msida Borg", None),
        ("Hrubec Jan", None),
        ("den heer Smit", "m"),
        ("Pan Li", None),
        ("Don Miller", None),
        ("Sr. Mary Joseph", None),
        (None, None),
    ],
)
def test_a_title_tells_the_gender(whole: str | None, gender: str | None, times: int) -> None:
    column = read(full_name=[whole, "Jan Smit"] * times).gender
    assert [*column.values.to_pylist(), None][column.codes[0]] == gender


def test_a_gender_that_is_said_stays() -> None:
    column = read(full_name=["Mr Kim Park", "Mr Kim Lee"], gender=["female", None]).gender
    assert [column.values[int(code)].as_py() for code in column.codes] == ["f", "m"]


@pytest.mark.parametrize(
    ("whole", "family"),
    [
        ("Mw. Brouwer - de Vries", "brouwervries"),
        ("Mevr. van den Berg-Smit", "bergsmit"),
        ("mevrouw Peters", "peters"),
        ("de heer Smit", "smit"),
        ("Frau Meier-Schulz", "meierschulz"),
    ],
)
def test_behind_a_title_is_a_family_name(whole: str, family: str) -> None:
    people = read(full_name=[whole, "Jan Smit", "Anna Bakker"])
    assert people.words.values[int(people.family.full[0])].as_py() == family
    assert people.given.full[0] < 0


@pytest.mark.parametrize(
    ("whole", "family"), [("Don Bradman-Jones", "jones"), ("Pan Wei-Ming", "ming")]
)
def test_what_is_a_name_as_well_is_no_title(whole: str, family: str) -> None:
    people = read(full_name=[whole, "Jan Smit", "Anna Bakker"])
    assert people.words.values[int(people.family.full[0])].as_py() == family


def test_who_has_a_given_name_keeps_it() -> None:
    people = read(full_name=["Mw. Anne-Marie Smit", "Jan Smit", "Anna Bakker"])
    assert people.words.values[int(people.given.full[0])].as_py() == "annemarie"
