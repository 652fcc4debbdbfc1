"""Which values a company's rules leave out, however somebody writes them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from people import RULES

from kindred.identity import Rules
from kindred.identity.codes.queries import FEW
from kindred.identity.reading.reader import TableColumns, read_people


def company(column: str, values: list[str] = (), patterns: list[str] = ()) -> Rules:
    """The default rules with these values and patterns of a column in place of their own."""
    content = RULES.model_dump()
    content["bypass"][column] = {"values": {"ours": values}, "patterns": {"ours": patterns}}
    return Rules.model_validate(content)


def kept(column: str, values: list[str], rules: Rules = RULES) -> list[bool]:
    """True per value that something is left of; the same among few and among many."""
    found = []
    for texts in (values, [*values, *["other"] * FEW]):
        ids = [str(number) for number in range(10_000, 10_000 + len(texts))]
        people = read_people(TableColumns(pa.table({"record_id": ids, column: texts})), rules)
        found.append((getattr(people, column).codes >= 0).tolist()[: len(values)])
    assert found[0] == found[1]
    return found[0]


def test_a_mailbox_of_an_organisation_is_one_in_every_spelling() -> None:
    spellings = ["info@x.nl", "Info+a@x.nl", "Shop <info@x.nl>", "mailto:info@x.nl", "info @x.nl"]
    assert not any(kept("email", spellings))
    assert not any(kept("email", ["Jan <jan@mailinator.com>", "asdf+1@x.nl", "no.reply@gmail.com"]))
    assert all(kept("email", ["jan+info@x.nl", "Info <jan@x.nl>", "jan@x.nl; info@x.nl"]))


@pytest.mark.parametrize("value", ["Our.Shop@gmail.com", "ourshop+1@googlemail.com"])
def test_an_email_is_left_out_in_every_spelling(value: str) -> None:
    rules = company("email", values=[value])
    values = ["ourshop@gmail.com", "o.ur.shop+2@gmail.com", "our@gmail.com"]
    assert kept("email", values, rules) == [False, False, True]


def test_a_pattern_sees_an_email_as_it_was_written_too() -> None:
    rules = company("email", patterns=[r"\+test\d*@", "^a[.]b@"])
    assert kept("email", ["jan+test1@x.nl", "a.b@gmail.com", "jan@x.nl"], rules) == [0, 0, 1]


PHONES = ["020-8415927", "0208415927", "+31 (0)20 841 5927", "8415927", "06-18273645", None]


@pytest.mark.parametrize("value", ["0208415927", "020-8415927", "+31 20 8415927", "08415927"])
def test_a_phone_is_left_out_in_every_spelling(value: str) -> None:
    rules = company("phone", values=[value])
    assert kept("phone", PHONES, rules) == [False, False, False, False, True, False]


def test_a_pattern_sees_every_digit_of_a_phone() -> None:
    phones = ["0900-1234567", "(0900) 1234568 x12", "+31 6 0900 1234", "0208415927"]
    assert kept("phone", phones, company("phone", patterns=["^0900"])) == [0, 0, 1, 1]
    assert kept("phone", phones, company("phone", patterns=["^316"])) == [1, 1, 0, 1]
    assert kept("phone", ["06-00000000", "0612345678", "12", "06-18273645"]) == [0, 0, 0, 1]


@pytest.mark.parametrize(
    "name",
    ["BabyBoy", "Baby Girl", "baby-girl", "Newborn Girl", "Infant Male", "Baby of Ana",
     "B/O Lakshmi", "Karens Boy", "Karen's Baby Girl", "Wendysgirl"],
)  # fmt: skip
def test_a_child_without_a_name_yet_has_none(name: str) -> None:
    assert not kept_name("given", "given_name", name)


@pytest.mark.parametrize(
    "name", ["Boy", "Boy Jan", "Babette", "Infante", "Girlie", "Baby Boy A", "BabyGirlB", "Baby B"]
)
def test_what_tells_twins_apart_stays_and_so_do_names(name: str) -> None:
    assert kept_name("given", "given_name", name)


def kept_name(own: str, column: str, name: str) -> bool:
    """Something is left of a name, among few and among many."""
    found = set()
    for more in (0, FEW):
        table = pa.table(
            {
                "record_id": [str(number) for number in range(10_000, 10_001 + more)],
                column: [name, *["Other"] * more],
            }
        )
        people = read_people(TableColumns(table), RULES)
        found.add(bool(getattr(people, own).full[0] >= 0))
    assert len(found) == 1
    return found.pop()
