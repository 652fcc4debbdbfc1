"""Candidates: which pairs of records are worth a comparison at all.

Belongs here: the blocking rules (many tight ones, each a conjunction of keys) and the pairs of
records that share a key. A block larger than its rule's cap is left out of that rule only: a value
that so many records share is weak evidence. Does not belong here: how large a block may be
(`caps`), judging pairs (`agreement`, `model`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from kindred.identity.columns import MISSING, People, look_up, taken
from kindred.identity.hashing import mixed
from kindred.identity.side_by_side import side_by_side
from kindred.identity.sorting import by_shared_key, distinct, ranges, runs

COMPARE_ALL = 1_500
"""Up to this many records, every pair is a candidate: about a million comparisons."""
LARGEST = 200
"""Records of the largest block that is ever looked at."""

Key = Callable[["Keys"], np.ndarray]


@dataclass(frozen=True)
class Rule:
    """A blocking rule: records that agree on all `keys` meet."""

    name: str
    keys: tuple[str, ...]

    @property
    def is_of_names(self) -> bool:
        """Names alone bring the records together."""
        return OF_NAMES.issuperset(self.keys)


OF_NAMES = frozenset({"names", "sounds", "given_sound", "family_sound", "family", "initial"})
RULES = (
    Rule("email", ("email",)),
    Rule("email and initial", ("email", "initial")),
    Rule("phone", ("phone",)),
    Rule("phone and initial", ("phone_end", "initial")),
    Rule("email user and initial", ("email_user", "initial")),
    Rule("email user and family name", ("email_user", "family_sound")),
    Rule("names", ("names",)),
    Rule("names and birth year", ("names", "birth_year")),
    Rule("names and postal code", ("names", "postal")),
    Rule("names and street", ("names", "street")),
    Rule("names and city", ("names", "city")),
    Rule("birth date and given name", ("birth", "given_sound")),
    Rule("birth date and family name", ("birth", "family_sound")),
    Rule("birth date and initials", ("birth", "initial", "family_initial")),
    Rule("birth date and postal code", ("birth", "postal")),
    Rule("birth date and city", ("birth", "city")),
    Rule("birth date, street and house", ("birth", "street")),
    Rule("birth date and phone", ("birth", "phone_end")),
    Rule("sounds and birth year", ("sounds", "birth_year")),
    Rule("sounds and birth day", ("sounds", "birth_day")),
    Rule("sounds and postal code", ("sounds", "postal")),
    Rule("sounds and city", ("sounds", "city")),
    Rule("sounds and house number", ("sounds", "house")),
    Rule("family and address", ("family_sound", "postal", "house")),
    Rule("family, street and house", ("family_sound", "street", "house")),
    Rule("given and address", ("given_sound", "postal", "house")),
    Rule("given, street and house", ("given_sound", "street", "house")),
    Rule("initials and address", ("initial", "family_initial", "postal", "house")),
    Rule("sounds", ("sounds",)),
    Rule("family name and initial", ("family", "initial")),
    Rule("family name, initial and city", ("family_sound", "initial", "city")),
    Rule("family name, initial and postal code", ("family_sound", "initial", "postal")),
    Rule("family name and street", ("family_sound", "street")),
    Rule("given name and street", ("given_sound", "street")),
    Rule("given name, family initial and postal code", ("given_sound", "family_initial", "postal")),
    Rule("family initial and address", ("family_initial", "postal", "house")),
    Rule("last word of the family name", ("given_sound", "family_last", "postal")),
    Rule("last word and birth year", ("given_sound", "family_last", "birth_year")),
)
LOOSE_RULES = (
    Rule("birth date", ("birth",)),
    Rule("street and house number", ("street", "house")),
    Rule("postal code and house number", ("postal", "house")),
    Rule("given name and birth year", ("given_sound", "birth_year")),
    Rule("family name and birth year", ("family_sound", "birth_year")),
    Rule("given name and birth day", ("given_sound", "birth_day")),
    Rule("family name and birth day", ("family_sound", "birth_day")),
    Rule("family name and postal code", ("family_sound", "postal")),
    Rule("given name and postal code", ("given_sound", "postal")),
    Rule("given name and city", ("given_sound", "city")),
    Rule("family name and city", ("family_sound", "city")),
    Rule("given name", ("given_sound",)),
    Rule("family name", ("family_sound",)),
)
"""Rules that bring strangers mostly, unless few share a key."""
BESIDE_ATTRIBUTES = ("names", "given_sound", "family_sound")
"""With each of these keys an attribute is a rule."""
EVERYBODY = Rule("everybody", ("everybody",))


class Keys:
    """Key columns of people by name, each computed once: a code per record or `MISSING`.

    Names are those of the methods below, `attribute_<name>` and `identifier_<type>_<slot>`.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self._made: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

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

    def _birth_year(self) -> np.ndarray:
        return np.where(self.people.birth >= 0, self.people.birth // 10_000, MISSING)

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


def pairs_within(rows: np.ndarray, key: np.ndarray, cap: int) -> np.ndarray:
    """Packed pairs of rows with equal key, of blocks of up to `cap` rows."""
    rows, key = by_shared_key(rows, key)
    starts, sizes = runs(key)
    keep = (sizes >= 2) & (sizes <= cap)
    return all_pairs(rows, starts[keep], sizes[keep])


def all_pairs(rows: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Packed pairs of the rows of each block, which lie one after the other."""
    found = []
    for step in range(1, int(sizes.max(initial=0))):
        reach = sizes > step
        starts, sizes = starts[reach], sizes[reach]
        counts = sizes - step
        first = ranges(starts, counts)
        found.append(pack(rows[first], rows[first + step]))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def pack(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A pair of rows as one number that sorts by the smaller row, then by the larger."""
    return (np.minimum(a, b).astype(np.int64) << 32) | np.maximum(a, b)


def unpack(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The smaller and the larger row of each packed pair."""
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)


def moved(pairs: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Packed pairs with each row in its new place: place[i] instead of i."""
    left, right = unpack(pairs)
    return pack(place[left], place[right])


def distinct_of(lists: list[list[np.ndarray]], threads: int) -> np.ndarray:
    """The distinct numbers of lists that are parted alike (`parted`); empties them."""
    parts = [list(part) for part in zip(*lists, strict=True)]
    lists.clear()

    def joined(part: list[np.ndarray]) -> np.ndarray:
        values = np.concatenate(part)
        part.clear()
        return distinct(values)

    return np.concatenate(side_by_side(joined, parts, threads))


def parted(pairs: np.ndarray, records: int, parts: int) -> list[np.ndarray]:
    """Packed pairs in so many parts, about as large, by their smaller row of `records`."""
    share = 1 - np.sqrt(1 - np.arange(1, parts) / parts)  # the smaller of two is often small
    bounds = (share * records).astype(np.int64) << 32
    found = []
    for bound in bounds:
        below = pairs < bound
        found.append(pairs[below])
        pairs = pairs[~below]
    return [*found, pairs]


def distinct_partners(codes: np.ndarray, others: np.ndarray, size: int) -> np.ndarray:
    """How many different `others` stand beside each code, of `size`; negative ones don't count."""
    rows = np.flatnonzero((codes >= 0) & (others >= 0))
    pairs = distinct(codes[rows].astype(np.int64) << 32 | others[rows])
    return np.bincount(pairs >> 32, minlength=size)


def every_pair(n: int) -> np.ndarray:
    """All packed pairs of `n` rows."""
    left, right = np.triu_indices(n, 1)
    return pack(left, right)


def rules_for(people: People) -> list[Rule]:
    """The rules for these people: for as many as they are, and for the columns that they have."""
    if len(people) <= COMPARE_ALL:
        return [EVERYBODY]
    return [
        *RULES,
        *LOOSE_RULES,
        *(Rule(kind, (f"identifier_{kind}_0",)) for kind in people.identifiers),
        *(
            Rule(f"{attribute} and {name}", (f"attribute_{attribute}", name))
            for attribute in people.attributes
            for name in BESIDE_ATTRIBUTES
        ),
    ]


@dataclass(frozen=True)
class Shared:
    """Who shares a key of a rule: rows block by block, and where each of up to `LARGEST` begins."""

    rule: Rule
    rows: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    @staticmethod
    def of(rule: Rule, keys: Keys) -> Shared:
        """There are no blocks when the data lacks one of its columns."""
        rows, key = by_shared_key(*joined_key([keys[name] for name in rule.keys]))
        starts, sizes = runs(key)
        some = (sizes >= 2) & (sizes <= LARGEST)
        return Shared(rule, *(a.astype(np.int32) for a in (rows, starts[some], sizes[some])))

    def pairs(self, cap: int) -> np.ndarray:
        """Packed pairs of blocks of up to `cap` rows."""
        keep = self.sizes <= cap
        return all_pairs(self.rows, self.starts[keep], self.sizes[keep])


def shared_keys(people: People, keys: Keys, threads: int = 2) -> list[Shared]:
    """Who shares a key of each rule; none where everybody meets."""
    rules = [rule for rule in rules_for(people) if rule != EVERYBODY]
    return side_by_side(lambda rule: Shared.of(rule, keys), rules, threads)


def candidate_pairs(
    records: int, shared: list[Shared], caps: Mapping[str, int], threads: int = 2
) -> np.ndarray:
    """Packed pairs worth comparing, each once, sorted; caps: by rule."""
    if not shared:
        return every_pair(records)

    def found(one: Shared) -> list[np.ndarray]:
        return parted(one.pairs(caps[one.rule.name]), records, threads)

    return distinct_of(side_by_side(found, shared, threads), threads)
