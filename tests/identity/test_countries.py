"""Countries: whichever way a source writes one."""

from __future__ import annotations

import pyarrow as pa
import pytest

from kindred.identity import load_rules
from kindred.identity.reading.reader import TableColumns, read_people


def read(countries: list[str | None]) -> list[str | None]:
    ids = pa.array([f"r{n:05d}" for n in range(len(countries))])
    table = pa.table({"record_id": ids, "country_code": pa.array(countries, pa.string())})
    found = read_people(TableColumns(table), load_rules()).country
    return [[*found.values.to_pylist(), None][code] for code in found.codes]


@pytest.mark.parametrize("times", [1, 500])
def test_names_and_codes_of_one_country_are_one(times: int) -> None:
    written = ["NL", "nld", "Nederland", "The Netherlands", " pays-bas ", "Österreich", "UAE", "UK"]
    assert read(written * times) == ["nl", "nl", "nl", "nl", "nl", "at", "ae", "gb"] * times


def test_what_is_no_country_that_is_known_stays_as_it_is() -> None:
    assert read(["Atlantis", None, "XK-1"]) == ["atlantis", None, "xk1"]
