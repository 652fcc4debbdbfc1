"""How a person is written down: forms of a name, typing errors, stale addresses, phone formats.

Belongs here: turning true persons into the fields of one system's records, with that system's
habits. Does not belong here: which system keeps which field under which name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import names, places, text
from ingestion.sandbox.company.people import People

NEIGHBOURS = list("eainrst")
SHARED_BOXES = ("Info", "Sales")
TESTS = [
    ("Test", "Test", "test@test.com", "0000000000"),
    ("Test", "Tester", "test@test.com", "0000"),
    ("Asdf", "Asdf", "test@test.com", "0612345678"),
    ("Noreply", "Website", "noreply@velmora.example", "0000000000"),
]
EMAIL_SLIPS = {"gmail.com": "gmial.com", "inbox.example": "inbox.exmaple"}


@dataclass(frozen=True)
class Habits:
    """How carefully a system's clerks, forms and imports write. Shares of records unless said."""

    nickname: float = 0.06
    initial: float = 0.02
    typo: float = 0.018
    swapped_names: float = 0.007
    upper: float = 0.02
    lower: float = 0.01
    other_family: float = 0.35  # of those who have another family name
    mangled: float = 0.25  # of names with accents, particles or apostrophes
    mojibake: float = 0.15  # of the mangled
    middle: float = 0.4  # of those who have a middle name
    date_missing: float = 0.3
    date_swapped: float = 0.012
    date_wrong: float = 0.006
    email_missing: float = 0.08
    second_email: float = 0.35  # of those who use two
    email_case: float = 0.03
    email_slip: float = 0.008
    phone_missing: float = 0.25
    refresh: float = 0.5  # of records of people who moved, learns the new address
    address_missing: float = 0.05


@dataclass(frozen=True)
class Roles:
    """Records without a person: mailboxes of firms, and somebody's tests. Columns (count,)."""

    given: pa.Array
    family: pa.Array
    email: pa.Array
    phone: pa.Array


@cache
def roles() -> Roles:
    """Every dealer's shared mailboxes, and a few test accounts."""
    rows = []
    for number, name in enumerate(places.dealers().name.to_pylist()):
        host = names.plain(name).lower().replace(" ", "-").replace("'", "")
        phone = f"+3120555{number:04d}"
        rows += [(part, name, f"{part.lower()}@{host}.example", phone) for part in SHARED_BOXES]
    rows += TESTS * (len(rows) // (3 * len(TESTS)))
    return Roles(*(pa.array(column) for column in zip(*rows, strict=True)))


@dataclass
class Written:
    """Fields of n records, as one system holds them. Text columns are Arrow, null where unknown."""

    who: np.ndarray  # person number, -1 for a role or test account
    given: pa.Array
    middle: pa.Array
    family: pa.Array
    birth_date: np.ndarray  # NaT where unknown
    sex: np.ndarray  # 0, 1, -1 unknown
    email: pa.Array
    mobile: pa.Array
    landline: pa.Array
    street: pa.Array
    number: pa.Array
    postal_code: pa.Array
    city: pa.Array
    country: np.ndarray
    language: np.ndarray

    def __len__(self) -> int:
        return len(self.who)

    @property
    def country_code(self) -> pa.Array:
        """ISO code of the address's country."""
        return text.take(names.COUNTRIES, self.country)


def _slip(column: pa.Array, place: int, kind: int, letter: str) -> pa.Array:
    front = pc.utf8_slice_codeunits(column, 0, place)
    here = pc.utf8_slice_codeunits(column, place, place + 1)
    after = pc.utf8_slice_codeunits(column, place + 1, place + 2)
    rest = pc.utf8_slice_codeunits(column, place + 2)
    middle = {
        0: lambda: text.join(after, here),  # swapped
        1: lambda: after,  # dropped
        2: lambda: text.join(here, here, after),  # doubled
        3: lambda: text.join(letter, after),  # the wrong key
    }[kind]()
    return text.join(front, middle, rest)


def mistyped(rng: np.random.Generator, column: pa.Array, mask: np.ndarray) -> pa.Array:
    """One typing error in the rows of `mask`, within the first letters of the word."""
    rows = np.flatnonzero(mask)
    if not len(rows):
        return column
    choice = rng.integers(0, 16, len(rows))
    order = np.argsort(choice, kind="stable")
    rows, choice = rows[order], choice[order]
    letters = rng.integers(0, len(NEIGHBOURS), 16)
    parts = []
    for value in range(16):
        group = column.take(pa.array(rows[choice == value]))
        parts.append(_slip(group, 1 + value // 4, value % 4, NEIGHBOURS[letters[value]]))
    back = np.argsort(rows, kind="stable")
    fixed = pa.concat_arrays(parts).take(pa.array(back))
    marks = np.zeros(len(column), dtype=bool)
    marks[rows] = True
    return pc.replace_with_mask(column, pa.array(marks), fixed)


def _given_form(
    rng: np.random.Generator, habits: Habits, who: np.ndarray, odd: np.ndarray
) -> np.ndarray:
    count = len(who)
    share = np.array([habits.nickname, habits.initial, habits.upper, habits.lower])
    kind = text.weighted(rng, [*share, 1 - share.sum()], count)
    form = np.array([names.NICKNAME, names.INITIAL, names.UPPER, names.LOWER, names.BASE])[kind]
    form = np.where(form == names.NICKNAME, names.NICKNAME + who % names.NICKNAMES, form)
    broken = (form == names.BASE) & odd & text.chance(rng, habits.mangled, count)
    return np.where(broken, _mangled(rng, habits, count, family=False), form)


def _mangled(rng: np.random.Generator, habits: Habits, count: int, family: bool) -> np.ndarray:
    forms = [names.MOJIBAKE, names.PLAIN, names.GERMANIC, names.NFD]
    shares = [habits.mojibake, 0.22, 0.2, 0.15]
    if family:
        forms += [names.CAPITALISED, names.ABBREVIATED, names.TURNED, names.UNPUNCTUATED]
        forms += [names.CURLY, names.TOGETHER]
        shares += [0.2, 0.1, 0.06, 0.08, 0.05, 0.04]
    return np.array(forms)[text.weighted(rng, shares, count)]


def written_names(
    rng: np.random.Generator, people: People, who: np.ndarray, habits: Habits
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Given, middle and family names of the persons `who` (n,), each >= 0."""
    count = len(who)
    given_table, family_table = names.given_names(), names.family_names()
    first = people.given[who]
    given = given_table.written(first, _given_form(rng, habits, who, given_table.special[first]))
    uses_other = text.chance(rng, habits.other_family, count)
    last = np.where(uses_other, people.other_family[who], people.family[who])
    form = np.where(
        family_table.special[last] & text.chance(rng, habits.mangled, count),
        _mangled(rng, habits, count, family=True),
        names.BASE,
    )
    shouting = text.weighted(rng, [habits.upper, habits.lower, 1], count)
    form = np.where(
        form == names.BASE, np.array([names.UPPER, names.LOWER, names.BASE])[shouting], form
    )
    family = family_table.written(last, form)
    given = mistyped(rng, given, text.chance(rng, habits.typo, count))
    family = mistyped(rng, family, text.chance(rng, habits.typo, count))
    given = text.where(text.chance(rng, 0.006, count), text.join(given, " "), given)
    swapped = text.chance(rng, habits.swapped_names, count)
    given, family = text.where(swapped, family, given), text.where(swapped, given, family)
    middle = people.middle[who]
    middle = np.where(text.chance(rng, habits.middle, count), middle, -1)
    return given, text.take(given_table.values, middle), family


def written_births(
    rng: np.random.Generator, people: People, who: np.ndarray, habits: Habits
) -> np.ndarray:
    """Birth dates of `who` (n,): missing, day and month swapped, off by one, or a default."""
    count = len(who)
    birth = people.birth_date[who]
    month_start = birth.astype("datetime64[M]")
    day = (birth - month_start).astype(np.int64) + 1
    year_start = birth.astype("datetime64[Y]")
    month = (month_start - year_start.astype("datetime64[M]")).astype(np.int64) + 1
    turned = year_start.astype("datetime64[M]") + (day - 1).astype("timedelta64[M]")
    turned = turned.astype("datetime64[D]") + (month - 1).astype("timedelta64[D]")
    swap = (day <= 12) & text.chance(rng, habits.date_swapped * 2.5, count)
    birth = np.where(swap, turned, birth)
    wrong = text.chance(rng, habits.date_wrong, count)
    shift = rng.choice(np.array([-365, -10, -1, 1, 10, 366]), count).astype("timedelta64[D]")
    birth = np.where(wrong, birth + shift, birth)
    birth = np.where(text.chance(rng, 0.003, count), np.datetime64("1900-01-01"), birth)
    return np.where(text.chance(rng, habits.date_missing, count), np.datetime64("NaT"), birth)


def written_emails(
    rng: np.random.Generator, people: People, who: np.ndarray, habits: Habits
) -> pa.Array:
    """Addresses of `who` (n,): the second one, capitals, a slip, or none."""
    count = len(who)
    index = pa.array(who)
    second = text.chance(rng, habits.second_email, count) & people.uses_second[who]
    mail = text.where(second, people.second_email.take(index), people.email.take(index))
    mail = text.where(text.chance(rng, habits.email_case, count), pc.utf8_upper(mail), mail)
    slips = text.chance(rng, habits.email_slip, count)
    for right, wrong in EMAIL_SLIPS.items():
        mail = text.where(slips, pc.replace_substring(mail, "@" + right, "@" + wrong), mail)
    missing = ~people.has_email[who] | text.chance(rng, habits.email_missing, count)
    return text.where(missing, None, mail)


def _dialled(
    rng: np.random.Generator, country: np.ndarray, lead: tuple[str, ...], rest: pa.Array
) -> pa.Array:
    styles = ("+{d}{n}", "0{n}", "0{n}-", "00{d}{n}", "+{d} {n} ", "+{d} (0){n} ")
    fronts = [
        style.format(d=dial, n=start)
        for dial, start in zip(places.DIAL, lead, strict=True)
        for style in styles
    ]
    style = text.weighted(rng, (0.45, 0.25, 0.1, 0.05, 0.1, 0.05), len(country))
    return text.join(text.take(fronts, country * len(styles) + style), rest)


def written_phones(
    rng: np.random.Generator, people: People, who: np.ndarray, habits: Habits
) -> tuple[pa.Array, pa.Array]:
    """Mobile and landline of `who` (n,) in whatever format came to hand, null where missing."""
    count, index = len(who), pa.array(who)
    country = people.country[who]
    mobile = _dialled(rng, country, places.MOBILE_LEAD, people.mobile.take(index))
    landline = _dialled(rng, country, places.LANDLINE_LEAD, people.landline.take(index))
    shared = people.shares_phone[who]
    mobile = text.where(shared & text.chance(rng, 0.6, count), landline, mobile)
    mobile = text.where(text.chance(rng, 0.004, count), "0000000000", mobile)
    mobile = text.where(text.chance(rng, habits.phone_missing, count), None, mobile)
    return mobile, text.where(text.chance(rng, 0.25, count) | shared, landline, None)


def known_addresses(
    rng: np.random.Generator, people: People, who: np.ndarray, modified: np.ndarray, refresh: float
) -> np.ndarray:
    """Address number of `who` (n,) that a record last modified then shows."""
    learnt = (modified > people.moved_on[who]) & text.chance(rng, refresh, len(who))
    return np.where(learnt, people.address[who], people.old_address[who])


def write(
    rng: np.random.Generator, people: People, who: np.ndarray, habits: Habits, modified: np.ndarray
) -> Written:
    """Records of `who` (n,), -1 for role and test accounts, as last modified at `modified` (n,)."""
    count = len(who)
    nobody = who < 0
    safe = np.where(nobody, 0, who)
    given, middle, family = written_names(rng, people, safe, habits)
    mobile, landline = written_phones(rng, people, safe, habits)
    address = known_addresses(rng, people, safe, modified, habits.refresh)
    lost = nobody | text.chance(rng, habits.address_missing, count)
    book, at = people.addresses, np.where(lost, -1, address)
    street = mistyped(rng, text.take(book.street, at), ~lost & text.chance(rng, 0.008, count))
    short = text.chance(rng, 0.04, count)
    street = text.where(short, pc.replace_substring(street, "straße", "str."), street)
    street = text.where(short, pc.replace_substring(street, "straat", "str."), street)
    role = roles()
    part = rng.integers(0, len(role.email), count)
    return Written(
        who=who,
        given=text.where(nobody, text.take(role.given, part), given),
        middle=text.where(nobody, None, middle),
        family=text.where(nobody, text.take(role.family, part), family),
        birth_date=np.where(
            nobody, np.datetime64("NaT"), written_births(rng, people, safe, habits)
        ),
        sex=np.where(nobody | text.chance(rng, 0.15, count), -1, people.sex[safe]),
        email=text.where(
            nobody, text.take(role.email, part), written_emails(rng, people, safe, habits)
        ),
        mobile=text.where(nobody, text.take(role.phone, part), mobile),
        landline=text.where(nobody, None, landline),
        street=street,
        number=text.take(book.number, at),
        postal_code=text.take(book.postal_code, at),
        city=text.take(book.city, at),
        country=people.country[safe],
        language=people.language[safe],
    )
