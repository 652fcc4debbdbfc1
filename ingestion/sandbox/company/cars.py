"""Cars: who ordered which, how long it took, what was delivered and serviced.

Belongs here: the course of events around cars, by person.
Does not belong here: the tables in which the dealers' ERP keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sandbox.company import places, text
from ingestion.sandbox.company.memberships import Memberships, seconds
from ingestion.sandbox.company.people import AS_OF, HISTORY_START, People

STATUSES = ("ordered", "confirmed", "in_production", "shipped", "arrived", "delivered", "cancelled")
DELIVERED, CANCELLED = 5, 6
PROGRESS = np.array([0.0, 0.03, 0.35, 0.75, 0.92, 1.0])
DAY = np.timedelta64(86400, "s")
NEVER = np.datetime64("NaT")
FIRST_ORDER = np.datetime64("2024-03-01")


@dataclass(frozen=True)
class Orders:
    """Car orders by time of order; every column is (count,)."""

    who: np.ndarray
    dealer: np.ndarray
    model: np.ndarray
    net: np.ndarray
    ordered_at: np.ndarray
    promised_on: np.ndarray
    expected_on: np.ndarray  # as it stood on the last day of history
    status: np.ndarray  # index into STATUSES, likewise
    delivered_at: np.ndarray  # NaT unless delivered
    cancelled_at: np.ndarray
    delays: np.ndarray  # how often expected_on moved
    updated_at: np.ndarray
    vehicle: np.ndarray  # vehicle number, -1 unless delivered

    def __len__(self) -> int:
        return len(self.who)


@dataclass(frozen=True)
class StatusChanges:
    """What became of the orders, by time; every column is (count,)."""

    order: np.ndarray
    status: np.ndarray
    changed_at: np.ndarray
    expected_on: np.ndarray


@dataclass(frozen=True)
class Vehicles:
    """Cars in customers' hands; every column is (count,)."""

    who: np.ndarray
    dealer: np.ndarray
    model: np.ndarray
    delivered_on: np.ndarray

    def __len__(self) -> int:
        return len(self.who)


@dataclass(frozen=True)
class Cars:
    """Everything that happened around cars."""

    orders: Orders
    changes: StatusChanges
    vehicles: Vehicles


def _floor(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]")


def _span(days: np.ndarray) -> np.ndarray:
    return (days * 86400).astype(np.int64).astype("timedelta64[s]")


def order_cars(seed: int, people: People, memberships: Memberships) -> Cars:
    """Car orders, their status changes, and all vehicles of the ERP's customers."""
    rng = text.stream(seed, "cars")
    customers = np.flatnonzero(memberships.member["dealer_erp"])
    buyers = customers[text.chance(rng, 0.36, len(customers))]
    who = np.concatenate([buyers, buyers[text.chance(rng, 0.06, len(buyers))]])
    ordered = seconds(rng, FIRST_ORDER, AS_OF - np.timedelta64(3, "D"), len(who))
    died = people.died_on.astype("datetime64[s]")
    keep = ~(died[who] <= ordered)
    order = np.flatnonzero(keep)[np.argsort(ordered[keep], kind="stable")]
    who, ordered = who[order], ordered[order]
    count = len(who)
    wait = np.clip(60 + rng.gamma(2.2, 45, count), 60, 300)
    delays = text.weighted(rng, (0.72, 0.2, 0.08), count)
    steps = rng.integers(14, 60, (count, 2)) * (np.arange(2) < delays[:, None])
    total = np.minimum(wait + steps.sum(axis=1), 364)
    promised = _floor(ordered + _span(wait))
    expected = promised[:, None] + np.cumsum(steps, axis=1).astype("timedelta64[D]")
    expected = np.column_stack([promised, expected])
    dropped = np.where(text.chance(rng, 0.06, count), rng.uniform(0.04, 0.7, count) * total, np.inf)
    grieving = (died[who] - ordered) / DAY + 20
    dropped = np.fmin(dropped, np.where(grieving < total, grieving, np.inf))
    now = (AS_OF.astype("datetime64[s]") - ordered) / DAY
    changes = _changes(
        total=total, dropped=dropped, delays=delays, now=now, ordered=ordered, expected=expected
    )
    arrived = ordered + _span(total)
    delivered_at = np.where((dropped == np.inf) & (total < now), arrived, NEVER)
    delivered_at = text.daytime(delivered_at, 8, 18)
    cancelled = np.where(dropped < now, ordered + _span(np.minimum(dropped, 1e5)), NEVER)
    model = text.weighted(rng, places.MODEL_SHARE, count)
    dealer = _sometimes_elsewhere(rng, people, who)
    vehicles, vehicle = _vehicles(
        rng, people, customers, who, dealer=dealer, model=model, delivered_at=delivered_at
    )
    last = np.zeros(count, dtype=np.int64)
    last[changes.order] = np.arange(len(changes.order))  # changes are in order of time
    orders = Orders(
        who=who,
        dealer=dealer,
        model=model,
        net=text.amounts(places.LIST_PRICE[model] * rng.uniform(0.97, 1.35, count)),
        ordered_at=text.daytime(ordered, 8, 18),
        promised_on=promised,
        expected_on=changes.expected_on[last],
        status=changes.status[last],
        delivered_at=delivered_at,
        cancelled_at=text.daytime(cancelled, 8, 18),
        delays=delays,
        updated_at=changes.changed_at[last],
        vehicle=vehicle,
    )
    return Cars(orders, changes, vehicles)


def _changes(
    *, total: np.ndarray, dropped: np.ndarray, delays: np.ndarray, now: np.ndarray,
    ordered: np.ndarray, expected: np.ndarray,
) -> StatusChanges:  # fmt: skip
    """Status changes and announced delays, in order of time, up to the last day of history."""
    count = len(total)
    at = total[:, None] * PROGRESS
    told = total[:, None] * np.array([0.5, 0.82])  # when a delay is announced
    told = np.where(np.arange(2) < delays[:, None], told, np.inf)
    when = np.concatenate([at.ravel(), told.ravel(), dropped])
    which = np.concatenate([np.repeat(np.arange(count), 6), np.repeat(np.arange(count), 2),
                            np.arange(count)])  # fmt: skip
    status = np.concatenate([np.tile(np.arange(6), count), np.tile([2, 3], count),
                             np.full(count, CANCELLED)])  # fmt: skip
    kept = (when < now[which]) & (when <= dropped[which])
    when, which, status = when[kept], which[kept], status[kept]
    known = (told[which] <= when[:, None]).sum(axis=1)
    moment = text.daytime(ordered[which] + _span(when), 8, 18)
    order = np.lexsort((status, which, moment))
    return StatusChanges(which[order], status[order], moment[order], expected[which, known][order])


def _sometimes_elsewhere(rng: np.random.Generator, people: People, who: np.ndarray) -> np.ndarray:
    """The person's dealer, or now and then another of the same country."""
    dealers, country = places.dealers(), people.country[who]
    other = dealers.first[country] + (rng.random(len(who)) * dealers.count[country]).astype(
        np.int64
    )
    return np.where(text.chance(rng, 0.08, len(who)), other, people.dealer[who])


def _vehicles(
    rng: np.random.Generator, people: People, customers: np.ndarray, who: np.ndarray,
    *, dealer: np.ndarray, model: np.ndarray, delivered_at: np.ndarray,
) -> tuple[Vehicles, np.ndarray]:  # fmt: skip
    owners = customers[text.chance(rng, 0.72, len(customers))]
    past = _floor(
        seconds(rng, np.datetime64("2018-02-01"), np.datetime64("2024-10-31"), len(owners))
    )
    arrived = np.flatnonzero(~np.isnat(delivered_at))
    everyone = np.concatenate([owners, who[arrived]])
    day = np.concatenate([past, _floor(delivered_at[arrived])])
    order = np.argsort(day, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    vehicle = np.full(len(who), -1)
    vehicle[arrived] = place[len(owners) :]
    models = np.concatenate([text.weighted(rng, places.MODEL_SHARE, len(owners)), model[arrived]])
    sold_by = np.concatenate([_sometimes_elsewhere(rng, people, owners), dealer[arrived]])
    return Vehicles(everyone[order], sold_by[order], models[order], day[order]), vehicle


@dataclass(frozen=True)
class Visits:
    """Service visits by time; every column is (count,)."""

    vehicle: np.ndarray
    kind: np.ndarray  # index into VISIT_KINDS
    visited_at: np.ndarray
    net: np.ndarray


VISIT_KINDS = ("maintenance", "repair", "tyres", "recall")


def service_visits(seed: int, people: People, vehicles: Vehicles) -> Visits:
    """Yearly maintenance, and what else happens to a car, within the history."""
    rng = text.stream(seed, "service")
    count = len(vehicles)
    age = (HISTORY_START - vehicles.delivered_on).astype(np.int64)
    anniversary = np.maximum(np.ceil(age / 365), 1)
    year = np.repeat(np.arange(3), count)
    car = np.tile(np.arange(count), 3)
    offset = (anniversary[car] + year) * 365 + rng.normal(0, 25, 3 * count)
    yearly = vehicles.delivered_on[car].astype("datetime64[s]") + _span(np.maximum(offset, 20))
    comes = text.chance(rng, 0.8, 3 * count)
    others = np.flatnonzero(text.chance(rng, 0.4, count))
    since = np.maximum(vehicles.delivered_on[others], HISTORY_START)
    other = seconds(rng, since, AS_OF, len(others))
    car = np.concatenate([car[comes], others])
    when = np.concatenate([yearly[comes], other])
    kind = np.concatenate([np.zeros(comes.sum(), dtype=np.int64),
                           1 + text.weighted(rng, (0.45, 0.45, 0.1), len(others))])  # fmt: skip
    died = people.died_on[vehicles.who[car]].astype("datetime64[s]")
    hour = rng.integers(8 * 3600, 17 * 3600, len(when)).astype("timedelta64[s]")
    when = _floor(when).astype("datetime64[s]") + hour
    kept = (when >= HISTORY_START) & (when < AS_OF) & ~(when >= died)
    order = np.flatnonzero(kept)[np.argsort(when[kept], kind="stable")]
    typical = np.array([310.0, 520.0, 260.0, 0.0])
    net = typical[kind] * rng.lognormal(0, 0.4, len(kind))
    return Visits(car[order], kind[order], when[order], text.amounts(net[order]))
