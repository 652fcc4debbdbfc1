"""Judgement: what rules say about pairs, over what the weights say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from people import RULES, identifiers

from kindred.identity import Rules
from kindred.identity.clusters.judgement import Judgement
from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import pack, unpack
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.rules.rules_file import DeterministicRule
from kindred.identity.weighing import Engine

CARD_AND_KEY = DeterministicRule(
    reason="why", when=("identifier_card", "identifier_key"), unless=()
)
BOTH = RULES.model_copy(update={"deterministic": {"card_and_key": CARD_AND_KEY}})


def people(rules: Rules, size: int, *shared: tuple[str, str, str]) -> People:
    """So many records, `r0` the first, with nothing but identifiers."""
    table = pa.table({"record_id": [f"r{n}" for n in range(size)]})
    return read_people(TableColumns(table), rules, identifiers(*shared))


def test_a_rule_of_two_identifiers_takes_any_value_of_either() -> None:
    """Whichever of a record's values they are, and however many others have."""
    first = [("r0", "card", "1"), ("r0", "card", "2"), ("r0", "key", "5")]
    for other in (["5"], ["4", "5"]):
        second = [("r1", "card", "2"), *(("r1", "key", value) for value in other)]
        found = Judgement(people(BOTH, 3, *first, *second), BOTH)
        assert [end.tolist() for end in unpack(found.pairs())] == [[0], [1]], other


def test_evidence_counts_as_far_as_the_less_trusted_source_is_trusted() -> None:
    """Only what speaks for one person; what speaks against it stays."""
    default = RULES.sources["default"]
    trust = {"till": 0.5, "form": 0.25}
    own = {name: default.model_copy(update={"trust": share}) for name, share in trust.items()}
    rules = RULES.model_copy(update={"sources": RULES.sources | own})
    sources = ["till", "form", "crm", "crm", None]
    ids = [f"r{n}" for n in range(len(sources))]
    table = pa.table({"record_id": ids, "source_system": sources, "gender": ["f"] * len(ids)})
    found = read_people(TableColumns(table), rules)
    pairs = pack(*np.array([(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (0, 4)]).T)
    patterns = Engine(found).patterns(pairs)
    weight = np.array([8, 8, 8, 8, 8, -8], np.float32)
    judged = Judgement(found, rules).weigh(pairs, patterns, weight)
    assert judged.tolist() == [2, 4, 2, 8, 8, -8]


def rule_of(
    one: dict[str, str | None], other: dict[str, str | None], *shared: str, rules: Rules = RULES
) -> str:
    """The rule that joins two records, who have identifiers of these types in common."""
    rows = [{"record_id": "r0"} | one, {"record_id": "r1"} | other]
    same = [(row["record_id"], kind, "4711") for kind in shared for row in rows]
    names = sorted({name for row in rows for name in row})
    table = pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})
    found = read_people(TableColumns(table), rules, identifiers(*same))
    pairs = pack(np.array([0]), np.array([1]))
    nothing = pa.array(["nothing"])
    return Judgement(found, rules).names(pairs, nothing, Engine(found).patterns(pairs))[0].as_py()


def test_a_name_that_an_email_spells_parts_no_visit_from_its_account() -> None:
    """Melanie orders with the address of Els; whose visit it is, we read in that address only."""
    account = {"given_name": "Melanie", "family_name": "Zwanenberg"}
    email = {"email": "els.zwanenberg@ziggo.nl"}
    assert rule_of(account | email, email, "sap_customer_id") == "shop_account"
    assert rule_of(account, email, "sap_customer_id") == "shop_account"


@pytest.mark.parametrize("given", ["Maria", None])
def test_a_name_that_the_email_spells_agrees_with_the_email_only(given: str | None) -> None:
    one = {"family_name": "Zwanenberg", "email": "maria.zwanenberg@ziggo.nl"}
    assert rule_of(one | {"given_name": "Maria"}, one | {"given_name": given}) == (
        "email_and_name" if given else "nothing"
    )


def test_a_name_that_the_email_spells_contradicts_no_identifier() -> None:
    one = {"family_name": "Zwanenberg", "email": "maria.zwanenberg@ziggo.nl"}
    other = {"family_name": "Zwanenberg", "given_name": "Jan"}
    assert rule_of(one, other, "national_id") == "national_id"
    assert rule_of(one | {"given_name": "Maria"}, other, "national_id") == "nothing"


@pytest.mark.parametrize(
    ("one", "other"),
    [("José", "María José"), ("Peter", "Hans-Peter"), ("José María", "María José")],
)
def test_no_card_joins_who_may_be_called_by_a_later_name(one: str, other: str) -> None:
    """Father and son, or brother and sister, of a household with one card."""
    born = ({"birth_date": date} for date in ("1950-03-12", "1961-07-01"))
    rows = (
        {"given_name": name, "family_name": "Ruiz"} | own
        for name, own in zip((one, other), born, strict=True)
    )
    assert rule_of(*rows, "loyalty_card") == "nothing"


@pytest.mark.parametrize(
    ("born", "rule"),
    [
        ("1971-03-12", "name_birth_date_and_postal_code"),
        ("1971", "nothing"),
        ("1971-01-01", "nothing"),
    ],
)
def test_a_rule_on_the_birth_date_asks_for_a_day(born: str, rule: str) -> None:
    anna = {"given_name": "Anna", "family_name": "Jansen", "postal_code": "1012AB"}
    assert rule_of(anna | {"birth_date": born}, anna | {"birth_date": born}) == rule


@pytest.mark.parametrize(
    ("born", "other", "rule"),
    [
        ("1971-03-12", "1971-03-12", "loyalty_card"),  # one of them was misread
        ("1971", "1971", "nothing"),
        ("1971", "1971-03-12", "nothing"),
        ("1971", None, "nothing"),
    ],
)
def test_a_year_in_common_speaks_for_no_rule(born: str, other: str | None, rule: str) -> None:
    """Couples are often of one year; that doesn't make theirs the card of one person."""
    one, two = ({"given_name": name, "family_name": "Jansen"} for name in ("Anna", "Pieter"))
    assert rule_of(one | {"birth_date": born}, two | {"birth_date": other}, "loyalty_card") == rule


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ("Maria Carmen", "email_and_name"),
        ("Maria", "email_and_name"),
        ("Maria Jose", "nothing"),
    ],
)
def test_a_rule_on_the_given_name_asks_for_both_of_a_double_name(other: str, rule: str) -> None:
    """Sisters are often called Maria both, and one mailbox is the family's."""
    more = {"family_name": "Hernandez", "email": "familia@correo.es"}
    assert rule_of({"given_name": "Maria Carmen"} | more, {"given_name": other} | more) == rule


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("A. B.", "A. B.", "email_and_name"),
        ("A. B.", "A.", "email_and_name"),
        ("A. B.", "A.B.C.", "email_and_name"),
        ("A. B.", "A. Bernard", "email_and_name"),
        ("Anna B.", "Anna Bernarda", "email_and_name"),
        ("Thomas C", "Thomas & Lisa", "email_and_name"),
        ("A. B.", "A. C.", "nothing"),
        ("A. B.", "A.C.B.", "nothing"),
        ("A. B.", "A. Carla", "nothing"),
        ("Twin A", "Twin B", "nothing"),
    ],
)
def test_a_rule_on_the_given_name_asks_for_both_initials(one: str, other: str, rule: str) -> None:
    """Brothers may share the first letter and the family's mailbox."""
    more = {"family_name": "Jansen", "email": "familie@jansen.nl"}
    assert rule_of({"given_name": one} | more, {"given_name": other} | more) == rule


@pytest.mark.parametrize(
    ("shared", "less"),
    [
        ({"email": "familie@jansen.nl"}, True),
        ({"phone": "020-1234580"}, True),
        ({"postal_code": "3011AA"}, True),
        ({"gender": "m"}, False),
    ],
)
def test_twins_share_an_address_an_email_or_a_phone(shared: dict[str, str], less: bool) -> None:
    twin = {"family_name": "Quaedvlieg", "birth_date": "2011-02-03"} | shared
    rows = [twin | {"record_id": name, "given_name": name} for name in ("Daan", "Lucas")]
    found = read_people(TableColumns(pa.Table.from_pylist(rows)), RULES)
    pairs, weight = pack(np.array([0]), np.array([1])), np.array([8], np.float32)
    judged = Judgement(found, RULES).weigh(pairs, Engine(found).patterns(pairs), weight)
    assert judged.tolist() == [8 + less * RULES.exceptions.twins.weight]


def test_who_share_an_identifier_are_no_exception() -> None:
    """Nor twins, who are otherwise."""
    twin = {"family_name": "Quaedvlieg", "birth_date": "1961-02-03", "postal_code": "3011AA"}
    names = ["Daan", "Lucas", "Daan", "Lucas"]
    rows = [twin | {"record_id": f"r{n}", "given_name": name} for n, name in enumerate(names)]
    shared = identifiers(("r0", "key", "4711"), ("r1", "key", "4711"), ("r2", "key", "5822"))
    found = read_people(TableColumns(pa.Table.from_pylist(rows)), RULES, shared)
    pairs = pack(np.array([0, 2]), np.array([1, 3]))
    weight = np.array([8, 8], np.float32)
    judged = Judgement(found, RULES).weigh(pairs, Engine(found).patterns(pairs), weight)
    assert judged.tolist() == [8, 8 + RULES.exceptions.twins.weight]
