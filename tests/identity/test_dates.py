"""Birth dates, as they are written."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from kindred.identity.reading import dates


def numbers(
    *values: object, kind: pa.DataType | None = None, month_first: bool | None = None
) -> list[int]:
    return dates.numbers(pa.array(values, kind), month_first)[0].tolist()


def test_dates_in_the_usual_formats_are_one_date() -> None:
    texts = ["1980-03-12", "19800312", "12-03-1980", "12.3.1980", "12/03/1980", "1980/3/12",
             "12 March 1980", "12-mar-1980", "1980-03-12T00:00:00Z", "12 03 1980",
             " 1980-03-12 "]  # fmt: skip
    assert set(numbers(*texts)) == {19800312}
    assert numbers(dt.date(1980, 3, 12)) == [19800312]
    assert numbers(dt.datetime(1980, 3, 12, 23, 59)) == [19800312]
    assert numbers(19800312, kind=pa.int64()) == [19800312]


@pytest.mark.parametrize(
    ("month", "spellings"),
    [
        (2, "feb. février fév. Febrero febbraio fevereiro lutego February febr."),
        (3, "maart mrt März mrz mars mar. marzo março marca MARCH Maerz"),
        (5, "mei Mai mayo maggio maj maja may mag"),
        (6, "juni juin junio giugno junho czerwca June cze"),
        (8, "augustus août aout agosto sierpnia ago. Aug"),
        (10, "okt oct. octobre octubre ottobre outubro października paź out"),
        (12, "dez dec déc. dezember dicembre diciembre grudnia dic"),
    ],
)
def test_months_are_read_in_eight_languages(month: int, spellings: str) -> None:
    for name in spellings.split():
        texts = [f"5 {name} 1971", f"05-{name}-1971", f"5{name}1971", f"{name} 5, 1971",
                 f"5. {name} 71", f"5 de {name} de 1971", f"1971-{name}-05 00:00"]  # fmt: skip
        assert set(numbers(*texts)) == {19710005 + month * 100}, name


def test_a_word_that_is_no_month_makes_no_date() -> None:
    words = ["5 xyz 1971", "5 jui 1971", "5 ma 1971", "5 o 1971", "soon 5, 1971", "5 march"]
    assert numbers(*words) == [dates.MISSING] * len(words)


def test_two_digits_are_a_year_of_the_same_hundred_whatever_the_clock_says(monkeypatch) -> None:
    assert numbers("12/3/71", "12-03-71 0:00", "12.3.71", "12-Mar-71") == [19710312] * 4
    assert numbers("3/25/71", "3/12/71") == [19710325, 19710312]
    later = SimpleNamespace(date=SimpleNamespace(today=lambda: dt.date(2031, 1, 1)))
    monkeypatch.setattr(dates, "dt", later, raising=False)
    assert numbers("25/03/26", "25/03/27", "25/03/30") == [20260325, 19270325, 19300325]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("710325", 19710325),  # as in passports
        ("250371", 19710325),  # there is no day 71
        ("032571", 19710325),
        ("120105", dates.MISSING),  # of 2012, 2005 or 1905
        ("710045", dates.MISSING),
        ("713225", dates.MISSING),
    ],
)
def test_six_digits_are_a_date_where_the_year_is_beyond_doubt(text: str, number: int) -> None:
    assert numbers(text) == [number]


def test_six_digits_have_the_habit_of_their_column() -> None:
    assert numbers("032571", "031271") == [19710325, 19710312]
    assert numbers("250371", "031271") == [19710325, 19711203]


def test_a_spreadsheets_number_of_a_day_is_that_day() -> None:
    assert numbers("26004", "26004.0", "26004.5") == [19710312] * 3
    assert numbers(26004, 44197, kind=pa.int64()) == [19710312, 20210101]


@pytest.mark.parametrize(
    "text",
    ["0000-00-00", "00000000", "99999999", "1800-02-30", "31/02/1980", "30/02/71", "1900-02-29",
     "31 april 1980", "1980-13-13", "1980-05-00", "00/05/1980", "19800431", "0 mei 1971"],
)  # fmt: skip
def test_a_date_that_no_calendar_has_is_none(text: str) -> None:
    assert numbers(text, "2000-02-29") == [dates.MISSING, 20000229]


def test_a_year_without_month_and_day_is_a_year_alone() -> None:
    assert numbers("1971-00-00", "00.00.1971", "19710000") == [19710101] * 3


@pytest.mark.parametrize("day", [2**31 - 1, -(2**31), 3_000_000, -800_000])
def test_days_beyond_all_years_are_none(day: int) -> None:
    """A database exports `infinity` as the largest or the smallest day."""
    column = pa.array([day, 4_453], pa.int32()).cast(pa.date32())
    assert dates.numbers(column)[0].tolist() == [dates.MISSING, 19820312]


def test_a_year_alone_is_its_first_day_and_a_number_is_no_year() -> None:
    assert numbers("1974", "1974.0", "2003") == [19740101, 19740101, 20030101]
    assert numbers("1499", "7", "197") == [dates.MISSING] * 3
    assert numbers(1974, kind=pa.int64()) == [19740101]


def test_months_first_where_the_column_shows_that_habit() -> None:
    assert numbers("04/25/1980", "12/31/1975", "03/12/1980") == [19800425, 19751231, 19800312]
    assert numbers("25/04/1980", "31/12/1975", "03/12/1980") == [19800425, 19751231, 19801203]


@pytest.mark.parametrize("habit", [True, False])
def test_a_habit_that_others_have_is_kept(habit: bool) -> None:
    """Whatever the column itself shows; a date with one reading is read so."""
    texts = ["04/25/1980", "25/04/1980", "03/12/1980", "1980-03-12", "12 March 1980", "soon"]
    turned = 19800312 if habit else 19801203
    expected = [19800425, 19800425, turned, 19800312, 19800312, dates.MISSING]
    assert numbers(*texts, month_first=habit) == expected
    assert numbers(*texts[:1], *texts[2:], month_first=habit)[1] == turned


def test_no_date_is_missing() -> None:
    odd = ["", "soon", "198", "12-03", "1980-03-12-05", "9" * 500, "1980-3", "\x00", None]
    assert numbers(*odd) == [dates.MISSING] * len(odd)
    assert numbers(None, kind=pa.null()) == [dates.MISSING]
    assert dates.numbers(pa.array([], pa.string()))[0].dtype == np.int32
