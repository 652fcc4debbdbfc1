"""Who is one person and who is not: the cases that a company's people complain about."""

from __future__ import annotations

import datetime as dt
import random

import pyarrow as pa
import pytest
from people import RULES, Town, customers, groups, identifiers, known, record, records

from kindred.identity import InputError, resolve

HOME = {"street": "Lindelaan", "house": "5", "postal": "1012 AB", "city": "Hoorn", "country": "NL"}
AWAY = {"street": "Kerkweg", "house": "88", "postal": "7411 CD", "city": "Deventer"}
ONE_PERSON = {
    "a nickname": (
        {"given": "Elisabeth", "born": "1980-03-12", "postal": "1012 AB"},
        {"given": "Els", "born": "1980-03-12", "postal": "1012AB"},
    ),
    "an initial": (
        {"given": "Anna", "email": "anna77@ziggo.nl", **HOME},
        {"given": "A.", "email": "Anna77@ziggo.nl", **HOME},
    ),
    "a phone in two spellings": (
        {"given": "Willem", "phone": "+31 6 1827 3645", "born": "1971-10-01"},
        {"given": "Willem", "phone": "0618273645"},
    ),
    "a typing error in the name": (
        {"given": "Joost", "born": "1980-03-12", "email": "jvb@kpn.nl"},
        {"given": "Jost", "born": "1980-03-12", "email": "jvb@kpn.nl"},
    ),
    "day and month that changed places": (
        {"given": "Sofie", "born": "1987-03-09", **HOME},
        {"given": "Sofie", "born": "1987-09-03", **HOME},
    ),
    "an email mistyped": (
        {"given": "Anna", "email": "anna.q@gmail.com", "born": "1993-11-30"},
        {"given": "Anna", "email": "anna.q@gmial.com", "born": "1993-11-30"},
    ),
    "a mover": (
        {"given": "Petra", "born": "1962-06-21", "phone": "0627364518", **HOME},
        {"given": "Petra", "born": "1962-06-21", "phone": "0627364518", **AWAY},
    ),
    "the same street, spelled out": (
        {"given": "Jörg", "street": "Lindenstraße", "house": "12", "city": "Köln"},
        {"given": "Joerg", "street": "Lindenstr. 12", "city": "Koeln"},
    ),
}
FAMILIES = ("Quaedvlieg", "Zwanenberg", "Ketelbuters", "Wollebrants", "Vroegindewey",
            "Haverschmidt", "Uyttewaal", "Spijkerboer")  # fmt: skip


@pytest.fixture(scope="module")
def pairs(town: Town) -> set[frozenset[str]]:
    """The clusters of all cases of `ONE_PERSON`, each with a family name of its own."""
    rows = []
    for family, (name, (one, other)) in zip(FAMILIES, ONE_PERSON.items(), strict=True):
        rows.append(record(f"a:{name}", family=family, **one))
        rows.append(record(f"b:{name}", family=family, **other))
    return town.clusters(*rows)


@pytest.mark.parametrize("name", ONE_PERSON)
def test_records_that_agree_are_one_person(pairs: set[frozenset[str]], name: str) -> None:
    assert frozenset({f"a:{name}", f"b:{name}"}) in pairs


def test_swapped_names_are_one_person(town: Town) -> None:
    found = town.clusters(
        record("a:1", given="Anna", family="Quaedvlieg", born="1980-03-12", **HOME),
        record("b:1", given="Quaedvlieg", family="Anna", born="1980-03-12", **HOME),
    )
    assert len(found) == 1


def test_a_family_that_shares_a_mailbox_stays_apart(town: Town) -> None:
    shared = {"email": "quaedvlieg@ziggo.nl", "family": "Quaedvlieg", **HOME}
    members = {"Jan": "1950-01-02", "Maria": "1952-07-19", "Pieter": "1981-06-30"}
    rows = [record(f"a:{n}", given=n, born=born, **shared) for n, born in members.items()]
    again = [record(f"b:{n}", given=n, born=born, **shared) for n, born in members.items()]
    assert town.clusters(*rows, *again) == {frozenset({f"a:{n}", f"b:{n}"}) for n in members}


@pytest.mark.parametrize(("one", "other"), [("Daan", "Lucas"), ("Maria Carmen", "Maria Jose")])
def test_twins_stay_apart(town: Town, one: str, other: str) -> None:
    shared = {"family": "Quaedvlieg", "born": "2001-05-05", "phone": "0221334455", **HOME}
    found = town.clusters(
        record("a:1", given=one, **shared),
        record("a:2", given=other, **shared),
        record("b:2", given=other, **shared),
    )
    assert found == {frozenset({"a:1"}), frozenset({"a:2", "b:2"})}


def test_twins_stay_apart_where_of_their_address_only_the_postal_code_is_known(town: Town) -> None:
    shared = {
        "family": "Quaedvlieg",
        "born": "2001-05-05",
        "phone": "0221334455",
        "postal": "9999ZX",
    }
    found = town.clusters(
        record("a:1", given="Daan", **shared), record("b:1", given="Lucas", **shared)
    )
    assert len(found) == 2


def test_names_in_two_scripts_say_nothing_against_one_person(town: Town) -> None:
    me = {"born": "1980-03-12", "postal": "9999ZX"}
    one = record("a:1", given="Wei", family="Wang", **me)
    assert len(town.clusters(one, record("b:1", given="伟", family="王", **me))) == 1
    assert len(town.clusters(one, record("b:1", given="Ruud", family="Zwanenberg", **me))) == 2


def test_a_name_in_cyrillic_is_the_name_in_latin(town: Town) -> None:
    found = town.clusters(
        record("a:1", given="Юлия", family="Щербакова", born="1980-03-12"),
        record("b:1", given="Yuliya", family="Shcherbakova", born="1980-03-12"),
    )
    assert len(found) == 1


def test_father_and_son_of_one_name_stay_apart_even_with_a_record_that_fits_both(
    town: Town,
) -> None:
    shared = {"given": "Jan", "family": "Quaedvlieg", **HOME}
    rows = [
        record("a:father", born="1950-01-01", phone="0618273645", **shared),
        record("a:son", born="1981-06-30", email="sonofjan@ziggo.nl", **shared),
    ]
    assert len(town.clusters(*rows)) == 2
    rows.append(record("b:dateless", email="sonofjan@ziggo.nl", **shared))
    found = town.resolve(*rows)
    assert frozenset({"a:father"}) in town.of(found, *rows)
    if len(town.of(found, *rows)) > 2:  # nobody is joined, and a steward hears of it
        reviews = found.reviews.to_pylist()
        [held] = [row["reason"] for row in reviews if row["record_id_1"] == "a:father"]
        assert held == "birth dates far apart"


def test_an_email_and_a_family_name_are_enough_for_one_user_and_not_for_a_family(
    town: Town,
) -> None:
    one = [
        record("a:1", given="Anna", family="Quaedvlieg", email="anna.quaedvlieg@ziggo.nl"),
        record("c:1", email="anna.quaedvlieg@ziggo.nl"),
    ]
    assert len(town.clusters(*one)) == 1
    family = [
        record("a:1", given="Anna", family="Quaedvlieg", email="thuis@ziggo.nl"),
        record("a:2", given="Pieter", family="Quaedvlieg", email="thuis@ziggo.nl"),
        record("c:1", email="thuis@ziggo.nl"),
    ]
    assert frozenset({"a:1", "a:2"}) not in {
        group & {"a:1", "a:2"} for group in town.clusters(*family)
    }


def test_visitors_follow_the_account_they_signed_in_to(town: Town) -> None:
    visitors = [record(f"web:{n}") for n in range(60)]
    shared = tuple((f"web:{n}", "sap_customer_id", "K-7") for n in range(60))
    rows = [record("sap:7", given="Anna", family="Quaedvlieg"), *visitors, record("web:stranger")]
    # sixty visits are sixty records of one person, more than a person of flesh has in ten systems
    rules = RULES.model_copy(update={"cluster_cap": 100})
    found = town.clusters(*rows, shared=(("sap:7", "sap_customer_id", "K-7"), *shared), rules=rules)
    assert sorted(len(group) for group in found) == [1, 61]


def test_a_cookie_that_nobody_else_has_pushes_none_out_that_somebody_has(town: Town) -> None:
    """Of many values a record's first ones count: an account's sixth cookie split its customer."""
    account = record("shop:1", given="Anna", family="Quaedvlieg", born="1980-02-03")
    visitor = record("web:1", given="Anna")
    rows = (account, visitor)
    for cookies in (["m1", "m2", "m3", "m4", "m5"], ["a9", "m1", "m2", "m3", "m4", "m5"]):
        shared = [("shop:1", "cookie", cookie) for cookie in cookies]
        found = town.resolve(*rows, shared=(*shared, ("web:1", "cookie", "m5")))
        assert town.of(found, *rows) == {frozenset({"shop:1", "web:1"})}


@pytest.mark.parametrize(
    ("unless", "stopped"),
    [
        (("given_name",), True),
        (("city",), True),
        (("postal_code", "house_number"), True),
        (("given_name", "city"), True),
        (("given_name", "street"), True),
        (("given_name", "family_name"), False),
        (("street", "gender"), False),
        (("attribute_colour",), False),
    ],
)
def test_what_contradicts_stops_a_rule(town: Town, unless: tuple[str, ...], stopped: bool) -> None:
    """One of its columns has to, and none may agree; one that neither record fills says nothing."""
    rule = RULES.deterministic["loyalty_card"].model_copy(update={"unless": unless})
    rules = RULES.model_copy(update={"deterministic": {"loyalty_card": rule}})
    home = {"city": "Utrecht", "postal_code": "3511AB", "house_number": "7"}
    away = {"city": "Groningen", "postal_code": "9712CD", "house_number": "81"}
    rows = [
        record("shop:1", given="Anna", family="Quaedvlieg", **home),
        record("till:1", given="Pieter", family="Quaedvlieg", **away),
    ]
    shared = tuple((row["record_id"], "loyalty_card", "4711") for row in rows)
    assert len(town.clusters(*rows, shared=shared, rules=rules)) == 1 + stopped


def test_couples_with_one_card_are_two_people_each_though_nobody_knows_a_birth_date() -> None:
    chance = random.Random(5)
    rows, shared = [], []
    for n in range(300):
        home = {"family": chance.choice(FAMILIES), "house": str(n), "postal": "9999ZX"}
        for given in (chance.choice(["Jan", "Pieter", "Willem"]), chance.choice(["Anna", "Maria"])):
            for system in ("shop", "till")[: chance.randint(1, 2)]:
                rows.append(record(f"{system}:{n}{given}", given=given, **home))
                shared.append((rows[-1]["record_id"], "loyalty_card", str(471_100 + n)))
    found = resolve(records(*rows), identifiers(*shared), known()).person_map
    several = [group for group in groups(found) if len({i.partition(":")[2] for i in group}) > 1]
    assert len(several) < 15


def test_an_identifier_that_many_people_share_names_nobody(town: Town) -> None:
    people = {"Anna": "1980-03-12", "Pieter": "1981-07-01", "Maria": "1950-11-30",
              "Willem": "1949-02-14", "Lucas": "2001-05-05", "Emma": "1999-12-24"}  # fmt: skip
    rows = [
        record(f"a:{name}", given=name, family=family, born=born)
        for (name, born), family in zip(people.items(), FAMILIES, strict=False)
    ]
    shared = tuple((row["record_id"], "loyalty_card", "4711") for row in rows)
    assert len(town.clusters(*rows, shared=shared)) == len(people)


def test_a_source_free_of_duplicates_holds_nobody_twice(town: Town) -> None:
    clean = RULES.source("till").model_copy(update={"duplicate_free": True})
    rules = RULES.model_copy(update={"sources": RULES.sources | {"till": clean}})
    anna = {"given": "Anna", "family": "Quaedvlieg", "email": "anna.q@ziggo.nl"}
    rows = [record("till:1", **anna), record("till:2", **anna), record("web:1", **anna)]
    assert sorted(map(len, town.clusters(*rows))) == [3]
    assert sorted(map(len, town.clusters(*rows, rules=rules))) == [1, 2]
    assert len(town.clusters(*rows[:2], rules=rules)) == 2


def test_a_common_name_alone_links_nobody(town: Town) -> None:
    crowd = [
        record(f"c:{n}", given="Jan", family="Jansen", born=f"19{40 + n}-0{1 + n % 9}-17")
        for n in range(40)
    ]
    bare = [record(f"b:{n}", given="Jan", family="Jansen", city="Utrecht") for n in range(2)]
    found = town.clusters(*crowd, *bare)
    assert {frozenset({"b:0"}), frozenset({"b:1"})} <= found


def test_any_subset_of_columns_works() -> None:
    for columns in ([], ["email"], ["given_name", "family_name", "phone"]):
        rows = pa.table({"record_id": ["a:1", "b:1"]} | dict.fromkeys(columns, ["x1@kpn.nl"] * 2))
        assert len(resolve(rows, identifiers(), known()).person_map) == 2


def test_nothing_in_nothing_out() -> None:
    empty = resolve(records(), identifiers(), known())
    assert (len(empty.person_map), len(empty.links), len(empty.events)) == (0, 0, 0)
    one = resolve(records(record("a:1")), identifiers(), known())
    assert one.person_map["cluster_size"].to_pylist() == [1]


def test_two_of_one_given_name_are_not_one_person_only_because_nobody_else_is_there() -> None:
    found = resolve(
        records(record("a:1", given="Anna"), record("b:1", given="Anna")), identifiers(), known()
    )
    assert len(groups(found.person_map)) == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pa.table({"id": ["1"]}), "column record_id is missing"),
        (records(record("a:1"), record("a:1")), "record_id is not unique"),
        (pa.table({"record_id": pa.array([None], pa.string())}), "record_id is empty in 1 rows"),
        (pa.table({"record_id": ["a:1"], "email": [["soon@x.nl"]]}), "column email can't be read"),
    ],
)
def test_bad_input_is_named_without_values(rows: pa.Table, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        resolve(rows, identifiers(), known())
    assert "soon" not in str(error.value)


def test_known_ids_must_be_usable() -> None:
    twice = pa.concat_tables([known({"a:1": "kc_1"})] * 2)
    for bad, message in ((twice, "not unique"), (twice.drop(["customer_id"]), "is missing")):
        with pytest.raises(InputError, match=message):
            resolve(records(record("a:1")), identifiers(), bad)


def test_links_name_what_made_them(town: Town) -> None:
    anna = {"given": "Anna", "family": "Quaedvlieg"}
    rows = [
        record("a:1", email="anna.q@ziggo.nl", **anna),
        record("b:1", email="Anna.Q@ziggo.nl", born="1980-03-12", **anna),
        record("c:1", given="Pieter", family="Wollebrants", born="1970-08-09", **HOME),
        record("d:1", given="Piet", family="Wollebrant", born="1970-08-09", **HOME),
        record("e:1", given="Emma", family="Zwanenberg", born="1999-12-24", source="shop"),
        record("e:2", given="Emma", family="Zwanenberg", born="1999-12-24", source="shop"),
    ]
    links = town.resolve(*rows).links.to_pylist()
    mine = {link["record_id_1"]: link for link in links if link["record_id_1"] not in town.ids}
    assert mine["a:1"]["rule"] == "email_and_name"
    assert mine["c:1"]["rule"] == "given + family + birth + address"
    assert mine["e:1"]["rule"] == "identical record"
    assert all(0.5 < link["probability"] <= 1 for link in links)
    assert all(link["record_id_1"] < link["record_id_2"] for link in links)


def test_a_record_that_names_a_customer_belongs_to_it(town: Town) -> None:
    rows = [record("a:1", given="Anna", family="Quaedvlieg"), record("crm:9", given="Anna")]
    shared = (("crm:9", "kindred_id", "kc_1"),)
    found = town.resolve(*rows, shared=shared, ids={"a:1": "kc_1"})
    ids = customers(found.person_map)
    assert (ids["a:1"], ids["crm:9"]) == ("kc_1", "kc_1")


def test_an_outdated_reference_to_a_customer_changes_nothing(town: Town) -> None:
    rows = [record("a:1", given="Anna"), record("crm:9", given="Anna")]
    shared = (("crm:9", "kindred_id", "kc_retired"),)
    first = town.resolve(*rows, shared=shared, ids={"a:1": "kc_1", "crm:9": "kc_1"})
    ids = customers(first.person_map)
    assert (ids["a:1"], ids["crm:9"]) == ("kc_1", "kc_1")
    assert len(town.resolve(*rows, shared=shared, ids=ids).events) == 0


def test_a_customer_id_on_somebody_else_does_not_bind(town: Town) -> None:
    rows = [
        record("a:1", given="Anna", family="Quaedvlieg", born="1980-03-12"),
        record("crm:9", given="Pieter", family="Wollebrants", born="1950-01-01"),
    ]
    shared = (("crm:9", "kindred_id", "kc_1"),)
    assert len(town.clusters(*rows, shared=shared, ids={"a:1": "kc_1"})) == 2


def test_events_carry_the_time_that_is_asked_for() -> None:
    moment = dt.datetime(2026, 11, 1, 6, 0)
    found = resolve(records(record("a:1")), identifiers(), known(), occurred_at=moment)
    assert found.events["occurred_at"].to_pylist() == [moment]
