"""Frequencies: how likely chance alone gives a second record the value that this one has.

Belongs here: one logarithm (base 2) per record and field. Does not belong here: what follows from
it for a pair (`agreement`, `model`).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from kindred.identity.columns import Codes, Identifier, People, look_up

ONE_OWNER = 0.05
"""How many strangers share a contact point that only one given name uses: one in twenty."""
SMALLEST_WORLD = 200
"""Fewer records are taken for a sample of a world this large: among two, every value is common."""


class Frequencies:
    """Logarithms of chance agreement, per record; 0 where the value is missing.

    Names are counted within their country: two Dutch records agree on a Dutch name more often than
    two records of any countries, and `country` accounts for being of one country at all.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self.n = max(len(people), 1)
        self.world = max(len(people), SMALLEST_WORLD)

    @cached_property
    def given(self) -> np.ndarray:
        """Given name, within the country."""
        return self._within_country(self.people.given.full)

    @cached_property
    def family(self) -> np.ndarray:
        """Family name, within the country."""
        return self._within_country(self.people.family.full)

    @cached_property
    def birth(self) -> np.ndarray:
        """Birth date."""
        return _log_share(self.people.birth, self.world)

    @cached_property
    def country(self) -> np.ndarray:
        """Country."""
        return _log_share(self.people.country.codes, self.n)

    @cached_property
    def email(self) -> np.ndarray:
        """Email, by the number of given names that use it."""
        return self.owners(self.people.email.codes)

    @cached_property
    def phone(self) -> np.ndarray:
        """Phone, by the number of given names that use it."""
        return self.owners(self.people.phone.codes)

    @cached_property
    def house(self) -> np.ndarray:
        """Postal code and house number, or street and house number: the rarer of both."""
        house = self.people.house.codes.astype(np.int64) + 1
        known = house > 0
        found = np.zeros(self.n, np.float32)
        for part in (self.people.postal, self.people.street):
            both = np.where(known & part.known, part.codes * (house.max(initial=0) + 1) + house, -1)
            found = np.minimum(found, _log_share(both, self.world))
        return self._of_country(found)

    @cached_property
    def postal(self) -> np.ndarray:
        """Postal code, within the country."""
        return self._of_country(_log_share(self.people.postal.codes, self.world))

    @cached_property
    def street(self) -> np.ndarray:
        """Street, within the country."""
        return self._of_country(_log_share(self.people.street.codes, self.world))

    @cached_property
    def city(self) -> np.ndarray:
        """City, within the country."""
        return self._of_country(_log_share(self.people.city.codes, self.world))

    def value(self, codes: Codes) -> np.ndarray:
        """Any other column."""
        return _log_share(codes.codes, self.world)

    def identifier(self, found: Identifier) -> list[np.ndarray]:
        """An identifier's slots, by the number of given names that use each value."""
        return [self.owners(slot) for slot in found.slots]

    def owners(self, codes: np.ndarray) -> np.ndarray:
        """By the number of given names that share a value, not of records: a person has several."""
        given = look_up(self.people.words.formal, self.people.given.first)
        rows = np.flatnonzero((codes >= 0) & (given >= 0))
        pair = codes[rows].astype(np.int64) << 32 | given[rows]
        pair = np.sort(pair)
        new = np.ones(len(pair), bool)
        new[1:] = pair[1:] != pair[:-1]
        owners = np.bincount(pair[new] >> 32, minlength=int(codes.max(initial=0)) + 1)
        strangers = np.maximum(owners - 1, ONE_OWNER) / self.world
        chance = np.log2(strangers).astype(np.float32)
        return np.where(codes >= 0, chance[codes], np.float32(0))

    def _within_country(self, codes: np.ndarray) -> np.ndarray:
        country = self.people.country.codes + 1
        countries = int(country.max(initial=0)) + 1
        joint = np.where(codes >= 0, codes.astype(np.int64) * countries + country, -1)
        inside = np.bincount(country[codes >= 0], minlength=countries) * (self.world / self.n)
        found = _log_count(joint) - np.log2(np.maximum(inside, 1)).astype(np.float32)[country]
        return np.where(codes >= 0, found, np.float32(0))

    def _of_country(self, chance: np.ndarray) -> np.ndarray:
        return np.minimum(chance - self.country, np.float32(0))


def _log_count(codes: np.ndarray) -> np.ndarray:
    """Logarithm of how many records hold the code of each record; 0 where it is missing."""
    known = np.flatnonzero(codes >= 0)
    found = np.zeros(len(codes), np.float32)
    if not len(known):
        return found
    size = int(codes[known].max()) + 1
    if size <= 20 * len(codes) + 1000:
        counts = np.bincount(codes[known], minlength=size)
        found[known] = np.log2(np.maximum(counts, 1)).astype(np.float32)[codes[known]]
        return found
    order = known[np.argsort(codes[known])]
    ordered = codes[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sizes = np.diff(np.append(starts, len(order)))
    found[order] = np.repeat(np.log2(sizes), sizes)
    return found


def _log_share(codes: np.ndarray, n: int) -> np.ndarray:
    return np.where(codes >= 0, _log_count(codes) - np.float32(np.log2(n)), np.float32(0))
