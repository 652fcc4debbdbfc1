"""A register of voters: families, of whose birth it knows the year only.

What makes it hard: a son may bear all the names of his father, at the same door and with the same
phone; the year of birth and a suffix that is often left out tell them apart. Women marry, people
move, middle names shrink to an initial.

Belongs here: the families, and what each registration says. Does not belong here: whether the year
is an attribute or stands as the birth date (`recipes`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from benchmarks.identity_data import errors, spelling
from benchmarks.identity_data.others.drawing import (
    Draw,
    Names,
    Row,
    by_frequency,
    digits,
    nickname,
    sometimes,
    with_gaps,
)
from ingestion.sandbox.company.vocabulary import country, pairs, weighted, words

MALE = """James John Robert Michael William David Richard Joseph Thomas Charles Christopher Daniel
Matthew Anthony Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Edward Ronald
Timothy Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon"""
FEMALE = """Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Nancy Lisa
Betty Margaret Sandra Ashley Kimberly Emily Donna Michelle Carol Amanda Dorothy Melissa Deborah
Stephanie Rebecca Sharon Laura Cynthia Kathleen Amy Angela Shirley Anna Brenda Pamela Emma Nicole"""
FAMILY = """Smith Johnson Williams Brown Jones Davis Moore Wilson Taylor Harris Thompson Jackson
White Lewis Martin Hall Clark Robinson Walker Young Allen King Wright Scott Green Baker Adams Nelson
Hill Campbell Mitchell Roberts Carter Phillips Evans Turner Parker Collins Edwards Stewart Morris
Murphy Cook Rogers Morgan Cooper Peterson Reed Bailey Bell Kelly Howard Ward Cox Richardson Wood"""
SHORT_FORMS = """Jennifer=Jen,Jenny Jessica=Jess Steven=Steve Donald=Don Kimberly=Kim Amanda=Mandy
Jeffrey=Jeff Jacob=Jake Pamela=Pam Cynthia=Cindy Stephanie=Steph"""
CITIES = """Charlotte Raleigh Greensboro Durham Winston-Salem Fayetteville Cary Wilmington
High_Point Concord Asheville Gastonia Greenville Jacksonville Chapel_Hill Rocky_Mount Huntersville
Burlington Wilson Kannapolis Apex Hickory Wake_Forest Indian_Trail Goldsboro Mooresville Monroe
Salisbury Holly_Springs Matthews New_Bern Sanford Cornelius Garner Thomasville Asheboro Statesville
Mint_Hill Kernersville Morrisville Lumberton Kinston Fuquay-Varina Havelock Carrboro Shelby Clemmons
Lexington Clayton Boone Elizabeth_City Lenoir Morganton Albemarle Eden Laurinburg Henderson
Graham Reidsville Stallings Hope_Mills Knightdale Harrisburg Roanoke_Rapids Southern_Pines Pinehurst
Tarboro Smithfield Washington Newton Mebane Davidson Belmont Archdale Weddington Summerfield"""
NUMBERS = 100
"""House numbers of a street."""
MISSING = {"gender": 0.07, "street": 0.03, "postal_code": 0.02, "city": 0.01, "phone": 0.5}
SAYS_SUFFIX = {"JR": 0.85, "SR": 0.35, "": 0.0}
NAMED_AFTER_FATHER = 0.25
FATHERS_AGE, LAST_FATHER = (20, 35), 1970
"""So that every child is of age by now."""


@dataclass(frozen=True)
class Home:
    """An address; `city` is the city's place among `Towns.cities`."""

    city: int
    street: str
    number: int
    postal_code: str


@dataclass(frozen=True)
class Voter:
    """Somebody at one time: names and homes change."""

    female: bool
    given: str
    middle: str
    family: str
    other_family: str
    """Her name before she married, or after."""
    born: int
    home: Home
    phone: str
    suffix: str = ""


@dataclass
class Towns:
    """Cities, largest first, and their streets; each street has one postal code."""

    cities: list[str]
    streets: list[list[tuple[str, str]]] = field(default_factory=list)

    @classmethod
    def built(cls, dice: random.Random, street: Draw) -> Self:
        """Towns with 180 streets down to eight."""
        found = cls(words(CITIES))
        for place in range(len(found.cities)):
            code = f"27{place:02d}"
            count = max(8, 900 // (place + 5))
            found.streets.append(
                [(street(dice), f"{code}{dice.randint(0, 4)}") for _ in range(count)]
            )
        return found

    def home(self, dice: random.Random, city: int | None = None) -> Home:
        """An address in that city; in any of them, large ones more often, if none is named."""
        if city is None:
            weights = [1 / (place + 4) ** 0.9 for place in range(len(self.cities))]
            (city,) = dice.choices(range(len(self.cities)), weights)
        street, code = dice.choice(self.streets[city])
        return Home(city, street, dice.randint(1, NUMBERS), code)


class World:
    """The names and the towns of one set."""

    def __init__(self, dice: random.Random) -> None:
        home = country("GB")
        self.names = Names(
            by_frequency(weighted(words(FEMALE), home.female.values.tolist(), 0.7)),
            by_frequency(weighted(words(MALE), home.male.values.tolist(), 0.7)),
            by_frequency(weighted(words(FAMILY), home.family.values.tolist(), 0.3)),
        )
        self.nickname = nickname(pairs([*home.lists["nicknames"].split(), *SHORT_FORMS.split()]))
        self.shorten = spelling.shortener(home.street_short)
        self.towns = Towns.built(dice, by_frequency(home.street))


def people(dice: random.Random) -> Iterator[list[Row]]:
    """The records of one person after the other, families together, without end."""
    world = World(dice)
    while True:
        for member in household(dice, world):
            yield registrations(dice, world, member)


def household(dice: random.Random, world: World) -> list[Voter]:
    """A man, his wife in six of ten homes, and grown children."""
    home, phone = world.towns.home(dice), landline(dice)
    man = voter(dice, world, dice.randint(1935, 1995), home, phone)
    members = [man]
    if dice.random() < 0.6:
        wife = voter(dice, world, man.born + dice.randint(-5, 5), home, phone, female=True)
        members.append(replace(wife, family=man.family))
    if man.born < LAST_FATHER:
        (count,) = dice.choices((0, 1, 2), (50, 30, 20))
        members += children(dice, world, man, phone, count)
    if any(member.suffix == "JR" for member in members):
        members[0] = replace(man, suffix="SR")
    return members


def children(
    dice: random.Random, world: World, father: Voter, phone: str, count: int
) -> list[Voter]:
    """Grown children, half of whom moved within the city; at most one has his father's names."""
    found: list[Voter] = []
    for _ in range(count):
        female = dice.random() < 0.5
        here = dice.random() < 0.5
        home = father.home if here else world.towns.home(dice, father.home.city)
        born = father.born + dice.randint(*FATHERS_AGE)
        child = voter(dice, world, born, home, phone, female=female)
        child = replace(child, family=father.family)
        named = not female and all(not other.suffix for other in found)
        if named and dice.random() < NAMED_AFTER_FATHER:
            child = replace(child, given=father.given, middle=father.middle, suffix="JR")
        found.append(child)
    return found


def voter(
    dice: random.Random, world: World, born: int, home: Home, phone: str, *, female: bool = False
) -> Voter:
    """Somebody new; four of ten have no phone but the household's."""
    return Voter(
        female=female,
        given=world.names.given(dice, female),
        middle=world.names.given(dice, female) if dice.random() < 0.9 else "",
        family=world.names.family(dice),
        other_family=world.names.family(dice),
        born=born,
        home=home,
        phone=phone if dice.random() < 0.4 else landline(dice),
    )


def landline(dice: random.Random) -> str:
    """A phone number of the state."""
    return dice.choice(("919", "336", "704")) + digits(dice, 7)


def registrations(dice: random.Random, world: World, person: Voter) -> list[Row]:
    """Between one and three records of a person, years apart."""
    (count,) = dice.choices((1, 2, 3), (68, 25, 7))
    rows = []
    for number in range(count):
        if number:
            person = later(dice, world, person)
        rows.append(with_gaps(dice, written(dice, world, person), MISSING))
    return rows


def later(dice: random.Random, world: World, person: Voter) -> Voter:
    """The same person after some years."""
    if person.female and dice.random() < 0.2:
        person = replace(person, family=person.other_family, other_family=person.family)
    if dice.random() < 0.4:
        city = person.home.city if dice.random() < 0.7 else None
        person = replace(person, home=world.towns.home(dice, city))
    return replace(person, phone=landline(dice)) if dice.random() < 0.25 else person


def written(dice: random.Random, world: World, person: Voter) -> Row:
    """One registration, in capitals."""
    given = sometimes(dice, 0.02, person.given, world.nickname)
    says_suffix = dice.random() < SAYS_SUFFIX[person.suffix]
    row: Row = {
        "given_name": sometimes(dice, 0.02, given, errors.typo),
        "middle_name": middle_name(dice, person.middle),
        "family_name": sometimes(dice, 0.02, person.family, errors.typo),
        "suffix": person.suffix if says_suffix else "",
        "birth_year": str(person.born + birth_year_slip(dice)),
        "gender": "F" if person.female else "M",
        "street": street(dice, world, person.home),
        "postal_code": person.home.postal_code,
        "city": world.towns.cities[person.home.city],
        "phone": person.phone,
    }
    return {name: value and value.upper() for name, value in row.items()}


def birth_year_slip(dice: random.Random) -> int:
    """Zero; in one record of a hundred one year or ten off."""
    return dice.choice((-10, -1, 1, 10)) if dice.random() < 0.01 else 0


def middle_name(dice: random.Random, name: str) -> str:
    """In full, as an initial, or nothing."""
    kind = dice.random()
    if kind < 0.1:
        return ""
    return name[:1] if kind < 0.5 else name


def street(dice: random.Random, world: World, home: Home) -> str:
    """The number before the street, seldom with an apartment behind it."""
    text = f"{home.number} {home.street}"
    if dice.random() < 0.05:
        return f"{world.shorten(text, dice)} apt {dice.randint(1, 30)}"
    return text
