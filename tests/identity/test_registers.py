"""Registers: the right person is found, and nobody inherits another's death."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from people import RULES, Town, customers, decisions, record, records

from kindred.identity.entry_scores import BLOCK, score
from kindred.identity.registers import DECISIONS, MATCHES, match_entries
from kindred.identity.weights.namesakes import LEAST, MOST, NO_NAMESAKES, PARTS

HOME = {"street": "Kade", "house": "4", "postal": "3011AA", "city": "Rotterdam", "country": "NL"}
FATHER = {"given": "Joris", "family": "Wollebrants", "born": "1948-05-02", **HOME}
SON = FATHER | {"born": "1979-08-13"}
TWIN = {"given": "Daan", "family": "Quaedvlieg", "born": "1961-02-03", **HOME}
OTHER_TWIN = TWIN | {"given": "Lucas"}
ENTRY = {
    "given_names": "Joris",
    "family_name": "Wollebrants",
    "birth_date": dt.date(1948, 5, 2),
    "postal_code": "3011AA",
    "city": "Rotterdam",
    "country_code": "NL",
    "effective_on": dt.date(2026, 1, 1),
}
HOUSES = ({"house_number": "4"}, {}, {"house_number": "99"})
COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("entry_id", "register", "given_names", "family_name")),
        ("birth_date", pa.date32()),
        *((name, pa.string()) for name in ("street", "house_number", "postal_code", "city")),
        *((name, pa.string()) for name in ("country_code", "phone", "email")),
        ("effective_on", pa.date32()),
    ]
)


def entry(**values: object) -> dict:
    return {"entry_id": "e", "register": "deceased"} | ENTRY | values


class Matching:
    """The town with some records in it, and what entries find there."""

    def __init__(self, town: Town, *rows: dict, **more: object) -> None:
        found = town.resolve(*rows, **more)
        self.people = pa.concat_tables([town.people, records(*rows)])
        self.person_map = found.person_map
        self.customer = customers(found.person_map)
        self.weights = town.folder / "model.json"

    def table(self, *entries: dict, **more: object) -> pa.Table:
        return match_entries(
            self.people,
            self.person_map,
            pa.Table.from_pylist(list(entries), COLUMNS),
            weights=self.weights,
            rules=RULES,
            **more,
        )

    def outcomes(self, *entries: dict, **more: object) -> dict[str | None, str]:
        """Customer to outcome."""
        rows = self.table(*entries, **more).to_pylist()
        return {row["customer_id"]: row["outcome"] for row in rows}


@pytest.fixture(scope="module")
def family(town: Town) -> Matching:
    """Father and son of one name in one house, and a pair of twins."""
    return Matching(
        town,
        record("a:father", **FATHER),
        record("a:son", **SON),
        record("a:twin", **TWIN),
        record("b:twin", **OTHER_TWIN),
    )


def test_a_death_is_the_fathers_and_not_the_sons(family: Matching) -> None:
    found = family.outcomes(entry())
    assert found == {family.customer["a:father"]: "matched"}
    assert family.customer["a:father"] != family.customer["a:son"]


def test_a_death_is_one_twins(family: Matching) -> None:
    died = entry(given_names="Lucas", family_name="QUAEDVLIEG", birth_date=dt.date(1961, 2, 3))
    assert family.outcomes(died) == {family.customer["b:twin"]: "matched"}


def test_a_third_twin_whom_nobody_knows_is_at_most_looked_at(family: Matching) -> None:
    died = entry(given_names="Sem", family_name="Quaedvlieg", birth_date=dt.date(1961, 2, 3))
    assert "matched" not in family.outcomes(died).values()


def test_names_in_another_writing_and_further_given_names_agree(family: Matching) -> None:
    [row] = family.table(
        entry(given_names="JORIS Pieter Jan", family_name="Wolebrants")
    ).to_pylist()
    assert row["customer_id"] == family.customer["a:father"]
    assert row["outcome"] == "matched"
    assert "same birth date" in row["evidence"]
    assert "nearly the same family name" in row["evidence"]


def test_father_and_son_without_birth_dates_are_looked_at(town: Town) -> None:
    dateless = {key: value for key, value in FATHER.items() if key != "born"}
    matching = Matching(
        town,
        record("a:one", **dateless, email="joris.w@ziggo.nl", phone="0611111112"),
        record("b:two", **dateless, email="wollebrants@x.example", phone="0622222223"),
        decisions=decisions(("a:one", "b:two", "different")),
    )
    found = matching.outcomes(entry(birth_date=None))
    assert len(found) == 2
    assert set(found.values()) == {"review"}


def test_a_namesake_in_the_same_city_inherits_nothing(town: Town) -> None:
    elsewhere = FATHER | {"born": "1951-11-30", "street": "Laan", "house": "9", "postal": "3021BB"}
    matching = Matching(town, record("a:namesake", **elsewhere))
    assert "matched" not in matching.outcomes(entry()).values()


def test_a_name_alone_is_no_proof(town: Town) -> None:
    rare = {"given": "Gwendoline", "family": "Xhonneux", "email": "gw@ziggo.nl"}
    matching = Matching(town, record("a:1", **rare))
    died = entry(given_names="Gwendoline", family_name="Xhonneux")
    [row] = matching.table(died).to_pylist()
    assert row["outcome"] == "review"
    if row["weight"] >= 3:
        assert row["reason"] == "nothing agrees but names"


def test_all_records_of_a_customer_speak_together(town: Town) -> None:
    """One system has the birth date, another one the address: neither alone would do."""
    named = {"given": "Joris", "family": "Wollebrants", "email": "joris.w@ziggo.nl"}
    matching = Matching(
        town,
        record("a:1", **named, born="1948-05-02"),
        record("b:1", **named, **HOME),
    )
    assert matching.customer["a:1"] == matching.customer["b:1"]
    [row] = matching.table(entry()).to_pylist()
    assert row["outcome"] == "matched"
    assert "same birth date" in row["evidence"]
    assert "same postal code" in row["evidence"]


def test_who_is_active_after_a_death_and_has_no_birth_date_is_looked_at(town: Town) -> None:
    dateless = {key: value for key, value in FATHER.items() if key != "born"}
    matching = Matching(town, record("a:1", **dateless, email="joris.w@ziggo.nl"))
    [customer] = {matching.customer["a:1"]}

    def seen(day: str) -> pa.Table:
        rows = [{"record_id": "a:1", "last_seen_on": dt.date.fromisoformat(day)}]
        columns = pa.schema([("record_id", pa.string()), ("last_seen_on", pa.date32())])
        return pa.Table.from_pylist(rows, columns)

    assert matching.outcomes(entry(), last_seen=seen("2026-01-05")) == {customer: "matched"}
    [row] = matching.table(entry(), last_seen=seen("2026-06-05")).to_pylist()
    assert (row["outcome"], row["customer_id"]) == ("review", customer)
    assert row["reason"] == "the customer was active after the death"
    moved = entry(register="moved")
    assert matching.outcomes(moved, last_seen=seen("2026-06-05")) == {customer: "matched"}


def test_an_entry_without_a_house_says_no_more_than_its_street_or_area(family: Matching) -> None:
    """Which counts for more than where it names another house."""

    def weight(**values: str) -> float:
        return family.table(entry(**values)).to_pylist()[0]["weight"]

    same, street, another = (weight(street="Kade", **own) for own in HOUSES)
    assert same > street > another
    assert same > weight() > weight(street="Laan", house_number="9")


@pytest.mark.parametrize(("crowd", "found"), [(BLOCK, BLOCK), (BLOCK + 1, 0)])
def test_whom_a_crowd_shares_a_key_with_is_not_looked_for_under_it(
    family: Matching, crowd: int, found: int
) -> None:
    ids = [f"a:{number:03}" for number in range(crowd)]
    rows = [record(one, phone="0618273645") for one in ids]
    asked = records(record("e", phone="0618273645"))
    person_map = pa.table({"record_id": ids, "customer_id": ids})
    scores = score(records(*rows), person_map, asked, weights=family.weights, rules=RULES)
    assert len(scores.weight) == found


def names_that_go_together(weights: Path, folder: Path, bits: int) -> Path:
    """These weights, where a full name that more than one should have is so many bits more
    frequent than that."""
    others = np.where(np.arange(LEAST, MOST + 1) > 0, bits * PARTS, 0).astype(np.uint8)
    content = json.loads(weights.read_text())
    content["namesakes"] = replace(NO_NAMESAKES, others=others).as_text()
    found = folder / f"{bits}.json"
    found.write_text(json.dumps(content))
    return found


def test_names_that_go_together_say_less_of_an_entry(family: Matching, tmp_path: Path) -> None:
    """By half where a record names no country, so that it may be the one that agrees best."""
    named = {"given": "Joris", "family": "Wollebrants", "born": "1948-05-02"}
    customer = records(record("a:1", country="NL", **named), record("a:2", **named))
    asked = records(record("e", country="NL", **named))

    def found(bits: int, *ids: str) -> tuple[float, str]:
        scores = score(
            customer,
            pa.table({"record_id": ids, "customer_id": ["c"] * len(ids)}),
            asked,
            weights=names_that_go_together(family.weights, tmp_path, bits),
            rules=RULES,
        )
        [weight], [row] = scores.weight.tolist(), scores.record
        return weight, scores.people.record_id[row].as_py()

    whole, _ = found(0, "a:1")
    assert found(4, "a:1") == (pytest.approx(whole - 4, abs=0.1), "a:1")
    assert found(4, "a:2") == (pytest.approx(whole - 2, abs=0.1), "a:2")
    assert found(0, "a:1", "a:2") == (whole, "a:1")
    assert found(4, "a:1", "a:2") == found(4, "a:2")


def test_nobody_is_found_for_a_stranger(family: Matching) -> None:
    stranger = entry(given_names="Aurelia", family_name="Zzyzx", birth_date=dt.date(1930, 1, 9))
    [row] = family.table(stranger | {"postal_code": "9999ZZ", "city": "Nowhere"}).to_pylist()
    assert (row["outcome"], row["customer_id"]) == ("not_found", None)


def test_a_steward_decides_until_the_entry_says_something_else(family: Matching) -> None:
    father, son = family.customer["a:father"], family.customer["a:son"]
    [row] = family.table(entry()).to_pylist()

    def decided(verdict: str, record_id: str) -> pa.Table:
        rows = [{key: row[key] for key in ("entry_id", "entry_digest")}]
        rows[0] |= {"record_id": record_id, "verdict": verdict}
        return pa.Table.from_pylist(rows, DECISIONS)

    assert father not in family.outcomes(entry(), decisions=decided("rejected", "a:father"))
    accepted = family.outcomes(entry(), decisions=decided("accepted", "a:son"))
    assert accepted[son] == "matched"
    corrected = entry(postal_code="3012BB")
    again = family.outcomes(corrected, decisions=decided("rejected", "a:father"))
    assert again == {father: "matched"}


def test_no_entries_and_no_customers_are_no_error(town: Town, family: Matching) -> None:
    assert family.table().schema == MATCHES
    assert family.table().num_rows == 0
    nobody = pa.table({"record_id": pa.array([], pa.string())}).append_column(
        "customer_id", pa.array([], pa.string())
    )
    found = match_entries(
        records(),
        nobody,
        pa.Table.from_pylist([entry()], COLUMNS),
        weights=town.folder / "model.json",
        rules=RULES,
    )
    assert found["outcome"].to_pylist() == ["not_found"]
