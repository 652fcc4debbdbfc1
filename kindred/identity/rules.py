"""Match rules: the conjunctions of agreements that make two records one person.

Belongs here: the rules as data, each with a name, the reason a person can read and the probability
that such a pair is one person. Does not belong here: how agreement is computed (`comparison`).
No rule rests on one shared contact point alone: families share emails, phones and addresses, so
a name must agree as well. A birth date that contradicts blocks every rule but the identifiers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kindred.identity.comparison import Comparison, Level

RARE = 0.02
"""A full name is rare when chance would give it to fewer than this many records."""


@dataclass(frozen=True)
class Rule:
    """A match rule; `applies` gives one boolean per pair. The most probable one names a link."""

    name: str
    reason: str
    probability: float
    applies: Callable[[Comparison], np.ndarray]


def _same(level: np.ndarray) -> np.ndarray:
    return level == Level.EQUAL


def _like(level: np.ndarray) -> np.ndarray:
    return level >= Level.CLOSE


def _fits(level: np.ndarray) -> np.ndarray:
    return level >= Level.INITIAL


def _free(level: np.ndarray) -> np.ndarray:
    return level >= Level.MISSING


def _same_address(c: Comparison) -> np.ndarray:
    return _same(c.postal) & _same(c.house)


def _contact(c: Comparison) -> np.ndarray:
    return _same(c.email) | _same(c.phone)


def _full_name(c: Comparison) -> np.ndarray:
    return _same(c.given) & _same(c.family)


def _names_alike(c: Comparison) -> np.ndarray:
    return _like(c.given) & _like(c.family)


IDENTIFIER = Rule(
    "same_identifier",
    "A loyalty card, a sign-in or a reference from system to system names one person, unless both "
    "given name and birth date contradict.",
    0.99,
    lambda c: ~((c.given == Level.DIFFERENT) & (c.birth == Level.DIFFERENT) & ~c.swapped),
)

SOLE_OWNER = Rule(
    "only_person_with_contact_point",
    "A record without a given name belongs to the only person who uses its email or phone.",
    0.9,
    lambda c: np.ones(len(c.given), dtype=bool),
)

RULES: tuple[Rule, ...] = (
    Rule(
        "name_and_birth_date",
        "Same given name, family name and birth date: chance agreement is below one in a thousand.",
        0.98,
        lambda c: _same(c.given) & _same(c.family) & _same(c.birth),
    ),
    Rule(
        "email_and_name",
        "Same email (or one slip in its domain), and given and family names agree or are close.",
        0.98,
        lambda c: _like(c.email) & _names_alike(c) & _free(c.birth),
    ),
    Rule(
        "phone_and_name",
        "Same phone, and the given and family names agree or are close.",
        0.97,
        lambda c: _same(c.phone) & _names_alike(c) & _free(c.birth),
    ),
    Rule(
        "swapped_names",
        "Given and family name changed places, and birth date, contact point or address agree.",
        0.96,
        lambda c: c.swapped & _free(c.birth) & (_same(c.birth) | _contact(c) | _same_address(c)),
    ),
    Rule(
        "name_and_address",
        "Same house and the same given and family name. A father and son of one name have two "
        "birth dates and two phones: where no birth date agrees, the phones must not differ.",
        0.95,
        lambda c: (
            _same_address(c)
            & _same(c.given)
            & _like(c.family)
            & (_like(c.birth) | ((c.birth == Level.MISSING) & _free(c.phone)))
        ),
    ),
    Rule(
        "birth_date_contact_and_given_name",
        "Same birth date, same contact point or house, given name agrees: the family name may "
        "have changed, as by marriage.",
        0.95,
        lambda c: _same(c.birth) & (_contact(c) | _same_address(c)) & _like(c.given),
    ),
    Rule(
        "phone_house_and_given_name",
        "Same phone, same house, same given name: the family name may have changed.",
        0.94,
        lambda c: _same(c.phone) & _same_address(c) & _same(c.given) & _free(c.birth),
    ),
    Rule(
        "email_and_given_name",
        "Same email and same given name, another or no family name, no contradicting birth date.",
        0.94,
        lambda c: _same(c.email) & _like(c.given) & _free(c.birth),
    ),
    Rule(
        "birth_date_and_close_name",
        "Same birth date, and one of the names agrees exactly while the other is close.",
        0.92,
        lambda c: (
            _same(c.birth) & _names_alike(c) & (_same(c.given) | _same(c.family)) & _free(c.country)
        ),
    ),
    Rule(
        "contact_and_initial",
        "Same email or phone, same initial, family name agrees or (by email) is missing, no "
        "contradicting birth date.",
        0.91,
        lambda c: (
            _fits(c.given)
            & _free(c.birth)
            & ((_contact(c) & _like(c.family)) | (_same(c.email) & (c.family == Level.MISSING)))
        ),
    ),
    Rule(
        "birth_date_initial_and_postal_code",
        "Same birth date, postal code and family name, and the initial agrees.",
        0.9,
        lambda c: _same(c.birth) & _same(c.postal) & _fits(c.given) & _like(c.family),
    ),
    Rule(
        "name_postal_code_and_close_birth_date",
        "Same full name and postal code, and the birth date is off by a digit, a swap or a year.",
        0.9,
        lambda c: _full_name(c) & _same(c.postal) & (c.birth == Level.CLOSE),
    ),
    Rule(
        "name_and_email_number",
        "Same full name, not a common one, and the same number in two email addresses: most often "
        "the year of birth.",
        0.88,
        lambda c: (
            _full_name(c)
            & _same(c.email_number)
            & (c.name_chance <= 50 * RARE)
            & _free(c.birth)
            & _free(c.country)
        ),
    ),
    Rule(
        "rare_name_and_close_birth_date",
        "A rare full name, and the birth date is off by a digit, a swap or a year.",
        0.88,
        lambda c: _full_name(c) & (c.birth == Level.CLOSE) & (c.name_chance <= RARE),
    ),
    Rule(
        "rare_name",
        "A full name so rare among all records that a second bearer is improbable; nothing but "
        "contact points differs, and no number in the email addresses speaks against it.",
        0.85,
        lambda c: (
            _full_name(c)
            & (c.name_chance <= RARE)
            & _free(c.birth)
            & _free(c.country)
            & _free(c.email_number)
            & ~(_same_address(c) & (c.phone == Level.DIFFERENT))
        ),
    ),
)


def contradicts(c: Comparison) -> np.ndarray:
    """True per pair that can't be one person, whatever a chain of links between them says.

    Clearly different birth dates together with different given names; different given names at
    one birth date and family name (twins); different birth dates at one name (father and son).
    """
    other_given = (c.given == Level.DIFFERENT) & ~c.swapped
    other_birth = c.birth == Level.DIFFERENT
    twins = other_given & _same(c.birth) & _like(c.family)
    namesakes = other_birth & _same(c.given) & _same(c.family)
    return (other_given & other_birth) | twins | namesakes


def best_rule(c: Comparison) -> np.ndarray:
    """Index into `RULES` of the most probable rule that applies to each pair; -1 for none."""
    found = np.full(len(c.given), -1, dtype=np.int64)
    for index in sorted(range(len(RULES)), key=lambda i: -RULES[i].probability):
        open_pairs = found < 0
        found[open_pairs & RULES[index].applies(c)] = index
    return found
