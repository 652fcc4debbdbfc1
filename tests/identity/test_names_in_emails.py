"""Names in emails: what is read where a record lacks a name, and where nothing is."""

from __future__ import annotations

import pyarrow as pa
import pytest
from people import identifiers

from kindred.identity import load_rules
from kindred.identity.codes.columns import People
from kindred.identity.reading.reader import TableColumns, read_people

Row = tuple[str | None, str | None, str | None]
TOWN: list[Row] = [("Maria", "Smit", None), ("Anna", "Visser", None), ("Jan", "Bakker", None)]


def read(rows: list[Row], usage: People | None = None, told: tuple[int, ...] = ()) -> People:
    """People; told: rows that have an identifier."""
    columns = {
        name: pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(("given_name", "family_name", "email"))
    }
    ids = pa.array([f"r{n:03d}" for n in range(len(rows))])
    table = TableColumns(pa.table({"record_id": ids, **columns}))
    accounts = identifiers(*((f"r{row:03d}", "account", f"a{row}") for row in told))
    return read_people(table, load_rules(), accounts, usage=usage.usage if usage else None)


def names(people: People, row: int = -1) -> tuple[str | None, str | None]:
    words, both = people.words.values, (people.given.full[row], people.family.full[row])
    return tuple(words[int(code)].as_py() if code >= 0 else None for code in both)


@pytest.mark.parametrize(
    ("row", "given"),
    [
        ((None, "Bos", "maria.bos@kpn.nl"), "maria"),
        ((None, "Bos", "bos.maria64@kpn.nl"), "maria"),
        ((None, "Bos", "mariabos@kpn.nl"), "maria"),
        ((None, "Bos", "m.bos@kpn.nl"), "m"),
        ((None, "Bos", "mbos12@kpn.nl"), "m"),
        ((None, "van der Meer", "anna.vandermeer@kpn.nl"), "anna"),
        ((None, "van der Meer", "annavandermeer@kpn.nl"), "anna"),
        ((None, "van der Meer", "avandermeer@kpn.nl"), "a"),
        ((None, "van der Meer", "anna.vandermeer@gmail.com"), "anna"),
        ((None, "Bos", "ronena.bos@kpn.nl"), "ronena"),
        ((None, "Bos", "xqibos@kpn.nl"), None),  # letters that nobody is named by
        ((None, "Bos", "bos@kpn.nl"), None),
        ((None, "Bos", "familie.bos@kpn.nl"), None),
        ((None, "Bos", "maria.visser@kpn.nl"), None),  # another name: nothing tells which is which
        ((None, "Li", "julia@kpn.nl"), None),
    ],
)
def test_an_email_with_the_family_name_spells_the_given_name(row: Row, given: str | None) -> None:
    assert names(read([*TOWN, row]))[0] == given


def test_an_email_spells_both_names_of_who_has_none() -> None:
    assert names(read([*TOWN, (None, None, "bos.maria@kpn.nl")])) == ("maria", "bos")


@pytest.mark.parametrize(
    ("email", "both"),
    [
        ("jvisser@kpn.nl", ("j", "visser")),
        ("j.visser@gmail.com", ("j", "visser")),
        ("jvandervisser12@kpn.nl", ("j", "visser")),
        ("bakker@kpn.nl", (None, None)),  # nobody is Akker
        ("jxqi@kpn.nl", (None, None)),
    ],
)
def test_a_letter_before_a_family_name_is_an_initial(email: str, both: tuple) -> None:
    assert names(read([*TOWN, (None, None, email)])) == both
    assert names(read([*TOWN, ("Jan", None, email)]))[1] == both[1]


def test_a_name_of_many_is_no_initial_and_a_name_of_few() -> None:
    town: list[Row] = [*TOWN, *[("Jan", "Jansen", None)] * 3, ("Eva", "Ansen", None)]
    assert names(read([*town, (None, None, "jansen@kpn.nl")])) == (None, None)


OTHERS: list[Row] = [*TOWN, ("Jan", "Smit", "maria.smit@kpn.nl")]


@pytest.mark.parametrize("family", [None, "Smit"])
def test_an_email_that_only_another_one_uses_spells_nobody(family: str | None) -> None:
    """Jan gives his partner's, so a record that has the email alone may well be his."""
    email = "maria.smit@kpn.nl"
    assert names(read([*OTHERS, (None, family, email)]))[0] is None
    for own in ("Maria", "Mar", "Ma", "M."):
        assert names(read([*OTHERS, (own, "Smit", email), (None, family, email)]))[0] == "maria"


def test_an_email_of_two_people_spells_neither_of_them_to_who_has_an_identifier() -> None:
    """Maria and Jan have one mailbox: an account says better whose of them a visit is."""
    email = "maria.smit@kpn.nl"
    rows: list[Row] = [*OTHERS, ("Maria", "Smit", email), (None, None, email), (None, None, email)]
    found = read(rows, told=(len(rows) - 1,))
    assert [names(found, row) for row in (-2, -1)] == [("maria", "smit"), (None, None)]
    assert names(read(rows[-1:], found, told=(0,))) == (None, None)
    mine = read([*TOWN, ("Maria", "Smit", email), (None, None, email)], told=(len(TOWN) + 1,))
    assert names(mine) == ("maria", "smit")


def test_whose_an_email_is_stays_as_it_was_learned() -> None:
    nameless: Row = (None, None, "maria.smit@kpn.nl")
    learned = read([*OTHERS, nameless])
    assert names(read([nameless], learned)) == (None, None)
    assert names(read([(None, None, "anna.visser@kpn.nl")], learned)) == ("anna", "visser")
    learned = read(OTHERS)  # nobody's names were sought
    assert names(read([*OTHERS, nameless], learned)) == ("maria", "smit")


def test_a_year_of_birth_is_that_of_who_has_the_email() -> None:
    years = [
        read([*TOWN, row]).email_year[-1]
        for row in (
            ("Jan", "Bos", "janbos1966@kpn.nl"),
            ("Jan", "Bos", "bos66@kpn.nl"),
            ("Jan", "Bos", "jan2099@kpn.nl"),
            ("Jan", "Bos", "jan@kpn.nl"),
        )
    ]
    assert years == [1966, 66, -1, -1]
    email = "maria.smit64@kpn.nl"
    assert read([*TOWN, ("Jan", "Smit", email), (None, None, email)]).email_year[-2:].tolist() == [
        -1,
        -1,
    ]
