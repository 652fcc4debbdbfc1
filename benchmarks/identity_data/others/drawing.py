"""Single draws: names by their frequency, digits, days, values that are there or not.

Belongs here: what several of these sets draw alike. Does not belong here: what one of them is
about; mistakes of the hand (`identity_data.errors`).
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from benchmarks.identity_data.errors import Change
from ingestion.sandbox.company.vocabulary import Country, Weighted

Row = dict[str, str | None]
"""One record: what was written, by the names that its set gives them; None where nothing was."""
Draw = Callable[[random.Random], str]


def by_frequency(words: Weighted) -> Draw:
    """A function that draws one of the words, frequent ones more often."""
    values, cumulated = words.values.tolist(), words.cumulated.tolist()
    return lambda dice: dice.choices(values, cum_weights=cumulated)[0]


@dataclass(frozen=True)
class Names:
    """How the people of a set are named."""

    female: Draw
    male: Draw
    family: Draw

    @classmethod
    def of(cls, home: Country) -> Self:
        """The names of a country."""
        return cls(by_frequency(home.female), by_frequency(home.male), by_frequency(home.family))

    def given(self, dice: random.Random, female: bool) -> str:
        """A woman's or a man's given name."""
        return self.female(dice) if female else self.male(dice)


def sometimes(dice: random.Random, share: float, text: str, change: Change) -> str:
    """The text, changed in that share of cases."""
    return change(text, dice) if dice.random() < share else text


def nickname(known: Mapping[str, list[str]]) -> Change:
    """A change to one of the short forms of a name; a name without one stays."""
    return lambda name, dice: dice.choice(known.get(name, [name]))


def with_gaps(dice: random.Random, row: Row, missing: Mapping[str, float]) -> Row:
    """The row without some of its values; `missing` has the share of gaps of each column."""
    return {
        name: None if dice.random() < missing.get(name, 0.0) else value or None
        for name, value in row.items()
    }


def digits(dice: random.Random, count: int) -> str:
    """That many digits."""
    return "".join(dice.choices(string.digits, k=count))


def day_between(dice: random.Random, first: int, last: int) -> date:
    """A day of the years from `first` to `last`."""
    days = date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal()
    return date.fromordinal(dice.randint(*days))
