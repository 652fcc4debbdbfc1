"""Wording: fields, values and levels as people say them.

Belongs here: labels, and values as matching reads them. Does not belong here: any number
(`explanation`).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import pyarrow as pa

from kindred.identity.codes.columns import Codes, People
from kindred.identity.reading.generations import GENERATIONS
from kindred.identity.reading.normal_forms import PHONE_DIGITS
from kindred.identity.weights.levels import (
    NONE,
    Address,
    Birth,
    Family,
    Field,
    Given,
    Same,
    Value,
    Year,
)

LABELS = {
    "given": "given name",
    "family": "family name",
    "birth": "birth date",
    "middle": "middle name",
    "year": "birth year",
}
LEVELS: dict[type[IntEnum], dict[int, str]] = {
    Given: {
        Given.DIFFERENT: "another {}",
        Given.SIMILAR: "a slightly similar {}",
        Given.INITIAL: "the same initial",
        Given.CLOSE: "nearly the same {} (nickname, sound or typing error)",
        Given.EXACT: "same {}",
        Given.SWAPPED: "given and family name swapped",
    },
    Family: {
        Family.DIFFERENT: "another {}",
        Family.SIMILAR: "a slightly similar {}",
        Family.INITIAL: "the same initial of the {}",
        Family.CLOSE: "nearly the same {} (sound, typing error or one name of two)",
        Family.EXACT: "same {}",
    },
    Birth: {
        Birth.DIFFERENT: "{}s more than ten years apart",
        Birth.DECADE: "{}s up to ten years apart",
        Birth.YEAR: "{}s up to a year apart",
        Birth.PART: "two parts of the {} agree",
        Birth.CLOSE: "{}s one slip of the hand apart",
        Birth.EXACT: "same {}",
    },
    Year: {
        Year.DIFFERENT: "another {}",
        Year.DIGITS_DIFFER: "other last two digits of the {}",
        Year.DIGITS: "same last two digits of the {}",
        Year.EXACT: "same {}",
    },
    Value: {
        Value.DIFFERENT: "another {}",
        Value.CLOSE: "nearly the same {}",
        Value.EXACT: "same {}",
    },
    Address: {
        Address.DIFFERENT: "another {}",
        Address.CITY: "same city",
        Address.AREA: "same postal code or street",
        Address.NEAR: "nearly the same {}",
        Address.SAME: "same {}",
    },
    Same: {Same.DIFFERENT: "another {}", Same.EXACT: "same {}"},
}


def label(field: str) -> str:
    """The name of a field in words: `birth` is the birth date, `identifier_tax_no` the tax no."""
    plain = field.removeprefix("identifier_").removeprefix("attribute_").replace("_", " ")
    return LABELS.get(field, plain)


def finding(field: Field, level: int, *, both: bool) -> str:
    """A level in words. both: whether both records hold a value at all."""
    if level == NONE:
        return "says nothing more than the others" if both else "missing in one of them"
    return LEVELS[field.levels][level].format(label(field.name))


def value(people: People, field: str, row: int) -> str | None:
    """What matching reads in a field of one record, in its normal form; None where it is missing.

    An identifier's values are joined by commas, an address's parts by spaces.
    """
    if field in ("given", "family"):
        return text(people.words.values, getattr(people, field).full[row])
    if field in DATES:
        return DATES[field](people, row)
    if field == "phone":
        digits = text(people.phone.values, people.phone.codes[row])
        return digits.zfill(PHONE_DIGITS) if digits else None
    if field == "address":
        columns = (people.street, people.house, people.postal, people.city)
        parts = [text(column.values, column.codes[row]) for column in columns]
        return " ".join(filter(None, parts)) or None
    if field.startswith("identifier_"):
        found = people.identifiers[field.removeprefix("identifier_")]
        return ", ".join(filter(None, (text(found.values, s[row]) for s in found.slots))) or None
    if field == "generation":
        column = Codes(people.generation, pa.array(GENERATIONS))
    elif field.startswith("attribute_"):
        column = people.attributes[field.removeprefix("attribute_")]
    else:
        column = getattr(people, field)
    return text(column.values, column.codes[row])


def _birth(people: People, row: int) -> str | None:
    date = int(people.birth[row])
    return f"{date // 10_000:04d}-{date // 100 % 100:02d}-{date % 100:02d}" if date >= 0 else None


def _year(people: People, row: int) -> str | None:
    date = int(people.birth[row])
    year = date // 10_000 if date >= 0 else int(people.email_year[row])
    return f"{year:02d}" if year >= 0 else None


DATES = {"birth": _birth, "year": _year}


def text(values: pa.Array, code: np.integer) -> str | None:
    """The value of a code as text; None where it is missing."""
    return str(values[int(code)].as_py()) if code >= 0 else None
