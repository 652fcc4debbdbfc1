"""Frequencies: how likely chance alone gives a second record the value that this one has.

Belongs here: one logarithm (base 2) per record and field, counted from the records at hand or taken
from what was counted before. Does not belong here: what follows from it for a pair (`agreement`,
`model`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from threading import RLock

import numpy as np

from kindred.identity.codes.columns import People, look_up
from kindred.identity.codes.pairs import distinct_partners
from kindred.identity.codes.side_by_side import side_by_side
from kindred.identity.codes.sorting import in_order, runs
from kindred.identity.weights.namesakes import NO_NAMESAKES, Namesakes, full_names, learn
from kindred.identity.weights.origins import Origins

ONE_OWNER = 0.05
"""How many strangers share a contact point that only one given name uses: one in twenty."""
SMALLEST_WORLD = 200
"""Fewer records are taken for a sample of a world this large: among two, every value is common."""
NAMES = ("given", "family")
PLACES = ("postal", "street", "city")
HOUSES = ("postal_house", "street_house")
"""Postal code and house number, or street and house number."""
INSIDE = ("given_country", "family_country")
"""How many names of each kind the record's country has."""
COUNTED = (*reversed(NAMES), "email", "birth", "phone", "country", "middle", *PLACES)
"""What is counted of any records, that which takes longest first."""


@dataclass(frozen=True)
class Shares:
    """What was counted once: values by a key of their codes, sorted, and the chance of each.

    rare: the chance of a value that nobody had.
    """

    key: np.ndarray
    chance: np.ndarray
    rare: np.float32

    @staticmethod
    def of(key: np.ndarray, chance: np.ndarray, rare: float) -> Shares:
        """From one key and chance per record, whatever the key of those that lack the value."""
        key, chance = key.ravel(), chance.ravel()
        rows = np.flatnonzero(key >= 0)
        rows = rows[np.argsort(key[rows])]
        rows = rows[runs(key[rows])[0]]
        return Shares(key[rows], chance[rows], np.float32(rare))

    def look_up(self, key: np.ndarray) -> np.ndarray:
        """The chance of each key, 0 where it is missing."""
        place = np.searchsorted(self.key, key)
        place[place == len(self.key)] = 0
        seen = self.key[place] == key if len(self.key) else np.zeros(key.shape, bool)
        found = np.where(seen, self.chance[place] if len(self.key) else self.rare, self.rare)
        return np.where(key >= 0, found, np.float32(0))


@dataclass(frozen=True)
class Kept:
    """What was counted of many people, for others: shares by name, where names come from, and
    which full names are more frequent than foretold."""

    shares: dict[str, Shares]
    origins: Origins
    namesakes: Namesakes


class Frequencies:
    """Logarithms of chance agreement, per record; 0 where the value is missing.

    By name: `given`, `family`, `birth`, `email`, `phone`, `middle`, `country`, `postal`, `street`,
    `city`, `house`, `attribute_<name>` and `identifier_<type>`. Of an identifier there is a line
    per slot, counted over all slots together: a value is as frequent wherever a record has it.
    Names are counted within their country: two Dutch records agree on a Dutch name more often than
    two records of any countries, and `country` accounts for being of one country at all. Where a
    record doesn't name its country, its names are counted among those like it, and the family name
    is as frequent as it is beside such a given name (`origins`). `namesakes` adds to given and
    family name where both are the same.
    """

    def __init__(self, people: People, kept: Kept | None = None) -> None:
        """kept: what was counted before, of people with the same codes."""
        self.people = people
        self.n = max(len(people), 1)
        self.world = max(len(people), SMALLEST_WORLD)
        self.kept = kept
        self.namesakes = kept.namesakes if kept else NO_NAMESAKES
        self._found: dict[str, np.ndarray] = {}
        self._lock = RLock()

    def __getstate__(self) -> dict[str, object]:
        left_out = ("_lock", "_full_names", "_foretold")
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state, _lock=RLock())

    def __getitem__(self, name: str) -> np.ndarray:
        with self._lock:
            if name not in self._found:
                self._found[name] = self._of(name)
            return self._found[name]

    def names(self) -> list[str]:
        """What these people can be asked for."""
        return ["house", "namesakes", *COUNTED, *_extras(self.people)]

    def know(self, namesakes: Namesakes) -> None:
        """How much more frequent full names are than foretold, from now on."""
        self.namesakes = namesakes
        with self._lock:
            self._found["namesakes"] = self._of("namesakes")

    def learn_namesakes(self, label: np.ndarray) -> None:
        """Know what the people that were found say; label: a row per record, for its person."""
        self.know(learn(self._full_names, self._foretold, label))

    @cached_property
    def _full_names(self) -> np.ndarray:
        return full_names(self.people)

    @cached_property
    def _foretold(self) -> np.ndarray:
        """How many of a record's country would have both its names, were they independent."""
        inside = self._raw("given_country").astype(np.float64)
        return np.exp2(inside + self["given"] + self["family"]) * (self.world / self.n)

    def count(self, threads: int) -> None:
        """Count everything now, side by side, rather than each when it is first asked for."""
        counted = side_by_side(self._of, self.names(), threads)
        self._found.update(zip(self.names(), counted, strict=True))

    def take(self, people: People, rows: np.ndarray) -> Frequencies:
        """The same for some of the records, `people`, which are these rows."""
        some = Frequencies(people, self.kept)
        some._found = {name: self[name][..., rows] for name in self.names()}
        return some

    def joined(self, people: People, more: Frequencies, threads: int = 1) -> Frequencies:
        """These records and others behind them, which together are `people`."""
        both, names = Frequencies(people, self.kept), self.names()
        found = side_by_side(lambda name: _one_behind_other(self[name], more[name]), names, threads)
        both._found = dict(zip(names, found, strict=True))
        return both

    def to_keep(self) -> Kept:
        """What was counted, by value, to be used for records that come later."""
        names = [*COUNTED, *HOUSES, *INSIDE, *_extras(self.people)]
        shares = {
            name: Shares.of(self._key(name), self._raw(name), self._rare(name)) for name in names
        }
        return Kept(shares, Origins.of(self.people), self.namesakes)

    def _of(self, name: str) -> np.ndarray:
        if name == "house":
            return self._of_country(np.minimum(*(self._raw(part) for part in HOUSES)))
        if name == "namesakes":
            return self._more_frequent()
        if name == "family":
            return self._beside_given(self._raw(name))
        return self._of_country(self._raw(name)) if name in PLACES else self._raw(name)

    def _raw(self, name: str) -> np.ndarray:
        if self.kept is not None:
            found = self.kept.shares[name].look_up(self._key(name))
            if name not in NAMES:
                return found
            return np.where(np.isnan(found), -self._raw(f"{name}_country"), found)
        value, other = self._parts(name)
        if name in INSIDE:
            return self._inside(value)
        if name in NAMES:
            found = _log_share(_compact(value, other)) - self._raw(f"{name}_country")
            return np.where(value >= 0, found, np.float32(0))
        if name in ("email", "phone") or name.startswith("identifier_"):
            return self._owners(value)
        world = self.n if name == "country" else self.world
        return _log_share(value if other is None else _compact(value, other), world)

    def _more_frequent(self) -> np.ndarray:
        if self.namesakes.is_nothing:
            return np.zeros(len(self.people), np.float32)
        bits = self.namesakes.bits(self._full_names, self._foretold)
        # two names can't be more frequent in their country than either of them
        return np.minimum.reduce([bits, -self["given"], -self["family"]])

    def _rare(self, name: str) -> float:
        """The chance of a value that nobody has."""
        if name in NAMES:
            return np.nan  # depends on the country
        if name in INSIDE:
            return 0.0
        if name in ("email", "phone") or name.startswith("identifier_"):
            return np.log2(ONE_OWNER / self.world)
        return -np.log2(self.n if name == "country" else self.world)

    def _parts(self, name: str) -> tuple[np.ndarray, np.ndarray | None]:
        """The codes that are counted, and others that must be the same to count as one value."""
        p = self.people
        if name in NAMES or name in INSIDE:
            return getattr(p, name.removesuffix("_country")).full, p.country.codes
        if name in HOUSES:
            place = getattr(p, name.removesuffix("_house"))
            return np.where(p.house.known, place.codes, -1), p.house.codes
        if name == "birth":
            return p.birth, None
        if name.startswith("attribute_"):
            return p.attributes[name.removeprefix("attribute_")].codes, None
        if name.startswith("identifier_"):
            return np.stack(p.identifiers[name.removeprefix("identifier_")].slots), None
        return getattr(p, name).codes, None

    def _key(self, name: str) -> np.ndarray:
        """A key per record that is the same whatever other records there are; negative: missing."""
        value, other = self._parts(name)
        if name in INSIDE:
            return other.astype(np.int64) + 1
        if other is None:
            return value.astype(np.int64)
        return np.where(value >= 0, value.astype(np.int64) << 31 | (other + 1), -1)

    def _inside(self, value: np.ndarray) -> np.ndarray:
        """Logarithm of how many records of the record's country have a value."""
        country = self.people.country.codes + 1
        inside = np.bincount(country[value >= 0], minlength=int(country.max(initial=0)) + 1)
        inside = inside * (self.world / self.n)
        return np.log2(np.maximum(inside, 1)).astype(np.float32)[country]

    def _owners(self, codes: np.ndarray) -> np.ndarray:
        """By the number of given names that share a value, not of records: a person has several.

        A name in another script may be the same name. codes: one line, or one per slot.
        """
        words = self.people.words
        given, size = look_up(words.formal, self.people.given.first), int(codes.max(initial=0)) + 1
        foreign = look_up(words.is_foreign, given) & (given >= 0)
        scripts = (foreign, ~foreign) if foreign.any() else (~foreign,)
        beside = np.broadcast_to(given, codes.shape).ravel()
        owners = np.maximum.reduce(
            [distinct_partners(np.where(own, codes, -1).ravel(), beside, size) for own in scripts]
        )
        strangers = np.maximum(owners - 1, ONE_OWNER) / self.world
        chance = np.log2(strangers).astype(np.float32)
        return np.where(codes >= 0, chance[codes], np.float32(0))

    def _beside_given(self, chance: np.ndarray) -> np.ndarray:
        """Of a family name, in a record without a country, beside its given name."""
        p = self.people
        rows = np.flatnonzero(~p.country.known & (p.family.full >= 0))
        if not len(rows):
            return chance
        origins = self.kept.origins if self.kept else Origins.of(p)
        lift = origins.lift(p.given.full[rows], p.family.full[rows])
        chance[rows] = np.minimum(chance[rows] + lift, np.float32(0))
        return chance

    def _of_country(self, chance: np.ndarray) -> np.ndarray:
        return np.minimum(chance - self["country"], np.float32(0))


def _extras(people: People) -> list[str]:
    identifiers = (f"identifier_{kind}" for kind in people.identifiers)
    return [*identifiers, *(f"attribute_{name}" for name in people.attributes)]


def _one_behind_other(own: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Of two identifiers the one with fewer slots gets empty ones, as in `lexicon.joined`."""
    if own.ndim == 1:
        return np.concatenate([own, more])
    both = np.zeros((max(len(own), len(more)), own.shape[1] + more.shape[1]), own.dtype)
    both[: len(own), : own.shape[1]] = own
    both[: len(more), own.shape[1] :] = more
    return both


def _compact(value: np.ndarray, other: np.ndarray) -> np.ndarray:
    """One code for both, as small as can be."""
    size = int(other.max(initial=0)) + 2
    return np.where(value >= 0, value.astype(np.int64) * size + other + 1, -1)


def _log_share(codes: np.ndarray, n: int = 1) -> np.ndarray:
    """Logarithm of which share of `n` holds the code of each record; 0 where it is missing."""
    known = np.flatnonzero(codes >= 0)
    found = np.zeros(len(codes), np.float32)
    if not len(known):
        return found
    size = int(codes[known].max()) + 1
    if size <= 20 * len(codes) + 1000:
        counts = np.bincount(codes[known], minlength=size)
        share = np.log2(np.maximum(counts, 1)).astype(np.float32) - np.float32(np.log2(n))
        found[known] = share[codes[known]]
        return found
    order, ordered = in_order(codes[known])
    _, sizes = runs(ordered)
    share = np.log2(sizes).astype(np.float32) - np.float32(np.log2(n))
    found[known[order]] = np.repeat(share, sizes)
    return found
