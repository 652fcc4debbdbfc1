"""Folding: letters without accents, case and habit, which all normal forms of words begin with.

Belongs here: steps that say nothing of what a value is: letters of other scripts, accents, quotes,
spaces. Does not belong here: names (`normal_forms`), streets and houses (`address_forms`).
"""

from __future__ import annotations

import unicodedata

from kindred.identity.reading.steps import (
    LETTERS,
    Step,
    cut,
    foreign,
    matched,
    nested,
    replaced,
    where,
    without,
)

MOST_CHARACTERS = 200
"""Longer values are cut: nothing that names a person or a place is longer."""

_PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "ð": "d"}
_OFTEN = "äöüéèëñóáíçåøæàâêîôûúòìïýãõßÄÖÜÉÈËÑÓÁÍÚÇÅØÆÀÂÊÔ"
"""Of two that are read alike (Ú, Ê) the first counts."""


def _misread() -> dict[str, str]:
    """UTF-8 that was read as Windows-1252 or Latin-1, in lower case."""
    found: dict[str, str] = {}
    for letter in _OFTEN:
        plain = _PLAIN.get(letter.lower()) or unicodedata.normalize("NFD", letter.lower())[0]
        for reading in ("cp1252", "latin-1"):
            read = letter.encode().decode(reading, "ignore").lower()
            if len(read) == 2 and read.strip() == read:
                found.setdefault(read, plain)
    return found


_MISREAD = _misread()

_SEVERAL = {
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya",
    "ъ": "", "ь": "", "ου": "ou", "θ": "th", "χ": "ch", "ψ": "ps",
}  # fmt: skip
_CYRILLIC, _AS_LATIN = "абвгґдеёзиіїйклмнопрстуўфыэє", "abvggdeeziiiiklmnoprstuufyee"
_GREEK, _IN_LATIN = "αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo"
"""Letter by letter, as passports have them: near enough for what is compared by sound."""


def _spaced(v: str) -> str:
    return v.replace("  ", " ").strip(" ")


QUOTES = "'’`´"
QUOTED = " or ".join(f"contains(v, '{quote}')" for quote in ("''", "’", "`", "´"))
FOLDED = (
    cut(MOST_CHARACTERS),
    foreign("contains(v, 'ã')", nested(_MISREAD)),
    foreign("strlen(v) > length(v)", f"strip_accents({nested(_PLAIN)})"),
    foreign(
        "strlen(v) > length(v)",
        f"translate({nested(_SEVERAL)}, '{_CYRILLIC + _GREEK}', '{_AS_LATIN + _IN_LATIN}')",
    ),
)
ONE_VOWEL = replaced({"ae": "a", "oe": "o", "ue": "u"})
JOINED = replaced({" ": ""})
LETTERS_ONLY = (
    where(QUOTED, without(QUOTES)),
    where("regexp_matches(v, '[^a-z ]|  ')", matched(f"[^a-z{LETTERS}]+", " ")),
    where("contains(v, ' ')", Step("trim(replace(v, '  ', ' '))", _spaced)),
    ONE_VOWEL,
)
WHOLE = where("ends_with(v, '.0')", matched("^([0-9]+)[.]0$", "\\1", every=False))
"""A number that some program took for one with a fraction."""
