"""Birth numbers: the dates that national ids hold, of a type that is of their form."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from people import RULES, read

from kindred.identity.reading.birth_numbers import FORMS, births, forms_of
from kindred.identity.reading.reader import TableColumns, read_people

PUBLISHED = [  # in the descriptions of the numbers
    ("PESEL", "44051401359", 19440514),
    ("PESEL", "02070803628", 19020708),
    ("PESEL", "02270803624", 20020708),
    ("rodné číslo", "736028/5163", 19731028),
    ("rijksregisternummer", "85.07.30-033 28", 19850730),
    ("rijksregisternummer", "17073003384", 20170730),
    ("CNP", "1800101221144", 19800101),
    ("isikukood", "37605030299", 19760503),
    ("personnummer", "19811228-9874", 19811228),
]


@pytest.mark.parametrize(("form", "text", "date"), PUBLISHED)
def test_a_number_tells_its_date(form: str, text: str, date: int) -> None:
    parts = [(np.array([0]), pa.array([text]))]
    assert births({"id": form}, {"id": parts}, 2).tolist() == [date, -1]


@pytest.mark.parametrize(("form", "text", "_"), PUBLISHED)
def test_a_digit_that_is_wrong_shows(form: str, text: str, _: int) -> None:
    wrong = text[:-1] + str((int(text[-1]) + 1) % 10)
    parts = [(np.array([0]), pa.array([wrong]))]
    assert births({"id": form}, {"id": parts}, 1).tolist() == [-1]


def pesels(count: int) -> list[str]:
    draw = random.Random(3)
    found = []
    for _ in range(count):
        number = f"{draw.randrange(40, 99)}{draw.randrange(1, 13):02}{draw.randrange(1, 29):02}"
        number += f"{draw.randrange(10_000):04}"
        weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
        check = -sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 10
        found.append(f"{number}{check}")
    return found


def test_a_type_is_of_a_form_if_nearly_all_of_its_values_are() -> None:
    draw = random.Random(4)
    ids = [*pesels(190), *["junk"] * 10]
    others = [f"{draw.randrange(10**11):011}" for _ in range(200)]
    parts = {kind: [(np.arange(200), pa.array(own))] for kind, own in
             {"pesel": ids, "card": others, "few": ids[:5]}.items()}  # fmt: skip
    assert forms_of(parts) == {"pesel": "PESEL"}
    assert set(forms_of(parts).values()) <= set(FORMS)


def test_neither_the_order_of_records_nor_repeats_make_a_form() -> None:
    ids = pa.array([*pesels(12_000), *[f"card{n}" for n in range(4_000)]])
    rows = np.arange(len(ids))
    for some in (ids, ids.take(pa.array(rows[::-1]))):
        assert forms_of({"id": [(rows, some)]}) == {}
    assert forms_of({"id": [(np.arange(60), pa.array(["44051401359"] * 60))]}) == {}


def test_no_day_that_never_was() -> None:
    for last in range(10):
        texts = [f"80023000{n:02}{last}" for n in range(10)]
        parts = [(np.arange(10), pa.array(texts))]
        assert (births({"id": "PESEL"}, {"id": parts}, 10) == -1).all()


def test_who_has_no_birth_date_has_that_of_the_id() -> None:
    ids = pesels(200)
    born = ["1950-01-31", *[None] * 199]
    people = read(family_name=["Nowak"] * 200, identifier_pesel=ids, birth_date=born)
    row = people.record_id.index("r0").as_py(), people.record_id.index("r7").as_py()
    assert people.birth[row[0]] == 19500131  # what is said, counts
    assert people.birth[row[1]] == 19_000_000 + int(ids[7][:6])
    one = pa.table({"record_id": ["x"], "identifier_pesel": ids[7:8]})
    found = read_people(TableColumns(one), RULES, usage=people.usage)
    assert found.birth.tolist() == [people.birth[row[1]]]
    assert read_people(TableColumns(one), RULES).birth.tolist() == [-1]
