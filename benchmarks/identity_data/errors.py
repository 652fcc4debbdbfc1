"""What goes wrong when people, clerks and machines write: each function changes some of an array.

`chance` is one probability per record. Values are `str` or None; arrays are changed in place.

Belongs here: mistakes that a person can explain. Does not belong here: how often each system makes
them (`flavours`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in KEYBOARD
    for place, letter in enumerate(row)
}
SOUNDS = [
    ("ck", "k"), ("c", "k"), ("k", "c"), ("ph", "f"), ("f", "ph"), ("ie", "i"), ("y", "i"),
    ("i", "y"), ("ij", "y"), ("th", "t"), ("t", "th"), ("dt", "t"), ("d", "dt"), ("z", "s"),
    ("s", "z"), ("ou", "u"), ("v", "w"), ("w", "v"), ("ei", "ai"), ("ll", "l"), ("l", "ll"),
    ("ss", "s"), ("s", "ss"), ("nn", "n"), ("n", "nn"), ("tt", "t"), ("t", "tt"), ("sch", "sh"),
    ("x", "ks"), ("qu", "k"), ("h", ""), ("e", "a"), ("a", "e"), ("oe", "u"), ("g", "ch"),
]  # fmt: skip
LOOKS = [
    ("l", "1"), ("i", "1"), ("l", "i"), ("i", "l"), ("o", "0"), ("rn", "m"), ("m", "rn"),
    ("cl", "d"), ("e", "c"), ("c", "e"), ("h", "b"), ("s", "5"), ("b", "6"), ("u", "v"),
    ("v", "u"), ("n", "ri"), ("g", "q"), ("z", "2"), ("t", "f"), ("a", "o"), ("nn", "m"),
]  # fmt: skip
DOMAIN_SLIPS = [
    ("gmail.com", "gmial.com"), ("gmail.com", "gmail.con"), ("gmail.com", "gmai.com"),
    ("hotmail", "hotmial"), ("hotmail", "hotmal"), (".com", ".co"), (".nl", ".n"), (".de", ".ed"),
    ("outlook", "outlok"), ("yahoo", "yaho"), ("@", ""), (".", ","), ("gmail.com", "gmail.nl"),
]  # fmt: skip
Change = Callable[[str, random.Random], str]


def changed(
    rng: np.random.Generator, values: np.ndarray, chance: np.ndarray | float, change: Change
) -> None:
    """Apply `change` to some of the values that are there."""
    chosen = np.flatnonzero(rng.random(len(values)) < chance)
    dice = random.Random(int(rng.integers(2**62)))
    for index in chosen.tolist():
        value = values[index]
        if value:
            values[index] = change(value, dice)


def typo(text: str, dice: random.Random) -> str:
    """One slip of the finger or of the ear."""
    kind, place = dice.random(), dice.randrange(len(text))
    letter = text[place]
    if kind < 0.22:
        options = NEIGHBOURS.get(letter.lower(), "aeinrst")
        other = options[dice.randrange(len(options))]
        return text[:place] + (other.upper() if letter.isupper() else other) + text[place + 1 :]
    if kind < 0.42 and len(text) > 2:
        return text[:place] + text[place + 1 :]
    if kind < 0.52:
        return text[:place] + letter.lower() + text[place:]
    if kind < 0.6:
        options = NEIGHBOURS.get(letter.lower(), "aeinrst")
        return text[: place + 1] + options[dice.randrange(len(options))] + text[place + 1 :]
    if kind < 0.78 and len(text) > 2:
        place = min(place, len(text) - 2)
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return replaced(text, SOUNDS, dice)


def misread(text: str, dice: random.Random) -> str:
    """What a scanner makes of a letter."""
    return replaced(text, LOOKS, dice)


def slip(text: str, dice: random.Random) -> str:
    """A mistyped email address: before the `@` as other text, behind it as domains go wrong."""
    if dice.random() < 0.4:
        return replaced(text, DOMAIN_SLIPS, dice)
    local, at, domain = text.partition("@")
    return typo(local, dice) + at + domain if local else text


def digit(text: str, dice: random.Random) -> str:
    """One digit wrong, or two of them the wrong way round."""
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    place = places[dice.randrange(len(places))]
    if dice.random() < 0.4 and place + 1 < len(text) and text[place + 1].isdigit():
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + str(dice.randrange(10)) + text[place + 1 :]


def truncated(text: str, dice: random.Random) -> str:
    """Cut by a field that was too short, or by a hand in a hurry."""
    return text[: dice.choice((4, 5, 6, 8, 10))].rstrip()


def initial(text: str, dice: random.Random) -> str:
    """The first letter, with or without its dot."""
    return text[0] + ("." if dice.random() < 0.6 else "")


def replaced(text: str, rules: Sequence[tuple[str, str]], dice: random.Random) -> str:
    """One of the rules that fit, applied at one place; without one the text as it is."""
    low = text.lower()
    fitting = [rule for rule in rules if rule[0] in low]
    if not fitting or len(low) != len(text):
        return text
    old, new = fitting[dice.randrange(len(fitting))]
    places = [place for place in range(len(low)) if low.startswith(old, place)]
    place = places[dice.randrange(len(places))]
    return text[:place] + new + text[place + len(old) :]


def wrong_dates(
    rng: np.random.Generator, dates: np.ndarray, chance: np.ndarray | float
) -> np.ndarray:
    """Dates (datetime64[D]) of which some have a part wrong; all of them are dates still."""
    months = dates.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (dates - months).astype(np.int64) + 1
    size = len(dates)
    kind = np.where(
        rng.random(size) < chance, rng.choice(6, size, p=[0.3, 0.2, 0.1, 0.2, 0.1, 0.1]), 9
    )
    swap = (kind == 0) & (day <= 12)
    month, day = np.where(swap, day, month), np.where(swap, month, day)
    step = rng.choice([-1, 1], size)
    day = np.where(
        (kind == 1) | ((kind == 0) & ~swap), (day + step * rng.choice([1, 10], size)), day
    )
    month = np.where(kind == 2, (month + step - 1) % 12 + 1, month)
    year = np.where(kind == 3, year + step, year)
    year = np.where(kind == 4, year + 10 * step, year)
    ones, tens = year % 10, year // 10 % 10
    year = np.where(kind == 5, year // 100 * 100 + ones * 10 + tens, year)
    year = np.clip(year, 1900, 2020)
    start = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    last = ((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(np.int64)
    moved = start.astype("datetime64[D]") + np.clip(day - 1, 0, last - 1).astype("timedelta64[D]")
    return np.where((kind == 9) | np.isnat(dates), dates, moved)
