"""Normal forms: how a value is written when spelling, case and habit are taken away.

Belongs here: the steps of normal forms, and applying them to the distinct values of a column.
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
from kindred.identity.reading.address_forms import HOUSE, SHORT, STREET
from kindred.identity.reading.folding import (
    FOLDED,
    JOINED,
    LETTERS_ONLY,
    MOST_CHARACTERS,
    ONE_VOWEL,
    WHOLE,
)
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

PHONE_DIGITS, FEWEST_DIGITS = 8, 6
"""So many at the end of a phone are its number (country and area prefixes are written in too many
ways); fewer than six are none."""

PARTICLES = """
van von vander vanden vom der den de het ten ter te la le les los las du des di da del della delle
dos das do y e zu zum zur el al bin ibn vd v d t und and et
"""
TITLES = """
mrs mr ms miss mister dr prof ir ing drs mag sir lady dhr meneer mevr mevrouw mw herr frau
mme madame mlle mademoiselle mons monsieur sr sra dott
phd md dds dmd cpa esq rev capt hr hra herra rouva
deceased decd mohd fnu lnu sri shri shree smt shrimati fam familie familia famille
"""
_GENERATION = "([^ ,(])[ ,(]+(jr|jnr|junior|jun[.]|sr|snr|senior|sen[.]|ii|iii|iv)[.)]*([ ,]|$)"
"""Which bearer of a name is meant, behind something else. Jun and Sen are names without a dot."""
_ALONE = "^(jr|jnr|sr|snr|ii|iii|iv)[.]?$"
_SET_OFF = ", *(filho|neto|hijo|padre|fils)[.]?$"
"""The same in words that are names, too (`generations`): these stay."""
_NO_NAME_WORDS = dict.fromkeys((PARTICLES + TITLES).split(), "")
_BUT_LETTERS = {word: "" for word in _NO_NAME_WORDS if len(word) > 1}
"""The same where a letter is an initial, as of D. Smit: among given names."""
_AND = "([^ ]{2}) [ye] ([^ ]{2})"
"""Except between two of its names: Ortega y Gasset."""
_WORDS = (*FOLDED, *LETTERS_ONLY)
_ANY_BEARER = where(
    "contains(v, ' ') or contains(v, ',') or contains(v, '(')",
    where(f"regexp_matches(v, '{_GENERATION}')", matched(_GENERATION, "\\1\\3")),
)
_DEGREE = ", *(?:(?:ph|ed)[.]? ?d|d[.] ?[dm][.] ?[sd])[.]?$"
"""Behind a name: Ph. D., D.D.S. (M.D. may be initials.)"""
_RELATION = "[ ,]+[swdhb]/o[. ]+[^,]*$"
"""Whose child, wife or husband: Suresh S/O Ramaiah."""
_ESTATE = "^(?:(?:the )?(?:exors?|executors?|exec|estate)[. ]+of[. ]+(?:the late[. ]+)?)+"
"""Before the name of somebody who died."""
_NAME = (
    *FOLDED,
    where("contains(v, '/o')", matched(_RELATION, every=False)),
    where("contains(v, ' of ')", matched(_ESTATE, every=False)),
    where("contains(v, ',')", matched(_DEGREE, every=False)),
    _ANY_BEARER,
    where("contains(v, ',')", matched(_SET_OFF, " \\1", every=False)),
    where("contains(v, ',')", matched("^([^,]+), *(.+)$", "\\2 \\1", every=False)),
    *LETTERS_ONLY,
)
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
    where("starts_with(v, 'de')", matched("^de[nr]? heer ", every=False)),
    *in_whole_names(TITLES),
    *(
        foreign("length(v) <= 4", f"regexp_replace(v, '^{pattern}$', '\\2 \\1')")
        for pattern in _EASTERN
    ),
    *_NAME,
)
NAMES = ("given", "family", "full")
_GLUED = "^(vanden|vander|vande|van|von)([^ ]{3,})$"
_GLUED_PLAIN, _AND_PLAIN = re.compile(_GLUED), re.compile(_AND)
_ALNUM = (WHOLE, *FOLDED, where("regexp_matches(v, '[^a-z0-9]')", matched(f"[^a-z0-9{LETTERS}]")))

_SOUNDS = {"sch": "s", "sh": "s", "ph": "f", "ck": "k", "qu": "k", "th": "t", "ij": "i"}
_CONSONANTS = "bfklmnrst"
_SINGLE = where(
    f"regexp_matches(v, '{'|'.join(2 * c for c in _CONSONANTS)}')",
    replaced({2 * c: c for c in _CONSONANTS}),
)
_NO_VOWELS = without("aeiou")
_SKELETON = (
    JOINED,
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
_TELEX = {"./": "-", "..": "_", "//": "@"}
"""As reservation systems, which lack these signs, write an email."""
_TELEXED = "^[^:@]+//[a-z0-9./-]+[.][a-z]+$"
_OF_TELEX = replaced(_TELEX).plain
_EMAIL = (
    cut(MOST_CHARACTERS),
    where("not regexp_matches(v, '^[!-~]+$')", matched("[ \\t\\n\\f\\r]+")),
    where("ends_with(v, '>')", matched("^.*<([^<>]*)>$", "\\1", every=False)),
    where("contains(v, 'mailto:')", replaced({"mailto:": ""})),
    where("contains(v, ';') or contains(v, ',')", matched(_FIRST, "\\1", every=False)),
    Step(
        f"if(contains(v, '//') and regexp_matches(v, '{_TELEXED}'), {nested(_TELEX)}, v)",
        lambda v: _OF_TELEX(v) if "//" in v and re.match(_TELEXED, v) else v,
    ),
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
    WHOLE,
    where(_EXTENDED, matched(_EXTENSION, "\\1", every=False)),
    where("regexp_matches(v, '[^0-9]')", matched("[^0-9]+")),
)
_NUMBER = Step(
    f"if(length(v) < {FEWEST_DIGITS}, null, lpad(right(v, {PHONE_DIGITS}), {PHONE_DIGITS}, '0'))",
    lambda v: v[-PHONE_DIGITS:].rjust(PHONE_DIGITS, "0") if len(v) >= FEWEST_DIGITS else None,
)
_SIGNS = "a|at|b|be|ch|cz|d|de|dk|e|ee|es|f|fi|fin|fr|hr|i|it|l|lt|lu|lv|n|nl|no|p|pl|pt|s|se|si|sk"
_OF_COUNTRY = f"^(?:{_SIGNS})([0-9]{{4,5}})$"
"""A postal code behind the sign of its country: D-01067, SE-111 22."""
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
    "given": (IN_SMALL, cut(MOST_CHARACTERS), *in_given_names(TITLES), *_NAME),
    "family": _NAME,
    "full": _FULL_NAME,
    "generation": (*FOLDED, taken(_GENERATION, 2)),
    "middle": (
        *FOLDED,
        where(f"regexp_matches(v, '{_ALONE}')", matched(_ALONE)),
        _ANY_BEARER,
        *LETTERS_ONLY,
        JOINED,
    ),
    "joined": (JOINED,),
    "first_word": (part(" ", 1),),
    "last_word": (part(" ", -1),),
    "later_words": (matched("^[^ ]+ ", every=False), JOINED),
    "skeleton": _SKELETON,
    "email": _EMAIL,
    "email_user": (
        part("@", 1),
        *(where(f"contains(v, '{sign}')", replaced({sign: ""})) for sign in "._-"),
    ),
    "email_year": (part("@", 1), taken(_YEAR, 1)),
    "email_first": (taken(_NAMED, 1), ONE_VOWEL),
    "email_last": (taken(_NAMED, 2), ONE_VOWEL),
    "email_letters": (part("@", 1), matched("[^a-z]"), ONE_VOWEL),
    "digits": _DIGITS,
    "phone": (*_DIGITS, _NUMBER),
    "phone_of_digits": (_NUMBER,),
    "street": STREET,
    "number": HOUSE,
    "postal": (
        *_ALNUM,
        where(f"regexp_matches(v, '{_OF_COUNTRY}')", matched(_OF_COUNTRY, "\\1", every=False)),
        matched("^0+(.{3,})$", "\\1", every=False),
    ),
    "words": (*_WORDS, JOINED),
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
        forms = _joined(forms, SHORT, "")
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
        return "".join(SHORT.get(word, word) for word in found.split(" ")) or None
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
