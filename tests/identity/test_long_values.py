"""Long values: one takes no longer than many others, and none is taken for another one."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest

from kindred.identity import InputError, load_rules
from kindred.identity.codes import coding
from kindred.identity.codes.columns import People
from kindred.identity.reading import normal_forms
from kindred.identity.reading.reader import TableColumns, read_people

SIZE = 2_000
LONG = 4 << 20
TOKEN = "ey" + "Jhbg" * 100


def read(size: int = SIZE, **columns: list[str | None]) -> People:
    table = pa.table({"record_id": [f"r{n:06}" for n in range(size)], **columns})
    return read_people(TableColumns(table), load_rules(), threads=1)


@pytest.mark.parametrize(
    "column", ["email", "street", "given_name", "source_system", "attribute_x", "identifier_x"]
)
def test_one_long_value_takes_no_longer(monkeypatch, column: str) -> None:
    monkeypatch.setattr(coding, "MANY", 1_000)
    texts = [f"street{n}@x.nl" for n in range(SIZE - 1)]
    started = time.process_time()
    read(**{column: [*texts, "é" * LONG + "@x.nl"]})
    assert time.process_time() - started < 3


def test_what_is_cut_has_the_normal_form_of_all_of_it() -> None:
    for letters in ("Quaedvlieg ", "été ", "1234567 "):
        text = letters * 300
        for column, form in (("street", "street"), ("city", "words"), ("attribute_x", "alnum")):
            found = read(1, **{column: [text]})
            codes = found.attributes["x"] if form == "alnum" else getattr(found, column)
            expected = normal_forms.normal(pa.array([text]), form).drop_null()
            assert codes.values.equals(expected)


@pytest.mark.parametrize("size", [4, SIZE])
def test_long_identifiers_are_compared_as_a_whole(size: int) -> None:
    told = [TOKEN + "a", TOKEN + "b", TOKEN.upper() + "-A", "k" * 199]
    rest = [f"card-{n}" for n in range(size - len(told))]
    [codes] = read(size, identifier_token=told + rest).identifiers["token"].slots
    assert codes[0] == codes[2]
    assert len(set(codes)) == size - 1
    spaced = "-".join("k" * 199)
    [codes] = read(4, identifier_token=["k" * 199, spaced, *told[:2]]).identifiers["token"].slots
    assert codes[0] == codes[1]
    assert len(set(codes)) == 3


def test_record_ids_that_are_too_long_are_refused() -> None:
    long = "é" * 1_000
    for ids, message in (
        ([long, long + "1", long + "2"], "record_id is longer than 1,000 characters in 2 rows"),
        ([long, "1", long], "record_id is not unique"),
    ):
        with pytest.raises(InputError, match=message) as error:
            read_people(TableColumns(pa.table({"record_id": ids})), load_rules())
        assert long not in str(error.value)
    ids = [long, "1", long[1:]]
    found = read_people(TableColumns(pa.table({"record_id": ids})), load_rules())
    assert sorted(found.record_id.to_pylist()) == sorted(ids)
