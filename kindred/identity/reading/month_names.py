"""Dates whose month is a word: 12 March 1971, 5 de mayo de 1971, 12-mrt-71, March 12, 1971.

Belongs here: the names of months, in the languages of the countries we work in, and the orders in
which such dates are written. Does not belong here: dates in digits (`dates`).
"""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NAMES = (
    "january januari januar janner jaenner janvier enero gennaio janeiro styczen stycznia",
    "february februari februar fevrier febrero febbraio fevereiro luty lutego",
    "march maart mrt marz maerz mrz mars marzo marco marzec marca",
    "april avril abril aprile kwiecien kwietnia",
    "may mei mai mayo maggio maio maj maja",
    "june juni juin junio giugno junho czerwiec czerwca",
    "july juli juillet julio luglio julho lipiec lipca",
    "august augustus aout agosto sierpien sierpnia",
    "september septembre septiembre setiembre settembre setembro wrzesien wrzesnia",
    "october oktober octobre octubre ottobre outubro pazdziernik pazdziernika",
    "november novembre noviembre novembro listopad listopada",
    "december dezember decembre diciembre dicembre dezembro grudzien grudnia",
)
"""English, Dutch, German, French, Spanish, Italian, Portuguese and Polish, January to December."""
SHORTEST = 3
"""Letters of an abbreviation; one that two months begin with (`jui`) is none."""
NO_CENTURY = 10_000
"""Added to a year of two digits."""
UNKNOWN = -1

_WORD = f"(?P<month>[^0-9 .,/:_-]{{{SHORTEST},}})"
_DAY = "(?P<day>[0-9]{1,2})"
_BETWEEN = "[ .,/-]*"
_YEAR_AND_TIME = "(?P<year>[0-9]{4}|[0-9]{2})(?:[t ,].*)?$"
_ORDERS = (
    f"^{_DAY}(?:(?:st|nd|rd|th|er|ste|de|e|[ºª°])[ .-])?{_BETWEEN}(?:(?:de|of) )?{_WORD}"
    f"{_BETWEEN}(?:del? )?{_YEAR_AND_TIME}",
    f"^{_WORD}{_BETWEEN}{_DAY}(?:st|nd|rd|th)?[ .,/-]+{_YEAR_AND_TIME}",
    f"^(?P<year>[0-9]{{4}}){_BETWEEN}{_WORD}{_BETWEEN}{_DAY}(?:[t ,].*)?$",
)


def with_months(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The places of the dates whose month is a word we know, and their numbers yyyymmdd.

    texts: in lower case. A year of two digits has `NO_CENTURY` added.
    """
    wordy = pc.fill_null(pc.match_substring_regex(texts, "[^0-9 .,/:_+tz-]"), False)
    rows = np.flatnonzero(wordy.to_numpy(zero_copy_only=False))
    number = np.full(len(rows), UNKNOWN, np.int64)
    if not len(rows):
        return rows, number
    own = texts.take(pa.array(rows))
    for order in _ORDERS:
        parts = pc.extract_regex(own, order)
        here = np.flatnonzero(pc.is_valid(parts).to_numpy(zero_copy_only=False))
        here = here[number[here] == UNKNOWN]
        if len(here):
            number[here] = _numbers(parts.take(pa.array(here)))
    known = number != UNKNOWN
    return rows[known], number[known]


def _numbers(parts: pa.StructArray) -> np.ndarray:
    years, days = pc.struct_field(parts, "year"), pc.struct_field(parts, "day")
    year = years.cast(pa.int64()).to_numpy()
    year = np.where(pc.utf8_length(years).to_numpy() == 2, year + NO_CENTURY, year)
    day = days.cast(pa.int64()).to_numpy()
    words = pc.struct_field(parts, "month").dictionary_encode()
    months = np.array([_MONTHS.get(_bare(word), 0) for word in words.dictionary.to_pylist()])
    month = months[words.indices.to_numpy()]
    return np.where(month > 0, year * 10_000 + month * 100 + day, UNKNOWN)


def _bare(word: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _spellings() -> dict[str, int]:
    """The month of each name and of whatever only names of one month begin with."""
    found: dict[str, int] = {}
    for month, names in enumerate(NAMES, 1):
        for name in names.split():
            for length in range(SHORTEST, len(name) + 1):
                start = name[:length]
                found[start] = month if found.get(start, month) == month else 0
    return found


_MONTHS = _spellings()
