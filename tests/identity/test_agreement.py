"""Levels of agreement: dates, and what the address of the data at hand can say."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest
from people import identifiers, read

from kindred.identity import load_rules
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weights.agreement import Comparer
from kindred.identity.weights.date_agreement import date_levels
from kindred.identity.weights.levels import (
    ADDRESS,
    NONE,
    Address,
    Birth,
    Family,
    Field,
    Given,
    Value,
    Year,
)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (19740101, 19800101, Birth.DECADE),  # two years, no days
        (19740101, 19490101, Birth.DIFFERENT),
        (19740101, 19750101, Birth.CLOSE),  # a slip of the hand all the same
        (19740101, 19740622, Birth.PART),
        (19740622, 19740101, Birth.PART),
        (19740622, 19840622, Birth.CLOSE),
        (19740622, 19950622, Birth.PART),
        (19740622, 19740226, Birth.YEAR),
        (19740309, 19740903, Birth.CLOSE),
    ],
)
def test_how_far_two_birth_dates_agree(one: int, other: int, level: Birth) -> None:
    found = date_levels(np.array([one]), np.array([other]))
    assert Birth(found[0]) == level


def comparer(**columns: list[str | None]) -> Comparer:
    return Comparer(read(**columns))


def given_level(**columns: Iterable[str | None]) -> Given:
    """How far the given names of two records of one family agree."""
    found = comparer(family_name=["Woods", "Woods"], **columns)
    return Given(found.compare(np.array([0]), np.array([1])).levels["given"][0])


@pytest.mark.parametrize(
    ("other", "level"),
    [("B.", Family.INITIAL), ("K", Family.DIFFERENT), ("Bakkers", Family.CLOSE)],
)
def test_a_letter_may_be_a_family_name_s_first_one(other: str, level: Family) -> None:
    """Forums and shops show people as Anna B."""
    found = comparer(given_name=["Anna", "Anna"], family_name=["Bakker", other])
    levels = found.compare(np.array([0]), np.array([1])).levels
    assert Family(levels["family"][0]) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Jean Pierre", "Jean-Marc", Given.DIFFERENT),
        ("Maria Carmen", "Maria Jose", Given.DIFFERENT),
        ("Jose Manuel", "Pepe Luis", Given.DIFFERENT),
        ("Maria", "Maria Carmen", Given.CLOSE),
        ("Maria del Carmen", "Maria Carmen", Given.EXACT),
        ("Maria Carmen", "Maria Carmen Victoria", Given.CLOSE),
        ("Jean P.", "Jean Pierre", Given.CLOSE),
        ("Jean Pierre", "Jean Piere", Given.CLOSE),
        ("John William", "John Bill", Given.CLOSE),
        ("Kyung-sook", "Kyung-suk", Given.CLOSE),
        ("Thomas C", "Thomas & Lisa", Given.CLOSE),
        ("Peter", "Hans-Peter", Given.SIMILAR),
        ("Linh", "Thi Linh", Given.SIMILAR),
        ("Maria", "Anna Maria", Given.SIMILAR),
        ("Pepe", "Luis Jose", Given.SIMILAR),
        ("Linh", "Thi Anh", Given.DIFFERENT),
        ("S.", "F. Scott", Given.DIFFERENT),
        ("Anh Thi", "Thi Anh", Given.SIMILAR),
        ("J. P.", "Jean Pierre", Given.INITIAL),
    ],
)
def test_double_names_agree_in_both_of_their_names(one: str, other: str, level: Given) -> None:
    assert given_level(given_name=[one, other]) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Dick", "Diederik", Given.CLOSE),
        ("Dick", "Richard", Given.CLOSE),
        ("Richard", "Dick", Given.CLOSE),
        ("Dick", "Rick", Given.CLOSE),
        ("Sam", "Samantha", Given.CLOSE),
        ("Richard", "Diederik", Given.DIFFERENT),
        ("Dick", "William", Given.DIFFERENT),
        ("R.", "Dick", Given.INITIAL),
        ("Dick", "D.", Given.INITIAL),
        ("G.", "Bert", Given.INITIAL),
        ("W. H.", "Bill", Given.INITIAL),
        ("B.", "William", Given.DIFFERENT),
    ],
)
def test_a_nickname_may_stand_for_several_names(one: str, other: str, level: Given) -> None:
    assert given_level(given_name=[one, other]) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("Marie", None), ("Brittany", "Marie"), Given.SIMILAR),
        (("Brittany", "Marie"), ("Marie", None), Given.SIMILAR),
        (("Bill", None), ("George", "William"), Given.SIMILAR),
        (("Marie", None), ("Brittany", "M."), Given.DIFFERENT),
        (("Marie", "Brittany"), ("Marie", "Ann"), Given.EXACT),
        (("Marie", None), ("Brittany", None), Given.DIFFERENT),
        (("Ville A. K.", None), ("Ville Antero Kalevi", None), Given.CLOSE),
        (("Maria Ana", None), ("Maria Antonieta", None), Given.DIFFERENT),
    ],
)
def test_one_may_be_called_by_a_middle_name(
    one: tuple[str, str | None], other: tuple[str, str | None], level: Given
) -> None:
    given, middle = zip(one, other, strict=True)
    assert given_level(given_name=given, middle_name=middle) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("García López", "García Pérez", Family.SIMILAR),  # father and child
        ("García López", "Ruiz García", Family.SIMILAR),
        ("García López", "García Lopes", Family.CLOSE),
        ("García López", "García L.", Family.CLOSE),
        ("García López", "García", Family.CLOSE),
        ("García López", "López García", Family.CLOSE),
        ("García López", "Ruiz Pérez", Family.DIFFERENT),
        ("Silva Santos", "Silva Santos Pereira", Family.CLOSE),
    ],
)
def test_one_of_two_family_names_is_that_of_a_relative(one: str, other: str, level: Family) -> None:
    people = comparer(given_name=["Ana", "Ana"], family_name=[one, other])
    found = people.compare(np.array([0]), np.array([1]))
    assert Family(found.levels["family"][0]) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("1964-03-09", None), (None, "els1964@kpn.nl"), Year.EXACT),
        (("1964-03-09", "e.bos75@kpn.nl"), (None, "els1964@kpn.nl"), Year.EXACT),
        (("1964-03-09", None), (None, "els1946@kpn.nl"), Year.DIFFERENT),
        (("1964-03-09", None), (None, "els64@kpn.nl"), Year.DIGITS),
        (("1964-03-09", None), (None, "els46@kpn.nl"), Year.DIGITS_DIFFER),
        ((None, "bos64@kpn.nl"), (None, "els1964@kpn.nl"), Year.DIGITS),
        (("1964-03-09", None), ("1964-03-09", "els1964@kpn.nl"), NONE),
        (("1964-03-09", "els1964@kpn.nl"), (None, "els1964@kpn.nl"), NONE),
        (("1964-03-09", None), (None, "els@kpn.nl"), NONE),
    ],
)
def test_an_email_may_name_the_year_that_a_record_leaves_out(
    one: tuple, other: tuple, level: int
) -> None:
    births, emails = zip(one, other, ("1950-01-02", "jan50@kpn.nl"), strict=True)
    people = comparer(
        given_name=["Els"] * 3, family_name=["Bos"] * 3, birth_date=births, email=emails
    )
    assert people.compare(np.array([0]), np.array([1])).levels["year"][0] == level


def test_numbers_in_emails_are_no_years_where_no_birth_dates_show_it() -> None:
    people = comparer(family_name=["Bos"] * 2, email=["els1964@kpn.nl", "jan64@kpn.nl"])
    assert "year" not in {field.name for field in people.fields}


def address(**columns: list[str | None]) -> Field:
    return next(field for field in comparer(**columns).fields if field.name == "address")


STREET, HOUSE, POSTAL, CITY = ({"street": ["Dorpsstraat"]}, {"house_number": ["7"]},
                               {"postal_code": ["9999ZX"]}, {"city": ["Urk"]})  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "best"),
    [
        (STREET | HOUSE | POSTAL | CITY, Address.SAME),
        (HOUSE | POSTAL, Address.SAME),
        (STREET | POSTAL, Address.NEAR),
        (STREET | CITY, Address.NEAR),
        (POSTAL | CITY, Address.AREA),
        (STREET, Address.AREA),
        (CITY, Address.CITY),
    ],
)
def test_no_more_is_expected_of_an_address_than_its_columns_can_say(columns, best) -> None:
    field = address(**columns)
    assert sum(field.match) == pytest.approx(sum(ADDRESS.match))
    assert sum(field.household) == pytest.approx(sum(ADDRESS.household))
    assert not any(field.match[best:])
    assert field.match[best - 1] == pytest.approx(sum(ADDRESS.match[best - 1 :]))


def test_houses_are_no_more_than_streets_to_who_learned_of_streets() -> None:
    """House numbers come to an index that was built before there were any."""
    streets = {"street": ["Kerkstraat", "Kerkstraat"], "postal_code": ["1012AB", "1012AB"]}
    fields = comparer(**streets).fields
    later = comparer(**streets, house_number=["1", "1"])
    assert later.compare(np.array([0]), np.array([1])).levels["address"].tolist() == [Address.SAME]
    later.fields = fields
    assert later.compare(np.array([0]), np.array([1])).levels["address"].tolist() == [Address.NEAR]


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("47th Ave", "48th Ave", Address.CITY),
        ("W 147th St", "W 148th St", Address.CITY),
        ("Carrera 47", "Carrera 48", Address.CITY),
        ("Calle 47", "Calle 48", Address.CITY),
        ("1e Jan Steenstraat", "2e Jan Steenstraat", Address.CITY),
        ("1e Jan Steenstraat", "1e Jan Stenstraat", Address.SAME),
        ("1e Jan Steenstraat", "Jan Steenstraat", Address.SAME),
        ("W 147th St", "w. 147TH street", Address.SAME),
    ],
)
def test_streets_of_two_numbers_are_two_streets(one: str, other: str, level: Address) -> None:
    found = comparer(street=[one, other], house_number=["7", "7"], city=["York", "York"])
    assert found.compare(np.array([0]), np.array([1])).levels["address"].tolist() == [level]


def test_a_city_misspelt_is_the_same_city() -> None:
    found = comparer(
        street=["Dorpsstraat"] * 4,
        city=["Groningen", "Gronigen", "Groningen", "Zwolle"],
    )
    level = found.compare(np.array([0, 0, 0]), np.array([1, 2, 3])).levels["address"]
    assert level[0] == level[1] > level[2]


@pytest.mark.parametrize(
    ("other", "level"),
    [
        (("Yinglong", "Li"), Given.SWAPPED),
        (("Yinlong", "Li"), Given.SWAPPED),  # a slip of the hand
        (("Yinglong", "Lau"), Given.DIFFERENT),  # sounds like it, and is another name
    ],
)
def test_names_that_changed_places_are_alike(other: tuple[str, str], level: Given) -> None:
    one = comparer(given_name=["Li", other[0]], family_name=["Yinglong", other[1]])
    found = one.compare(np.array([0]), np.array([1]))
    assert Given(found.levels["given"][0]) == level


def test_texts_in_two_scripts_cannot_be_compared() -> None:
    """Other words in one script differ; a postal code says what it says."""
    people = comparer(
        city=["台北市", "Taipei", "高雄市", "Taipei"],
        postal_code=[None, None, None, "106"],
        middle_name=["محمد", "Mohammed", "علي", None],
        attribute_birth_place=["台北市", "Taipei", "高雄市", None],
    )
    found = people.compare(np.array([0, 0, 1]), np.array([1, 2, 2])).levels
    for name, differs in (
        ("address", Address.DIFFERENT),
        ("middle", Value.DIFFERENT),
        ("attribute_birth_place", Value.DIFFERENT),
    ):
        assert found[name].tolist() == [NONE, differs, NONE], name


def test_a_phone_has_one_owner_whatever_the_script_of_his_name() -> None:
    names = ["偉磊", "Weilei", "偉磊", "Anna", "Bram"]
    phones = ["0952557949"] * 3 + ["0618273645"] * 2
    chance = comparer(given_name=names, phone=phones).chance["phone"]
    assert chance[0] == chance[1] == chance[2] < chance[3] == chance[4] < 0


def test_equal_initials_are_initials_and_no_equal_names() -> None:
    found = comparer(given_name=["A.", "A.", "Anna"]).compare(np.array([0, 0]), np.array([1, 2]))
    assert found.levels["given"].tolist() == [Given.INITIAL, Given.INITIAL]


def test_where_one_record_names_its_country_a_name_is_as_frequent_as_in_between() -> None:
    """Smit is frequent in the Netherlands and rare elsewhere; the other may be of either."""
    names = ["Smit"] * 5 + ["Anders"] * 5
    found = comparer(family_name=names, country_code=["NL"] * 3 + [None] * 7)
    chance = found.compare(np.array([0, 0, 3, 3]), np.array([1, 3, 0, 4])).chance["family"]
    assert chance[0] > chance[1] == chance[2] > chance[3]


def with_cookies(given: list[str], *cookies: tuple[str, str]) -> Comparer:
    """People of these given names, the first of them `r0`, with cookies."""
    table = pa.table({"record_id": [f"r{n}" for n in range(len(given))], "given_name": given})
    shared = identifiers(*((record, "cookie", value) for record, value in cookies))
    return Comparer(read_people(TableColumns(table), load_rules(), shared))


def test_an_identifier_is_as_frequent_whichever_of_its_records_values_it_is() -> None:
    """First of one record's values and second of another's, it has the owners of both."""
    alone = with_cookies(["Anna", "Bram"], ("r0", "b"), ("r1", "b"))
    among = with_cookies(["Anna", "Bram"], ("r0", "b"), ("r1", "a"), ("r1", "b"))
    pair = np.array([0]), np.array([1])
    one, other = (found.compare(*pair).chance["identifier_cookie"] for found in (alone, among))
    assert one.tolist() == other.tolist()


def test_that_somebody_has_two_identifiers_changes_nothing_for_two_others() -> None:
    cookies = ("r0", "9001001"), ("r1", "9001002"), ("r2", "5555555")
    level = []
    for more in ((), (("r2", "7777777"),)):
        found = with_cookies(["Anna", "Anna", "Bram"], *cookies, *more)
        level.append(found.compare(np.array([0]), np.array([1])).levels["identifier_cookie"][0])
    assert level == [Value.CLOSE, Value.CLOSE]


@pytest.mark.parametrize(("has", "level"), [(1, Value.CLOSE), (2, Value.DIFFERENT)])
def test_of_several_identifiers_one_that_resembles_another_is_another(
    has: int, level: Value
) -> None:
    """Of ten cookies that somebody has, some resemble somebody's by chance."""
    cookies = [("r0", "9001001"), ("r0", "9555555")][:has]
    found = with_cookies(["Anna", "Anna"], *cookies, ("r1", "9001002"))
    levels = found.compare(np.array([0]), np.array([1])).levels["identifier_cookie"]
    assert Value(levels[0]) == level
