"""Given and family names of the company's people, and the ways each can be written.

Belongs here: names by where people come from, and spellings that depend on the name alone.
Does not belong here: the lists and how frequent a name is (`vocabulary`), who bears which name,
and typing errors.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import vocabulary
from ingestion.sandbox.company.vocabulary import Weighted, plain

COUNTRIES = ("NL", "BE", "DE", "FR", "GB")
ELSEWHERE = len(COUNTRIES)
"""Where people come from is a country's number, or this one."""
GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)


def mojibake(name: str) -> str:
    """The name's UTF-8 bytes read as Windows-1252: `Müller` becomes `MÃ¼ller`."""
    raw = name.encode()
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _particle(name: str) -> tuple[str, str]:
    """`van der Berg` -> (`van der`, `Berg`); (``, name) without a particle."""
    words = name.split(" ")
    count = len(words) - 1
    return " ".join(words[:count]), words[-1]


def _abbreviated(name: str) -> str:
    front, core = _particle(name)
    short = {"van der": "v.d.", "van den": "v.d.", "van de": "v.d.", "van": "v."}
    return f"{short[front.lower()]} {core}" if front.lower() in short else name


def _turned(name: str) -> str:
    front, core = _particle(name)
    return f"{core}, {front}" if front else name


def _unpunctuated(name: str) -> str:
    return name.replace("'", "").replace("-", " ")


def _curly(name: str) -> str:
    return name.replace("'", "\u2019").replace("-", "\u2010")


def _address_form(name: str) -> str:
    return vocabulary.mailbox(name.translate(GERMAN))


@cache
def nicknames() -> dict[str, list[str]]:
    """What people of one name are called, in all countries together."""
    found: dict[str, list[str]] = {}
    for code in COUNTRIES:
        for name, short in vocabulary.country(code).nicknames.items():
            found.setdefault(name, []).extend(short)
    return found


def _nickname(number: int) -> Callable[[str], str]:
    def called(name: str) -> str:
        short = nicknames().get(name)
        return short[number % len(short)] if short else name

    return called


COMMON_FORMS = (
    str,
    plain,
    lambda name: name.translate(GERMAN),
    lambda name: unicodedata.normalize("NFD", name),
    mojibake,
    str.upper,
    str.lower,
    _address_form,
)
BASE, PLAIN, GERMANIC, NFD, MOJIBAKE, UPPER, LOWER, ADDRESS = range(8)
NICKNAME, INITIAL = 8, 11
NICKNAMES = INITIAL - NICKNAME
"""How many forms in a row are nicknames: a person goes by one of them."""
CAPITALISED, ABBREVIATED, TURNED, UNPUNCTUATED, CURLY, TOGETHER = range(8, 14)
GIVEN_FORMS = (
    *COMMON_FORMS,
    *(_nickname(number) for number in range(NICKNAMES)),
    lambda name: name[0] + ".",
)
FAMILY_FORMS = (
    *COMMON_FORMS,
    lambda name: " ".join(word[:1].upper() + word[1:] for word in name.split(" ")),
    _abbreviated,
    _turned,
    _unpunctuated,
    _curly,
    lambda name: name.replace(" ", ""),
)


@dataclass(frozen=True, eq=False)
class Names:
    """Names by number (count,); only the spellings that are asked for are ever made."""

    values: pa.Array  # as a careful clerk writes them
    special: np.ndarray  # (count,) bool: the name has a letter or sign that is often mangled
    lists: dict[tuple[int, int], tuple[int, Weighted]]  # (origin, sex) -> first number, weights
    forms: tuple[Callable[[str], str], ...]

    def __len__(self) -> int:
        return len(self.values)

    def written(self, index: np.ndarray, form: np.ndarray | int = BASE) -> pa.Array:
        """Names at `index` (n,), each in its form."""
        wanted = pa.array(np.asarray(index) + np.asarray(form) * len(self)).dictionary_encode()
        kinds, numbers = np.divmod(wanted.dictionary.to_numpy(), len(self))
        plainly = self.values.take(pa.array(numbers)).to_pylist()
        spelt = [self.forms[kind](name) for kind, name in zip(kinds, plainly, strict=True)]
        return pa.array(spelt, pa.string()).take(wanted.indices)

    def draw(self, rng: np.random.Generator, origin: np.ndarray, sex: np.ndarray) -> np.ndarray:
        """The number of a name for each (origin, sex) (n,), as frequent as names are there."""
        out = np.empty(len(origin), dtype=np.int64)
        for key, (first, weights) in self.lists.items():
            chosen = (origin == key[0]) & (sex == key[1])
            out[chosen] = first + weights.codes(rng, int(chosen.sum()))
        return out


def _table(lists: dict[tuple[int, int], Weighted], forms: tuple) -> Names:
    first = np.cumsum([0, *(len(weights.values) for weights in lists.values())])
    values = pa.array(np.concatenate([weights.values for weights in lists.values()]), pa.string())
    odd = pc.invert(pc.string_is_ascii(values))
    special = pc.or_(odd, pc.match_substring_regex(values, "[' ]"))
    placed = zip(first[:-1].tolist(), lists.values(), strict=True)
    return Names(values, np.asarray(special), dict(zip(lists, placed, strict=True)), forms)


@cache
def given_names() -> Names:
    """All given names; lists are keyed (origin, sex) with sex 0 male and 1 female."""
    lists = {}
    for origin, code in enumerate(COUNTRIES):
        home = vocabulary.country(code)
        lists[origin, 0], lists[origin, 1] = home.male, home.female
    far = vocabulary.elsewhere()
    lists[ELSEWHERE, 0], lists[ELSEWHERE, 1] = far["male"], far["female"]
    return _table(lists, GIVEN_FORMS)


@cache
def family_names() -> Names:
    """All family names; lists are keyed (origin, 0)."""
    lists = {(n, 0): vocabulary.country(code).family for n, code in enumerate(COUNTRIES)}
    return _table(lists | {(ELSEWHERE, 0): vocabulary.elsewhere()["family"]}, FAMILY_FORMS)
