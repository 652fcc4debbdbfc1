"""Birth dates that stand for not knowing, in columns of dates and in columns of years."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pyarrow as pa
import pytest
from people import RULES, record, records

from kindred.identity import Index
from kindred.identity.codes.columns import People
from kindred.identity.reading.reader import TableColumns, read_people

DAYS = [f"{year}-05-{day:02d}" for year in range(1880, 1980) for day in (3, 17)]
YEARS = [str(year) for year in range(1600, 1990)]


def read(birth: list[str | None] | pa.Array, known: People | None = None) -> People:
    ids = [f"r{number:04d}" for number in range(len(birth))]
    columns = TableColumns(pa.table({"record_id": ids, "birth_date": birth}))
    return read_people(columns, RULES, usage=known.usage if known else None)


def missing(people: People) -> int:
    return int((people.birth < 0).sum())


@pytest.mark.parametrize("default", ["1900-01-01", "1970-01-01", "1900", "9999-12-31"])
def test_among_dates_a_default_is_none(default: str) -> None:
    assert missing(read([*DAYS, default])) == 1


@pytest.mark.parametrize("year", ["1753", "1900", "1901", "1904", "1970"])
def test_among_years_none_is_a_default(year: str) -> None:
    assert missing(read([*YEARS, year])) == 0
    assert read([*YEARS, year]).birth[-1] == int(year) * 10_000 + 101


def test_years_may_be_written_as_their_first_of_january() -> None:
    days = pa.array([dt.date(int(year), 1, 1) for year in YEARS])
    assert missing(read(days)) == 0
    assert missing(read([f"{year}-01-01" for year in YEARS])) == 0


def test_what_no_year_can_be_stays_a_default() -> None:
    assert missing(read([*YEARS, "0001-01-01", "9999-12-31", "1899-12-30"])) == 3


def test_defaults_alone_show_no_habit() -> None:
    assert missing(read(["1900-01-01", "1970-01-01", "1970-01-01", None])) == 4


def test_a_year_that_far_too_many_have_is_a_default() -> None:
    assert missing(read([*YEARS, *["1900"] * 60])) == 61


def test_years_are_years_beside_a_source_of_dates() -> None:
    """A year has a hundred people where a day has one or two."""
    years = [str(year) for year in range(1905, 1969) for _ in range(60)]
    assert missing(read(DAYS + years)) == 0
    days = [f"{year}-{month:02d}-{day:02d}" for year in range(1880, 1980)
            for month in range(1, 13) for day in range(2, 9)]  # fmt: skip
    assert missing(read(days + years + ["1900"])) == 1
    assert missing(read(days + years + ["1960-01-01"] * 1500)) == 1560


@pytest.mark.parametrize("default", ["1960-01-01", "1960-01-02"])
def test_a_date_that_far_too_many_have_is_a_default(default: str) -> None:
    assert missing(read(DAYS + [default] * 60)) == 60
    assert missing(read(DAYS + [default] * 40)) == 0
    some = [f"{year}-01-01" for year in range(1881, 1960, 3) if year != 1901]
    assert missing(read(DAYS + some + [default] * 60)) == 60


def test_a_record_is_read_as_the_others_were() -> None:
    assert missing(read(["1900"], read(YEARS))) == 0
    assert missing(read(["1900"], read(DAYS))) == 1


def test_a_day_of_the_index_keeps_the_habit() -> None:
    shared = {"given": "Jan", "postal": "9999ZX"}
    families = ["".join(letters) for letters in product("bdfgkl", "aeiou", "mnprst", "aeiou")]
    some = zip(YEARS, families, strict=False)
    dated = [record(year, family=name, **shared, born=f"{year}-01-01") for year, name in some]
    index = Index(records(*dated))
    of_1900 = dated[YEARS.index("1900")] | {"record_id": "b:1"}
    found = index.find(records(of_1900)).to_pylist()[0]
    assert found["known_record_id"] == "1900"
    assert "birth" in found["rule"]
    changes = index.update(records(of_1900))
    assert changes.person_map["cluster_size"].to_pylist() == [2, 2]


def test_a_day_of_the_index_reads_months_first_where_the_others_do() -> None:
    """What is asked of and what comes later is too little to show that."""
    births = ["04/25/1980", "11/30/1951", "12/20/1975", "04/05/1990"]
    people = [("Anna", "Jansen"), ("Piet", "Bakker"), ("Eva", "Mol"), ("Kees", "Vos")]
    given, family = zip(*people, strict=True)
    columns = {"given_name": given, "family_name": family, "birth_date": births}
    index = Index(pa.table({"record_id": ["a", "b", "c", "d"], **columns}))
    kees = pa.table({"record_id": ["e"], **{name: own[3:] for name, own in columns.items()}})
    assert index.find(kees)["known_record_id"].to_pylist() == ["d"]
    changes = index.update(kees)
    assert changes.person_map["record_id"].to_pylist() == ["d", "e"]
    assert index.people.birth.tolist() == [19800425, 19511130, 19751220, 19900405, 19900405]
