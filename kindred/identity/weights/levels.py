"""Levels: in which ways the two values of a field can agree or differ.

Belongs here: the fields, their levels in order, and what is known of each level before any data is
seen. Does not belong here: finding the level of a pair (`agreement`), or learning (`model`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

NONE = 0
"""The level of a field that one of the records lacks: it says nothing."""


class Given(IntEnum):
    """Given names, from no agreement to full agreement."""

    DIFFERENT = 1
    SIMILAR = 2
    INITIAL = 3
    CLOSE = 4
    EXACT = 5
    SWAPPED = 6
    """One record's given name is the other's family name, and the other way round."""


class Family(IntEnum):
    """Family names."""

    DIFFERENT = 1
    SIMILAR = 2
    INITIAL = 3
    CLOSE = 4
    EXACT = 5


class Birth(IntEnum):
    """Birth dates, by how far they are apart and how they may have been mistyped."""

    DIFFERENT = 1
    DECADE = 2
    """Up to ten years apart."""
    YEAR = 3
    """Up to a year apart."""
    PART = 4
    """Two of year, month and day agree."""
    CLOSE = 5
    """One slip of the hand: a digit, two digits or day and month that changed places."""
    EXACT = 6


class Year(IntEnum):
    """The year of birth that somebody's email seems to name, beside a birth date or another email.

    Two digits are often the year, and often anything else, so levels say how many there are.
    """

    DIFFERENT = 1
    DIGITS_DIFFER = 2
    DIGITS = 3
    EXACT = 4


class Value(IntEnum):
    """Emails, phones, identifiers, attributes, middle names."""

    DIFFERENT = 1
    CLOSE = 2
    EXACT = 3


class Address(IntEnum):
    """Street, house, postal code and city as one comparison."""

    DIFFERENT = 1
    CITY = 2
    AREA = 3
    NEAR = 4
    SAME = 5


class Same(IntEnum):
    """Generation, gender, country, source."""

    DIFFERENT = 1
    EXACT = 2


@dataclass(frozen=True)
class Field:
    """A field, its levels, and per level what one expects of a match and of a household.

    match, household: probabilities by level, from `DIFFERENT` on; they add up to 1. Where the field
    is personal, household says only how often members of one are alike for being one: in all other
    pairs they are as alike as strangers. by_chance: the levels whose probability under chance comes
    from how often the very value occurs. most_different: the most that `DIFFERENT` may take of the
    matches, whatever the data say.
    """

    name: str
    levels: type[IntEnum]
    match: tuple[float, ...]
    household: tuple[float, ...]
    by_chance: tuple[int, ...]
    most_different: float = 1.0
    strange: float = 1.0
    """The most that `DIFFERENT` may take of the households."""
    personal: bool = False
    """What members of a household don't share: not learned for them, or they would turn into the
    matches that are hard to see."""
    drifts: bool = False
    """Little is known of it beforehand. It is learned of pairs that are likelier one person than
    not: else those against which it alone speaks, as father and son of one name, teach bit by bit
    that matches differ here, until it doesn't speak against them any more."""

    after: tuple[str, ...] = ()
    """Fields that say this one already: where one of them nearly agrees, it says nothing more."""

    tells: bool = True
    """It tells people apart. Two records that have nothing of the kind have nothing to compare."""

    @cached_property
    def states(self) -> int:
        """How many numbers a pair can have here: `NONE` and the levels."""
        return len(self.levels) + 1

    @cached_property
    def best(self) -> int:
        """The best level that a pair can reach (`up_to`)."""
        return max(level for level, share in enumerate(self.match, 1) if share)

    @cached_property
    def is_cut(self) -> bool:
        """Who comes later may agree better than those of whom it was learned could."""
        return self.best < len(self.levels)


GIVEN = Field(
    "given",
    Given,
    (0.03, 0.03, 0.04, 0.08, 0.80, 0.02),
    (0.0, 0.01, 0.01, 0.01, 0.04, 0.001),
    (Given.EXACT, Given.SWAPPED),
    personal=True,
    most_different=0.06,
)
FAMILY = Field(
    "family",
    Family,
    (0.05, 0.02, 0.01, 0.06, 0.86),
    (0.10, 0.02, 0.01, 0.06, 0.81),
    (Family.EXACT,),
    most_different=0.12,
    strange=0.3,
)
BIRTH = Field(
    "birth",
    Birth,
    (0.01, 0.01, 0.01, 0.03, 0.05, 0.89),
    (0.0, 0.10, 0.02, 0.01, 0.005, 0.01),
    (Birth.EXACT,),
    personal=True,
    most_different=0.03,
)
YEAR = Field(
    "year", Year, (0.03, 0.45, 0.25, 0.27), (0.0, 0.0, 0.02, 0.02), (), personal=True, tells=False
)
"""`els1964@` beside a birth date of 1964, which the record with that email leaves out. It says
nothing where no birth dates show what such numbers are: those of firms and of codes are others."""
EMAIL = Field("email", Value, (0.35, 0.10, 0.55), (0.80, 0.05, 0.15), (Value.EXACT,))
PHONE = Field("phone", Value, (0.35, 0.05, 0.60), (0.45, 0.05, 0.50), (Value.EXACT,))
ADDRESS = Field(
    "address",
    Address,
    (0.15, 0.08, 0.05, 0.07, 0.65),
    (0.05, 0.02, 0.03, 0.10, 0.80),
    (Address.CITY, Address.AREA, Address.NEAR, Address.SAME),
    strange=0.1,
)
GENERATION = Field(
    "generation", Same, (0.01, 0.99), (0.50, 0.0), (), personal=True, most_different=0.01
)
"""Father and son of one name: most sources leave it out, and then it says nothing."""
GENDER = Field("gender", Same, (0.02, 0.98), (0.10, 0.0), (), personal=True, most_different=0.05)
MIDDLE = Field(
    "middle", Value, (0.10, 0.20, 0.70), (0.0, 0.10, 0.20), (Value.EXACT,), personal=True
)
"""A father whose son has his given name mostly gave him the middle name, too: of the members of a
household few have one given name, but these are the ones that this must tell from one person."""
COUNTRY = Field("country", Same, (0.02, 0.98), (0.01, 0.99), (Same.EXACT,), tells=False)
SOURCE = Field("source", Same, (0.70, 0.30), (0.70, 0.30), (), tells=False)
"""Systems hold few people twice: two records of one are more often strangers than two of two."""


def up_to(field: Field, best: int) -> Field:
    """The field where no pair can agree better than `best`: that takes what better ones expect."""

    def folded(shares: tuple[float, ...]) -> tuple[float, ...]:
        return (*shares[: best - 1], sum(shares[best - 1 :]), *(0.0 for _ in shares[best:]))

    if best >= field.best:
        return field
    return replace(field, match=folded(field.match), household=folded(field.household))


def identifier(kind: str) -> Field:
    """An identifier: near-proof when shared, though it can be wrong."""
    return Field(
        f"identifier_{kind}",
        Value,
        (0.10, 0.05, 0.85),
        (0.96, 0.02, 0.02),
        (Value.EXACT,),
        drifts=True,
    )


def attribute(name: str, after: tuple[str, ...] = ()) -> Field:
    """An attribute: it supports and doesn't decide. after: attributes that say it already."""
    return Field(
        f"attribute_{name}",
        Value,
        (0.15, 0.10, 0.75),
        (0.55, 0.10, 0.35),
        (Value.EXACT,),
        drifts=True,
        after=tuple(f"attribute_{other}" for other in after),
        tells=False,
    )


PERSON = (
    GIVEN, FAMILY, BIRTH, YEAR, EMAIL, PHONE, ADDRESS, GENDER, MIDDLE, GENERATION, COUNTRY, SOURCE,
)  # fmt: skip
