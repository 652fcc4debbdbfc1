"""The SQL that cleans phone numbers agrees with the `phonenumbers` library."""

from __future__ import annotations

import pytest

from benchmarks import phones

NUMBERS = 3_000
WRITTEN = {
    ("06-12345678", None): "+31612345678",
    ("+31 (0)6 1234 5678", "BE"): "+31612345678",
    ("0031 06 12345678", "DE"): "+31612345678",
    ("31612345678", "NL"): "+31612345678",
    ("612345678", "NL"): "+31612345678",
    ("06 6982 1234", "IT"): "+390669821234",
    ("392 1234567", "IT"): "+393921234567",
    ("(212) 555-0100 ext. 12", "US"): "+12125550100",
    ("011 44 20 7946 0018", "US"): "+442079460018",
    ("612345", "NL"): None,
    ("061234567890", "NL"): None,
    ("0000000000", "NL"): None,
    ("n/a", None): None,
    (None, "NL"): None,
}
"""What people write, and the record's country."""


@pytest.fixture(scope="module")
def shares():
    return {row["numbers"]: row["share"] for row in phones.agreement(NUMBERS)}


@pytest.mark.parametrize(
    ("numbers", "floor"),
    [
        ("of the country, written anyhow", 0.999),
        ("from abroad, with their code", 0.99),
        ("digits missing or too many", 0.95),
        ("no number at all", 0.95),
        ("all", 0.99),
    ],
)
def test_agreement_with_the_library(shares, numbers, floor):
    assert shares[numbers] >= floor


def test_what_people_write():
    assert phones.cleaned(list(WRITTEN)) == list(WRITTEN.values())


def test_the_plans_in_the_macro_are_those_of_the_library():
    path = phones.DBT_PROJECT / "macros" / "cleaning" / "numbering_plans.sql"
    kept = [line.split(" ") for line in path.read_text().splitlines() if line[:1].isdigit()]
    known = phones.phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    assert {code: regions.split(",") for code, regions, _ in kept} == {
        code: list(known[int(code)]) for code, _, _ in kept
    }
    assert len(kept) > 200
