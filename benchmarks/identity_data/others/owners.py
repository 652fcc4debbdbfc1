"""Owners of cars, as the importer, dealers and workshops know them.

What makes it hard: a car keeps its number and its plate, and passes to the next owner, whose
records carry both; a couple drives one car; and who has had three cars has three numbers.

Belongs here: cars, who has them in turn, and what is noted of it. Does not belong here: contact
points of private people in general, which `identity_data.population` has.
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

COUNTRY = "NL"
SYSTEMS = words("importer dealer_north dealer_south workshop leads")
MODELS = words("Astra Corsa Golf Polo Focus Fiesta Clio Megane 208 308 Yaris Corolla")
LETTERS = "BDFGHJKLNPRSTVXZ"
USED, COUPLE, MOVES = 0.75, 0.3, 0.12
"""Shares of cars that come from another owner, of people with a partner, and of visits by which
somebody has moved since."""
GIVES_BACK = 400
"""Cars that wait for their next owner, at most: an owner and the next aren't neighbours."""
MISSING = {
    "given_name": 0.08,
    "family_name": 0.02,
    "birth_date": 0.75,
    "email": 0.7,
    "phone": 0.5,
    "street": 0.25,
    "house_number": 0.25,
    "postal_code": 0.3,
    "city": 0.1,
    "vin": 0.15,
    "plate": 0.15,
    "model": 0.3,
}


@dataclass(frozen=True)
class Car:
    """What stays the same from owner to owner."""

    vin: str
    plate: str
    model: str


@dataclass
class Owner:
    """Who, and what of it changes with a move: the address."""

    given: str
    family: str
    born: str
    email: str
    mobile: str
    home: Row


@dataclass
class World:
    """Names, places, and cars that wait for their next owner."""

    names: Names
    street: Draw
    city: Draw
    provider: Draw
    used: list[Car] = field(default_factory=list)

    @classmethod
    def of(cls) -> World:
        """A new one."""
        home = country(COUNTRY)
        draws = (by_frequency(draw) for draw in (home.street, home.city, home.provider))
        return cls(Names.of(home), *draws)

    def address(self, dice: random.Random) -> Row:
        """Somewhere to live."""
        return {
            "street": self.street(dice),
            "house_number": str(dice.randint(1, 180)),
            "postal_code": f"{dice.randint(1000, 9999)}{''.join(dice.choices(LETTERS, k=2))}",
            "city": self.city(dice),
        }

    def car(self, dice: random.Random) -> Car:
        """A new one, or one that somebody had before."""
        if self.used and dice.random() < USED:
            return self.used.pop(dice.randrange(len(self.used)))
        plate = "".join(dice.choices(LETTERS, k=2)) + digits(dice, 3) + dice.choice(LETTERS)
        vin = "W0L" + "".join(dice.choices(LETTERS + "0123456789", k=14))
        return Car(vin, plate, dice.choice(MODELS))

    def give_back(self, dice: random.Random, cars: list[Car]) -> None:
        """Cars wait for their next owner, not for ever."""
        self.used += cars
        dice.shuffle(self.used)
        del self.used[GIVES_BACK:]


def people(dice: random.Random) -> Iterator[list[Row]]:
    """The records of one person after the other, couples together, without end."""
    world = World.of()
    while True:
        address = world.address(dice)
        owner = owner_at(dice, world, address)
        cars = [world.car(dice) for _ in range(dice.choices((1, 2, 3), (60, 30, 10))[0])]
        yield visits(dice, world, owner, cars)
        if dice.random() < COUPLE:
            partner = owner_at(dice, world, address)
            partner.family = owner.family if dice.random() < 0.5 else partner.family
            yield visits(dice, world, partner, cars[-1:])
        world.give_back(dice, cars)


def owner_at(dice: random.Random, world: World, address: Row) -> Owner:
    """Somebody who lives there."""
    given = world.names.given(dice, dice.random() < 0.5)
    family = world.names.family(dice)
    born = f"{dice.randint(1940, 2003)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    local = f"{mailbox(given)}.{mailbox(family)}{digits(dice, 2)}"
    email = f"{local}@{world.provider(dice)}"
    return Owner(given, family, born, email, "06" + digits(dice, 8), dict(address))


def visits(dice: random.Random, world: World, owner: Owner, cars: list[Car]) -> list[Row]:
    """One to four records of each car that somebody has."""
    rows = []
    for car in cars:
        for _ in range(dice.choices((1, 2, 3, 4), (40, 30, 20, 10))[0]):
            if rows and dice.random() < MOVES:
                owner.home = world.address(dice)
            rows.append(with_gaps(dice, written(dice, owner, car), MISSING))
    return rows


def written(dice: random.Random, owner: Owner, car: Car) -> Row:
    """One record."""
    given = owner.given[0] + "." if dice.random() < 0.2 else owner.given
    return {
        "source_system": dice.choice(SYSTEMS),
        "given_name": sometimes(dice, 0.03, given, errors.typo),
        "family_name": sometimes(dice, 0.03, owner.family, errors.typo),
        "birth_date": owner.born,
        "email": owner.email,
        "phone": owner.mobile,
        **owner.home,
        "vin": sometimes(dice, 0.01, car.vin, errors.typo),
        "plate": car.plate,
        "model": car.model,
    }
