"""Names, streets and cities of one country, with how frequent each is.

Lists of common values are in `lists/<country>.toml`; rarer ones, tens of thousands of them, are
joined from parts, as such names came about. Both fall off as names do: by a power of their rank.
The sandbox company and the benchmark's generated people draw from the same lists.

Belongs here: distinct values and their weights. Does not belong here: people, mistakes.
"""

from __future__ import annotations

import functools
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

LISTS = Path(__file__).parent / "lists"
COUNTRIES = ("NL", "BE", "DE", "FR", "GB", "ES", "IT")
CROWDED = 0.55
LETTERS = {"ß": "ss", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "æ": "ae", "œ": "oe"}


@dataclass(frozen=True)
class Weighted:
    """Distinct values and the cumulated probability of each."""

    values: np.ndarray
    cumulated: np.ndarray

    def codes(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """`size` positions in `values`, by probability."""
        drawn = np.searchsorted(self.cumulated, rng.random(size))
        return np.minimum(drawn, len(self.values) - 1)

    def draw(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """`size` values (array of str), by probability."""
        return self.values[self.codes(rng, size)]


@dataclass(frozen=True)
class Country:
    """One country's vocabularies and habits; `lists` is its file as it is."""

    code: str
    female: Weighted
    male: Weighted
    family: Weighted
    city: Weighted
    street: Weighted
    provider: Weighted
    nicknames: dict[str, list[str]]
    city_alias: dict[str, list[str]]
    street_short: list[tuple[str, str]]
    lists: dict[str, Any]


@functools.cache
def read_lists(name: str) -> dict[str, Any]:
    """One file of `lists/`."""
    return tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))


@functools.cache
def country(code: str, *, crowded: bool = False) -> Country:
    """A country by its ISO code; always the same one.

    Family names are as frequent as in life (`family_share`). In a crowded country more than half
    of the people bear one of the common ones: far more namesakes, for a set that is to be hard.
    """
    lists = read_lists(code)
    common = CROWDED if crowded else lists["family_share"]
    rng = np.random.default_rng(sum(map(ord, code)))
    female = weighted(words(lists["female"]), joined(rng, lists["given_parts"], 2_500), 0.9)
    male = weighted(words(lists["male"]), joined(rng, lists["given_parts"], 2_500), 0.9)
    family = weighted(words(lists["family"]), joined(rng, lists["family_parts"], 60_000), common)
    streets = joined(rng, lists["street_parts"], 8_000)
    streets += named_after(rng, lists["street_named"], male, family)
    rng.shuffle(streets)
    return Country(
        code,
        female,
        male,
        family,
        weighted(words(lists["cities"]), joined(rng, lists["city_parts"], 900), 0.65, power=0.9),
        weighted(words(lists["streets"]), streets, 0.45),
        weighted(words(lists["providers"]), [], 1.0, power=1.0),
        pairs(lists["nicknames"].split()),
        pairs(lists["city_alias"]),
        [tuple(rule.split("=")) for rule in lists["street_short"]],
        lists,
    )


def named_after(
    rng: np.random.Generator, pattern: str, given: Weighted, family: Weighted
) -> list[str]:
    """Streets that bear the names of people."""
    size = 10_000
    people = zip(given.draw(rng, size), family.draw(rng, size), strict=True)
    return list({pattern.format(given=one, family=two): None for one, two in people})


@functools.cache
def elsewhere(*, crowded: bool = False) -> dict[str, Weighted]:
    """Names from elsewhere: `female`, `male`, `family`; in other scripts `given`, `surname`."""
    lists = read_lists("elsewhere")
    common = 0.5 if crowded else lists["family_share"]
    rng = np.random.default_rng(7)
    given = joined(rng, lists["given_parts"], 1_500)
    return {
        "female": weighted(words(lists["female"]), given, 0.8),
        "male": weighted(words(lists["male"]), given, 0.8),
        "family": weighted(
            words(lists["family"]), joined(rng, lists["family_parts"], 8_000), common
        ),
        "given": weighted(words(lists["other_scripts_given"]), [], 1.0),
        "surname": weighted(words(lists["other_scripts_family"]), [], 1.0),
    }


def words(text: str) -> list[str]:
    """The words of a list; `_` stands for a space inside one."""
    return [word.replace("_", " ") for word in text.split()]


def pairs(rules: list[str]) -> dict[str, list[str]]:
    """`A=b,c` rules as a mapping; a name may have several rules."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        name, _, others = rule.partition("=")
        found.setdefault(name.replace("_", " "), []).extend(others.replace("_", " ").split(","))
    return found


def joined(rng: np.random.Generator, parts: list[str], size: int) -> list[str]:
    """About `size` different names: one part of each line. `_` alone is nothing, `__` a space."""
    columns = []
    for line in parts:
        options = [{"_": "", "__": " "}.get(part, part.replace("_", " ")) for part in line.split()]
        columns.append(np.array(options, dtype=object)[rng.integers(len(options), size=size)])
    return list(dict.fromkeys(functools.reduce(np.add, columns)))


def weighted(common: list[str], rare: list[str], share: float, power: float = 0.8) -> Weighted:
    """Common values, most frequent first, hold `share` of all; rare ones the rest."""
    common = list(dict.fromkeys(common))
    known = set(common)
    rare = [value for value in rare if value not in known]
    first = 1 / (np.arange(len(common)) + 3.0) ** power
    weights = first / first.sum()
    if rare:
        tail = 1 / (np.arange(len(rare)) + 40.0) ** 0.7
        weights = np.concatenate([weights * share, tail / tail.sum() * (1 - share)])
    return Weighted(np.array(common + rare, dtype=object), np.cumsum(weights))


@functools.cache
def plain(text: str) -> str:
    """Without accents, as a system writes that knows only ASCII; other scripts stay."""
    replaced = "".join(LETTERS.get(letter, letter) for letter in text)
    parts = unicodedata.normalize("NFD", replaced)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


@functools.cache
def mailbox(text: str) -> str:
    """Letters and digits of ASCII, for the part of an email address before the `@`."""
    return "".join(
        letter for letter in plain(text).lower() if letter.isascii() and letter.isalnum()
    )
