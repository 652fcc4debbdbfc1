"""Normal forms: how a value is written when spelling, case and habit are taken away.

Belongs here: one SQL expression per normal form, and applying it to the distinct values of a
column. A million records hold far fewer distinct names, so nothing here ever runs per record.
Does not belong here: which records agree (`agreement`), or cleaning for showing (the macros of
`dbt_project`): a normal form is for comparing only.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.queries import answer

MOST_CHARACTERS = 200
"""Longer values are cut: nothing that names a person or a place is longer."""

_PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "ð": "d"}
_MISREAD = {
    "ã¤": "a", "ã¶": "o", "ã¼": "u", "ã©": "e", "ã¨": "e", "ã«": "e", "ã±": "n", "ã³": "o",
    "ã¡": "a", "ã­": "i", "ã§": "c", "ãÿ": "ss", "ãŸ": "ss",
}  # fmt: skip
"""UTF-8 read as Latin-1, in lower case."""

_PARTICLES = """
van von vander vanden vom der den de het ten ter te la le les los las du des di da del della delle
dos das do y e zu zum zur el al bin ibn vd v d t und and et
"""
_TITLES = """
mrs mr ms miss dr prof ir ing drs mag sir lady dhr mevr mw herr frau mme mlle mons sr sra dott jr
senior junior iii ii phd md
"""
_NO_NAME_WORDS = dict.fromkeys((_PARTICLES + _TITLES).split(), "")
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


def _replaced(text: str, what: dict[str, str]) -> str:
    for old, new in what.items():
        text = f"replace({text}, '{old}', '{new}')"
    return text


def _gone(pattern: str, new: str = "") -> str:
    return f"regexp_replace(v, '{pattern}', '{new}', 'g')"


def _where(condition: str, step: str) -> str:
    """The step for the few values that need it: an engine runs a branch for its rows only."""
    return f"if({condition}, {step}, v)"


_FOREIGN = "strlen(v) > length(v)"
_QUOTED = " or ".join(f"contains(v, '{quote}')" for quote in ("''", "’", "`", "´"))
_BEYOND = "\\x{c0}-\\x{d6}\\x{d8}-\\x{f6}\\x{f8}-\\x{1fff}\\x{2c00}-\\x{2dff}\\x{3005}-\\x{10ffff}"
"""Letters of other scripts, as ranges: an engine needs 10 ms to read the class of all letters, for
each query anew. What is no letter in these ranges is rare, and stays."""
_FOLDED = (
    f"lower(left(v, {MOST_CHARACTERS}))",
    _where("contains(v, 'ã')", _replaced("v", _MISREAD)),
    _where(_FOREIGN, f"strip_accents({_replaced('v', _PLAIN)})"),
)
_ONE_VOWEL = "replace(replace(replace(v, 'ae', 'a'), 'oe', 'o'), 'ue', 'u')"
_WORDS = (
    *_FOLDED,
    _where(_QUOTED, "translate(v, '''’`´', '')"),
    _where("regexp_matches(v, '[^a-z ]')", _gone(f"[^a-z{_BEYOND}]+", " ")),
    _where("contains(v, ' ')", "trim(replace(v, '  ', ' '))"),
    _ONE_VOWEL,
)
_NAME = (
    _where("contains(v, ',')", "regexp_replace(v, '^([^,]+), *(.+)$', '\\2 \\1')"),
    *_WORDS,
)
_GLUED = "^(vanden|vander|vande|van|von)([^ ]{3,})$"
_ALNUM = (*_FOLDED, _where("regexp_matches(v, '[^a-z0-9]')", _gone(f"[^a-z0-9{_BEYOND}]")))
_JOINED = "replace(v, ' ', '')"

_SOUNDS = {"sch": "s", "sh": "s", "ph": "f", "ck": "k", "qu": "k", "th": "t", "ij": "i"}
_CONSONANTS = "bfklmnrst"
_DOUBLE = "|".join(2 * c for c in _CONSONANTS)
_SKELETON = (
    _JOINED,
    _replaced("v", _SOUNDS),
    "translate(v, 'zxvwqcgdyjph', 'ssffkkktiib')",
    "left(v, 1) || translate(substr(v, 2), 'aeiou', '')",
    _where(f"regexp_matches(v, '{_DOUBLE}')", _replaced("v", {2 * c: c for c in _CONSONANTS})),
    _where(f"regexp_matches(v, '{_DOUBLE}')", _replaced("v", {2 * c: c for c in _CONSONANTS})),
)
"""What is left of a name when it is said: classes of consonants after the first letter."""

_EMAIL = (
    f"lower(left(v, {MOST_CHARACTERS}))",
    _where("not regexp_matches(v, '^[!-~]+$')", _gone("\\s+")),
    _where("contains(v, 'mailto:')", "replace(v, 'mailto:', '')"),
    _where("contains(v, '+')", _gone("[+][^@]*@", "@")),
    _where("ends_with(v, '@googlemail.com')", "replace(v, '@googlemail.com', '@gmail.com')"),
    _where("ends_with(v, '@gmail.com')", "replace(split_part(v, '@', 1), '.', '') || '@gmail.com'"),
    "if(contains(v, '@'), v, null)",
)
_PHONE = (
    f"lower(left(v, {MOST_CHARACTERS}))",
    _where("contains(v, 'x')", "regexp_replace(v, '(x|ext).*$', '')"),
    "translate(v, ' +-()/.', '')",
    _where("try_cast(v as hugeint) is null", _gone("[^0-9]")),
    "if(length(v) < 6, null, right(v, 8))",
)
_STREET = (*_WORDS, _where("contains(v, 'str')", _gone("(strasse|strase|straat|str)\\b", " st")))

_IN_EMAIL = "regexp_extract(v, '^([a-z]+)[0-9]*[._-]([a-z]{{2,}})[0-9]*@', {0})"

FORMS: dict[str, tuple[str, ...]] = {
    "given": _NAME,
    "family": _NAME,
    "joined": (_JOINED,),
    "first_word": ("split_part(v, ' ', 1)",),
    "last_word": ("split_part(v, ' ', -1)",),
    "skeleton": _SKELETON,
    "email": _EMAIL,
    "email_user": (
        "split_part(v, '@', 1)",
        *(_where(f"contains(v, '{sign}')", f"replace(v, '{sign}', '')") for sign in "._-"),
    ),
    "email_first": (_IN_EMAIL.format(1), _ONE_VOWEL),
    "email_last": (_IN_EMAIL.format(2), _ONE_VOWEL),
    "email_letters": ("split_part(v, '@', 1)", _gone("[^a-z]"), _ONE_VOWEL),
    "phone": _PHONE,
    "street": _STREET,
    "number": (f"regexp_extract(left(v, {MOST_CHARACTERS}), '([0-9]+)', 1)",),
    "postal": (*_ALNUM, "regexp_replace(v, '^0+(.{3,})$', '\\1')"),
    "words": (*_WORDS, _JOINED),
    "alnum": _ALNUM,
    "gender": (
        *_ALNUM,
        "case when left(v, 1) in ('f', 'w', 'v') then 'f' "
        "when v in ('m', 'male', 'man', 'masculin', 'mannlich', 'h', 'homme') then 'm' end",
    ),
}
"""Normal form by name: steps, each SQL over a value `v`, applied one after the other.

A phone ends as its last eight digits (country and area prefixes are written in too many ways, and
fewer than six digits are no number), an email without `+tag` and, at Gmail, without dots.
"""

TEXT = "nullif(v, '')"
HASH = "if(v is null or v = '', -1, (hash(v) >> 2)::bigint)"
NUMBER = "coalesce(try_cast(v as int), -1)"
TYPES = {TEXT: pa.string(), HASH: pa.int64(), NUMBER: pa.int32()}
"""What becomes of a normal form, and its type."""


def normal(values: pa.Array, form: str) -> pa.Array:
    """The normal form of each value, in the same order; null where nothing is left of it.

    values: text. form: a name of `FORMS`.
    """
    if not len(values):
        return pa.array([], pa.string())
    forms = _result(values, form, TEXT)
    if form == "street":
        return _joined(forms, _SHORT, "")
    if form in ("given", "family"):
        return _name(forms, form)
    return forms


def _name(forms: pa.Array, form: str) -> pa.Array:
    """Names without titles and particles; they stay where nothing else would remain."""
    several = pc.fill_null(pc.match_substring(forms, " "), False)
    some = forms.filter(several)
    bare = _joined(some, _NO_NAME_WORDS, " ")
    for _ in range(4):
        bare = pc.replace_substring(bare, "  ", " ")
    bare = pc.utf8_trim_whitespace(bare)
    bare = pc.if_else(pc.equal(bare, ""), some, bare)
    found = pc.replace_with_mask(forms, several, bare)
    if form == "family":
        glued = pc.fill_null(pc.starts_with(found, "v"), False)
        split = pc.replace_substring_regex(found.filter(glued), _GLUED, "\\2")
        found = pc.replace_with_mask(found, glued, split)
    return found


def hashes(values: pa.Array, form: str | None = None) -> np.ndarray:
    """A 62-bit number for each value's normal form, for keys that need no text; -1 for none.

    form: None takes the values as they are.
    """
    if not len(values):
        return np.empty(0, np.int64)
    return _result(values, form, HASH).to_numpy()


def phones(values: pa.Array) -> np.ndarray:
    """The normal form `phone` of each value as a number, -1 for none."""
    return _result(values, "phone", NUMBER).to_numpy()


def _result(values: pa.Array, form: str | None, column: str) -> pa.Array:
    given = pa.table({"r": np.arange(len(values), dtype=np.int32), "v": values})
    return answer(given, _query(form, column), TYPES[column])


@cache
def _query(form: str | None, column: str) -> str:
    query = "select r, v from t"
    for step in FORMS[form] if form else ():
        query = f"select r, {step} as v from ({query})"  # noqa: S608 (steps are constants)
    return f"select r, {column} as v from ({query})"  # noqa: S608


def _joined(lines: pa.Array, short: dict[str, str], separator: str) -> pa.Array:
    """Lines with some words replaced, word by distinct word."""
    words = pc.split_pattern(lines, " ")
    flat = words.flatten().dictionary_encode()
    new = [short.get(word, word) for word in flat.dictionary.to_pylist()]
    kept = pa.array(new, pa.string()).take(flat.indices)
    joined = pc.binary_join(pa.ListArray.from_arrays(words.offsets, kept), separator)
    return pc.if_else(pc.is_valid(lines), joined, pa.scalar(None, pa.string()))
