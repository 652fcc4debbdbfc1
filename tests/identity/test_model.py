"""The model: what it learns without labels, and what it expects of a household."""

from __future__ import annotations

import numpy as np
import pytest

from kindred.identity.weights.agreement import Agreement
from kindred.identity.weights.learning import learn
from kindred.identity.weights.levels import (
    ADDRESS,
    BIRTH,
    FAMILY,
    GIVEN,
    Birth,
    Field,
    Given,
    attribute,
    identifier,
)
from kindred.identity.weights.model import Model, Patterns

FIELDS = [GIVEN, FAMILY, BIRTH, ADDRESS]
YEAR = attribute("birth_year")
CAR, PLATE = identifier("vin"), identifier("licence_plate")
RARE = -12.0
"""log2 of the chance of a value that somebody shares with another."""


def strangers(initials: float) -> dict[str, tuple[float, ...]]:
    """Shares of each level, `DIFFERENT` first, among random pairs."""
    return {
        "given": (0.97 - initials, 0.01, initials, 0.02, 0.0, 0.0),
        "family": (0.98, 0.01, 0.0, 0.01, 0.0),
        "birth": (0.68, 0.28, 0.03, 0.008, 0.002, 0.0),
        "address": (1.0, 0.0, 0.0, 0.0, 0.0),
    }


MATCHES = {
    "given": (0.02, 0.01, 0.12, 0.05, 0.80, 0.0),
    "family": (0.03, 0.01, 0.0, 0.06, 0.90),
    "birth": (0.0, 0.0, 0.0, 0.02, 0.06, 0.92),
    "address": (0.10, 0.05, 0.05, 0.05, 0.75),
}


KIN = {"family": (0.1, 0.0, 0.0, 0.0, 0.9), "address": (0.02, 0.0, 0.0, 0.02, 0.96)}


def agreement(shares: dict[str, tuple[float, ...]], count: int, seed: int) -> Patterns:
    """Levels of so many pairs, drawn by their shares; equal values are rare ones."""
    draw = np.random.default_rng(seed)
    levels = {n: draw.choice(len(s), count, p=s) + 1 for n, s in shares.items()}
    chance = {
        field.name: np.where(np.isin(levels[field.name], field.by_chance), RARE, 0.0)
        for field in (*FIELDS, YEAR, CAR, PLATE)
        if field.name in shares
    }
    fields = [field for field in (*FIELDS, YEAR, CAR, PLATE) if field.name in shares]
    return Patterns.of(fields, Agreement(levels, chance), count)


def together(*parts: Patterns) -> Patterns:
    fields = [field for group in parts[0].groups for field in group]
    return Patterns.joined(list(parts), fields)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_matches_look_like_is_found_without_labels(seed: int) -> None:
    random = agreement(strangers(0.01), 50_000, seed)
    kin = strangers(0.01) | {
        "family": (0.1, 0.0, 0.0, 0.0, 0.9),
        "address": (0.02, 0, 0, 0.02, 0.96),
    }
    pairs = together(agreement(MATCHES, 10_000, seed), agreement(kin, 5_000, seed + 10), random)
    model = learn(FIELDS, pairs, 1.0, random, 40_000)
    for name, shares in MATCHES.items():
        np.testing.assert_allclose(np.exp2(model.match[name][1:]), shares, atol=0.015)
    np.testing.assert_allclose(np.exp2(model.household["address"][-1]), 0.96, atol=0.03)


def household(field: Field, initials: float) -> np.ndarray:
    """Shares of each level in a household that nobody has seen, by level."""
    random = agreement(strangers(initials), 50_000, 1)
    nothing = together(agreement(strangers(initials), 0, 1))
    model = learn(FIELDS, nothing, 1.0, random, 0)
    return np.exp2(model.household[field.name])


def test_members_of_a_household_are_named_as_strangers_are_and_a_little_more_alike() -> None:
    few, many = household(GIVEN, 0.0), household(GIVEN, 0.30)
    assert few[Given.INITIAL] < 0.02
    assert many[Given.INITIAL] == pytest.approx(0.30, abs=0.02)
    assert few[Given.EXACT] == many[Given.EXACT] == pytest.approx(0.04)
    assert many[1:].sum() == pytest.approx(1.0)


def test_birthdays_of_a_household_agree_in_part_no_more_often_than_by_chance() -> None:
    found = household(BIRTH, 0.0)
    assert found[Birth.PART] < 0.03
    assert found[Birth.DECADE] > 0.28


@pytest.mark.parametrize("differs", [0.01, 0.35])
def test_fathers_and_sons_dont_teach_that_an_attribute_changes(differs: float) -> None:
    """Their names and addresses are those of one person: what tells them apart is the year."""

    def with_year(shares: dict[str, tuple[float, ...]], apart: float) -> dict:
        return {n: shares[n] for n in ("given", "family", "address")} | {
            YEAR.name: (apart, 0.0, 1 - apart)
        }

    random = agreement(with_year(strangers(0.01), 0.98), 50_000, 1)
    one_name = {n: (*(0.0,) * (len(s) - 1), 1.0) for n, s in MATCHES.items()}
    one_name["given"] = (0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    kin = strangers(0.01) | {
        "family": (0.1, 0.0, 0.0, 0.0, 0.9),
        "address": (0.02, 0, 0, 0.02, 0.96),
    }
    pairs = together(
        agreement(with_year(MATCHES, differs), 10_000, 2),
        agreement(with_year(one_name, 1.0), 800, 3),
        agreement(with_year(kin, 0.95), 8_000, 4),
        random,
    )
    model = learn([GIVEN, FAMILY, ADDRESS, YEAR], pairs, 1.0, random, 40_000)
    assert np.exp2(model.match[YEAR.name][1]) == pytest.approx(differs, abs=0.03)


OWNED = [GIVEN, FAMILY, ADDRESS, CAR, PLATE]


def owners(successors: int = 0, of_two_cars: int = 0) -> tuple[Patterns, Patterns]:
    """Pairs of owners, 10,000 of them one person; and random pairs.

    of_two_cars: so many of these, the last, are about two cars. successors: pairs more of people
    who had one car in turn. Besides, there are households.
    """

    def with_car(shares: dict[str, tuple[float, ...]], same: float) -> dict:
        car = (1 - same, 0.0, same)
        return {n: shares[n] for n in ("given", "family", "address")} | {
            CAR.name: car,
            PLATE.name: car,
        }

    kin = strangers(0.01) | {"family": (0.1, 0, 0, 0.9), "address": (0.02, 0, 0, 0.02, 0.96)}
    random = agreement(with_car(strangers(0.01), 0.0), 50_000, 1)
    parts = [
        agreement(with_car(MATCHES, 1.0), 10_000 - of_two_cars, 2),
        agreement(with_car(MATCHES, 0.0), of_two_cars, 3),
        agreement(with_car(strangers(0.01), 1.0), successors, 4),
        agreement(with_car(kin, 0.0), 5_000, 5),
        random,
    ]
    return together(*parts), random


def test_who_had_one_car_in_turn_are_two_people() -> None:
    """Two codes agree, and nothing else does: neither a household nor one person."""
    pairs, random = owners(successors=4_000)
    model = learn(OWNED, pairs, 1.0, random, 40_000)
    assert model.successors
    assert np.exp2(model.match["family"][1]) == pytest.approx(MATCHES["family"][0], abs=0.01)
    assert np.exp2(model.successors[CAR.name][3]) > 0.9
    weight = model.weigh(pairs)
    assert (weight[:10_000] > 0).mean() > 0.98
    assert (weight[10_000:14_000] < 0).mean() > 0.98


def test_where_codes_are_not_handed_on_nobody_is_a_successor() -> None:
    pairs, random = owners(successors=100)
    assert learn(OWNED, pairs, 1.0, random, 40_000).successors == {}


def test_records_of_two_cars_are_no_household() -> None:
    """They agree on all that a household shares, and on the given name."""
    pairs, random = owners(of_two_cars=5_000)
    model = learn(OWNED, pairs, 1.0, random, 40_000)
    assert np.exp2(model.match[CAR.name][1]) == pytest.approx(0.5, abs=0.15)
    assert (model.weigh(pairs)[:10_000] > 0).mean() > 0.85


COOKIE, CITY = identifier("cookie"), attribute("city")


@pytest.mark.parametrize(
    ("levels", "telling"),
    [
        ({}, False),
        ({"identifier_cookie": 1}, False),
        ({"given": 1}, True),
        ({"identifier_cookie": 1, "given": 1}, True),
        ({"identifier_cookie": 3}, True),
        ({"given": 2}, True),
        ({"attribute_city": 3}, False),
        ({"attribute_city": 3, "given": 1}, False),
    ],
)
def test_a_pair_is_telling_by_what_agrees_or_seldom_differs(levels, telling) -> None:
    """One person has many cookies and one given name; an attribute alone is nobody."""
    shares = {
        "given": (0.02, 0.0, 0.0, 0.03, 0.95, 0.0),
        COOKIE.name: (0.6, 0.0, 0.4),
        CITY.name: (0.05, 0.0, 0.95),
    }
    fields = (GIVEN, COOKIE, CITY)
    match = {name: np.log2(np.maximum((1.0, *own), 1e-6)) for name, own in shares.items()}
    chance = {field.name: np.zeros(field.states) for field in fields}
    model = Model(fields, match, chance, {}, chance, (-10.0, -12.0, 0.0), {})
    found = {field.name: np.array([levels.get(field.name, 0)]) for field in fields}
    rare = {n: np.where(found[n] == 3, RARE, 0.0) for n in found}
    patterns = Patterns.of(list(fields), Agreement(found, rare), 1)
    assert model.telling(patterns).tolist() == [telling]


WORTHS = ((), (-2.0, -1.0), (-2.0, 1.5))


def test_a_link_is_in_reach_whatever_being_alone_is_worth() -> None:
    """Less than nothing, where hardly anybody has but one record."""
    reach = {bits: Model((), {}, {}, {}, {}, (0.0, 0.0, 0.0), {}, bits).reach for bits in WORTHS}
    assert reach == {(): 0.0, (-2.0, -1.0): 0.0, (-2.0, 1.5): 1.5}
