"""Judgement: what rules and stewards say about pairs, over what the weights say.

Belongs here: deterministic rules, exceptions, sources free of duplicates, stewards' decisions.
Does not belong here: evidence (`model`), and which records end up together (`clustering`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.candidates.keys import Keys
from kindred.identity.candidates.pairing import pairs_within
from kindred.identity.clusters.clustering import ALWAYS, NEVER
from kindred.identity.codes.columns import MISSING, People
from kindred.identity.codes.pairs import CHUNK, pack, unpack
from kindred.identity.codes.side_by_side import side_by_side
from kindred.identity.codes.sorting import by_shared_key, distinct, merged, ranges, runs, sought
from kindred.identity.reading.dates import are_years
from kindred.identity.rules.rules_file import CERTAIN, DEFAULT, DeterministicRule, Rules
from kindred.identity.weights.levels import NONE, Address, Birth, Family, Given, Same, Value
from kindred.identity.weights.model import Patterns

RULE_CAP = 50
"""Records that share a key of a rule are compared pairwise up to this many, else with the first."""
KINDRED_ID = "kindred_id"
"""The rule, and the type of identifier, by which a record names one of our customers."""
TRUST, EXCEPTIONS, CLEAN_SOURCE = "source trust", "exceptions", "source free of duplicates"
NAMES = frozenset({"given_name", "family_name"})
CONTRADICTS = {"birth": Birth.YEAR, "given": Given.SIMILAR}
"""Up to which level a field contradicts a rule, others up to their first. Peter may be Hans-Peter,
his father or himself: that is for the weights."""
EXCEPTED = ("twins", "namesakes", "generations")
STEWARD = "steward"
"""What judges besides the deterministic rules."""
KEY_OF = {"given_name": "formal_given", "family_name": "family", "birth_date": "whole_birth",
          "middle_name": "middle", "house_number": "house", "postal_code": "postal",
          "country_code": "country"}  # fmt: skip
FIELD_OF = {"given_name": "given", "family_name": "family", "birth_date": "birth",
            "middle_name": "middle", "country_code": "country"}  # fmt: skip


class Judgement:
    """The rules over a set of people, and the decisions about them.

    decisions: rows of two records and whether they are the same person. references: packed pairs
    of a record that names a customer of ours with records that were known as him. pairs: sorted
    packed pairs of each deterministic rule; without them the rules find their own.
    """

    def __init__(
        self,
        people: People,
        rules: Rules,
        decisions: Sequence[tuple[int, int, bool]] = (),
        references: np.ndarray | None = None,
        pairs: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.people = people
        self.rules = rules
        decided = decisions
        self._decided = pack(
            np.array([a for a, _, _ in decided], np.int64),
            np.array([b for _, b, _ in decided], np.int64),
        )
        self._verdict = np.array([ALWAYS if same else NEVER for *_, same in decided], np.float32)
        if pairs is None:
            pairs = {name: self._rule_pairs(rule) for name, rule in self._active().items()}
        self._pairs = dict(pairs)
        if references is not None and KINDRED_ID in rules.deterministic:
            self._pairs[KINDRED_ID] = distinct(references)

    def linked(self) -> np.ndarray:
        """Rows that stewards decided to be one person with another."""
        return np.concatenate(unpack(self._decided[self._verdict == ALWAYS]))

    def parted(self) -> np.ndarray:
        """Pairs of rows that stewards decided to be two persons, one below the other."""
        return np.column_stack(unpack(self._decided[self._verdict == NEVER]))

    def pairs(self) -> np.ndarray:
        """Packed pairs that must be looked at whatever blocking says."""
        return merged([self._decided, *self._pairs.values()])

    def names(self, pairs: np.ndarray, otherwise: pa.Array, patterns: Patterns) -> pa.Array:
        """What joined each pair: a decision, the first rule that applies, or `otherwise`."""
        hits = [(name, self._hit(name, pairs, own, patterns)) for name, own in self._pairs.items()]
        hits.insert(0, (STEWARD, _among(pairs, np.sort(self._decided))))
        found = otherwise
        for name, hit in reversed(hits):
            if hit.any():
                found = pc.if_else(pa.array(hit), name, found)
        return found

    def weigh(
        self, pairs: np.ndarray, patterns: Patterns, weight: np.ndarray, threads: int = 1
    ) -> np.ndarray:
        """Weights with the rules, the exceptions and the decisions in them."""
        found = np.empty(len(pairs), np.float32)
        parts = [slice(start, start + CHUNK) for start in range(0, len(pairs), CHUNK)]

        def judge(part: slice) -> None:
            for _, judged in self.steps(pairs[part], patterns.take(part), weight[part]):
                found[part] = judged

        side_by_side(judge, parts, threads)
        return found

    def steps(
        self, pairs: np.ndarray, patterns: Patterns, weight: np.ndarray
    ) -> Iterator[tuple[str, np.ndarray]]:
        """What judges, in the order in which it does, and the weights after each: rules by name."""
        left, right = unpack(pairs)
        weight = self._trusted(weight, left, right)
        yield TRUST, weight
        bits = [getattr(self.rules.exceptions, name).weight for name in EXCEPTED]
        weight = weight + np.array([*bits, 0], np.float32)[self.exceptions(pairs, patterns)]
        yield EXCEPTIONS, weight
        for name, own in self._pairs.items():
            hit = self._hit(name, pairs, own, patterns)
            if hit.any():
                weight = np.where(hit, np.maximum(weight, CERTAIN), weight)
            yield name, weight
        weight = np.where(self._of_clean_source(left, right), NEVER, weight)
        yield CLEAN_SOURCE, weight
        order = np.argsort(self._decided)
        place = np.searchsorted(self._decided[order], pairs)
        place[place == len(order)] = 0
        if len(order):
            hit = self._decided[order][place] == pairs
            weight = np.where(hit, self._verdict[order][place], weight)
        yield STEWARD, weight

    def _active(self) -> dict[str, DeterministicRule]:
        return {
            name: rule for name, rule in self.rules.deterministic.items() if self._is_filled(rule)
        }

    def _is_filled(self, rule: DeterministicRule) -> bool:
        """Each of its columns holds something."""
        keys = Keys(self.people)
        slots = [keys.lines([name]) for name in keys_of(rule)]
        return all(any((keys[slot] >= 0).any() for (slot,) in own) for own in slots)

    def _rule_pairs(self, rule: DeterministicRule) -> np.ndarray:
        """Sorted packed pairs of records that agree on all columns of a rule."""
        row, key = Keys(self.people).joined(keys_of(rule))
        pairs = pairs_within(row, key, RULE_CAP)
        pairs = np.concatenate([pairs, _stars(row, key)])
        left, right = unpack(pairs)
        return distinct(pairs[left != right])

    def _hit(self, name: str, pairs: np.ndarray, own: np.ndarray, patterns: Patterns) -> np.ndarray:
        """True per pair of a rule's own, unless its `unless` stops the rule.

        Of the columns there that both records fill, each one contradicts: a card that is shared
        differs in the given name, and mostly nobody knows a birth date. John Smith Jr and Sr don't
        agree on the given name. A name that the email spells agrees with the email only.
        """
        rule = self.rules.deterministic[name]
        hit = _among(pairs, own)
        if "email" in rule.when and not NAMES.isdisjoint(rule.when):
            hit &= ~self._guessed(pairs)
        if not hit.any():
            return hit
        names = {field.name for group in patterns.groups for field in group}
        if "given_name" in rule.when:
            hit &= ~self._said("given_name", pairs, patterns, names)[0]
            hit[hit] = ~self._other_initials(*unpack(pairs[hit]))
        if not rule.unless:
            return hit
        rows = np.flatnonzero(hit)
        some = patterns.take(rows)
        said = [self._said(column, pairs[rows], some, names) for column in rule.unless]
        differs, agrees = (np.logical_or.reduce(part) for part in zip(*said, strict=True))
        hit[rows[differs & ~agrees]] = False
        return hit

    def _guessed(self, pairs: np.ndarray) -> np.ndarray:
        """True per pair of which a given name is none of the record's own."""
        left, right = unpack(pairs)
        return self.people.guessed[left] | self.people.guessed[right]

    def _other_initials(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """True per pair of A. B. and A. C., or of Anna B. and Anna C., who agree on the first name.

        Evidence doesn't part them, for the second letter may be a partner's (`agreement`).
        """
        name, words = self.people.given, self.people.words
        one, other = name.last[left], name.last[right]
        several = (name.first[left] != name.full[left]) & (name.first[right] != name.full[right])
        letters = words.is_initial[one] & words.is_initial[other]
        letters |= words.is_initial[name.first[left]]
        return several & letters & (words.initial.codes[one] != words.initial.codes[other])

    def _said(
        self, column: str, pairs: np.ndarray, patterns: Patterns, names: Collection[str]
    ) -> tuple[np.ndarray, np.ndarray]:
        """True per pair of which both records have the column, and it contradicts, or doesn't.

        names: of the fields of the patterns. Street, house number, postal code and city are one
        field; each of them by itself is compared as it is.
        """
        field = FIELD_OF.get(column, column)
        if field not in names:
            keys = Keys(self.people)
            name, ends = KEY_OF.get(column, column), unpack(pairs)
            known = np.zeros(len(pairs), bool)
            for (slot,) in keys.lines([name])[:1]:  # where a record has one value, the first is it
                known = np.logical_and(*(keys[slot][end] >= 0 for end in ends))
            agrees = keys.same(name, *ends)
            return known & ~agrees, agrees
        level = patterns.level(field)
        if field == "given":
            level = np.where(self._guessed(pairs), NONE, level)
        differs = (level > NONE) & (level <= CONTRADICTS.get(field, 1))
        if field == "given":
            differs |= _two_generations(patterns, names)
        agrees = (level > NONE) & ~differs
        if field == "birth":  # a year in common is no birth date in common
            for end in unpack(pairs):
                agrees &= ~are_years(self.people.birth[end])
        return differs, agrees

    def exceptions(self, pairs: np.ndarray, patterns: Patterns) -> np.ndarray:
        """Per packed pair a place in `EXCEPTED`: twins, and father and son of one name."""
        left, right = unpack(pairs)
        names = {field.name for group in patterns.groups for field in group}
        found = np.full(len(patterns), MISSING, np.int8)
        if not {"given", "family"} <= names:
            return found
        given, family = patterns.level("given"), patterns.level("family")
        one_name = (given >= Given.INITIAL) & (family >= Family.CLOSE)
        if "birth" in names:
            birth = patterns.level("birth")
            rows = np.flatnonzero(one_name & (given >= Given.CLOSE) & (birth == Birth.DIFFERENT))
            born = self.people.birth // 10_000
            years = np.abs(born[left[rows]] - born[right[rows]])
            far = years >= self.rules.exceptions.namesakes.years_apart
            found[rows[far]] = EXCEPTED.index("namesakes")
            one_name &= birth < Birth.EXACT
            twins = (given == Given.DIFFERENT) & (family >= Family.CLOSE) & (birth == Birth.EXACT)
            found[twins & _of_one_home(patterns, names)] = EXCEPTED.index("twins")
        found[one_name & _two_generations(patterns, names)] = EXCEPTED.index("generations")
        for name in names:
            if name.startswith("identifier_"):
                found[patterns.level(name) == Value.EXACT] = MISSING
        return found

    def _trusted(self, weight: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Positive weights, as far as the less trusted of both sources is trusted."""
        sources = self.people.source.values.to_pylist()
        trust = np.array([self.rules.source(str(s)).trust for s in [*sources, DEFAULT]], np.float32)
        if (trust == 1).all():
            return weight
        codes = self.people.source.codes
        least = np.minimum(trust[codes[left]], trust[codes[right]])
        return np.where(weight > 0, weight * least, weight)

    def _of_clean_source(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Two records of one source that holds nobody twice."""
        sources = self.people.source.values.to_pylist()
        clean = [self.rules.source(str(s)).duplicate_free for s in [*sources, DEFAULT]]
        if not any(clean):
            return np.zeros(len(left), bool)
        codes = self.people.source.codes
        return (codes[left] == codes[right]) & np.array(clean)[codes[left]]


def keys_of(rule: DeterministicRule) -> tuple[str, ...]:
    """The names of a rule's keys (`Keys.lines`)."""
    return tuple(KEY_OF.get(column, column) for column in rule.when)


def _two_generations(patterns: Patterns, names: Collection[str]) -> np.ndarray:
    """True per pair whose names say two generations; names: of the fields of the patterns."""
    if "generation" not in names:
        return np.zeros(len(patterns), bool)
    return patterns.level("generation") == Same.DIFFERENT


def _among(pairs: np.ndarray, others: np.ndarray) -> np.ndarray:
    """True per pair that is one of `others`, which are sorted."""
    found = np.zeros(len(pairs), bool)
    if not len(pairs) or not len(others):
        return found
    if (pairs[1:] > pairs[:-1]).all():  # then it is cheaper to look for the few among the many
        first, last = np.searchsorted(others, pairs[[0, -1]])
        place, there = sought(others[first : last + 1], pairs)
        found[place[there]] = True
        return found
    return sought(pairs, others)[1]


def _of_one_home(patterns: Patterns, names: Collection[str]) -> np.ndarray:
    """True per pair with an address, an email or a phone in common."""
    found = np.zeros(len(patterns), bool)
    if "address" in names:
        found |= patterns.level("address") >= Address.AREA
    for name in ("email", "phone"):
        if name in names:
            found |= patterns.level(name) == Value.EXACT
    return found


def _stars(rows: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Pairs of each row with the smallest row of its block, of blocks over `RULE_CAP` rows."""
    rows, key = by_shared_key(rows, key)
    starts, sizes = runs(key)
    large = sizes > RULE_CAP
    starts, sizes = starts[large], sizes[large]
    first = [rows[start : start + size].min() for start, size in zip(starts, sizes, strict=True)]
    first = np.repeat(np.array(first, np.int64), sizes)
    return pack(first, rows[ranges(starts, sizes)])
