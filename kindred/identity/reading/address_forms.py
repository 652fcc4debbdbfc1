"""Normal forms of streets and houses, whatever a line of an address holds besides.

Belongs here: what a street's name is and which number is the house's. Does not belong here: whole
addresses in one column (`whole_addresses`), and which addresses agree (`address_agreement`).
"""

from __future__ import annotations

from kindred.identity.reading.folding import FOLDED, MOST_CHARACTERS, ONE_VOWEL, QUOTED, QUOTES
from kindred.identity.reading.month_names import NAMES as MONTHS
from kindred.identity.reading.steps import LETTERS, Step, cut, matched, taken, where, without

_STREET_WORDS = {
    "st": "strasse strase straat street strada str strt s saint sankt sint san santa ste",
    "av": "avenu avenida avinguda aven ave avda",
    "bd": "boulevard boul blvd bld",
    "rd": "road",
    "pl": "place platz plaza plein piazza square sq plaz praca pca",
    "ln": "laan lane",
    "dr": "drive",
    "wg": "weg",
    "ct": "court crt",
    "cl": "close",
    "cr": "crescent cres",
    "tr": "terrace terr tce",
    "pd": "parade pde",
    "al": "alameda aleja",
    "tv": "travessa trav",
    "": "calle rua ru via ulica ul c r",
}
"""How the words of streets are shortened; what stands for any street goes."""
SHORT = {long: short for short, words in _STREET_WORDS.items() for long in words.split()}

_FLAT = (
    "\\b(?:flat|unit|apt|apartment|appartement|appt|app|apartamento|apto|ap|suite|ste|room"
    "|wohnung|whg|interno|lgh|kv)"
    "(?:[^a-z0-9]*(?:\\bn[or]?\\b[^a-z0-9]*)?[0-9]+[a-z]?\\b|[^a-z0-9]+[a-z]$)"
)
"""A home within a house: no part of its street, and no house where another number follows it."""
_NTH = "(?:st|nd|rd|th|ste)\\b"
_CALLED = "^(?:calle|carrera|cra|avenida|avenue|rua|rue|street|road|sector)[ .]+"
_NO_NAME = "\\b *(?:$|n[or]?\\b|([^a-z ]))"
"""A number behind these words is a street's, where no name begins with it."""
_NUMBERED = f"^([1-9])(?:e|de|er) |\\b([0-9]+){_NTH}|({_CALLED})([0-9]+){_NO_NAME}"
_NO_WORDS = matched(f"{_FLAT}|[^a-z{LETTERS}]+", " ")
_BUT_NUMBERS = matched(f"{_FLAT}|{_NUMBERED}|[0-9]+|[^a-z0-9 {LETTERS}]+", " \\3 \\1\\2\\4 ")
_CARE_OF = "^(?:c/o|c[.]o[.]|p/a|attn?|z[.] ?hd[.]?)[ .:]+[^,0-9]*, *"
"""Whose home it is, before a street."""
STREET = (
    *FOLDED,
    where("contains(v, ',')", matched(_CARE_OF, every=False)),
    where(QUOTED, without(QUOTES)),
    Step(  # keeping numbers takes as long as all the rest, and few streets have one
        "if(regexp_matches(v, '[^a-z ]| [a-z]$'),"
        f" if(regexp_matches(v, '[0-9]') and regexp_matches(v, '{_NUMBERED}'),"
        f" {_BUT_NUMBERS.sql}, {_NO_WORDS.sql}), v)",
        _BUT_NUMBERS.plain,
    ),
    ONE_VOWEL,
    where("contains(v, 'str')", matched("(strasse|strase|straat|str)\\b", " st")),
)
_MONTHS = f"{' '.join(MONTHS)} février août décembre märz março września października"
_STREETS_OWN = (
    "^(?:[1-9](?:e|de|er)|[0-9]{1,2}[.]?[ªº]) ([^0-9]{3,}[0-9])"
    "|([a-z] +|[.] *)[0-9]{1,2}(?:er|[.º])? *(?:de |di )?"
    f"(?:{'|'.join(_MONTHS.split())})\\b(?: *(?:1[89]|20)[0-9]{{2}}\\b)?"
    f"|\\b[0-9]+(?:{_NTH}|丁目|길)|{_CALLED}[0-9]+{_NO_NAME}"
)
"""Numbers of streets that are counted, and named after days: 1e Jan Steenstraat, Rue du 8 Mai 1945,
N 26th Street, Calle 47. (12e is a house, and so is 12 May Street.)"""
HOUSE = (
    cut(MOST_CHARACTERS),
    matched(_STREETS_OWN, "\\1\\2\\3"),
    where(
        "regexp_matches(v, '[0-9][^0-9]+[0-9]')",
        matched(f"^[^a-z0-9]*{_FLAT}([ ,/].*\\b[0-9])", "\\1"),
    ),
    taken("([0-9]+)", 1),
)
