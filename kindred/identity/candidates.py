"""Candidates: which pairs of records are worth a comparison at all.

Belongs here: the blocking rules (many tight ones, each a conjunction of keys) and the pairs of
records that share a key. A block larger than its cap is left out of its rule only: a value that so
many records share is weak evidence. Does not belong here: judging pairs (`agreement`, `model`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kindred.identity.columns import MISSING, People, look_up, taken
from kindred.identity.hashing import mixed
from kindred.identity.side_by_side import side_by_side
from kindred.identity.sorting import by_shared_key, distinct, ranges, runs

PAIRS_PER_RECORD = 3.0
"""Pairs that one rule may bring per record; its cap tightens until it keeps to that."""
PAIRS_FOR_FREE = 300_000
"""Pairs that one rule may bring however few records there are."""
ATTRIBUTE_CAP = 12
IDENTIFIER_CAP = 50
COMPARE_ALL = 1_500
"""Up to this many records, every pair is a candidate: about a million comparisons."""

Key = Callable[["Keys"], np.ndarray]


@dataclass(frozen=True)
class Rule:
    """A blocking rule: records that agree on all `keys` meet, in blocks of up to `cap` records."""

    name: str
    keys: tuple[str, ...]
    cap: int


RULES = (
    Rule("email", ("email",), 12),
    Rule("email and initial", ("email", "initial"), 40),
    Rule("phone", ("phone",), 12),
    Rule("phone and initial", ("phone_end", "initial"), 40),
    Rule("email user and initial", ("email_user", "initial"), 15),
    Rule("email user and family name", ("email_user", "family_sound"), 15),
    Rule("names", ("names",), 40),
    Rule("names and birth year", ("names", "birth_year"), 40),
    Rule("names and postal code", ("names", "postal"), 40),
    Rule("names and street", ("names", "street"), 40),
    Rule("names and city", ("names", "city"), 40),
    Rule("birth date and given name", ("birth", "given_sound"), 30),
    Rule("birth date and family name", ("birth", "family_sound"), 30),
    Rule("birth date and initials", ("birth", "initial", "family_initial"), 20),
    Rule("birth date and postal code", ("birth", "postal"), 30),
    Rule("birth date and city", ("birth", "city"), 15),
    Rule("birth date, street and house", ("birth", "street"), 15),
    Rule("birth date and phone", ("birth", "phone_end"), 15),
    Rule("sounds and birth year", ("sounds", "birth_year"), 20),
    Rule("sounds and birth day", ("sounds", "birth_day"), 20),
    Rule("sounds and postal code", ("sounds", "postal"), 20),
    Rule("sounds and city", ("sounds", "city"), 20),
    Rule("sounds and house number", ("sounds", "house"), 20),
    Rule("family and address", ("family_sound", "postal", "house"), 20),
    Rule("family, street and house", ("family_sound", "street", "house"), 20),
    Rule("given and address", ("given_sound", "postal", "house"), 20),
    Rule("given, street and house", ("given_sound", "street", "house"), 20),
    Rule("initials and address", ("initial", "family_initial", "postal", "house"), 15),
    Rule("sounds", ("sounds",), 10),
    Rule("family name and initial", ("family", "initial"), 8),
    Rule("family name, initial and city", ("family_sound", "initial", "city"), 12),
    Rule("family name, initial and postal code", ("family_sound", "initial", "postal"), 15),
    Rule("family name and street", ("family_sound", "street"), 12),
    Rule("given name and street", ("given_sound", "street"), 10),
    Rule(
        "given name, family initial and postal code",
        ("given_sound", "family_initial", "postal"),
        12,
    ),
    Rule("family initial and address", ("family_initial", "postal", "house"), 10),
    Rule("last word of the family name", ("given_sound", "family_last", "postal"), 15),
    Rule("last word and birth year", ("given_sound", "family_last", "birth_year"), 15),
)

LOOSE_RULES = (
    Rule("birth date", ("birth",), 12),
    Rule("street and house number", ("street", "house"), 8),
    Rule("postal code and house number", ("postal", "house"), 8),
    Rule("given name and birth year", ("given_sound", "birth_year"), 12),
    Rule("family name and birth year", ("family_sound", "birth_year"), 12),
    Rule("family name and postal code", ("family_sound", "postal"), 15),
    Rule("given name and postal code", ("given_sound", "postal"), 15),
    Rule("given name and city", ("given_sound", "city"), 12),
    Rule("family name and city", ("family_sound", "city"), 15),
    Rule("given name", ("given_sound",), 12),
    Rule("family name", ("family_sound",), 12),
)
"""More rules for fewer records: where they are too many, these bring strangers only."""
FEW = 200_000
OWN = frozenset({"email", "email_user", "birth", "names"})
"""Keys that one person's many records share, and few others do."""
ROOM = 100_000
MOST_ROOM = 3
"""Caps of rules with such a key are so many times as large as they fit into this many records."""
EVERYBODY = Rule("everybody", ("everybody",), COMPARE_ALL)


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


def pairs_within(rows: np.ndarray, key: np.ndarray, cap: int, most: int) -> np.ndarray:
    """Packed pairs of rows with equal key, of blocks of up to `cap` rows.

    Where that would be more than `most` pairs, the cap tightens until it isn't.
    """
    rows, key = by_shared_key(rows, key)
    starts, sizes = runs(key)
    keep = (sizes >= 2) & (sizes <= fitting_cap(sizes, cap, most))
    return all_pairs(rows, starts[keep], sizes[keep])


def fitting_cap(sizes: np.ndarray, cap: int, most: int) -> int:
    """The largest cap, up to `cap`, with which blocks of these sizes bring up to `most` pairs."""
    size = np.arange(cap + 1)
    pairs = np.bincount(sizes[sizes <= cap], minlength=cap + 1) * size * (size - 1) // 2
    return int(np.searchsorted(np.cumsum(pairs), most, side="right")) - 1


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
    room = min(max(ROOM // len(people), 1), MOST_ROOM)
    rules = [replace(rule, cap=rule.cap * room) if OWN & set(rule.keys) else rule for rule in RULES]
    rules += LOOSE_RULES if len(people) <= FEW else ()
    rules += [Rule(kind, (f"identifier_{kind}_0",), IDENTIFIER_CAP) for kind in people.identifiers]
    rules += [
        Rule(f"{attribute} and {name}", (f"attribute_{attribute}", name), ATTRIBUTE_CAP)
        for attribute in people.attributes
        for name in ("given_sound", "family_sound")
    ]
    return rules


def candidate_pairs(people: People, threads: int = 2) -> np.ndarray:
    """Packed pairs worth comparing, each once, sorted."""
    rules = rules_for(people)
    if rules == [EVERYBODY]:
        return every_pair(len(people))
    keys, size = Keys(people), len(people)

    def found(rule: Rule) -> list[np.ndarray]:
        return parted(rule_pairs(keys, rule, most_pairs(size)), size, threads)

    return distinct_of(side_by_side(found, rules, threads), threads)


def most_pairs(records: int) -> int:
    """Pairs that one rule may bring."""
    return int(PAIRS_FOR_FREE + PAIRS_PER_RECORD * records)


def rule_pairs(keys: Keys, rule: Rule, most: int) -> np.ndarray:
    """Packed pairs of one rule; none when the data lacks one of its columns."""
    rows, key = joined_key([keys[name] for name in rule.keys])
    return pairs_within(rows, key, rule.cap, most)
