"""Normal forms: how a value is written when spelling, case and habit are taken away.

Belongs here: the steps of each normal form, and applying them to the distinct values of a column.
A million records hold far fewer distinct names, so nothing here ever runs per record. Does not
belong here: the kinds of steps (`steps`), which records agree (`agreement`), or cleaning for
showing (the macros of `dbt_project`): a normal form is for comparing only.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.queries import answer, few
from kindred.identity.reading.month_names import NAMES as MONTHS
from kindred.identity.reading.shared_names import IN_SMALL, in_given_names, in_whole_names
from kindred.identity.reading.steps import (
    LETTERS,
    Step,
    cut,
    foreign,
    matched,
    nested,
    part,
    replaced,
    taken,
    translated,
    where,
    without,
)

MOST_CHARACTERS = 200
"""Longer values are cut: nothing that names a person or a place is longer."""
PHONE_DIGITS, FEWEST_DIGITS = 8, 6
"""So many at the end of a phone are its number (country and area prefixes are written in too many
ways); fewer than six are none."""

_PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "ð": "d"}
_MISREAD = {
    "ã¤": "a", "ã¶": "o", "ã¼": "u", "ã©": "e", "ã¨": "e", "ã«": "e", "ã±": "n", "ã³": "o",
    "ã¡": "a", "ã­": "i", "ã§": "c", "ãÿ": "ss", "ãŸ": "ss",
}  # fmt: skip
"""UTF-8 read as Latin-1, in lower case."""

_SEVERAL = {
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya",
    "ъ": "", "ь": "", "ου": "ou", "θ": "th", "χ": "ch", "ψ": "ps",
}  # fmt: skip
_CYRILLIC, _AS_LATIN = "абвгґдеёзиіїйклмнопрстуўфыэє", "abvggdeeziiiiklmnoprstuufyee"
_GREEK, _IN_LATIN = "αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo"
"""Letter by letter, as passports have them: near enough for what is compared by sound."""

_PARTICLES = """
van von vander vanden vom der den de het ten ter te la le les los las du des di da del della delle
dos das do y e zu zum zur el al bin ibn vd v d t und and et
"""
_TITLES = """
mrs mr ms miss dr prof ir ing drs mag sir lady dhr mevr mw herr frau mme mlle mons sr sra dott
phd md mohd sri shri shree smt shrimati fam familie familia famille
"""
_GENERATION = "([^ ,(])[ ,(]+(jr|jnr|junior|jun[.]|sr|snr|senior|sen[.]|ii|iii|iv)[.)]*([ ,]|$)"
"""Which bearer of a name is meant, behind something else. Jun and Sen are names without a dot."""
_ALONE = "^(jr|jnr|sr|snr|ii|iii|iv)[.]?$"
_SET_OFF = ", *(filho|neto|hijo|padre|fils)[.]?$"
"""The same in words that are names, too (`generations`): these stay."""
_NO_NAME_WORDS = dict.fromkeys((_PARTICLES + _TITLES).split(), "")
_BUT_LETTERS = {word: "" for word in _NO_NAME_WORDS if len(word) > 1}
"""The same where a letter is an initial, as of D. Smit: among given names."""
_AND = "([^ ]{2}) [ye] ([^ ]{2})"
"""Except between two of its names: Ortega y Gasset."""
_STREET_WORDS = {
    "st": "strasse strase straat street strada str strt s saint sankt sint san santa ste",
    "av": "avenu avenida avinguda aven ave avda",
    "bd": "boulevard boul blvd bld",
    "rd": "road",
    "pl": "place platz plaza plein piazza square sq plaz",
    "ln": "laan lane",
    "dr": "drive",
    "wg": "weg",
    "ct": "court crt",
    "cl": "close",
    "cr": "crescent cres",
    "tr": "terrace terr tce",
    "pd": "parade pde",
    "": "calle ru via ulica ul c r",
}
"""How the words of streets are shortened; what stands for any street goes."""
_SHORT = {long: short for short, words in _STREET_WORDS.items() for long in words.split()}


def _spaced(v: str) -> str:
    return v.replace("  ", " ").strip(" ")


_QUOTES = "'’`´"
_QUOTED = " or ".join(f"contains(v, '{quote}')" for quote in ("''", "’", "`", "´"))
_FOLDED = (
    cut(MOST_CHARACTERS),
    foreign("contains(v, 'ã')", nested(_MISREAD)),
    foreign("strlen(v) > length(v)", f"strip_accents({nested(_PLAIN)})"),
    foreign(
        "strlen(v) > length(v)",
        f"translate({nested(_SEVERAL)}, '{_CYRILLIC + _GREEK}', '{_AS_LATIN + _IN_LATIN}')",
    ),
)
_ONE_VOWEL = replaced({"ae": "a", "oe": "o", "ue": "u"})
_JOINED = replaced({" ": ""})
_LETTERS_ONLY = (
    where(_QUOTED, without(_QUOTES)),
    where("regexp_matches(v, '[^a-z ]|  ')", matched(f"[^a-z{LETTERS}]+", " ")),
    where("contains(v, ' ')", Step("trim(replace(v, '  ', ' '))", _spaced)),
    _ONE_VOWEL,
)
_WORDS = (*_FOLDED, *_LETTERS_ONLY)
_ANY_BEARER = where(
    "contains(v, ' ') or contains(v, ',') or contains(v, '(')",
    where(f"regexp_matches(v, '{_GENERATION}')", matched(_GENERATION, "\\1\\3")),
)
_NAME = (
    *_FOLDED,
    _ANY_BEARER,
    where("contains(v, ',')", matched(_SET_OFF, " \\1", every=False)),
    where("contains(v, ',')", matched("^([^,]+), *(.+)$", "\\2 \\1", every=False)),
    *_LETTERS_ONLY,
)
_TICKET = "^([^/,]+)/(.+?) *(?:mrs|mr|ms|miss|mstr|dr|chd|inf)?$"
"""Family name, given name and title, as on a ticket: SMITH/JOHNMR."""
_HAN, _HANGUL = "[\\x{4e00}-\\x{9fff}]", "[\\x{ac00}-\\x{d7a3}]"
_EASTERN = (
    f"({_HAN}{{2}})({_HAN}{{2}})",
    f"({_HAN})({_HAN}{{1,2}})",
    f"({_HANGUL})({_HANGUL}{{1,3}})",
)
"""A family name and, without a space, the given name."""
_FULL_NAME = (
    IN_SMALL,
    cut(MOST_CHARACTERS),
    *in_whole_names(_TITLES),
    where("contains(v, '/')", matched(_TICKET, "\\2 \\1", every=False)),
    *(
        foreign("length(v) <= 4", f"regexp_replace(v, '^{pattern}$', '\\2 \\1')")
        for pattern in _EASTERN
    ),
    *_NAME,
)
NAMES = ("given", "family", "full")
_GLUED = "^(vanden|vander|vande|van|von)([^ ]{3,})$"
_GLUED_PLAIN, _AND_PLAIN = re.compile(_GLUED), re.compile(_AND)
_WHOLE = where("ends_with(v, '.0')", matched("^([0-9]+)[.]0$", "\\1", every=False))
"""A number that some program took for one with a fraction."""
_ALNUM = (_WHOLE, *_FOLDED, where("regexp_matches(v, '[^a-z0-9]')", matched(f"[^a-z0-9{LETTERS}]")))

_SOUNDS = {"sch": "s", "sh": "s", "ph": "f", "ck": "k", "qu": "k", "th": "t", "ij": "i"}
_CONSONANTS = "bfklmnrst"
_SINGLE = where(
    f"regexp_matches(v, '{'|'.join(2 * c for c in _CONSONANTS)}')",
    replaced({2 * c: c for c in _CONSONANTS}),
)
_NO_VOWELS = without("aeiou")
_SKELETON = (
    _JOINED,
    replaced(_SOUNDS),
    translated("zxvwqcgdyjph", "ssffkkktiib"),
    Step(
        "left(v, 1) || translate(substr(v, 2), 'aeiou', '')",
        lambda v: v[:1] + (_NO_VOWELS.plain(v[1:]) or ""),
    ),
    _SINGLE,
    _SINGLE,
)
"""What is left of a name when it is said: classes of consonants after the first letter."""

_FIRST = "^([^@;,]+@[^@;,]+)[;,]+(.*@.*)?$"
"""Of several addresses, the first."""
_GOOGLE, _GMAIL = "@googlemail.com", "@gmail.com"
_EMAIL = (
    cut(MOST_CHARACTERS),
    where("not regexp_matches(v, '^[!-~]+$')", matched("[ \\t\\n\\f\\r]+")),
    where("ends_with(v, '>')", matched("^.*<([^<>]*)>$", "\\1", every=False)),
    where("contains(v, 'mailto:')", replaced({"mailto:": ""})),
    where("contains(v, ';') or contains(v, ',')", matched(_FIRST, "\\1", every=False)),
    where("contains(v, '+')", matched("[+][^@]*@", "@")),
    Step(
        f"if(ends_with(v, '{_GOOGLE}'), replace(v, '{_GOOGLE}', '{_GMAIL}'), v)",
        lambda v: v.replace(_GOOGLE, _GMAIL) if v.endswith(_GOOGLE) else v,
    ),
    Step(
        f"if(ends_with(v, '{_GMAIL}'), replace(split_part(v, '@', 1), '.', '') || '{_GMAIL}', v)",
        lambda v: v.split("@")[0].replace(".", "") + _GMAIL if v.endswith(_GMAIL) else v,
    ),
    Step(
        "if(instr(v, '@') > 1 and not ends_with(v, '@') and not v like '%@%@%', v, null)",
        lambda v: v if v.count("@") == 1 and v[0] != "@" != v[-1] else None,
    ),
)
_YEAR = "(?:^|[^0-9])((?:19[0-9]|20[01])[0-9]|[0-9]{2})[^0-9]*$"
"""Of the digits that come last, the year in which somebody may have been born, or its end."""
_EXTENSION = "((?:[0-9][^0-9a-z#]*){3})(ext|x|tst|toestel|durchwahl|dw|poste|int|#).*$"
"""Behind a number: an `int.` before it means that it is an international one."""
_EXTENDED = " or ".join(f"contains(v, '{sign}')" for sign in "x#td")
"""What one of those words has: cheaper to ask than the pattern."""
_DIGITS = (
    cut(MOST_CHARACTERS),
    _WHOLE,
    where(_EXTENDED, matched(_EXTENSION, "\\1", every=False)),
    where("regexp_matches(v, '[^0-9]')", matched("[^0-9]+")),
)
_NUMBER = Step(
    f"if(length(v) < {FEWEST_DIGITS}, null, lpad(right(v, {PHONE_DIGITS}), {PHONE_DIGITS}, '0'))",
    lambda v: v[-PHONE_DIGITS:].rjust(PHONE_DIGITS, "0") if len(v) >= FEWEST_DIGITS else None,
)
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
_STREET = (
    *_FOLDED,
    where(_QUOTED, without(_QUOTES)),
    Step(  # keeping numbers takes as long as all the rest, and few streets have one
        "if(regexp_matches(v, '[^a-z ]| [a-z]$'),"
        f" if(regexp_matches(v, '[0-9]') and regexp_matches(v, '{_NUMBERED}'),"
        f" {_BUT_NUMBERS.sql}, {_NO_WORDS.sql}), v)",
        _BUT_NUMBERS.plain,
    ),
    _ONE_VOWEL,
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
_HOUSE = (
    cut(MOST_CHARACTERS),
    matched(_STREETS_OWN, "\\1\\2\\3"),
    where(
        "regexp_matches(v, '[0-9][^0-9]+[0-9]')",
        matched(f"^[^a-z0-9]*{_FLAT}([ ,/].*\\b[0-9])", "\\1"),
    ),
    taken("([0-9]+)", 1),
)
_NAMED = "^([a-z]+)[0-9]*[._-]([a-z]{2,})[0-9]*@"
# whole words: varón is a man, and Firma is nobody
_FEMALE = """
f v w k fem female feminin feminine feminino femenino femenina femminile femmina femme vrouw
vrouwelijk weiblich frau mujer donna mulher kobieta zhenskii kvinna kvinde kvinne woman
mrs ms miss mme madame mlle mevr mevrouw mw sra signora 女 女性 여 여성 여자
"""
_MALE = """
m h masc male masculin masculine masculino maschile maschio homme man mannelijk mannlich maennlich
hombre varon uomo homem mezczyzna muzhskoi mand mann mr monsieur dhr heer herr signor
男 男性 남 남성 남자
"""
_GENDERS = dict.fromkeys(_FEMALE.split(), "f") | dict.fromkeys(_MALE.split(), "m")

FORMS: dict[str, tuple[Step, ...]] = {
    "given": (IN_SMALL, cut(MOST_CHARACTERS), *in_given_names(_TITLES), *_NAME),
    "family": _NAME,
    "full": _FULL_NAME,
    "generation": (*_FOLDED, taken(_GENERATION, 2)),
    "middle": (
        *_FOLDED,
        where(f"regexp_matches(v, '{_ALONE}')", matched(_ALONE)),
        _ANY_BEARER,
        *_LETTERS_ONLY,
        _JOINED,
    ),
    "joined": (_JOINED,),
    "first_word": (part(" ", 1),),
    "last_word": (part(" ", -1),),
    "later_words": (matched("^[^ ]+ ", every=False), _JOINED),
    "skeleton": _SKELETON,
    "email": _EMAIL,
    "email_user": (
        part("@", 1),
        *(where(f"contains(v, '{sign}')", replaced({sign: ""})) for sign in "._-"),
    ),
    "email_year": (part("@", 1), taken(_YEAR, 1)),
    "email_first": (taken(_NAMED, 1), _ONE_VOWEL),
    "email_last": (taken(_NAMED, 2), _ONE_VOWEL),
    "email_letters": (part("@", 1), matched("[^a-z]"), _ONE_VOWEL),
    "digits": _DIGITS,
    "phone": (*_DIGITS, _NUMBER),
    "phone_of_digits": (_NUMBER,),
    "street": _STREET,
    "number": _HOUSE,
    "postal": (*_ALNUM, matched("^0+(.{3,})$", "\\1", every=False)),
    "words": (*_WORDS, _JOINED),
    "alnum": (
        *_ALNUM,
        where("starts_with(v, '0')", matched("^0+([0-9]+)$", "\\1", every=False)),
    ),
    "attribute": _ALNUM,
    "gender": (*_ALNUM, Step(f"map {_GENDERS}[v]", _GENDERS.get)),
}
"""Normal form by name: steps, applied one after the other.

A phone ends as its last eight digits, an identifier (`alnum`) without the zeros that a system puts
before digits, an email without `+tag` and, at Gmail, without dots.
"""


def normal(values: pa.Array, form: str) -> pa.Array:
    """The normal form of each value, in the same order; null where nothing is left of it.

    values: text. form: a name of `FORMS`.
    """
    if not len(values):
        return pa.array([], pa.string())
    texts = few(values)
    if texts is not None:
        return pa.array(
            [None if text is None else plain(text, form) for text in texts], pa.string()
        )
    given = pa.table({"r": np.arange(len(values), dtype=np.int32), "v": values})
    forms = answer(given, _query(form), pa.string())
    if form == "street":
        forms = _joined(forms, _SHORT, "")
        return pc.if_else(pc.equal(forms, ""), pa.scalar(None, pa.string()), forms)
    if form in NAMES:
        return _name(forms, form)
    return forms


def plain(text: str, form: str) -> str | None:
    """`normal` of one text in ASCII; an empty one has none."""
    found = _stepped(text, form)
    if not found:
        return None
    if form == "street":
        return "".join(_SHORT.get(word, word) for word in found.split(" ")) or None
    if form in NAMES:
        words, nothing = found.split(" "), _NO_NAME_WORDS if form == "family" else _BUT_LETTERS
        found = " ".join(word for word in words if word not in nothing) or found
        found = _AND_PLAIN.sub(r"\1 \2", found)
        return _GLUED_PLAIN.sub(r"\2", found) if form == "family" else found
    return found


def _stepped(text: str | None, form: str) -> str | None:
    for step in FORMS[form]:
        text = None if text is None else step.plain(text)
    return text


def _name(forms: pa.Array, form: str) -> pa.Array:
    """Names without titles and particles; they stay where nothing else would remain."""
    several = pc.fill_null(pc.match_substring(forms, " "), False)
    some = forms.filter(several)
    bare = _joined(some, _NO_NAME_WORDS if form == "family" else _BUT_LETTERS, " ")
    for _ in range(4):
        bare = pc.replace_substring(bare, "  ", " ")
    bare = pc.replace_substring_regex(bare, _AND, "\\1 \\2")
    bare = pc.utf8_trim_whitespace(bare)
    bare = pc.if_else(pc.equal(bare, ""), some, bare)
    found = pc.replace_with_mask(forms, several, bare)
    if form == "family":
        glued = pc.fill_null(pc.starts_with(found, "v"), False)
        split = pc.replace_substring_regex(found.filter(glued), _GLUED, "\\2")
        found = pc.replace_with_mask(found, glued, split)
    return found


@cache
def _query(form: str) -> str:
    query = "select r, v from t"
    for step in FORMS[form]:
        query = f"select r, {step.sql} as v from ({query})"  # noqa: S608 (steps are constants)
    return f"select r, nullif(v, '') as v from ({query})"  # noqa: S608


def _joined(lines: pa.Array, short: dict[str, str], separator: str) -> pa.Array:
    """Lines with some words replaced, word by distinct word."""
    words = pc.split_pattern(lines, " ")
    flat = words.flatten().dictionary_encode()
    new = [short.get(word, word) for word in flat.dictionary.to_pylist()]
    kept = pa.array(new, pa.string()).take(flat.indices)
    joined = pc.binary_join(pa.ListArray.from_arrays(words.offsets, kept), separator)
    return pc.if_else(pc.is_valid(lines), joined, pa.scalar(None, pa.string()))
