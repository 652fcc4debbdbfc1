"""The sales story that both CRMs record: leads, opportunities, tasks and calls.

Belongs here: what happened between a dealer and a person, whichever CRM the dealer uses.
Does not belong here: the field names of Dynamics 365 and Salesforce.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.sandbox.company import places, text
from ingestion.sandbox.company.cars import NEVER, Cars
from ingestion.sandbox.company.memberships import Memberships, Records, before_death, seconds
from ingestion.sandbox.company.people import AS_OF, People

OPEN, QUALIFIED, DISQUALIFIED = range(3)
WON, LOST = 1, 2
LOST_REASONS = ("price", "delivery time", "chose another brand", "no response", "financing")
SUBJECTS = ("Call back about offer", "Plan test drive", "Send quotation", "Discuss trade-in",
            "Follow up delivery date", "Lease ends soon", "Ask for feedback")  # fmt: skip


@dataclass(frozen=True)
class Leads:
    """Every column is (count,)."""

    who: np.ndarray
    contact: np.ndarray  # record number of the contact it became, -1 if none
    status: np.ndarray
    source: np.ndarray  # 0 web, 1 phone, 2 showroom, 3 event
    model: np.ndarray
    dealer: np.ndarray
    created: np.ndarray
    responded: np.ndarray
    modified: np.ndarray

    def __len__(self) -> int:
        return len(self.who)


@dataclass(frozen=True)
class Opportunities:
    """Every column is (count,)."""

    contact: np.ndarray
    dealer: np.ndarray
    model: np.ndarray
    amount: np.ndarray
    status: np.ndarray  # OPEN, WON, LOST
    stage: np.ndarray  # 0..3
    reason: np.ndarray  # -1 unless lost
    created: np.ndarray
    expected: np.ndarray
    closed: np.ndarray
    modified: np.ndarray

    def __len__(self) -> int:
        return len(self.contact)


@dataclass(frozen=True)
class Activities:
    """Tasks and calls; every column is (count,)."""

    contact: np.ndarray
    subject: np.ndarray
    owner: pa.Array
    is_call: np.ndarray
    outgoing: np.ndarray
    status: np.ndarray  # 0 open, 1 completed, 2 cancelled
    due: np.ndarray
    done: np.ndarray
    created: np.ndarray
    modified: np.ndarray

    def __len__(self) -> int:
        return len(self.contact)


@dataclass(frozen=True)
class SalesStory:
    """One CRM's contacts and what happened with them."""

    contacts: Records
    leads: Leads
    opportunities: Opportunities
    activities: Activities


def _later(rng: np.random.Generator, when: np.ndarray, days: float) -> np.ndarray:
    wait = rng.exponential(days * 86400, len(when)).astype(np.int64).astype("timedelta64[s]")
    return when + wait


def _office(when: np.ndarray) -> np.ndarray:
    return text.daytime(when, 8, 19)


def _until_now(when: np.ndarray) -> np.ndarray:
    return np.minimum(when, AS_OF.astype("datetime64[s]") - np.timedelta64(1800, "s"))


def _leads(rng: np.random.Generator, people: People, contacts: Records, only: np.ndarray) -> Leads:
    single = np.flatnonzero(only)
    single = np.concatenate([single, single[text.chance(rng, 0.12, len(single))]])
    recent = (contacts.who >= 0) & (contacts.created > np.datetime64("2024-08-01"))
    became = np.flatnonzero(recent & text.chance(rng, 0.6, len(contacts)))
    extra = np.full(max(1, len(single) // 300), -1)
    who = np.concatenate([single, contacts.who[became], extra])
    count = len(who)
    fresh = seconds(rng, np.datetime64("2024-11-03"), np.datetime64("2026-10-30"), count)
    created = before_death(people, who, fresh)
    converted = slice(len(single), len(single) + len(became))
    before = (rng.exponential(12, len(became)) * 86400).astype(np.int64).astype("timedelta64[s]")
    created[converted] = contacts.created[became] - before
    status = np.where(text.chance(rng, 0.45, count), DISQUALIFIED, OPEN)
    status = np.where(created > AS_OF - np.timedelta64(40, "D"), OPEN, status)
    status[converted] = QUALIFIED
    contact = np.full(count, -1)
    contact[converted] = became
    responded = _later(rng, created, 1.2)
    answered = (responded < AS_OF) & text.chance(rng, 0.85, count)
    modified = _until_now(np.where(status == OPEN, created, _later(rng, created, 15)))
    modified = np.where(answered, np.maximum(modified, responded), modified)
    return Leads(
        who=who,
        contact=contact,
        status=status,
        source=text.weighted(rng, (0.5, 0.2, 0.2, 0.1), count),
        model=text.weighted(rng, places.MODEL_SHARE, count),
        dealer=people.dealer[np.maximum(who, 0)],
        created=_office(created),
        responded=_office(np.where(answered, responded, NEVER)),
        modified=_office(modified),
    )


def _opportunities(
    rng: np.random.Generator, people: People, contacts: Records, cars: Cars
) -> Opportunities:
    orders = cars.orders
    sold = np.flatnonzero(contacts.first_of[orders.who] >= 0)
    real = np.flatnonzero(contacts.who >= 0)
    lost = real[text.chance(rng, 0.22, len(real))]
    going = real[text.chance(rng, 0.08, len(real))]
    contact = np.concatenate([contacts.pick(rng, orders.who[sold]), lost, going])
    status = np.repeat([WON, LOST, OPEN], [len(sold), len(lost), len(going)])
    count = len(contact)
    created = seconds(rng, np.datetime64("2024-11-05"), np.datetime64("2026-10-01"), count)
    recent = seconds(rng, AS_OF - np.timedelta64(100, "D"), AS_OF - np.timedelta64(1, "D"), count)
    created = np.where(status == OPEN, recent, created)
    closed = _later(rng, created + np.timedelta64(3 * 86400, "s"), 35)
    ordered = np.full(count, NEVER, dtype="datetime64[s]")
    ordered[: len(sold)] = orders.ordered_at[sold]
    talk = (rng.gamma(2, 18, count) * 86400).astype(np.int64).astype("timedelta64[s]")
    created = np.where(status == WON, ordered - talk, created)
    closed = np.where(status == WON, ordered, _until_now(closed))
    died = people.died_on[contacts.who[contact]].astype("datetime64[s]")
    kept = np.flatnonzero(~(created >= died))
    model = text.weighted(rng, places.MODEL_SHARE, count)
    model[: len(sold)] = orders.model[sold]
    amount = places.LIST_PRICE[model] * rng.uniform(0.97, 1.35, count)
    amount[: len(sold)] = orders.net[sold]
    dealer = people.dealer[contacts.who[contact]]
    dealer[: len(sold)] = orders.dealer[sold]
    expected = created + (rng.integers(20, 130, count) * 86400).astype("timedelta64[s]")
    closed = np.where(status == OPEN, NEVER, closed)
    modified = np.where(status == OPEN, _until_now(_later(rng, created, 12)), closed)
    columns = {
        "contact": contact,
        "dealer": dealer,
        "model": model,
        "amount": text.amounts(amount),
        "status": status,
        "stage": np.where(status == WON, 3, text.weighted(rng, (0.3, 0.35, 0.25, 0.1), count)),
        "reason": np.where(status == LOST, rng.integers(0, len(LOST_REASONS), count), -1),
        "created": _office(created),
        "expected": _office(np.where(status == OPEN, expected, closed)),
        "closed": _office(closed),
        "modified": _office(modified),
    }
    return Opportunities(**{name: values[kept] for name, values in columns.items()})


def _activities(rng: np.random.Generator, contacts: Records, sales: Opportunities) -> Activities:
    often = rng.poisson(2.0, len(sales))
    sale = np.repeat(np.arange(len(sales)), often)
    count = len(sale)
    end = np.where(np.isnat(sales.closed), AS_OF.astype("datetime64[s]"), sales.closed)[sale]
    created = _until_now(seconds(rng, sales.created[sale], end, count))
    due = _later(rng, created + np.timedelta64(86400, "s"), 6)
    done = _later(rng, created, 5)
    status = np.where(done >= AS_OF, 0, np.where(text.chance(rng, 0.06, count), 2, 1))
    status = np.where(text.chance(rng, 0.04, count), 0, status)
    done = np.where(status == 0, NEVER, done)
    seller = text.numbered("-", rng.integers(1, 4, count), 1)
    dealer = text.take(places.dealers().code, sales.dealer[sale])
    return Activities(
        contact=sales.contact[sale],
        subject=rng.integers(0, len(SUBJECTS), count),
        owner=text.join("sales-", dealer, seller),
        is_call=text.chance(rng, 0.4, count),
        outgoing=text.chance(rng, 0.75, count),
        status=status,
        due=_office(due),
        done=_office(done),
        created=_office(created),
        modified=_office(np.where(status == 0, created, done)),
    )


def tell(
    rng: np.random.Generator, system: str, people: People, memberships: Memberships, cars: Cars
) -> SalesStory:
    """The story of one CRM (`dynamics365` or `salesforce`)."""
    contacts = memberships.records[system]
    sales = _opportunities(rng, people, contacts, cars)
    contacts = contacts.known_by(sales.created, sales.contact)
    only = memberships.member[system] & memberships.lead_only
    leads = _leads(rng, people, contacts, only)
    return SalesStory(contacts, leads, sales, _activities(rng, contacts, sales))
