"""The truth: people, their households, addresses, phones, mailboxes and former names.

Belongs here: what is so. Does not belong here: what a system wrote down of it (`records`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.identity_data.addresses import Addresses, phone_numbers
from benchmarks.identity_data.mailboxes import Owners, Taken, mailboxes
from ingestion.sandbox.company.vocabulary import Country, Weighted, elsewhere

TODAY = np.datetime64("2026-11-01")
YEAR = 365.2425
HOUSEHOLDS = {"single": 0.38, "couple": 0.27, "family": 0.22, "lone parent": 0.06, "shared": 0.07}
SINGLE, COUPLE, FAMILY, LONE, SHARED = range(5)
IS_CUSTOMER = 0.72
YOUNGEST = 16
TAKES_NAME = {"NL": 0.5, "BE": 0.15, "DE": 0.75, "FR": 0.65, "GB": 0.75, "ES": 0.0, "IT": 0.1}
"""Share of wives who took their husband's name."""
DOUBLE_NAME = {"NL": 0.6, "BE": 0.2, "DE": 0.1, "FR": 0.12, "GB": 0.06, "ES": 0.0, "IT": 0.3}
"""Share of those who write both."""
SAME_NAME = {"ES": 0.08, "IT": 0.05}
"""Share of sons who bear their father's given name; elsewhere 2 %."""
MOVED, CHILD_LEFT = 0.14, 0.45
OTHER_SCRIPT, FROM_ELSEWHERE = 0.004, 0.07


@dataclass
class People:
    """One array per attribute, one entry per person; persons of a household are neighbours."""

    country: Country
    household: np.ndarray
    gender: np.ndarray
    born: np.ndarray
    given: np.ndarray
    middle: np.ndarray
    called: np.ndarray
    family: np.ndarray
    family_before: np.ndarray
    address: Addresses
    address_before: Addresses
    mobile: np.ndarray
    mobile_2: np.ndarray
    landline: np.ndarray
    email: np.ndarray
    email_2: np.ndarray
    other_member: np.ndarray

    def __len__(self) -> int:
        return len(self.household)


@dataclass(frozen=True)
class Members:
    """One entry per member of a household: its kind, who she is in it, where it begins."""

    household: np.ndarray
    kind: np.ndarray
    first: np.ndarray
    order: np.ndarray
    """0 for the oldest child, then 1, 2; negative for adults."""
    spouse: np.ndarray

    @property
    def child(self) -> np.ndarray:
        """Who is a child of the household."""
        return self.order >= 0

    def __len__(self) -> int:
        return len(self.household)


def population(
    rng: np.random.Generator, home: Country, size: int, taken: Taken | None = None
) -> People:
    """About `size` people of a country, from 16 years on, in households.

    taken: the mailboxes of people who were made before, which these don't get.
    """
    all_members = households(rng, int(size / 1.45) + 20)
    gender = genders(rng, all_members)
    born, twin = births(rng, all_members)
    given = given_names(rng, home, all_members.household, gender)
    given = named_after_father(rng, home, all_members, given, (gender == "male") & ~twin)
    family, before = family_names(rng, home, all_members, gender)
    grown = born <= TODAY - np.timedelta64(int(YOUNGEST * YEAR), "D")
    keep = grown & (rng.random(len(born)) < IS_CUSTOMER)
    keep &= np.cumsum(keep) <= size
    household, child = all_members.household[keep], all_members.child[keep]
    gender, born, given = gender[keep], born[keep], given[keep]
    family, before = family[keep], before[keep]
    current, old, left = homes(rng, home, household, child, born)
    landline = phone_numbers(rng, home.lists["landline"], int(household.max(initial=0)) + 1)
    landline = np.where(rng.random(len(landline)) < 0.55, landline, None)[household]
    email, email_2 = mailboxes(rng, home, Owners(household, given, family, born), taken or Taken())
    second = phone_numbers(rng, home.lists["mobile"], len(household))
    return People(
        country=home,
        household=household,
        gender=gender,
        born=born,
        given=given,
        middle=middle_names(rng, home, gender),
        called=called(rng, home, given),
        family=family,
        family_before=before,
        address=current,
        address_before=old,
        mobile=phone_numbers(rng, home.lists["mobile"], len(household)),
        mobile_2=np.where(rng.random(len(second)) < 0.18, second, None),
        landline=np.where(left, None, landline),
        email=email,
        email_2=email_2,
        other_member=other_members(household),
    )


def households(rng: np.random.Generator, count: int) -> Members:
    """That many households with their members."""
    kinds = rng.choice(5, size=count, p=list(HOUSEHOLDS.values()))
    children = np.where(kinds == FAMILY, rng.choice([1, 2, 3], count, p=[0.35, 0.5, 0.15]), 0)
    children = np.where(kinds == LONE, rng.choice([1, 2], count), children)
    adults = np.select([kinds == COUPLE, kinds == FAMILY], [2, 2], 1)
    adults = np.where(kinds == SHARED, rng.choice([2, 3], count), adults)
    sizes = adults + children
    household = np.repeat(np.arange(count), sizes)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = np.arange(len(household)) - first
    order = place - adults[household]
    kind = kinds[household]
    return Members(household, kind, first, order, (place == 1) & (order < 0) & (kind != SHARED))


def genders(rng: np.random.Generator, members: Members) -> np.ndarray:
    """Male or female; most couples are one of each, the man in the first place or not."""
    male = rng.random(len(members)) < 0.5
    other = members.spouse & (rng.random(len(members)) < 0.95)
    return np.where(np.where(other, ~male[members.first], male), "male", "female").astype(object)


def births(rng: np.random.Generator, members: Members) -> tuple[np.ndarray, np.ndarray]:
    """Birth dates, and who is the twin of the child before."""
    size, first, order = len(members), members.first, members.order
    with_children = (members.kind == FAMILY) | (members.kind == LONE)
    of_parents, of_others = rng.triangular(30, 52, 80, size), rng.triangular(18, 38, 97, size)
    age = np.where(with_children, of_parents, of_others)
    age = np.where(members.spouse, age[first] + rng.normal(0, 3.5, size), age)
    gap = rng.uniform(1.2, 4.5, size)[first]
    age_child = age[first] - rng.uniform(20, 36, size)[first] - gap * order
    twin = (order > 0) & (rng.random(size) < 0.04)
    age_child = np.where(twin, age_child + gap, age_child)
    days = np.rint(np.where(members.child, age_child, np.maximum(age, 18)) * YEAR).astype(np.int64)
    return TODAY - days.astype("timedelta64[D]"), twin


def named_after_father(
    rng: np.random.Generator, home: Country, members: Members, given: np.ndarray, may: np.ndarray
) -> np.ndarray:
    """Given names, where some sons bear the name of their father (`may`: men who are no twins)."""
    son = members.child & may & may[members.first]
    son &= rng.random(len(members)) < SAME_NAME.get(home.code, 0.02)
    return np.where(son, given[members.first], given)


def by_gender(
    rng: np.random.Generator, female: Weighted, male: Weighted, gender: np.ndarray
) -> np.ndarray:
    """A given name for each."""
    size = len(gender)
    return np.where(gender == "male", male.draw(rng, size), female.draw(rng, size))


def given_names(
    rng: np.random.Generator, home: Country, household: np.ndarray, gender: np.ndarray
) -> np.ndarray:
    """Given names, by where the household comes from."""
    others = elsewhere(crowded=True)
    origin = origins(household)
    names = by_gender(rng, home.female, home.male, gender)
    names = np.where(
        origin < OTHER_SCRIPT + FROM_ELSEWHERE,
        by_gender(rng, others["female"], others["male"], gender),
        names,
    )
    return np.where(origin < OTHER_SCRIPT, others["given"].draw(rng, len(names)), names)


def origins(household: np.ndarray) -> np.ndarray:
    """A number from 0 to 1 for each household, always the same: small ones came from elsewhere."""
    return (household * 2654435761 % 2**32) / 2**32


def family_names(
    rng: np.random.Generator, home: Country, members: Members, gender: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Family names of today, and former ones (None where there is none)."""
    size, first, spouse, child = len(members), members.first, members.spouse, members.child
    others, origin = elsewhere(crowded=True), origins(members.household)
    own = home.family.draw(rng, size)
    own = np.where(origin < OTHER_SCRIPT + FROM_ELSEWHERE, others["family"].draw(rng, size), own)
    own = np.where(origin < OTHER_SCRIPT, others["surname"].draw(rng, size), own)
    if home.code == "ES":
        second = home.family.draw(rng, size)
        after = np.minimum(first + 1, size - 1)
        mother = np.where(spouse[after], own[after], second[first])
        return np.where(child, own[first] + " " + mother, own + " " + second), empty(size)
    name, before = np.where(child, own[first], own), empty(size)
    takes = spouse & (gender == "female") & (rng.random(size) < TAKES_NAME[home.code])
    both = takes & (rng.random(size) < DOUBLE_NAME[home.code])
    name = np.where(takes, own[first], name)
    name = np.where(both, own[first] + "-" + own, name)
    recent = takes & (rng.random(size) < 0.5)
    before[recent] = own[recent]
    divorced = ~takes & ~child & (members.kind != COUPLE) & (gender == "female")
    divorced &= rng.random(size) < 0.06 * (TAKES_NAME[home.code] > 0.3)
    before[divorced] = home.family.draw(rng, size)[divorced]
    return name, before


def empty(size: int) -> np.ndarray:
    """`size` times None."""
    return np.full(size, None, dtype=object)


def middle_names(rng: np.random.Generator, home: Country, gender: np.ndarray) -> np.ndarray:
    """None, one or two further given names."""
    one = by_gender(rng, home.female, home.male, gender)
    two = one + " " + by_gender(rng, home.female, home.male, gender)
    number = rng.choice(3, len(gender), p=[0.56, 0.37, 0.07])
    return np.select([number == 1, number == 2], [one, two], None)


def called(rng: np.random.Generator, home: Country, given: np.ndarray) -> np.ndarray:
    """What a person calls herself: some a short form of the name, always the same one."""
    short = given.copy()
    chosen = np.flatnonzero(rng.random(len(given)) < 0.3)
    luck = rng.random(len(chosen))
    for index, number in zip(chosen.tolist(), luck.tolist(), strict=True):
        options = home.nicknames.get(given[index])
        if options:
            short[index] = options[int(number * len(options))]
    return short


def homes(
    rng: np.random.Generator,
    home: Country,
    household: np.ndarray,
    child: np.ndarray,
    born: np.ndarray,
) -> tuple[Addresses, Addresses, np.ndarray]:
    """Where people live, where they lived before (the same if never moved), who left home."""
    count = int(household.max(initial=0)) + 1
    shared = Addresses.draw(rng, home, count)
    neighbour = rng.random(count) < 0.06
    shared = shared.where(~neighbour, shared.take(rng.permutation(count)))
    together = shared.take(household)
    age = (TODAY - born).astype(np.int64) / YEAR
    left = child & (age >= 19) & (rng.random(len(child)) < CHILD_LEFT)
    alone = Addresses.draw(rng, home, len(household), city=together.city_code, stays=0.5)
    current = together.where(~left, alone)
    moved = (rng.random(count) < MOVED)[household]
    former = Addresses.draw(rng, home, count).take(household)
    nearby = Addresses.draw(rng, home, count, city=shared.city_code, stays=0.6).take(household)
    former = former.where(household % 5 == 0, nearby)
    return current, current.where(~moved, former).where(~left, together), left


def other_members(household: np.ndarray) -> np.ndarray:
    """For each person the position of another one of the household (her own if she is alone)."""
    position = np.arange(len(household))
    after = np.minimum(position + 1, len(household) - 1)
    before = np.maximum(position - 1, 0)
    found = np.where(household[before] == household, before, position)
    return np.where(household[after] == household, after, found)
