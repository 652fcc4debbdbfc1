"""Birth dates as numbers yyyymmdd, from dates, timestamps or text in the usual formats.

Belongs here: reading a date as it was written; one that no calendar has is none. Does not belong
here: the names of months (`month_names`), comparing dates (`date_agreement`).
"""

# ruff: noqa: S608 (the query is built from constants)

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import MISSING
from kindred.identity.codes.queries import answer
from kindred.identity.reading.month_names import NO_CENTURY, with_months

YEAR_ALONE, FIRST_YEAR = 101, 1500
"""The month and day of a year alone, and the first number that is read as one."""
_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
"""Days of each month."""
_LAST_YEAR = 9999
_LAST_OF_TWO_DIGITS = 2026
"""The last year that is read from two digits: 26 is 2026, and 27 is 1927. It is fixed, for a clock
would read the same file another way from each New Year on; a later release may move it. (Data can't
tell: one slip, as 2062 for 1962, would make everybody before that a child.)"""
_MOST_CHARACTERS = 40
_MONTH, _DAY = "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
_YEAR_LAST = f"^({_DAY}{_MONTH}|{_MONTH}{_DAY})[0-9]{{2}}$"

_PARTS = f"""
-- twice the date, as if the day came first, and one more where that isn't certain
with cut as (
    select r, lower(left(trim(v), {_MOST_CHARACTERS})) as v from t
), digits as (
    select r, v, regexp_replace(v, '[^0-9]', '', 'g') as d from cut
), parts as (
    select
        r,
        v,
        case
            when regexp_matches(v, '^[0-9]{{8}}([.]0+)?$') then
                if(left(d, 4)::int between 1850 and 2100 or right(left(d, 8), 4)::int < 1850,
                   [left(d, 4), substr(d, 5, 2), substr(d, 7, 2)],
                   [substr(d, 5, 4), substr(d, 3, 2), left(d, 2)])
            when regexp_matches(v, '^(1[5-9]|20)[0-9]{{2}}([.]0+)?$') then [left(d, 4), '1', '1']
            -- a spreadsheet's days since 1900, for those born from 1927 on
            when regexp_matches(v, '^[1-5][0-9]{{4}}([.][0-9]+)?$') then
                string_split(strftime(date '1899-12-30' + left(d, 5)::int, '%Y-%m-%d'), '-')
            -- six digits as in passports: the year first or last, where only one has such a day
            when regexp_matches(v, '^[0-9]{{2}}{_MONTH}{_DAY}$') then
                if(regexp_matches(v, '{_YEAR_LAST}'), null,
                   ['{NO_CENTURY // 100}' || left(v, 2), substr(v, 3, 2), right(v, 2)])
            when regexp_matches(v, '{_YEAR_LAST}') then
                ['{NO_CENTURY // 100}' || right(v, 2), substr(v, 3, 2), left(v, 2)]
            when regexp_matches(v, '^[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}([t ].*)?$') then
                regexp_extract_all(v, '[0-9]+')[1:3]
            when regexp_matches(v, '^[0-9]{{1,2}}[-/. ][0-9]{{1,2}}[-/. ][0-9]{{4}}([t ].*)?$') then
                list_reverse(regexp_extract_all(v, '[0-9]+')[1:3])
            when regexp_matches(v, '^[0-9]{{1,2}}[-/. ][0-9]{{1,2}}[-/. ][0-9]{{2}}([t ].*)?$') then
                list_reverse(list_transform(
                    regexp_extract_all(v, '[0-9]+')[1:3],
                    lambda part, place: if(place = 3, '{NO_CENTURY // 100}' || part, part)
                ))
        end as p
    from digits
)
select
    r,
    coalesce(
        (p[1]::int * 10000 + p[2]::int * 100 + p[3]::int) * 2
        + regexp_matches(v, '^[0-9]{{1,2}}[-/. ][0-9]{{1,2}}[-/. ][0-9]{{2}}|{_YEAR_LAST}')::int,
        {MISSING}
    )::int as number
from parts
"""


def numbers(
    column: pa.ChunkedArray | pa.Array, month_first: bool | None = None
) -> tuple[np.ndarray, bool]:
    """The number yyyymmdd of each date; `MISSING` where there is none or it can't be read.

    Text may be ISO, yyyymmdd, day first or month first, with a month's name, with a time behind it,
    or a spreadsheet's number of a day. A year alone (1971, 1971-00-00) is its first of January, one
    of two digits one of the hundred up to 2026. month_first: the habit of other records;
    without it, what this column shows. Gives the habit too.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        return np.full(len(column), MISSING, np.int32), bool(month_first)
    if pa.types.is_temporal(column.type):
        return _of_dates(column.cast(pa.date32(), safe=False)), bool(month_first)
    found = column.cast(pa.string()).dictionary_encode()
    codes = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False)
    values, month_first = _of_text(found.dictionary, month_first)
    return np.append(values, np.int32(MISSING))[codes], month_first


def are_years(numbers: np.ndarray) -> np.ndarray:
    """True per number that may be a year alone: a first of January."""
    return (numbers % 10_000 == YEAR_ALONE) & (numbers >= FIRST_YEAR * 10_000)


def _of_dates(dates: pa.Array) -> np.ndarray:
    days = dates.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    found = np.full(len(days), MISSING, np.int32)
    rows = np.flatnonzero(~np.isnat(days))
    if not len(rows):
        return found
    own = days[rows]
    first, last = own.min(), own.max()
    if (last - first).astype(np.int64) < len(own):  # each day once, however many are born on it
        every = _of_days(np.arange(first, last + 1))
        found[rows] = every[(own - first).astype(np.int64)]
    else:
        found[rows] = _of_days(own)
    return found


def _of_days(days: np.ndarray) -> np.ndarray:
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    year = years.astype(np.int64) + 1970
    number = year * 10_000 + (months.astype(np.int64) % 12 + 1) * 100
    number += (days - months).astype(np.int64) + 1
    return np.where((year >= 1) & (year <= _LAST_YEAR), number, MISSING)  # others mean infinity


def _of_text(values: pa.Array, month_first: bool | None) -> tuple[np.ndarray, bool]:
    given = pa.table({"r": np.arange(len(values), dtype=np.int32), "v": values})
    found = answer(given, _PARTS, pa.int32()).to_numpy()
    number, open_to_both = found >> 1, (found >= 0) & (found & 1 > 0)
    month, day = number // 100 % 100, number % 100
    turned = (month > 12) & (day <= 12)
    if month_first is None:
        # 04/25/1980 has no other reading: where such dates outnumber 25/04/1980, months come first
        others = open_to_both & (day > 12) & (month <= 12)
        month_first = bool((open_to_both & turned).sum() > others.sum())
    turned |= open_to_both & month_first & (day <= 12)
    turned &= number >= 0
    number = np.where(turned, number + 99 * (day - month), number)
    texts = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(values), 0, _MOST_CHARACTERS)
    rows, worded = with_months(pc.utf8_lower(texts))
    number[rows] = worded
    return _possible(_with_centuries(number)), month_first


def _with_centuries(numbers: np.ndarray) -> np.ndarray:
    """Dates whose year had two digits, in that year of the hundred: 71 is 1971."""
    year, rest = numbers // 10_000 - NO_CENTURY, numbers % 10_000
    full = _LAST_OF_TWO_DIGITS - (_LAST_OF_TWO_DIGITS - year) % 100
    return np.where(year >= 0, full * 10_000 + rest, numbers)


def _possible(numbers: np.ndarray) -> np.ndarray:
    """Dates that a calendar has, others `MISSING`; without month and day a year alone."""
    year, month, day = numbers // 10_000, numbers // 100 % 100, numbers % 100
    alone = (month == 0) & (day == 0) & (year >= FIRST_YEAR)
    numbers = np.where(alone, numbers + YEAR_ALONE, numbers)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = _DAYS[np.where(month <= 12, month, 0)] - ((month == 2) & ~leap)
    fits = (year >= 1) & (year <= _LAST_YEAR) & (day >= 1) & (day <= last)
    return np.where(fits | alone, numbers, MISSING).astype(np.int32)
