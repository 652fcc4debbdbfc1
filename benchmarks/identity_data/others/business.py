"""Contacts at firms, as sales, accounting and events know them.

What makes it hard: colleagues share the switchboard, the office and mailboxes such as `info@`;
given names shrink to an initial, and some people change the firm and with it all of that. A few
firms are large, most are small.

Belongs here: firms, who works there, and what is noted of it. Does not belong here: private
contact points, which `identity_data.population` has.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.identity_data import errors
from benchmarks.identity_data.others.drawing import (
    Draw,
    Names,
    Row,
    by_frequency,
    digits,
    sometimes,
    with_gaps,
)
from ingestion.sandbox.company.vocabulary import country, mailbox, words

COUNTRIES = {"DE": 6, "GB": 2, "NL": 2}
"""Where the names of ten people come from; the firms are in Germany."""
TRADES = words("Tech Bau Soft Logistik Group Auto Med")
ENDINGS = words(".de .com .nl .eu")
PATTERNS = ("{given}.{family}", "{initial}.{family}", "{initial}{family}", "{family}", "{given}")
TEAM_MAILBOXES = words("info sales office einkauf")
JOBS = words("Sales Purchasing IT Director Assistant HR Finance Engineer")
SYSTEMS = words("crm erp events")
LARGEST = 600
OWNERS_FAMILY = 0.06
"""Share of a firm's people who bear its owner's name."""
TEAM_MAILBOX, SWITCHBOARD, CHANGES_FIRM = 0.2, 0.65, 0.08
MISSING = {
    "given_name": 0.07,
    "family_name": 0.01,
    "email": 0.15,
    "phone": 0.25,
    "job": 0.5,
    "street": 0.2,
    "house_number": 0.2,
    "postal_code": 0.2,
    "city": 0.2,
}


@dataclass
class Firm:
    """Where it is, how it is reached, and how it names mailboxes."""

    domain: str
    pattern: str
    switchboard: str
    owner: str
    office: Row
    taken: set[str] = field(default_factory=set)

    def mailbox(self, dice: random.Random, given: str, family: str) -> str:
        """A new mailbox after the firm's pattern; namesakes get a number."""
        one, two = mailbox(given), mailbox(family)
        local = self.pattern.format(given=one, family=two, initial=one[:1])
        while local in self.taken:
            local += str(dice.randint(2, 99))
        self.taken.add(local)
        return f"{local}@{self.domain}"


@dataclass(frozen=True)
class Employee:
    """Who, at which firm; the mobile stays the same when that changes."""

    given: str
    family: str
    mobile: str
    job: str
    firm: Firm
    email: str


class World:
    """The names and addresses of one set, and how many firms there are so far."""

    def __init__(self) -> None:
        self.names = [Names.of(country(code, crowded=True)) for code in COUNTRIES]
        home = country("DE")
        self.street: Draw = by_frequency(home.street)
        self.city: Draw = by_frequency(home.city)
        self.firms = 0

    def some_names(self, dice: random.Random) -> Names:
        """The names of one of the countries."""
        return dice.choices(self.names, list(COUNTRIES.values()))[0]


def people(dice: random.Random) -> Iterator[list[Row]]:
    """The records of one person after the other, colleagues together, without end."""
    world = World()
    while True:
        firm = founded(dice, world)
        for _ in range(min(LARGEST, int(dice.paretovariate(0.75)))):
            yield notes(dice, world, hired(dice, world, firm))


def founded(dice: random.Random, world: World) -> Firm:
    """A new firm with a domain that no other one has."""
    world.firms += 1
    owner = world.some_names(dice).family(dice)
    name = mailbox(f"{owner}{dice.choice(TRADES)}{world.firms}")
    return Firm(
        domain=name + dice.choice(ENDINGS),
        pattern=dice.choice(PATTERNS),
        switchboard="0" + digits(dice, 8),
        owner=owner,
        office={
            "street": world.street(dice),
            "house_number": str(dice.randint(1, 200)),
            "postal_code": str(dice.randint(10_000, 99_999)),
            "city": world.city(dice),
        },
    )


def hired(dice: random.Random, world: World, firm: Firm) -> Employee:
    """Somebody new at a firm."""
    known = world.some_names(dice)
    given = known.given(dice, dice.random() < 0.45)
    family = firm.owner if dice.random() < OWNERS_FAMILY else known.family(dice)
    return Employee(
        given,
        family,
        mobile="017" + digits(dice, 8),
        job=dice.choice(JOBS),
        firm=firm,
        email=firm.mailbox(dice, given, family),
    )


def moved(dice: random.Random, world: World, person: Employee) -> Employee:
    """The same person at a firm of which nobody else is known."""
    firm = founded(dice, world)
    email = firm.mailbox(dice, person.given, person.family)
    return Employee(person.given, person.family, person.mobile, person.job, firm, email)


def notes(dice: random.Random, world: World, person: Employee) -> list[Row]:
    """One to five records of a person."""
    (count,) = dice.choices((1, 2, 3, 4, 5), (50, 25, 14, 7, 4))
    rows = []
    for number in range(count):
        if number and dice.random() < CHANGES_FIRM:
            person = moved(dice, world, person)
        rows.append(with_gaps(dice, written(dice, person), MISSING))
    return rows


def written(dice: random.Random, person: Employee) -> Row:
    """One record."""
    given, family = names(dice, person)
    return {
        "source_system": dice.choice(SYSTEMS),
        "given_name": given,
        "family_name": family,
        "email": email(dice, person),
        "phone": person.firm.switchboard if dice.random() < SWITCHBOARD else person.mobile,
        "job": person.job if dice.random() < 0.8 else "Manager",
        **person.firm.office,
    }


def names(dice: random.Random, person: Employee) -> tuple[str, str]:
    """Given and family name: the former as an initial in a tenth, seldom the wrong way round."""
    initial = dice.random() < 0.1
    given = f"{person.given[0]}." if initial else sometimes(dice, 0.03, person.given, errors.typo)
    family = sometimes(dice, 0.03, person.family, errors.typo)
    return (family, given) if dice.random() < 0.02 else (given, family)


def email(dice: random.Random, person: Employee) -> str:
    """The person's own mailbox or one of the firm's, seldom mistyped before the `@`."""
    team = f"{dice.choice(TEAM_MAILBOXES)}@{person.firm.domain}"
    local, _, domain = (team if dice.random() < TEAM_MAILBOX else person.email).partition("@")
    return f"{sometimes(dice, 0.03, local, errors.typo)}@{domain}"
