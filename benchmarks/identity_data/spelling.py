"""Right values in other spellings: phones, particles, accents, abbreviations.

Belongs here: what a careful clerk could also have written. Does not belong here: mistakes
(`errors`).
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable

import numpy as np

from benchmarks.identity_data.errors import Change
from ingestion.sandbox.company.vocabulary import Country, pairs, plain, read_lists

PARTICLES = re.compile(
    r"^((?:van|von|zu|de|der|den|ter|ten|op|in|'t|du|des|del|della|di|da|la|le|lo|el|d'|l')\s+)+",
    re.IGNORECASE,
)
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def each(values: np.ndarray, change: Callable[[str], str]) -> np.ndarray:
    """Every value that is there, changed."""
    return np.array([value and change(value) for value in values], dtype=object)


def without_accents(values: np.ndarray, chosen: np.ndarray, german: bool) -> np.ndarray:
    """Chosen values in ASCII, German ones with `ue` for `ü`."""
    found = values.copy()
    for index in np.flatnonzero(chosen).tolist():
        if value := values[index]:
            found[index] = plain(value.translate(UMLAUTS) if german else value)
    return found


def particles(name: str, dice: random.Random) -> str:
    """`van den Berg` as `Berg, van den`, `v.d. Berg`, `Van Den Berg`, `vandenberg` or `Berg`."""
    found = PARTICLES.match(name)
    if not found:
        return name
    before, rest = found.group(0).strip(), name[found.end() :]
    initials = [word[0] for word in before.split()]
    spellings = (
        f"{rest}, {before}",
        ".".join([*initials, f" {rest}"]),
        f"{''.join(initials)} {rest}",
        f"{before.title()} {rest}",
        before.replace(" ", "").title() + rest.lower(),
        rest,
    )
    return spellings[dice.randrange(len(spellings))]


def half_given(name: str, dice: random.Random) -> str:
    """One of two given names, or both with a space for the hyphen."""
    parts = re.split(r"[ -]", name)
    if len(parts) < 2:
        return name
    return parts[0] if dice.random() < 0.6 else " ".join(parts)


def half_family(name: str, dice: random.Random) -> str:
    """A double name without its hyphen or with one half only; a Spanish one without the second."""
    if "-" in name:
        one, _, two = name.partition("-")
        return dice.choice((one, two, f"{one} {two}", f"{two}-{one}"))
    if "'" in name:
        return name.replace("'", "" if dice.random() < 0.6 else " ")
    words = name.split()
    if len(words) == 2 and not PARTICLES.match(name):
        return words[0]
    return name


@functools.cache
def transliterations() -> dict[str, list[str]]:
    """Names that have several spellings in Latin letters."""
    return pairs(read_lists("elsewhere")["spellings"])


def transliterated(name: str, dice: random.Random) -> str:
    """Another spelling of a name that came from another script."""
    others = transliterations().get(name)
    return dice.choice(others) if others else name


def shortener(rules: list[tuple[str, str]]) -> Change:
    """Abbreviate the word for street."""
    options = [(long, short) for long, shorts in rules for short in split(shorts)]

    def shorten(street: str, dice: random.Random) -> str:
        fitting = [rule for rule in options if rule[0] in street]
        if not fitting:
            return street
        long, short = dice.choice(fitting)
        return street.replace(long, short, 1)

    return shorten


def split(shorts: str) -> list[str]:
    """`str. str` are two; `Av. ` is one, with its space."""
    return [shorts] if shorts[:1] == " " or shorts[-1:] == " " else shorts.split()


def aliases(names: dict[str, list[str]]) -> Change:
    """Another name of the same city."""

    def other(city: str, dice: random.Random) -> str:
        known = names.get(city)
        return dice.choice(known) if known else city

    return other


def house_number(number: str, dice: random.Random) -> str:
    """`12A` as `12 a`, `12-A`, `12a`."""
    found = re.match(r"^(\d+)(\D.*)$", number)
    if not found:
        return number
    digits, suffix = found.groups()
    return digits + dice.choice((f" {suffix.lower()}", f"-{suffix}", suffix.lower(), f" {suffix}"))


def postal_code(code: str, dice: random.Random) -> str:
    """With or without its space, in capitals or not."""
    if " " not in code:
        return code
    return dice.choice((code.replace(" ", ""), code.replace(" ", ""), code.lower()))


def phones(rng: np.random.Generator, country: Country, numbers: np.ndarray) -> np.ndarray:
    """National significant numbers as people write them: nationally, internationally, in groups."""
    code, trunk = country.lists["phone_country"], country.lists["trunk"]
    cut = 1 if country.code in ("NL", "FR") else 2 if country.code == "GB" else 3
    kinds = rng.choice(9, len(numbers), p=[0.3, 0.16, 0.18, 0.08, 0.08, 0.06, 0.06, 0.05, 0.03])
    found = np.empty(len(numbers), dtype=object)
    for index, (number, kind) in enumerate(zip(numbers, kinds.tolist(), strict=True)):
        if not number:
            continue
        area, rest = number[:cut], number[cut:]
        groups = " ".join(rest[place : place + 2] for place in range(0, len(rest), 2))
        match kind:
            case 0:
                text = trunk + number
            case 1:
                text = f"{trunk}{area}-{rest}"
            case 2:
                text = f"+{code}{number}"
            case 3:
                text = f"+{code} {area} {rest}"
            case 4:
                text = f"{trunk}{area} {groups}"
            case 5:
                text = f"00{code}{number}"
            case 6:
                text = f"+{code} ({trunk}){area} {groups}" if trunk else f"+{code} {area} {groups}"
            case 7:
                text = f"({trunk}{area}) {rest[:3]} {rest[3:]}"
            case _:
                text = f"{trunk}{area}/{rest}"
        found[index] = text
    return found
