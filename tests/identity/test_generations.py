"""Generations: father and son of one name, where a word behind the name tells them apart."""

from __future__ import annotations

import pyarrow as pa
import pytest
from people import RULES, Town, identifiers, known, record, records

from kindred.identity import Index
from kindred.identity.engine import match_prepared
from kindred.identity.explanation import Explainer
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.resolution import prepare_records
from kindred.identity.wording import value

HOME = {"street": "Zwaluwlaan", "house": "17", "postal": "9999ZX", "country": "NL"}
ME = {"given": "Jan", "phone": "0618273645", **HOME}
FATHER = record("a:father", family="Quaedvlieg Sr.", **ME)
SON = record("b:son", family="Quaedvlieg jr", **ME)
SECOND = record("c:second", family="Quaedvlieg II", **ME)
SILENT = record("c:silent", family="Quaedvlieg", **ME)


@pytest.fixture(scope="module")
def families(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The same town; of it are kept the weights with this field."""
    return Town(town.people, tmp_path_factory.mktemp("generations"))


def read(**names: str) -> list[str | None]:
    """Given name, family name and generation of one record."""
    columns = {name: pa.array([text, text]) for name, text in names.items()}
    people = read_people(TableColumns(pa.table({"record_id": ["1", "2"]} | columns)), RULES)
    return [value(people, field, 0) for field in ("given", "family", "generation")]


@pytest.mark.parametrize(
    ("given", "family", "found"),
    [
        ("John", "Smith Jr.", ["john", "smith", "junior"]),
        ("John", "SMITH II", ["john", "smith", "junior"]),
        ("John, Jr.", "Smith", ["john", "smith", "junior"]),
        ("John", "Smith, Sr", ["john", "smith", "senior"]),
        ("John", "Smith (Senior)", ["john", "smith", "senior"]),
        ("John", "Smith iii", ["john", "smith", "third"]),
        ("John", "Smith IV.", ["john", "smith", "fourth"]),
        ("Hans", "Müller jun.", ["hans", "muller", "junior"]),
        ("Hans", "Müller sen.", ["hans", "muller", "senior"]),
        ("Juan", "García, hijo", ["juan", "garciahijo", "junior"]),
        ("Alexandre", "Dumas père", ["alexandre", "dumaspere", "senior"]),
        ("João", "Silva Júnior", ["joao", "silva", "junior"]),
        ("João", "Silva Filho", ["joao", "silvafilho", "junior"]),
        ("João", "da Silva Neto", ["joao", "silvaneto", "third"]),
    ],
)
def test_a_generation_is_read_wherever_it_stands(
    given: str, family: str, found: list[str | None]
) -> None:
    assert read(given_name=given, family_name=family) == found


@pytest.mark.parametrize(
    ("given", "family"),
    [("Wei Jun", "Wang"), ("Junior", "Silva"), ("Joan Pere", "Puig"), ("Sr. Juan", "Jr"),
     ("Maria", "Neto"), ("Arthur", "Fils"), ("Jane", "Senior"), ("Ana", "del Padre")],
)  # fmt: skip
def test_a_name_is_no_generation(given: str, family: str) -> None:
    assert read(given_name=given, family_name=family)[2] is None


@pytest.mark.parametrize(
    ("whole", "found"),
    [
        ("John Smith, Jr.", ["john", "smith", "junior"]),
        ("Smith Jr., John", ["john", "smith", "junior"]),
        ("Smith, John Jr", ["john", "smith", "junior"]),
        ("João Silva Neto", ["joao", "silvaneto", "third"]),
        ("Arthur Fils", ["arthur", "fils", None]),
        ("Amartya Sen", ["amartya", "sen", None]),
    ],
)
def test_a_whole_name_says_it_too(whole: str, found: list[str | None]) -> None:
    assert read(given_name=whole) == found


def test_a_generation_among_middle_names_is_none_of_them() -> None:
    columns = {"record_id": ["1", "2", "3"], "given_name": ["John"] * 3,
               "family_name": ["Smith"] * 3, "middle_name": ["Allen Jr", "Jr.", "Iv"]}  # fmt: skip
    people = read_people(TableColumns(pa.table(columns)), RULES)
    assert [value(people, "middle", row) for row in range(3)] == ["allen", None, None]
    assert [value(people, "generation", row) for row in range(3)] == ["junior", "junior", "fourth"]


def test_father_and_son_of_one_name_are_two_and_who_says_nothing_is_either(families: Town) -> None:
    assert len(families.clusters(FATHER, SON)) == 2
    assert len(families.clusters(FATHER, SILENT)) == 1
    assert len(families.clusters(SON, SILENT)) == 1
    assert len(families.clusters(SON, SECOND)) == 1


def test_no_rule_on_the_given_name_joins_two_generations(families: Town) -> None:
    email = {"email": "thuis@quaedvlieg.example"}
    assert len(families.clusters(FATHER | email, SON | email)) == 2
    assert len(families.clusters(SECOND | email, SON | email)) == 1
    card = (("a:father", "loyalty_card", "4711"), ("b:son", "loyalty_card", "4711"))
    born = [record("", born=day)["birth_date"] for day in ("1950-02-01", "1981-06-30")]
    ages = [row | {"birth_date": day} for row, day in zip((FATHER, SON), born, strict=True)]
    assert len(families.clusters(*ages, shared=card)) == 2


def test_one_birth_date_outweighs_a_wrong_generation(families: Town) -> None:
    born = {"birth_date": record("", born="1950-02-01")["birth_date"]}
    assert len(families.clusters(FATHER | born, SON | born)) == 1


def test_a_day_of_the_index_tells_them_apart(town: Town) -> None:
    index = Index(pa.concat_tables([town.people.slice(0, 150), records(FATHER)]))
    before = index.person_map()
    asked = index.find(records(SON, SECOND | {"family_name": "Quaedvlieg sr."}, SILENT))
    assert set(asked["record_id"].to_pylist()) == {"c:second", "c:silent"}
    index.update(records(SON))
    ids = dict(zip(*(c.to_pylist() for c in index.person_map().columns), strict=True))
    assert ids["b:son"] != ids["a:father"]
    assert len(set(ids.values())) == len(set(before["customer_id"].to_pylist())) + 1


def test_an_explanation_names_both_generations(town: Town) -> None:
    people = pa.concat_tables([town.people.slice(0, 150), records(FATHER, SON, SILENT)])
    prepared = prepare_records(people, identifiers(), known(), rules=RULES)
    explainer = Explainer(prepared, match_prepared(prepared, RULES).model, RULES)
    verdict = explainer.pair("a:father", "b:son")
    steps = {step["step"]: step for step in verdict.steps.to_pylist()}
    said = steps["generation"]
    assert (said["value_1"], said["value_2"]) == ("senior", "junior")
    assert said["finding"] == "another generation"
    assert said["weight"] < -4
    assert steps["exceptions"]["weight"] == RULES.exceptions.generations.weight
    assert steps["exceptions"]["finding"] == RULES.exceptions.generations.reason
    assert not verdict.is_link
    silent = explainer.pair("b:son", "c:silent").steps.to_pylist()
    [said] = [step for step in silent if step["step"] == "generation"]
    assert (said["finding"], said["weight"]) == ("missing in one of them", 0)
