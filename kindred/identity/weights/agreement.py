"""Agreement: how well two records agree, field by field, as levels.

Belongs here: the level of each field for a list of pairs, and how likely chance alone would have
brought about the agreements that are exact. Does not belong here: what levels are worth (`model`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from kindred.identity.codes.columns import People, Values, taken
from kindred.identity.weights.address_agreement import compare_addresses
from kindred.identity.weights.date_agreement import date_levels, one_slip, year_levels
from kindred.identity.weights.fields import present
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.kinds import NO_KINDS, Kinds
from kindred.identity.weights.levels import NONE, Birth, Family, Field, Given, Same, Value
from kindred.identity.weights.likeness import CLOSE_TEXT, SLIP, Texts
from kindred.identity.weights.name_agreement import (
    SIMILAR_NAME,
    are_initials,
    by_later_names,
    by_middle_name,
    one_of_two,
    word_in_common,
)
from kindred.identity.weights.pairwise import equal, equality, highest, in_one_script, same, where

CLOSE_NAME = SLIP
TURNED_NAME = 0.75
"""Names that changed places and sound alike must be as like each other as that."""


@dataclass(frozen=True)
class Agreement:
    """Levels by field and, by field, the logarithm of chance for the agreements that are exact.

    namesakes: what is added to the chance of two names that agree (`Comparer.namesakes`); kinds:
    bits for what records the two are, whatever they say (`kinds`).
    """

    levels: dict[str, np.ndarray]
    chance: dict[str, np.ndarray]
    namesakes: np.ndarray | float = 0.0
    kinds: np.ndarray | float = 0.0

    def total_chance(self) -> np.ndarray:
        """The sum over the fields, as float32 per pair."""
        return sum(self.chance.values(), np.float32(0)) + self.namesakes


class Comparer:
    """Compares records of `people`; knows which fields the data has."""

    def __init__(
        self,
        people: People,
        chance: Frequencies | None = None,
        fields: Sequence[Field] | None = None,
    ) -> None:
        """chance, fields: known from elsewhere, or counted and seen in these people."""
        self.people = people
        self.chance = chance or Frequencies(people)
        self.fields = list(present(people) if fields is None else fields)
        self._kinds, self._kind = NO_KINDS, np.zeros(0, np.int64)
        self._words = Texts(people.words.values)
        self._texts = {
            name: Texts(column.values)
            for name, column in {
                "email": people.email,
                "street": people.street,
                "city": people.city,
                "middle": people.middle,
                **{f"identifier_{kind}": own for kind, own in people.identifiers.items()},
                **{f"attribute_{name}": own for name, own in people.attributes.items()},
            }.items()
        }

    def compare(self, left: np.ndarray, right: np.ndarray) -> Agreement:
        """Compare the records `left[i]` and `right[i]`."""
        found: dict[str, np.ndarray] = {}
        chance: dict[str, np.ndarray] = {}
        for field in self.fields:
            part = getattr(self, f"_{field.name.split('_')[0]}")
            level, chance[field.name] = part(field.name, left, right)
            found[field.name] = np.minimum(level, field.best) if field.is_cut else level
        self._settle_swaps(found, chance, left, right)
        self._silence_echoes(found, chance)
        return Agreement(
            found, chance, self.namesakes(found, left, right), self.of_kinds(left, right)
        )

    def know(self, kinds: Kinds) -> None:
        """What records of two kinds are worth, from now on."""
        self._kinds, self._kind = kinds, kinds.of(self.people)

    def of_kinds(self, left: np.ndarray, right: np.ndarray) -> np.ndarray | float:
        """What two records are worth for what kinds they are, in bits, float32 per pair."""
        if not len(self._kinds):
            return 0.0
        bits = self._kinds.bits
        return bits.take(self._kind.take(left) * len(bits) + self._kind.take(right))

    def namesakes(
        self, found: Mapping[str, np.ndarray], left: np.ndarray, right: np.ndarray
    ) -> np.ndarray:
        """What is added to the chance of both names where both are the same; found: the levels.

        Where only one record names its country, the other may be of any (`_of_names`).
        """
        more = np.zeros(len(left), np.float32)
        if "given" in found and "family" in found:
            bits = self.chance["namesakes"]
            one = (found["given"] == Given.EXACT) & (found["family"] == Family.EXACT)
            rows = np.flatnonzero(one)
            ends = left[rows], right[rows]
            one, other = (bits[end] for end in ends)
            named = np.logical_xor(*(self.people.country.known[end] for end in ends))
            more[rows] = np.where(named, (one + other) / 2, np.minimum(one, other))
        return more

    def _given(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        name, words = self.people.given, self.people.words
        a, b = name.full.take(left), name.full.take(right)
        level = equal(a, b, Given)
        level *= words.is_foreign.take(a) == words.is_foreign.take(b)
        level[(level == Given.EXACT) & words.is_initial.take(a)] = Given.INITIAL
        rows = np.flatnonzero(level == Given.DIFFERENT)
        a, b, one, other = a[rows], b[rows], left[rows], right[rows]
        fa, fb = name.first.take(one), name.first.take(other)
        likeness = self._words.of_names(a, b, SIMILAR_NAME)
        some = highest(Given.DIFFERENT, (likeness >= SIMILAR_NAME, Given.SIMILAR))
        letter = words.is_initial.take(fa) | words.is_initial.take(fb)
        letters = np.flatnonzero(letter)
        starts = words.begin_alike(fa[letters], fb[letters])
        some[letters[starts]] = Given.INITIAL
        same = words.one_name(fa, fb) & ~letter
        some[same | self._are_close(a, b, likeness)] = Given.CLOSE
        double = np.flatnonzero((some >= Given.INITIAL) & (fa != a) & (fb != b))
        later = name.last[one[double]], name.last[other[double]]
        some[double[self._are_others(*later)]] = Given.DIFFERENT
        several = np.flatnonzero((fa != a) | (fb != b))
        by_words = by_later_names(words, name, one[several], other[several])
        some[several] = np.maximum(some[several], by_words)
        others = np.flatnonzero(some == Given.DIFFERENT)
        called = by_middle_name(self.people, one[others], other[others])
        some[others[called]] = Given.SIMILAR
        level[rows] = some
        return level, self._of_names("given", level == Given.EXACT, left, right)

    def _are_close(self, a: np.ndarray, b: np.ndarray, likeness: np.ndarray) -> np.ndarray:
        """True per pair of names that are nearly the same, or similar and sound alike."""
        sounds, found = self.people.words.sound.codes, likeness >= CLOSE_NAME
        near = np.flatnonzero((likeness >= SIMILAR_NAME) & ~found)
        found[near] = sounds[a[near]] == sounds[b[near]]
        return found

    def _are_others(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """True per pair of second given names that part Jean Pierre from Jean Marc.

        A letter may be a middle name's beside a partner's (Thomas C, Thomas & Lisa), and what
        sounds alike is often one name in two spellings of another script (Kyung-sook, Kyung-suk).
        """
        words = self.people.words
        same = words.one_name(a, b)
        same |= words.sound.codes[a] == words.sound.codes[b]
        same |= words.is_initial[a] | words.is_initial[b]
        others = ~same & (self._words.of_names(a, b, SIMILAR_NAME) < SIMILAR_NAME)
        rows = np.flatnonzero(others)
        others[rows] = ~are_initials(words, a[rows], b[rows])
        return others

    def _family(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        name, words = self.people.family, self.people.words
        a, b = name.full.take(left), name.full.take(right)
        level = equal(a, b, Family)
        level *= words.is_foreign.take(a) == words.is_foreign.take(b)
        rows = np.flatnonzero(level == Family.DIFFERENT)
        a, b = a[rows], b[rows]
        likeness = self._words.of_names(a, b, SIMILAR_NAME)
        some = highest(Family.DIFFERENT, (likeness >= SIMILAR_NAME, Family.SIMILAR))
        word = word_in_common(name, left[rows], right[rows])
        kin = one_of_two(words, self._words, name, left[rows], right[rows])
        letter = words.is_initial.take(a) | words.is_initial.take(b)
        starts = words.initial.codes.take(a) == words.initial.codes.take(b)
        some[letter & starts] = Family.INITIAL
        some[~letter & (word | self._are_close(a, b, likeness))] = Family.CLOSE
        some[kin] = Family.SIMILAR
        level[rows] = some
        return level, self._of_names("family", level == Family.EXACT, left, right)

    def _birth(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b = self.people.birth.take(left), self.people.birth.take(right)
        level = equal(a, b, Birth)
        rows = np.flatnonzero(level == Birth.DIFFERENT)
        level[rows] = date_levels(a[rows], b[rows])
        return level, where(level == Birth.EXACT, self.chance["birth"], left, right)

    def _year(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return year_levels(self.people, left, right), np.float32(0)

    def _email(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        email, user = self.people.email, self.people.email_user
        level, rows = equality(email.codes, left, right)
        one, other = left[rows], right[rows]
        close = user[one] == user[other]
        others = np.flatnonzero(~close)
        likeness = self._texts["email"].similarity(
            email.codes[one[others]], email.codes[other[others]], CLOSE_TEXT
        )
        close[others] = likeness >= CLOSE_TEXT
        level[rows[close]] = Value.CLOSE
        return level, where(level == Value.EXACT, self.chance["email"], left, right)

    def _phone(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        codes = self.people.phone.codes
        level, rows = equality(codes, left, right)
        if len(rows):
            values = self.people.phone.values
            a, b = (taken(values, codes[end[rows]]).to_numpy() for end in (left, right))
            level[rows[one_slip(a, b)]] = Value.CLOSE
        return level, where(level == Value.EXACT, self.chance["phone"], left, right)

    def _address(
        self, _: str, left: np.ndarray, right: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        return compare_addresses(self.people, self._texts, self.chance, left, right)

    def _gender(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return same(self.people.gender.codes, left, right), np.float32(0)

    def _generation(
        self, _: str, left: np.ndarray, right: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        return same(self.people.generation, left, right), np.float32(0)

    def _country(
        self, _: str, left: np.ndarray, right: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        level = same(self.people.country.codes, left, right)
        return level, where(level == Same.EXACT, self.chance["country"], left, right)

    def _middle(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        middle = self.people.middle
        level, rows = in_one_script(self._texts["middle"], middle.codes, left, right)
        if len(rows):
            a, b = middle.codes[left[rows]], middle.codes[right[rows]]
            close = self._texts["middle"].similarity(a, b, SIMILAR_NAME) >= SIMILAR_NAME
            close |= _initials(middle.values, a, b)
            level[rows[close]] = Value.CLOSE
        return level, where(level == Value.EXACT, self.chance["middle"], left, right)

    def _identifier(
        self, name: str, left: np.ndarray, right: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        found = self.people.identifiers[name.removeprefix("identifier_")]
        level = np.zeros(len(left), np.uint8)
        chance = np.zeros(len(left), np.float32)
        rarity = self.chance[name]
        for one, its in zip(found.slots, rarity, strict=True):
            for other, others in zip(found.slots, rarity, strict=True):
                a, b = one[left], other[right]
                level[(level == NONE) & (a >= 0) & (b >= 0)] = Value.DIFFERENT
                shared = np.flatnonzero((a == b) & (a >= 0))
                level[shared] = Value.EXACT
                both = np.minimum(its[left[shared]], others[right[shared]])
                chance[shared] = np.minimum(chance[shared], both)
        # of several values some are alike by chance; how many others have decides nothing here
        several = found.slots[1] >= 0 if len(found.slots) > 1 else np.zeros(len(self.people), bool)
        rows = np.flatnonzero((level == Value.DIFFERENT) & ~several[left] & ~several[right])
        a, b = found.slots[0][left[rows]], found.slots[0][right[rows]]
        likeness = self._texts[name].similarity(a, b, CLOSE_TEXT)
        level[rows[likeness >= CLOSE_TEXT]] = Value.CLOSE
        return level, chance

    def _attribute(
        self, name: str, left: np.ndarray, right: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        column = self.people.attributes[name.removeprefix("attribute_")]
        level, rows = in_one_script(self._texts[name], column.codes, left, right)
        likeness = self._texts[name].similarity(
            column.codes[left[rows]], column.codes[right[rows]], CLOSE_NAME
        )
        level[rows[likeness >= CLOSE_NAME]] = Value.CLOSE
        return level, where(level == Value.EXACT, self.chance[name], left, right)

    def _of_names(
        self, name: str, rows: np.ndarray, left: np.ndarray, right: np.ndarray
    ) -> np.ndarray:
        """The chance of a name on the pairs that agree on it.

        Where only one record names its country, the other may be of any: the truth lies between
        the chance within that country and the chance among all.
        """
        chance, named = self.chance[name], self.people.country.known
        found = where(rows, chance, left, right)
        one = np.flatnonzero(rows & (named.take(left) != named.take(right)))
        found[one] = (chance[left[one]] + chance[right[one]]) / 2
        return found

    def _source(self, _: str, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return same(self.people.source.codes, left, right), np.float32(0)

    def _settle_swaps(
        self,
        found: dict[str, np.ndarray],
        chance: dict[str, np.ndarray],
        left: np.ndarray,
        right: np.ndarray,
    ) -> None:
        """Names that changed places agree as a whole: given says so, family nothing."""
        if "given" not in found or "family" not in found:
            return
        p = self.people
        rows = np.flatnonzero((found["given"] < Given.CLOSE) & (found["family"] < Family.CLOSE))
        one, other = left[rows], right[rows]
        sound = p.words.sound.codes
        given_left, given_right = p.given.full[one], p.given.full[other]
        family_left, family_right = p.family.full[one], p.family.full[other]
        known = (given_left >= 0) & (given_right >= 0) & (family_left >= 0) & (family_right >= 0)
        sounds = known & (sound[given_left] == sound[family_right])
        sounds &= sound[family_left] == sound[given_right]
        initial = p.words.initial.codes
        starts = known & (initial[given_left] == initial[family_right])
        starts &= initial[family_left] == initial[given_right]
        near = np.flatnonzero(sounds | starts)
        ends = (given_left, family_right), (family_left, given_right)
        alike = [self._words.of_names(a[near], b[near], TURNED_NAME) for a, b in ends]
        least = np.where(sounds[near], TURNED_NAME, CLOSE_NAME)
        swapped = np.zeros(len(rows), bool)
        swapped[near] = np.minimum(*alike) >= least
        rows = rows[swapped]
        found["given"][rows] = Given.SWAPPED
        found["family"][rows] = NONE
        by_given, by_family = self.chance["given"], self.chance["family"]
        chance["given"][rows] = np.maximum(
            *(by_given[row] + by_family[row] for row in (one[swapped], other[swapped]))
        )

    def _silence_echoes(self, found: dict[str, np.ndarray], chance: dict[str, np.ndarray]) -> None:
        """What only repeats another field says nothing more.

        An email that resembles another is most often made of the name, so it only counts where a
        name differs, and a gender goes with the given name. A dealer's city goes with the dealer.
        """
        said = {f.name: [found[n] >= Value.CLOSE for n in f.after] for f in self.fields if f.after}
        for name, agree in said.items():
            again = np.logical_or.reduce(agree)
            found[name][again] = NONE
            chance[name] = np.where(again, np.float32(0), chance[name])
        if "year" in found:
            found["year"][found["email"] >= Value.CLOSE] = NONE
        if "given" in found and "family" in found:
            given, family = found["given"], found["family"]
            other = (given == Given.DIFFERENT) | (given == Given.SIMILAR)
            other |= (family == Family.DIFFERENT) | (family == Family.SIMILAR)
            if "email" in found:
                found["email"][~other & (found["email"] == Value.CLOSE)] = NONE
            if "gender" in found:
                agree = (given >= Given.CLOSE) & (found["gender"] == Same.EXACT)
                found["gender"][agree] = NONE


def _initials(values: Values, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """One value is the first letter of the other."""
    one, other = taken(values, a), taken(values, b)
    starts = pc.equal(*(pc.utf8_slice_codeunits(text, 0, 1) for text in (one, other)))
    letter = pc.or_(*(pc.equal(pc.utf8_length(text), 1) for text in (one, other)))
    return pc.and_(starts, letter).to_numpy(zero_copy_only=False)
