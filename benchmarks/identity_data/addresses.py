"""Addresses and phone numbers that fit together, as arrays.

Belongs here: streets in cities, postal codes of streets, numbers of a country. Does not belong
here: how a system spells them.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Self

import numpy as np

from ingestion.sandbox.company.vocabulary import Country

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
LETTERS = np.array(list(string.ascii_uppercase.replace("I", "").replace("O", "")), dtype=object)
DIGITS = np.array([str(digit) for digit in range(10)], dtype=object)


def mixed(*parts: np.ndarray) -> np.ndarray:
    """One unsigned 64-bit number for each combination, the same in every run."""
    total = np.zeros(len(parts[0]), dtype=np.uint64)
    for part in parts:
        total = (total ^ part.astype(np.uint64)) * MULTIPLIER
        total ^= total >> np.uint64(29)
    return total


@dataclass
class Addresses:
    """Street, house number, postal code and city (arrays of str), one entry per address."""

    city_code: np.ndarray
    street: np.ndarray
    house_number: np.ndarray
    postal_code: np.ndarray
    city: np.ndarray

    COLUMNS = ("city_code", "street", "house_number", "postal_code", "city")

    @classmethod
    def draw(
        cls,
        rng: np.random.Generator,
        home: Country,
        size: int,
        city: np.ndarray | None = None,
        stays: float = 0.0,
    ) -> Self:
        """`size` addresses; with `city`, that share `stays` in it."""
        code = home.city.codes(rng, size)
        if city is not None:
            code = np.where(rng.random(size) < stays, city, code)
        street = street_codes(rng, home, code)
        number = np.minimum(rng.geometric(0.022, size), 980)
        suffix = rng.choice(
            ["", "A", "B", "C", "bis", "2"], size, p=[0.87, 0.06, 0.03, 0.02, 0.01, 0.01]
        )
        text = number.astype(str).astype(object) + suffix.astype(object)
        return cls(
            code,
            home.street.values[street],
            text,
            postal_codes(home, code, street, number),
            home.city.values[code],
        )

    def take(self, positions: np.ndarray) -> Self:
        """The addresses at these positions."""
        return type(self)(*(getattr(self, name)[positions] for name in self.COLUMNS))

    def where(self, mine: np.ndarray, other: Self) -> Self:
        """These where `mine`, else the other's."""
        columns = (
            np.where(mine, getattr(self, name), getattr(other, name)) for name in self.COLUMNS
        )
        return type(self)(*columns)


def street_codes(rng: np.random.Generator, home: Country, city: np.ndarray) -> np.ndarray:
    """A street of the city: half of them such as every city has, half its own."""
    size = len(city)
    everywhere = home.street.codes(rng, size)
    streets = 20 + 1_500 // (1 + city)
    own = mixed(city, (rng.random(size) ** 1.5 * streets).astype(np.int64))
    own = (own % np.uint64(len(home.street.values))).astype(np.int64)
    return np.where(rng.random(size) < 0.45, everywhere, own)


def postal_codes(
    home: Country, city: np.ndarray, street: np.ndarray, number: np.ndarray
) -> np.ndarray:
    """By the country's pattern: `#` a digit, `@` a letter. A street lies in one district.

    Short codes say the district; with letters they say a block of the street.
    """
    pattern = home.lists["postal"]
    districts = 1 + 60 // (1 + city)
    district = mixed(city, street) % districts.astype(np.uint64)
    area = mixed(city, district)
    block = mixed(city, street, number // 16)
    text = np.full(len(city), "", dtype=object)
    detailed = "@" in pattern
    for position, mark in enumerate(pattern):
        fine = detailed and position >= pattern.index(" ")
        source = (block if fine else area) >> np.uint64(4 * position + 3)
        if mark == "#":
            first = position == 0
            digit = source % np.uint64(9) + np.uint64(1) if first else source % np.uint64(10)
            text = text + DIGITS[digit.astype(np.int64)]
        elif mark == "@":
            text = text + LETTERS[(source % np.uint64(len(LETTERS))).astype(np.int64)]
        else:
            text = text + mark
    return text


def phone_numbers(rng: np.random.Generator, plan: list, size: int) -> np.ndarray:
    """National significant numbers by a plan: prefixes and the number of digits in all."""
    prefixes = np.array(plan[0].split(), dtype=object)
    prefix = prefixes[rng.integers(len(prefixes), size=size)]
    digits = rng.integers(10**9, 10**10, size=size)
    length = int(plan[1])
    return np.array(
        [
            start + str(number)[: length - len(start)]
            for start, number in zip(prefix, digits.tolist(), strict=True)
        ],
        dtype=object,
    )
