"""Birth numbers: national ids that hold a birth date, as a PESEL or a rijksregisternummer does.

Belongs here: their forms, seeing which one a type of identifier has, and the dates. Does not belong
here: an identifier as evidence (`weights`), and birth dates as they are written (`dates`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import MISSING
from kindred.identity.codes.hashing import hashes

MOST = 0.9
"""So many values of a type must be of a form, check digit and all: of other numbers one in ten is
at most."""
FEWEST = 50
"""Fewer distinct values show nothing."""
LOOKED_AT = 10_000
LONGEST = 32
"""No such number has so many characters."""
LATEST = 2050
"""Nobody is born later."""
DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
Parts = Sequence[tuple[np.ndarray, pa.Array]]
"""Rows, and the value of each."""
Numbers = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Form:
    """digits: how many there are. read: from one row of digits per number, the year, month and day
    of each; a month or day of 0 for what is none."""

    digits: int
    read: Callable[[np.ndarray], Numbers]


def _number(digits: np.ndarray, start: int, end: int) -> np.ndarray:
    """The number that some of the digits are."""
    return digits[:, start:end] @ (10 ** np.arange(end - start - 1, -1, -1))


def _where(holds: np.ndarray, year: np.ndarray, month: np.ndarray, day: np.ndarray) -> Numbers:
    return year, np.where(holds, month, 0), day


def _pesel(digits: np.ndarray) -> Numbers:
    """Poland: https://www.gov.pl/web/gov/czym-jest-numer-pesel"""
    century, month = np.divmod(_number(digits, 2, 4), 20)
    year = np.array([1900, 2000, 2100, 2200, 1800])[century] + _number(digits, 0, 2)
    holds = digits @ np.array([1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0
    return _where(holds, year, month, _number(digits, 4, 6))


def _rodne_cislo(digits: np.ndarray) -> Numbers:
    """Czechia and Slovakia since 1954: women's months are 50 more, and 20 where numbers ran out."""
    year, month = _number(digits, 0, 2), _number(digits, 2, 4) % 50
    month = np.where(month > 20, month - 20, month)
    whole = _number(digits, 0, 10)
    holds = (whole % 11 == 0) | ((whole // 10 % 11 == 10) & (whole % 10 == 0))
    return _where(holds, year + np.where(year < 54, 2000, 1900), month, _number(digits, 4, 6))


def _rijksregister(digits: np.ndarray) -> Numbers:
    """Belgium: what is missing to 97, with a 2 before the number for who was born from 2000 on."""
    number, check = _number(digits, 0, 9), _number(digits, 9, 11)
    before = 97 - number % 97 == check
    after = 97 - (number + 2_000_000_000) % 97 == check
    year = _number(digits, 0, 2) + np.where(before, 1900, 2000)
    return _where(before | after, year, _number(digits, 2, 4), _number(digits, 4, 6))


def _cnp(digits: np.ndarray) -> Numbers:
    """Romania: the first digit tells century and sex."""
    year = np.array([0, 1900, 1900, 1800, 1800, 2000, 2000, 0, 0, 0])[digits[:, 0]]
    check = digits[:, :12] @ np.array([2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
    holds = (np.where(check == 10, 1, check) == digits[:, 12]) & (year > 0)
    return _where(holds, year + _number(digits, 1, 3), _number(digits, 3, 5), _number(digits, 5, 7))


def _isikukood(digits: np.ndarray) -> Numbers:
    """Estonia and Lithuania."""
    year = np.array([0, 1800, 1800, 1900, 1900, 2000, 2000, 0, 0, 0])[digits[:, 0]]
    first = digits[:, :10] @ np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
    second = digits[:, :10] @ np.array([3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10
    holds = (np.where(first == 10, second, first) == digits[:, 10]) & (year > 0)
    return _where(holds, year + _number(digits, 1, 3), _number(digits, 3, 5), _number(digits, 5, 7))


def _personnummer(digits: np.ndarray) -> Numbers:
    """Sweden, with the century."""
    own = digits[:, 2:]
    doubled = own * np.array([2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    holds = (doubled // 10 + doubled % 10).sum(axis=1) % 10 == 0
    return _where(holds, *(_number(digits, *ends) for ends in ((0, 4), (4, 6), (6, 8))))


FORMS: Mapping[str, Form] = {
    "PESEL": Form(11, _pesel),
    "rodné číslo": Form(10, _rodne_cislo),
    "rijksregisternummer": Form(11, _rijksregister),
    "CNP": Form(13, _cnp),
    "isikukood": Form(11, _isikukood),
    "personnummer": Form(12, _personnummer),
}


def forms_of(found: Mapping[str, Parts]) -> dict[str, str]:
    """By type of identifier, the form that nearly all of its values have; only such types."""
    forms = {kind: _form_of(parts) for kind, parts in found.items()}
    return {kind: form for kind, form in forms.items() if form}


def _form_of(parts: Parts) -> str | None:
    values = pc.unique(pa.concat_arrays([values for _, values in parts]))
    short = values.filter(pc.less_equal(pc.binary_length(values), LONGEST))
    if len(short) < MOST * len(values):
        return None
    values = short.filter(pc.not_equal(pc.utf8_trim_whitespace(short), ""))
    # whatever the order of the records: by lot
    values = values.take(pa.array(np.argsort(hashes(values), kind="stable")[:LOOKED_AT]))
    if len(values) < FEWEST:
        return None
    for name, form in FORMS.items():
        if np.count_nonzero(_dates(form, values) >= 0) >= MOST * len(values):
            return name
    return None


def births(forms: Mapping[str, str], found: Mapping[str, Parts], size: int) -> np.ndarray:
    """Per record, of so many, the date that an identifier of it holds, as YYYYMMDD, or `MISSING`.

    forms: by type of identifier. Of several dates that one record has, the smallest.
    """
    none = np.iinfo(np.int32).max
    birth = np.full(size, none, np.int32)
    for kind, name in forms.items():
        for rows, values in found.get(kind, ()):
            date = _dates(FORMS[name], values)
            np.minimum.at(birth, rows[date >= 0], date[date >= 0])
    return np.where(birth == none, np.int32(MISSING), birth)


def _dates(form: Form, values: pa.Array) -> np.ndarray:
    """The date of each value, as YYYYMMDD, or `MISSING`."""
    values = values.cast(pa.string())
    values = pc.if_else(pc.less_equal(pc.binary_length(values), LONGEST), values, None)
    bare = pc.replace_substring_regex(values, "[ ./+-]", "")
    fits = pc.fill_null(pc.match_substring_regex(bare, f"^[0-9]{{{form.digits}}}$"), False)
    rows = np.flatnonzero(fits.to_numpy(zero_copy_only=False))
    found = np.full(len(values), MISSING, np.int32)
    text = "".join(bare.take(pa.array(rows)).to_pylist()).encode()
    digits = np.frombuffer(text, np.uint8).reshape(len(rows), form.digits) - np.int64(ord("0"))
    year, month, day = form.read(digits)
    real = (month >= 1) & (month <= 12) & (year <= LATEST)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days = DAYS[np.where(real, month, 0)] + ((month == 2) & leap)
    real &= (day >= 1) & (day <= days)
    found[rows[real]] = (year * 10_000 + month * 100 + day)[real]
    return found
