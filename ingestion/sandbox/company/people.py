"""Who exists: people, households, how to reach them, who moved and who died. The truth itself.

Belongs here: facts about persons, before any system has written them down.
Does not belong here: which systems know a person, what a person does, errors of any kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.sandbox.company import names, places, text

AS_OF = np.datetime64("2026-11-01")
HISTORY_MONTHS = 24
HISTORY_START = np.datetime64("2024-11-01")
MONTHS = np.arange("2024-11", "2026-12", dtype="datetime64[M]").astype("datetime64[s]")

SINGLE, COUPLE, ADULT_CHILD, CHILDREN, TWINS, FATHER_SON, SIBLINGS = range(7)
HOUSEHOLD_SIZE = np.array([1, 2, 3, 4, 4, 2, 2])
HOUSEHOLD_SHARE = (0.48, 0.27, 0.12, 0.07, 0.015, 0.025, 0.02)
DOMAINS = ("gmail.com", "postvak.example", "mailhaven.example", "inbox.example", "snelpost.example",
           "briefkasten.example", "courriel.example", "letterbox.example")  # fmt: skip
DOMAIN_SHARE = (0.28, 0.14, 0.16, 0.14, 0.08, 0.08, 0.07, 0.05)
USES_TWO = 0.24
"""How many give some firms one address and some another; most keep to one (76 % register with their
main address everywhere: NFO WorldGroup and Return Path, 2002)."""
PRIME = 99_999_989


@dataclass(frozen=True)
class People:
    """Every column is (count,), by person number."""

    count: int
    person_id: pa.Array
    household: np.ndarray
    position: np.ndarray  # place in the household, 0 is the head
    head: np.ndarray  # person number of the household's head
    country: np.ndarray
    sex: np.ndarray  # 0 male, 1 female
    given: np.ndarray
    middle: np.ndarray  # given-name index or -1
    family: np.ndarray
    other_family: np.ndarray  # maiden or married name, equal to `family` for most
    birth_date: np.ndarray
    language: np.ndarray  # index into ("nl", "fr", "de", "en")
    old_address: np.ndarray  # address number; equal to `address` for those who never moved
    address: np.ndarray
    moved_on: np.ndarray  # NaT for most
    has_forwarding: np.ndarray
    died_on: np.ndarray  # NaT for most
    has_email: np.ndarray
    shares_email: np.ndarray  # uses the head's mailbox
    uses_second: np.ndarray  # gives some firms the second address
    shares_phone: np.ndarray  # gives the household's number
    email: pa.Array  # first address; the head's for those who share
    second_email: pa.Array
    mobile: pa.Array  # eight digits behind the operator's prefix
    landline: pa.Array  # seven digits behind the area code
    dealer: np.ndarray
    addresses: places.AddressBook


def _households(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    kinds = text.weighted(rng, HOUSEHOLD_SHARE, int(count / 1.6) + 20)
    size = HOUSEHOLD_SIZE[kinds]
    enough = int(np.searchsorted(np.cumsum(size), count)) + 1
    household = np.repeat(np.arange(enough), size[:enough])[:count]
    return kinds[:enough], household, text.runs(size[:enough])[:count]


def _random_days(rng: np.random.Generator, first: str, last: str, count: int) -> np.ndarray:
    start, end = np.datetime64(first), np.datetime64(last)
    return start + (rng.random(count) * int((end - start).astype(int))).astype("timedelta64[D]")


def _births(
    rng: np.random.Generator, kind: np.ndarray, position: np.ndarray, head: np.ndarray
) -> np.ndarray:
    count = len(head)
    birth = _random_days(rng, "1938-01-01", "2004-12-31", count)
    parents = np.isin(kind, (ADULT_CHILD, CHILDREN, TWINS, FATHER_SON))
    older = _random_days(rng, "1945-01-01", "1982-12-31", count)
    birth = np.where(parents & (position < 2), older, birth)
    birth = np.where(parents & (kind == FATHER_SON) & (position == 1), birth[head], birth)
    partner = (position == 1) & ~np.isin(kind, (FATHER_SON, SIBLINGS, SINGLE))
    apart = rng.normal(0, 1400, count).astype("timedelta64[D]")
    birth = np.where(partner, birth[head] + apart, birth)
    later = (rng.integers(21 * 365, 34 * 365, count)).astype("timedelta64[D]")
    child = (position >= 2) | ((kind == FATHER_SON) & (position == 1))
    birth = np.where(child, birth[head] + later, birth)
    twin = (kind == TWINS) & (position == 3)
    birth[twin] = birth[np.flatnonzero(twin) - 1]
    return np.minimum(birth, np.datetime64("2010-12-31"))


def _origins(
    rng: np.random.Generator, position: np.ndarray, head: np.ndarray, country: np.ndarray
) -> np.ndarray:
    """Where people's names come from: a household's is the head's, now and then not a partner's."""
    count = len(head)
    neighbour = rng.integers(0, len(names.COUNTRIES), count)
    kind = text.weighted(rng, (0.9, 0.04, 0.06), count)
    own = np.choose(kind, (country, neighbour, np.full(count, names.ELSEWHERE)))
    mixed = (position == 1) & text.chance(rng, 0.2, count)
    return np.where(mixed, own, own[head])


def _named(
    rng: np.random.Generator, *, kind: np.ndarray, position: np.ndarray, head: np.ndarray,
    country: np.ndarray, sex: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    count = len(head)
    given_table, family_table = names.given_names(), names.family_names()
    origin = _origins(rng, position, head, country)
    given = given_table.draw(rng, origin, sex)
    son = (kind == FATHER_SON) & (position == 1)
    given[son] = given[head[son]]
    middle = np.where(text.chance(rng, 0.18, count), given_table.draw(rng, origin, sex), -1)
    younger = np.flatnonzero((position == 3) | ((kind == SIBLINGS) & (position == 1)))
    while len(younger := younger[given[younger] == given[younger - 1]]):
        given[younger] = given_table.draw(rng, origin[younger], sex[younger])
    born = family_table.draw(rng, origin, np.zeros_like(sex))
    own = (position == 0) | ((position == 1) & (kind != SIBLINGS) & text.chance(rng, 0.3, count))
    own &= kind != FATHER_SON
    family = np.where(own, born, born[head])
    other = np.where((sex == 1) & ~own & text.chance(rng, 0.35, count), born, family)
    return given, middle, family, other


def _mailboxes(
    rng: np.random.Generator, given: np.ndarray, family: np.ndarray, birth: np.ndarray
) -> tuple[pa.Array, pa.Array]:
    """Two addresses per person; no two persons get the same one, dots aside."""
    count = len(given)
    first = names.given_names().written(given, names.ADDRESS)
    last = names.family_names().written(family, names.ADDRESS)
    initial = pa.compute.utf8_slice_codeunits(first, 0, 1)
    year = text.numbered("", birth.astype("datetime64[Y]").astype(np.int64) % 100, 2)
    addresses = []
    for shares in ((0.4, 0.15, 0.15, 0.1, 0.2), (0.15, 0.25, 0.25, 0.2, 0.15)):
        pattern = text.weighted(rng, shares, count)
        front = text.where(pattern == 2, initial, text.where(pattern == 3, last, first))
        back = text.where(pattern == 3, first, last)
        dot = text.take([".", "", ".", ".", "."], pattern)
        tail = text.where((pattern == 4) | text.chance(rng, 0.25, count), year, "")
        domain = text.take(DOMAINS, text.weighted(rng, DOMAIN_SHARE, count))
        addresses.append((front, dot, back, tail, domain))
    front, dot, back, tail, domain = (
        pa.concat_arrays(list(pair)) for pair in zip(*addresses, strict=True)
    )
    taken = text.repeated(text.join(front, back, tail, "@", domain))
    number = text.numbered("", np.tile(np.arange(count), 2), 1 if count < 10 else len(str(count)))
    mail = text.join(front, dot, back, text.where(taken, number, tail), "@", domain)
    return mail.slice(0, count), mail.slice(count)


def _moves_and_deaths(
    rng: np.random.Generator, kind: np.ndarray, household: np.ndarray, birth: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count, homes = len(household), len(kind)
    moves = text.chance(rng, 0.09, homes)
    day = np.where(
        moves, _random_days(rng, "2024-11-15", "2026-10-15", homes), np.datetime64("NaT")
    )
    forwarding = text.chance(rng, 0.7, homes)[household]
    age = (HISTORY_START - birth).astype(np.int64) / 365.25
    risk = np.clip(0.004 * np.exp((age - 45) / 16), 0.0005, 0.35)
    died = np.where(
        text.chance(rng, risk, count),
        _random_days(rng, "2024-11-10", "2026-10-20", count),
        np.datetime64("NaT"),
    )
    moved = day[household]
    moved = np.where(~np.isnat(died) & (died <= moved), np.datetime64("NaT"), moved)
    return moved, forwarding & ~np.isnat(moved), died


def populate(seed: int, count: int) -> People:
    """`count` people in households, the same for the same seed and count."""
    rng = text.stream(seed, "people")
    kinds, household, position = _households(rng, count)
    homes = len(kinds)
    kind, head = kinds[household], np.arange(count) - position
    country_of_home = text.weighted(rng, places.COUNTRY_SHARE, homes)
    country = country_of_home[household]
    sex = rng.integers(0, 2, count)
    sex[kind == FATHER_SON] = 0
    partner = (position == 1) & np.isin(kind, (COUPLE, ADULT_CHILD, CHILDREN, TWINS))
    sex = np.where(partner & text.chance(rng, 0.93, count), 1 - sex[head], sex)
    given, middle, family, other = _named(
        rng, kind=kind, position=position, head=head, country=country, sex=sex
    )
    birth = _births(rng, kind, position, head)
    moved, forwarding, died = _moves_and_deaths(rng, kinds, household, birth)
    moving = np.flatnonzero(np.bincount(household, weights=~np.isnat(moved), minlength=homes) > 0)
    target = np.full(homes, -1)
    target[moving] = homes + np.arange(len(moving))
    book = places.address_book(rng, np.concatenate([country_of_home, country_of_home[moving]]))
    address = np.where(np.isnat(moved), household, target[household])
    email, second = _mailboxes(rng, given, family, birth)
    shares = (position > 0) & text.chance(rng, 0.11, count)
    email = email.take(pa.array(np.where(shares, head, np.arange(count))))
    dealers = places.dealers()
    home_dealer = dealers.first[country_of_home] + (
        rng.random(homes) * dealers.count[country_of_home]
    ).astype(np.int64)
    french = (country == 3) | ((country == 1) & text.chance(rng, 0.4, homes)[household])
    language = np.select([french, country == 2, country == 4], [1, 2, 3], 0)
    return People(
        count=count,
        person_id=text.numbered("P", np.arange(count) + 1, 8),
        household=household,
        position=position,
        head=head,
        country=country,
        sex=sex,
        given=given,
        middle=middle,
        family=family,
        other_family=other,
        birth_date=birth,
        language=language,
        old_address=household,
        address=address,
        moved_on=moved,
        has_forwarding=forwarding,
        died_on=died,
        has_email=text.chance(rng, 0.92, count),
        shares_email=shares,
        uses_second=text.chance(rng, USES_TWO, count) & ~shares,
        shares_phone=(position > 0) & text.chance(rng, 0.15, count),
        email=email,
        second_email=second,
        mobile=text.numbered("", (np.arange(count) + 7) * 48_271_337 % PRIME, 8),
        landline=text.numbered("", (household + 3) * 4_827_133 % 9_999_991, 7),
        dealer=home_dealer[household],
        addresses=book,
    )
