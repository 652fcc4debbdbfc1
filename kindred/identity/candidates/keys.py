"""Keys: what records can have in common, as a code per record.

Belongs here: key columns of people, and several of them as one. Does not belong here: which of them
together make a blocking rule (`blocking_rules`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np

from kindred.identity.codes.columns import MISSING, NO_ROWS, People, look_up, taken
from kindred.identity.codes.hashing import mixed
from kindred.identity.reading.dates import are_years


class Keys:
    """Key columns of people by name, each computed once: a code per record or `MISSING`.

    Names are those of the methods below, `attribute_<name>` and `identifier_<type>_<slot>`. Rules
    name identifiers without a slot: which one a value is in depends on what others have.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self._made: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def lines(self, names: Iterable[str]) -> list[tuple[str, ...]]:
        """The names of a rule's keys, once for each choice of a slot of its identifiers.

        There are none where the people lack one of them.
        """
        return list(product(*(self._slots(name) for name in names)))

    def joined(self, names: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
        """Rows that hold all of a rule's keys, and one number for them (`joined_key`).

        A row is there as often as its identifiers allow.
        """
        lines = self.lines(names)
        if not lines:
            return NO_ROWS, NO_ROWS
        if len(lines) == 1:
            return joined_key([self[name] for name in lines[0]])
        slots = zip(*lines, strict=True)
        row, key = joined_key([np.concatenate([self[name] for name in own]) for own in slots])
        return row % len(self.people), key

    def same(self, name: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """True where the rows of a pair share a value."""
        found = np.zeros(len(left), bool)
        for one, other in product(self._slots(name), repeat=2):
            own = self[one][left]
            found |= (own == self[other][right]) & (own >= 0)
        return found

    def _slots(self, name: str) -> list[str]:
        if name.startswith("identifier_"):
            found = self.people.identifiers.get(name.removeprefix("identifier_"))
            return [f"{name}_{slot}" for slot in range(len(found.slots))] if found else []
        if name.startswith("attribute_"):
            return [name] if name.removeprefix("attribute_") in self.people.attributes else []
        return [name]

    def _make(self, name: str) -> np.ndarray:
        kind, _, own = name.partition("_")
        if kind == "identifier":
            own, _, slot = own.rpartition("_")
            return self.people.identifiers[own].slots[int(slot)]
        if kind == "attribute":
            return self.people.attributes[own].codes
        return getattr(self, f"_{name}")()

    def _everybody(self) -> np.ndarray:
        return np.zeros(len(self.people), np.int32)

    def _email(self) -> np.ndarray:
        return self.people.email.codes

    def _email_user(self) -> np.ndarray:
        return self.people.email_user

    def _phone(self) -> np.ndarray:
        return self.people.phone.codes

    def _phone_end(self) -> np.ndarray:
        """The last seven digits."""
        phone = self.people.phone
        found = np.full(len(phone), MISSING, np.int64)
        digits = taken(phone.values, phone.codes[phone.known]).to_numpy()
        found[phone.known] = digits % 10_000_000
        return found

    def _middle(self) -> np.ndarray:
        return self.people.middle.codes

    def _gender(self) -> np.ndarray:
        return self.people.gender.codes

    def _country(self) -> np.ndarray:
        return self.people.country.codes

    def _street(self) -> np.ndarray:
        return self.people.street.codes

    def _house(self) -> np.ndarray:
        return self.people.house.codes

    def _postal(self) -> np.ndarray:
        return self.people.postal.codes

    def _city(self) -> np.ndarray:
        return self.people.city.codes

    def _birth(self) -> np.ndarray:
        return self.people.birth

    def _whole_birth(self) -> np.ndarray:
        """Birth dates of which the day is known, too."""
        birth = self.people.birth
        return np.where(are_years(birth), np.int32(MISSING), birth)

    def _birth_year(self) -> np.ndarray:
        """Its last two digits, which may be those of the email where there is no birth date."""
        birth, year = self.people.birth, self.people.email_year
        year = np.where(birth >= 0, birth // 10_000, year)
        return np.where(year >= 0, year % 100, MISSING)

    def _birth_day(self) -> np.ndarray:
        """Month and day in either order."""
        month, day = self.people.birth // 100 % 100, self.people.birth % 100
        both = np.minimum(month, day) * 100 + np.maximum(month, day)
        return np.where(self.people.birth >= 0, both, MISSING)

    def _formal_given(self) -> np.ndarray:
        return look_up(self.people.words.formal, self.people.given.first)

    def _given_sound(self) -> np.ndarray:
        return look_up(self.people.words.sound.codes, self["formal_given"])

    def _family_sound(self) -> np.ndarray:
        return look_up(self.people.words.sound.codes, self.people.family.full)

    def _family_last(self) -> np.ndarray:
        return look_up(self.people.words.sound.codes, self.people.family.last)

    def _initial(self) -> np.ndarray:
        return look_up(self.people.words.initial.codes, self["formal_given"])

    def _family(self) -> np.ndarray:
        return self.people.family.full

    def _family_initial(self) -> np.ndarray:
        return look_up(self.people.words.initial.codes, self.people.family.full)

    def _initials(self) -> np.ndarray:
        """Those of both names in any order."""
        return unordered(self["initial"], self["family_initial"])

    def _names(self) -> np.ndarray:
        """Both names in any order."""
        return unordered(self["formal_given"], self.people.family.full)

    def _sounds(self) -> np.ndarray:
        return unordered(self["given_sound"], self["family_sound"])


def unordered(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """One code for {a, b}, whichever comes first; `MISSING` where either is."""
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b)
    return np.where(low >= 0, low << 31 | high, MISSING)


def joined_key(parts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows that hold every part, and one 64-bit key for each: exact where it fits, else mixed."""
    complete = parts[0] >= 0
    for part in parts[1:]:
        complete &= part >= 0
    rows = np.flatnonzero(complete)
    key = parts[0][rows].astype(np.int64)
    size = int(key.max(initial=0)) + 1
    for part in parts[1:]:
        values = part[rows]
        width = int(values.max(initial=0)) + 1
        if size * width < 2**62:
            key = key * width + values
            size *= width
        else:
            key = mixed(key, values)
            size = 2**62
    return rows, key
