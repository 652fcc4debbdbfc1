"""Who is one person and who is not: the cases that a company's people complain about."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from people import customers, groups, identifiers, known, record, records

from kindred.identity import RULES, resolve
from kindred.identity.fields import InputError

NOBODY = known()
NONE = identifiers()


def clusters(*rows: dict, shared: tuple = (), ids: dict[str, str] | None = None) -> set[frozenset]:
    """The clusters that `resolve` finds."""
    return groups(resolve(records(*rows), identifiers(*shared), known(ids)).person_map)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "a@x.nl", "given": "anna"}, {"email": "a@x.nl", "given": "ann"}),
        ({"email": "a@x.nl", "given": "anna"}, {"email": "a@x.nl", "initial": "a"}),
        ({"phone": "3161111", "given": "anna"}, {"phone": "3161111", "given": "anna"}),
        ({"born": "1980-03-12", "given": "anna"}, {"born": "1980-03-12", "given": "anna"}),
        (
            {"given": "anna", "postal": "NL|1012AB", "house": "5"},
            {"given": "anna", "postal": "NL|1012AB", "house": "5"},
        ),
        (
            {"given": "anna", "postal": "NL|1012AB", "born": "1980-03-12"},
            {"given": "anna", "postal": "NL|1012AB", "born": "1980-12-03"},
        ),
        ({"email": "a@gmail.com", "given": "anna"}, {"email": "a@gmial.com", "given": "anna"}),
    ],
)
def test_records_that_agree_are_one_person(one: dict, other: dict) -> None:
    found = clusters(record("a:1", family="jansen", **one), record("b:1", family="jansen", **other))
    assert found == {frozenset({"a:1", "b:1"})}


def test_swapped_names_are_one_person() -> None:
    found = clusters(
        record("a:1", given="anna", family="jansen", born="1980-03-12"),
        record("b:1", given="jansen", family="anna", born="1980-03-12"),
    )
    assert len(found) == 1


def test_a_family_that_shares_a_mailbox_stays_apart() -> None:
    shared = {"email": "jansens@x.nl", "family": "jansen", "postal": "NL|1012AB", "house": "5"}
    found = clusters(
        record("a:1", given="jan", **shared),
        record("a:2", given="maria", **shared),
        record("a:3", given="pieter", **shared),
    )
    assert len(found) == 3


def test_twins_stay_apart() -> None:
    shared = {"family": "jansen", "born": "2001-05-05", "postal": "NL|1012AB", "house": "5"}
    found = clusters(
        record("a:1", given="daan", phone="3161", **shared),
        record("a:2", given="lucas", phone="3161", **shared),
    )
    assert len(found) == 2


def test_father_and_son_of_one_name_stay_apart_even_with_a_record_that_fits_both() -> None:
    shared = {"given": "jan", "family": "jansen", "postal": "NL|1012AB", "house": "5"}
    found = clusters(
        record("a:father", born="1950-01-01", phone="31611111111", **shared),
        record("a:son", born="1981-06-30", email="son@x.nl", **shared),
        record("b:dateless", email="son@x.nl", **shared),
    )
    # the stronger link (email and name) decides to whom the record without a date belongs
    assert found == {frozenset({"a:father"}), frozenset({"a:son", "b:dateless"})}


def test_a_record_without_a_name_belongs_to_the_only_user_of_its_email() -> None:
    found = clusters(
        record("a:1", given="anna", family="jansen", email="a@x.nl"),
        record("b:1", given="anna", family="jansen", email="a@x.nl"),
        record("c:1", email="a@x.nl"),
    )
    assert len(found) == 1


def test_a_record_without_a_name_belongs_to_nobody_when_a_family_shares_the_email() -> None:
    found = clusters(
        record("a:1", given="anna", family="jansen", email="a@x.nl"),
        record("a:2", given="pieter", family="jansen", email="a@x.nl"),
        record("c:1", email="a@x.nl"),
    )
    assert len(found) == 3


def test_visitors_follow_the_account_they_signed_in_to() -> None:
    visitors = [record(f"w:{n}") for n in range(60)]
    shared = [(f"w:{n}", "sap_customer_id", "7") for n in range(60)]
    found = clusters(
        record("s:7", given="anna", family="jansen"),
        *visitors,
        record("w:stranger"),
        shared=(("s:7", "sap_customer_id", "7"), *shared),
    )
    assert sorted(len(group) for group in found) == [1, 61]


def test_an_identifier_that_many_people_share_names_nobody() -> None:
    names = ["anna", "pieter", "maria", "johannes", "lucas", "emma"]
    rows = [record(f"a:{n}", given=n, family=f"f{n}") for n in names]
    found = clusters(*rows, shared=tuple((f"a:{n}", "loyalty_card", "1") for n in names))
    assert len(found) == len(names)


def test_a_common_name_alone_links_nobody_but_a_rare_one_does() -> None:
    crowd = [
        record(f"c:{n}", given=f"g{n % 20}", family=f"f{n // 20}", email=f"{n}@x.nl")
        for n in range(400)
    ]
    common = [record("a:1", given="g1", family="f1"), record("a:2", given="g1", family="f1")]
    rare = [
        record("b:1", given="quirine", family="zevenhuis", email="q@x.nl"),
        record("b:2", given="quirine", family="zevenhuis", phone="3161"),
    ]
    found = clusters(*crowd, *common, *rare)
    assert frozenset({"b:1", "b:2"}) in found
    assert {frozenset({"a:1"}), frozenset({"a:2"})} <= found


def test_any_subset_of_columns_works() -> None:
    rows = pa.table({"record_id": ["a:1", "b:1"], "email_key": ["a@x.nl", "a@x.nl"]})
    assert len(groups(resolve(rows, NONE, NOBODY).person_map)) == 1


def test_nothing_in_nothing_out() -> None:
    empty = resolve(records(), NONE, NOBODY)
    assert (len(empty.person_map), len(empty.links), len(empty.events)) == (0, 0, 0)
    one = resolve(records(record("a:1")), NONE, NOBODY)
    assert one.person_map["cluster_size"].to_pylist() == [1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pa.table({"id": ["1"]}), "column record_id is missing"),
        (records(record("a:1"), record("a:1")), "record_id is not unique"),
        (pa.table({"record_id": pa.array([None], pa.string())}), "record_id is null in 1 rows"),
        (pa.table({"record_id": ["a:1"], "birth_date": ["soon"]}), "no dates"),
    ],
)
def test_bad_input_is_named_without_values(rows: pa.Table, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        resolve(rows, NONE, NOBODY)
    assert "soon" not in str(error.value)


def test_an_email_that_a_crowd_shares_stays_cheap_and_links_nobody() -> None:
    n = 20_000
    rows = pa.table(
        {
            "record_id": [f"a:{i:06}" for i in range(n)],
            "given_key": [f"g{i % 997}" for i in range(n)],
            "family_key": [f"f{i % 1009}" for i in range(n)],
            "email_key": ["crowd@x.nl"] * n,
        }
    )
    found = resolve(rows, NONE, NOBODY)
    assert len(found.links) == 0


def test_links_name_their_rule() -> None:
    found = resolve(
        records(
            record("a:1", given="anna", family="jansen", email="a@x.nl"),
            record("b:1", given="anna", family="jansen", email="a@x.nl"),
        ),
        NONE,
        NOBODY,
    )
    assert found.links.to_pylist() == [
        {
            "record_id_1": "a:1",
            "record_id_2": "b:1",
            "rule": "email_and_name",
            "probability": 0.98,
        }
    ]


def test_rules_are_told_apart_and_explained() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.reason.endswith(".") and 0.8 <= rule.probability < 1 for rule in RULES)


def test_a_record_that_names_a_customer_belongs_to_it() -> None:
    rows = [
        record("a:1", given="anna", family="jansen"),
        record("crm:9", given="anna", family="devries"),
    ]
    shared = (("crm:9", "kindred_id", "kc_1"),)
    found = resolve(records(*rows), identifiers(*shared), known({"a:1": "kc_1"}))
    assert customers(found.person_map) == {"a:1": "kc_1", "crm:9": "kc_1"}


def test_an_outdated_reference_to_a_customer_changes_nothing() -> None:
    rows = [record("a:1", given="anna"), record("crm:9", given="anna")]
    shared = (("crm:9", "kindred_id", "kc_retired"),)
    ids = {"a:1": "kc_1", "crm:9": "kc_1"}
    found = resolve(records(*rows), identifiers(*shared), known(ids))
    assert customers(found.person_map) == ids
    assert len(found.events) == 0


def test_a_customer_id_on_somebody_else_does_not_bind() -> None:
    rows = [
        record("a:1", given="anna", born="1980-03-12"),
        record("crm:9", given="pieter", born="1950-01-01"),
    ]
    shared = (("crm:9", "kindred_id", "kc_1"),)
    found = clusters(*rows, shared=shared, ids={"a:1": "kc_1"})
    assert len(found) == 2


def test_events_carry_the_time_that_is_asked_for() -> None:
    moment = dt.datetime(2026, 11, 1, 6, 0)
    found = resolve(records(record("a:1")), NONE, NOBODY, occurred_at=moment)
    assert found.events["occurred_at"].to_pylist() == [moment]


def test_what_kindred_wrote_itself_is_no_evidence() -> None:
    anna = {"given": "anna", "family": "smit"}
    rows = (
        record("a:1", email="anna@x.nl", **anna),
        record("b:1", phone="3161111", **anna),
        # the golden contact that a sync created: it would glue both together
        record("crm:1", email="anna@x.nl", phone="3161111", is_echo=True, **anna),
    )
    named = (("crm:1", "kindred_id", "kc_1"),)
    found = clusters(*rows, shared=named, ids={"a:1": "kc_1", "b:1": "kc_2"})
    assert found == {frozenset({"a:1", "crm:1"}), frozenset({"b:1"})}
