"""Countries: one code for each, whichever way a source writes it.

`NLD`, `Nederland` and `Niederlande` are `nl`. The list (`rules/countries.csv`) holds the codes of
two and of three letters (ISO 3166) and the names in eight languages (Unicode CLDR), besides short
ones that people use.

Belongs here: reading countries. Does not belong here: guessing the country of an address.
"""

from __future__ import annotations

import csv
from functools import cache

import pyarrow as pa

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import Codes, look_up
from kindred.identity.reading.normal_forms import normal
from kindred.identity.rules.rules_file import DEFAULTS

FORM = "attribute"
LIST = DEFAULTS.with_name("countries.csv")


def countries(column: Codes) -> Codes:
    """The column, of countries in normal form, with codes for those that are known."""
    code = known()
    found = encode(pa.array([code.get(v, v) for v in column.values.to_pylist()], pa.string()))
    return Codes(look_up(found.codes, column.codes), found.values)


@cache
def known() -> dict[str, str]:
    """The code of each normal form that stands for a country."""
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    forms = normal(pa.array([row["written_as"] for row in rows]), FORM).to_pylist()
    return dict(zip(forms, (row["country_code"].lower() for row in rows), strict=True))
