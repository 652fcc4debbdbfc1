"""People of 1600 to 1900, of whom up to twenty works of reference wrote.

Each of the works knows something else: a nickname for the given name, a title or a middle name for
the family name, 1 January where only the year is known, the postal code of a neighbour. There are
no contact points; birth place and occupation are attributes. Every record also has the whole name
in one piece, for the variant that has nothing else.

Belongs here: the lives, and how they are retold. Does not belong here: which columns a set shows
(`recipes`).
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from benchmarks.identity_data import errors
from benchmarks.identity_data.others.drawing import (
    Draw,
    Names,
    Row,
    by_frequency,
    day_between,
    nickname,
    sometimes,
    with_gaps,
)
from ingestion.sandbox.company.vocabulary import Country, country, pairs, weighted, words

BORN = (1600, 1899)
MOST, MEAN_RETOLD = 20, 4.5
"""Records of one person: at most, and how many come after the first on average."""
WOMEN, TITLED = 0.2, 0.15
MALE = """John William Thomas Richard James George Robert Henry Edward Charles Samuel Joseph
Francis Alexander David Edmund Arthur Frederick Hugh Walter Ralph Philip Benjamin Daniel Peter
Alfred Nicholas Anthony Christopher Stephen Simon Roger Andrew Michael Matthew Isaac Jonathan
Nathaniel Archibald Patrick Lawrence Ernest Herbert Albert Reginald"""
FEMALE = """Mary Elizabeth Anne Jane Sarah Margaret Catherine Frances Charlotte Emily Louisa Harriet
Caroline Eleanor Isabella Martha Susan Dorothy Lucy Alice Emma Florence Ellen Maria Rebecca Agnes
Hannah Amelia Sophia Augusta Georgiana Henrietta"""
SHORT_FORMS = """Thomas=Thos William=Wm,Willie Richard=Richd Robert=Robt John=Jno James=Jas
Edward=Ned,Edwd Henry=Harry,Hal Charles=Chas Elizabeth=Eliza,Bess Mary=Molly,Polly,May
Catherine=Kitty,Katherine Sarah=Sally Anne=Nancy,Ann,Annie Joseph=Jos George=Geo Frederick=Fred
Frances=Fanny Francis=Frank Christopher=Kit Alexander=Alec Archibald=Archie"""
OCCUPATIONS = """politician painter writer cricketer military_officer botanist engineer poet
clergyman actor architect physician composer historian lawyer explorer naturalist sculptor publisher
economist philosopher photographer merchant jurist astronomer chemist suffragette novelist banker
illustrator"""
RANKS = words("Sir 1st_Baron 2nd_Baron Lord Earl_of Viscount 3rd_Baronet Dr Rev")
AREAS = words("""TQ EX PL TR BS BA GL OX RG SO PO BN TN ME CT CM IP NR PE CB NN LE DE NG LN HU YO LS
BD HX WF S M L WA CH ST B WV WR HR CF SA LL EH G AB DD IV KY""")
CODE_LETTERS = [letter for letter in string.ascii_uppercase if letter not in "CIKMOV"]
MISSING = {
    "given_name": 0.04,
    "family_name": 0.05,
    "whole_name": 0.03,
    "birth_date": 0.12,
    "birth_place": 0.12,
    "postal_code": 0.18,
    "gender": 0.25,
    "occupation": 0.25,
}
CARE = 0.02
"""The first record of a person has hardly any gap: this part of what `MISSING` says."""


@dataclass(frozen=True)
class Life:
    """Somebody as he was, or as one work of reference has him."""

    female: bool
    given: str
    middle: tuple[str, ...]
    family: str
    rank: str
    """`Sir`, `1st Baron`; empty where there is none."""
    title: str
    """The rank with the name that goes with it, which need not be the family's."""
    born: date
    place: str
    postal_code: str
    occupation: str


class World:
    """The names, places and occupations of one set, and which postal codes belong to a place."""

    def __init__(self, dice: random.Random) -> None:
        home = country("GB", crowded=True)
        self.names = names(home)
        self.place = by_frequency(home.city)
        self.occupation = by_frequency(weighted(words(OCCUPATIONS), [], 1.0, power=0.9))
        self.nickname = nickname(pairs([*home.lists["nicknames"].split(), *SHORT_FORMS.split()]))
        self._outward = {
            place: f"{dice.choice(AREAS)}{dice.randint(1, 30)}" for place in home.city.values
        }

    def postal_code(self, dice: random.Random, place: str) -> str:
        """A code in that place: the outward part is the place's own."""
        unit = "".join(dice.choices(CODE_LETTERS, k=2))
        return f"{self._outward[place]} {dice.randint(1, 9)}{unit}"


def names(home: Country) -> Names:
    """Given names of those centuries before today's, family names of today."""

    def given(common: str, today: list[str]) -> Draw:
        return by_frequency(weighted(words(common), today, 0.85, power=1.1))

    return Names(
        given(FEMALE, home.female.values.tolist()),
        given(MALE, home.male.values.tolist()),
        by_frequency(home.family),
    )


def people(dice: random.Random) -> Iterator[list[Row]]:
    """The records of one person after the other, without end."""
    world = World(dice)
    careful = {name: share * CARE for name, share in MISSING.items()}
    while True:
        life = lived(dice, world)
        rows = [with_gaps(dice, written(dice, life), careful)]
        for _ in range(min(MOST - 1, int(dice.expovariate(1 / MEAN_RETOLD)))):
            rows.append(with_gaps(dice, written(dice, retold(dice, world, life)), MISSING))
        yield rows


def lived(dice: random.Random, world: World) -> Life:
    """Somebody new."""
    female = dice.random() < WOMEN
    family, place = world.names.family(dice), world.place(dice)
    rank = dice.choice(RANKS) if dice.random() < TITLED else ""
    estate = family if dice.random() < 0.4 else world.names.family(dice)
    return Life(
        female=female,
        given=world.names.given(dice, female),
        middle=middle_names(dice, world.names, female),
        family=family,
        rank=rank,
        title=f"{rank} {estate}" if rank else "",
        born=day_between(dice, *BORN),
        place=place,
        postal_code=world.postal_code(dice, place),
        occupation=world.occupation(dice),
    )


def middle_names(dice: random.Random, known: Names, female: bool) -> tuple[str, ...]:
    """None, one or two; three of ten are another family's name."""
    (count,) = dice.choices((0, 1, 2), (55, 35, 10))
    return tuple(
        known.given(dice, female) if dice.random() < 0.7 else known.family(dice)
        for _ in range(count)
    )


def retold(dice: random.Random, world: World, life: Life) -> Life:
    """The life as a work of reference has it that did not look closely."""
    return replace(
        life,
        given=sometimes(dice, 0.12, known_as(dice, world, life), errors.typo),
        family=sometimes(dice, 0.12, known_by(dice, life), errors.typo),
        born=remembered(dice, life.born),
        postal_code=nearby(dice, world, life),
        occupation=world.occupation(dice) if dice.random() < 0.2 else life.occupation,
        place=world.place(dice) if dice.random() < 0.05 else life.place,
    )


def known_as(dice: random.Random, world: World, life: Life) -> str:
    """The given name, a short form, the middle name, or an initial."""
    kind = dice.random()
    if kind < 0.1:
        return world.nickname(life.given, dice)
    if kind < 0.15 and life.middle:
        return life.middle[0]
    return life.given[0] if 0.15 <= kind < 0.18 else life.given


def known_by(dice: random.Random, life: Life) -> str:
    """The family name, the title instead, the last middle name, or that one before it."""
    kind = dice.random()
    if kind < 0.06:
        return life.title or life.family
    if kind < 0.11 and life.middle:
        return life.middle[-1]
    return f"{life.middle[-1]} {life.family}" if kind < 0.17 and life.middle else life.family


def remembered(dice: random.Random, born: date) -> date:
    """The birth date, one of days near by, of another year, or 1 January for an unknown day."""
    kind = dice.random()
    if kind < 0.08:
        return born + timedelta(days=dice.randint(-20, 20))
    if kind < 0.12:
        return in_year(born, born.year + dice.choice((-10, -1, 1, 10)))
    if kind < 0.24:
        return born.replace(month=1, day=1)
    if kind < 0.26 and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    return born


def in_year(day: date, year: int) -> date:
    """The same day of another year; 28 February for the 29th."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=year, day=28) if leap else day.replace(year=year)


def nearby(dice: random.Random, world: World, life: Life) -> str:
    """The postal code, a neighbour's in a quarter of cases, seldom one of another place."""
    kind = dice.random()
    if kind < 0.25:
        return world.postal_code(dice, life.place)
    return world.postal_code(dice, world.place(dice)) if kind < 0.28 else life.postal_code


def written(dice: random.Random, life: Life) -> Row:
    """The record of a life."""
    return {
        "given_name": life.given,
        "family_name": life.family,
        "whole_name": whole_name(dice, life),
        "birth_date": life.born.isoformat(),
        "birth_place": life.place.lower(),
        "postal_code": life.postal_code,
        "gender": "female" if life.female else "male",
        "occupation": life.occupation,
    }


def whole_name(dice: random.Random, life: Life) -> str:
    """All names in one piece, with the middle ones or without, seldom with the rank before."""
    middle = life.middle if dice.random() < 0.6 else ()
    rank = [life.rank] if life.rank and dice.random() < 0.08 else []
    return " ".join([*rank, life.given, *middle, life.family])
