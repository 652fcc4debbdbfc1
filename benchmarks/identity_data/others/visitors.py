"""Visitors of a shop, as its web site, app, newsletter, checkout and service desk know them.

What makes it hard: most records have a code and no name, and a code is not a person. Cookies
expire, a family shares a tablet and a mailbox, everybody uses the screens in the shops, numbers
pass on to strangers, and presents are ordered in another's name. A tenth of the people make more
than half of the records.

Belongs here: people, their devices, and what is noted of a visit. Does not belong here: how others
stitch codes together (`peers.stitching`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.identity_data import errors
from benchmarks.identity_data.others.drawing import (
    Draw,
    Names,
    Row,
    by_frequency,
    digits,
    sometimes,
)
from ingestion.sandbox.company.vocabulary import country, mailbox

CODES = ("account", "email", "phone", "device", "cookie")
"""What identifies, the most lasting first."""
COLUMNS = ("source_system", "given_name", "family_name", "city", *CODES, "seen_on")
COUNTRY = "NL"
DAYS, COOKIE_DAYS = 730, (30, 400)
"""How long visits are noted, and after how many days a browser forgets its cookie."""
MOST_VISITS = 60
SCREENS = 12
"""Screens in shops, which everybody uses, ..."""
AT_A_SCREEN, AT_THE_TABLET = 0.02, 0.15
"""... and how many visits are made at one, or with the tablet of a home that has one."""
HAS_TABLET, HAS_FAMILY_MAILBOX, HAS_ACCOUNT, HAS_APP = 0.4, 0.15, 0.6, 0.35
NEW_NUMBER, PASSED_ON = 0.1, 0.3
PRESENT, JUNK, MISTYPED = 0.03, 0.005, 0.02
JUNK_MAILBOXES = ("no@no.nl", "test@test.nl", "x@x.com")
KINDS = {"browse": 40, "app": 15, "sign_in": 12, "newsletter": 8, "order": 17, "call": 8}


@dataclass
class Device:
    """A code of its own, and a browser whose cookie changes."""

    code: str
    expires: int = 0
    cookie: str = ""

    def cookie_on(self, dice: random.Random, day: int) -> str:
        """The browser's cookie; days must not go back."""
        if day >= self.expires:
            self.expires = day + dice.randint(*COOKIE_DAYS)
            self.cookie = code(dice)
        return self.cookie


@dataclass
class Home:
    """What a family shares."""

    city: str
    landline: str
    tablet: Device | None
    mailbox: str | None


@dataclass
class Person:
    """Who, and by which codes; numbers: the first day of each mobile number."""

    given: str
    family: str
    home: Home
    devices: list[Device]
    mailboxes: list[str]
    numbers: list[tuple[int, str]]
    account: str | None
    has_app: bool

    def mobile(self, day: int) -> str:
        """The mobile number on a day."""
        return next(number for first, number in reversed(self.numbers) if first <= day)


@dataclass
class World:
    """Names, places, screens in shops, and numbers that wait for another owner from a day on."""

    names: Names
    city: Draw
    provider: Draw
    screens: list[Device]
    free: list[str] = field(default_factory=list)
    mailboxes: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, dice: random.Random) -> World:
        """A new one."""
        home = country(COUNTRY)
        screens = [Device(code(dice), DAYS, code(dice)) for _ in range(SCREENS)]
        return cls(Names.of(home), by_frequency(home.city), by_frequency(home.provider), screens)

    def mailbox(self, dice: random.Random, given: str, family: str) -> str:
        """A new address that nobody else has."""
        one, two = mailbox(given), mailbox(family)
        local = dice.choice((f"{one}.{two}", f"{one}{two}", f"{one[:1]}{two}", f"{two}{one[:1]}"))
        found = f"{local}@{self.provider(dice)}"
        while found in self.mailboxes:
            local += digits(dice, 2)
            found = f"{local}@{self.provider(dice)}"
        self.mailboxes.add(found)
        return found

    def number(self, dice: random.Random) -> str:
        """A mobile number: a new one, or one that somebody gave back."""
        if self.free and dice.random() < PASSED_ON:
            return self.free.pop()
        return "06" + digits(dice, 8)


def code(dice: random.Random) -> str:
    """A code as software makes it."""
    return f"{dice.getrandbits(64):016x}"


def people(dice: random.Random) -> Iterator[list[Row]]:
    """The records of one person after the other, families together, without end."""
    world = World.of(dice)
    while True:
        family = moved_in(dice, world)
        visits = [
            (day, person)
            for person in range(len(family))
            for day in sorted(dice.choices(range(DAYS), k=visits_of(dice)))
        ]
        written: list[list[Row]] = [[] for _ in family]
        for day, person in sorted(visits):
            written[person].append(visit(dice, world, family[person], day))
        yield from written


def visits_of(dice: random.Random) -> int:
    """How often a person comes: most seldom, a few very often."""
    return min(MOST_VISITS, int(dice.paretovariate(0.95)))


def moved_in(dice: random.Random, world: World) -> list[Person]:
    """A family of one to four, and what it has."""
    family_name = world.names.family(dice)
    home = Home(
        city=world.city(dice),
        landline="0" + digits(dice, 9),
        tablet=Device(code(dice)) if dice.random() < HAS_TABLET else None,
        mailbox=None,
    )
    if dice.random() < HAS_FAMILY_MAILBOX:
        home.mailbox = world.mailbox(dice, "familie", family_name)
    (size,) = dice.choices((1, 2, 3, 4), (40, 35, 15, 10))
    return [member(dice, world, home, family_name) for _ in range(size)]


def member(dice: random.Random, world: World, home: Home, family_name: str) -> Person:
    """One of a family; one in five bears a name of their own."""
    given = world.names.given(dice, dice.random() < 0.5)
    family = family_name if dice.random() < 0.8 else world.names.family(dice)
    numbers = [(0, world.number(dice))]
    if dice.random() < NEW_NUMBER:
        world.free.append(numbers[0][1])
        numbers.append((dice.randint(1, DAYS - 1), "06" + digits(dice, 8)))
    return Person(
        given,
        family,
        home,
        devices=[Device(code(dice)) for _ in range(dice.choice((1, 2, 2, 3)))],
        mailboxes=[world.mailbox(dice, given, family) for _ in range(dice.choice((1, 1, 1, 2)))],
        numbers=numbers,
        account=code(dice) if dice.random() < HAS_ACCOUNT else None,
        has_app=dice.random() < HAS_APP,
    )


def visit(dice: random.Random, world: World, person: Person, day: int) -> Row:
    """What one visit leaves behind."""
    (kind,) = dice.choices(list(KINDS), list(KINDS.values()))
    if kind == "app" and not person.has_app:
        kind = "browse"
    row: Row = dict.fromkeys(COLUMNS)
    row["seen_on"] = f"{day:03d}"
    NOTES[kind](dice, world, person, day, row)
    return row


Note = Callable[[random.Random, World, Person, int, Row], None]


def browse(dice: random.Random, world: World, person: Person, day: int, row: Row) -> None:
    """Pages looked at, seldom signed in."""
    used = device(dice, world, person)
    row |= {"source_system": "web", "cookie": used.cookie_on(dice, day)}
    if dice.random() < 0.2:
        row["account"] = person.account


def app(dice: random.Random, world: World, person: Person, day: int, row: Row) -> None:
    """The app, on a device of one's own or the family's."""
    own = person.devices[0]
    tablet = person.home.tablet
    used = tablet if tablet and dice.random() < AT_THE_TABLET else own
    row |= {"source_system": "app", "device": used.code}
    if dice.random() < 0.6:
        row["account"] = person.account


def sign_in(dice: random.Random, world: World, person: Person, day: int, row: Row) -> None:
    """An account is made or used, on the web."""
    used = device(dice, world, person)
    row |= {"source_system": "web", "cookie": used.cookie_on(dice, day)}
    row["account"] = person.account
    if not person.account or dice.random() < 0.5:
        row["email"] = person.mailboxes[0]


def newsletter(dice: random.Random, world: World, person: Person, day: int, row: Row) -> None:
    """An address, perhaps a given name, perhaps the page's cookie."""
    row |= {"source_system": "newsletter", "email": email(dice, person)}
    if dice.random() < 0.4:
        row["given_name"] = person.given
    if dice.random() < 0.6:
        row["cookie"] = device(dice, world, person).cookie_on(dice, day)


def order(dice: random.Random, world: World, person: Person, day: int, row: Row) -> None:
    """What a parcel needs."""
    present = dice.random() < PRESENT
    given = world.names.given(dice, dice.random() < 0.5) if present else person.given
    family = world.names.family(dice) if present else person.family
    row |= {
        "source_system": "checkout",
        "given_name": sometimes(dice, MISTYPED, given, errors.typo),
        "family_name": sometimes(dice, MISTYPED, family, errors.typo),
        "city": world.city(dice) if present else person.home.city,
        "email": email(dice, person),
    }
    if dice.random() < 0.7:
        row["phone"] = phone(dice, person, day)
    if dice.random() < 0.7:
        row["cookie"] = device(dice, world, person).cookie_on(dice, day)
    if dice.random() < 0.4:
        row["account"] = person.account


def call(dice: random.Random, world: World, person: Person, day: int, row: Row) -> None:
    """The service desk hears a name and sees a number."""
    row |= {
        "source_system": "desk",
        "given_name": person.given if dice.random() < 0.7 else None,
        "family_name": sometimes(dice, 2 * MISTYPED, person.family, errors.typo),
        "city": person.home.city,
        "phone": phone(dice, person, day),
    }


NOTES: dict[str, Note] = {
    "browse": browse,
    "app": app,
    "sign_in": sign_in,
    "newsletter": newsletter,
    "order": order,
    "call": call,
}


def device(dice: random.Random, world: World, person: Person) -> Device:
    """What a page is looked at with: one's own, the family's tablet, or a screen in a shop."""
    chance = dice.random()
    if chance < AT_A_SCREEN:
        return dice.choice(world.screens)
    if person.home.tablet and chance < AT_A_SCREEN + AT_THE_TABLET:
        return person.home.tablet
    return dice.choice(person.devices)


def email(dice: random.Random, person: Person) -> str:
    """One of the person's addresses, the family's, or one that is made up."""
    if dice.random() < JUNK:
        return dice.choice(JUNK_MAILBOXES)
    if person.home.mailbox and dice.random() < 0.3:
        return person.home.mailbox
    local, _, domain = dice.choice(person.mailboxes).partition("@")
    return f"{sometimes(dice, MISTYPED, local, errors.typo)}@{domain}"


def phone(dice: random.Random, person: Person, day: int) -> str:
    """The mobile, or the number of the home."""
    number = person.mobile(day) if dice.random() < 0.75 else person.home.landline
    return f"+31{number[1:]}" if dice.random() < 0.3 else number
