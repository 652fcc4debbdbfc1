"""What people do month by month: mails they open, products they look at, accessories they buy.

Belongs here: the simulation, and the reasons why somebody buys. A purchase depends on the month's
and the previous month's product views, carts left behind, clicks in mails, a car delivered lately
and purchases of the past year: that is the truth a propensity model can learn.
Does not belong here: how shops, the web tracker and the email platform record it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sandbox.company import catalogue, text
from ingestion.sandbox.company.cars import Cars
from ingestion.sandbox.company.memberships import CUTOVER, Memberships
from ingestion.sandbox.company.people import HISTORY_MONTHS, MONTHS, People

MAILS_A_MONTH = 2
SEASON = np.array([0.9, 1.25, 0.85, 0.8, 1.0, 1.1, 1.15, 1.15, 0.95, 0.9, 1.05, 1.05])
CUTOVER_MONTH = int(np.searchsorted(MONTHS, CUTOVER.astype("datetime64[s]")))


@dataclass(frozen=True)
class Traits:
    """What a person is like, never written down anywhere; every column is (people,)."""

    interest: np.ndarray  # mean 1
    category: np.ndarray  # favourite kind of accessory
    openness: np.ndarray  # share of mails opened
    hour: np.ndarray  # of the day at which the person reads mail


@dataclass(frozen=True)
class Mailings:
    """Mails by campaign; every column is (count,). `opened` and `clicked` are masks over sends."""

    who: np.ndarray
    campaign: np.ndarray
    opened: np.ndarray
    clicked: np.ndarray
    unsubscribed: np.ndarray
    bounced: np.ndarray  # 0 no, 1 hard, 2 soft


@dataclass(frozen=True)
class ShopMonths:
    """Months in which somebody was active in a shop; every column is (count,)."""

    who: np.ndarray
    month: np.ndarray
    views: np.ndarray
    adds: np.ndarray
    bought: np.ndarray
    product: np.ndarray  # the one looked at most; what was added and bought first
    visit_at: np.ndarray  # start of the month's main visit; a purchase follows within the hour
    early_at: np.ndarray  # start of an earlier visit in the same month


@dataclass(frozen=True)
class Behaviour:
    """The result of the simulation."""

    traits: Traits
    mailings: Mailings
    shop: ShopMonths


def _traits(rng: np.random.Generator, count: int) -> Traits:
    peaks = np.array([7.3, 9.5, 12.5, 17.8, 20.5, 22.3])
    hour = peaks[text.weighted(rng, (2, 2, 2, 1.5, 3, 1), count)] + rng.normal(0, 0.7, count)
    return Traits(
        interest=rng.gamma(1.3, 1 / 1.3, count).astype(np.float32),
        category=text.weighted(rng, catalogue.CATEGORY_SHARE, count).astype(np.int8),
        openness=rng.beta(2, 3, count).astype(np.float32),
        hour=np.clip(hour, 5.5, 23.4).astype(np.float32),
    )


def month_of(when: np.ndarray) -> np.ndarray:
    """Number of the history's month that holds `when` (n,); negative before, 24 or more after."""
    months = np.asarray(when).astype("datetime64[M]").astype(np.int64)
    return months - MONTHS[0].astype("datetime64[M]").astype(np.int64)


class _State:
    """What the simulation carries from month to month."""

    def __init__(self, people: People, memberships: Memberships, cars: Cars) -> None:
        count = people.count
        member = memberships.member
        far = 10_000
        self.death = np.where(np.isnat(people.died_on), far, month_of(people.died_on))
        self.subscribed = member["email_platform"] & ~people.shares_email
        self.mail_since = self._since(memberships, "email_platform", count)
        self.old_shop_since = self._since(memberships, "magento", count)
        self.new_shop_since = self._since(memberships, "sap_commerce", count)
        shoppers = member["sap_commerce"] | member["magento"]
        self.shoppers = np.flatnonzero(shoppers)
        arrived = np.flatnonzero(~np.isnat(cars.orders.delivered_at))
        self.delivered_month = month_of(cars.orders.delivered_at[arrived])
        self.delivered_to = cars.orders.who[arrived]
        self.views_before = np.zeros(count, dtype=np.float32)
        self.cart_left = np.zeros(count, dtype=bool)
        self.bought_before = np.zeros(count, dtype=bool)
        self.orders_lately = np.zeros(count, dtype=np.float32)
        self.plan = np.zeros(count, dtype=np.int8)  # months for which something is being chosen

    @staticmethod
    def _since(memberships: Memberships, system: str, count: int) -> np.ndarray:
        records = memberships.records[system]
        since = np.full(count, 10_000)
        known = records.first_of >= 0
        since[known] = month_of(records.created[records.first_of[known]])
        return since

    def fresh_owners(self, month: int, count: int) -> np.ndarray:
        recent = (self.delivered_month <= month) & (self.delivered_month > month - 3)
        mask = np.zeros(count, dtype=bool)
        mask[self.delivered_to[recent]] = True
        return mask


def simulate(seed: int, people: People, memberships: Memberships, cars: Cars) -> Behaviour:
    """Play the history month by month."""
    rng = text.stream(seed, "behaviour")
    traits = _traits(rng, people.count)
    goods = catalogue.goods(seed)
    campaigns = catalogue.campaigns()
    state = _State(people, memberships, cars)
    mails, active = [], []
    for month in range(HISTORY_MONTHS):
        clicks = np.zeros(people.count, dtype=np.int8)
        for number in range(month * MAILS_A_MONTH, (month + 1) * MAILS_A_MONTH):
            mails.append(
                _send(rng, traits, state, campaigns, number=number, month=month, clicks=clicks)
            )
        active.append(_shop(rng, traits, goods, state, month=month, clicks=clicks))
    return Behaviour(traits, _joined(Mailings, mails), _joined(ShopMonths, active))


def _joined(kind: type, parts: list):
    fields = kind.__dataclass_fields__
    return kind(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in fields}
    )


def _send(
    rng: np.random.Generator, traits: Traits, state: _State, campaigns: catalogue.Campaigns,
    *, number: int, month: int, clicks: np.ndarray,
) -> Mailings:  # fmt: skip
    topic = campaigns.category[number]
    who = np.flatnonzero(state.subscribed & (state.mail_since < month))  # the dead, too
    suits = traits.category[who] == topic
    who = who[text.chance(rng, campaigns.reach[number] + 0.15 * suits, len(who))]
    count = len(who)
    suits = traits.category[who] == topic
    bounced = text.weighted(rng, (0.989, 0.003, 0.008), count)
    opened = (bounced == 0) & text.chance(rng, traits.openness[who], count)
    opened &= state.death[who] > month
    pull = -2.3 + 0.45 * traits.interest[who] + 0.8 * suits
    clicked = opened & text.chance(rng, 1 / (1 + np.exp(-pull)), count)
    left = opened & ~clicked & text.chance(rng, 0.008, count)
    clicks[who[clicked]] += 1
    state.subscribed[who[left | (bounced == 1)]] = False
    campaign = np.full(count, number, dtype=np.int16)
    return Mailings(who.astype(np.int32), campaign, opened, clicked, left, bounced.astype(np.int8))


def _shop(
    rng: np.random.Generator, traits: Traits, goods: catalogue.Goods, state: _State,
    *, month: int, clicks: np.ndarray,
) -> ShopMonths:  # fmt: skip
    who = state.shoppers[state.death[state.shoppers] > month]
    owner = state.fresh_owners(month, len(traits.interest))[who]
    interest, clicked = traits.interest[who], np.minimum(clicks[who], 2)
    season = SEASON[(month + 10) % 12]
    planning = _plans(
        rng, state, who, 0.03 * interest * season + 0.04 * (clicked > 0) + 0.1 * owner
    )
    rate = 0.36 * interest * season * (1 + 0.9 * clicked + 0.9 * owner + 4.0 * planning)
    views = rng.poisson(rate)
    adds = rng.binomial(views, 0.15)
    since = np.where(month < CUTOVER_MONTH, state.old_shop_since[who], state.new_shop_since[who])
    pull = (
        -5.25
        + 0.9 * np.log1p(views + 0.5 * state.views_before[who])
        + 1.1 * (adds > 0)
        + 1.1 * state.cart_left[who]
        + 0.7 * (clicked > 0)
        + 1.3 * owner
        + 1.1 * np.log1p(state.orders_lately[who])
        - 0.6 * state.bought_before[who]
        + 0.3 * interest
        + 0.8 * planning
    )
    wants = (since < month) & text.chance(rng, 1 / (1 + np.exp(-pull)), len(who))
    product = catalogue.choose(rng, goods, traits.category[who])
    sold_out = goods.sold_out[product, month]
    bought = wants & ~sold_out
    state.views_before[who] = views
    state.cart_left[who] = ((adds > 0) | wants) & ~bought
    state.bought_before[who] = bought
    state.orders_lately[who] = state.orders_lately[who] * 0.9 + bought
    adds = np.where(wants, np.maximum(adds, 1), adds)
    seen = (views > 0) | (adds > 0)
    visit_at, early_at = _visits(rng, traits.hour[who[seen]], month)
    views = np.where(wants, np.maximum(views, 1), views)
    return ShopMonths(
        who=who[seen].astype(np.int32),
        month=np.full(seen.sum(), month, dtype=np.int8),
        views=views[seen].astype(np.int16),
        adds=adds[seen].astype(np.int16),
        bought=bought[seen],
        product=product[seen].astype(np.int16),
        visit_at=visit_at,
        early_at=early_at,
    )


def _plans(
    rng: np.random.Generator, state: _State, who: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Who is choosing something this month: views show it, and it lasts two to five months."""
    left = np.maximum(state.plan[who] - 1, 0)
    begins = (left == 0) & text.chance(rng, share, len(who))
    left = np.where(begins, rng.integers(2, 6, len(who)), left)
    state.plan[who] = left
    return left > 0


def _visits(
    rng: np.random.Generator, hour: np.ndarray, month: int
) -> tuple[np.ndarray, np.ndarray]:
    """The main and an earlier visit of the month, at hours near the person's own."""
    count = len(hour)
    length = int((MONTHS[month + 1] - MONTHS[month]).astype(np.int64)) // 86400
    day = 1 + (rng.random(count) * (length - 1)).astype(np.int64)
    early_day = (rng.random(count) * day).astype(np.int64)
    times = []
    for when in (day, early_day):
        clock = np.clip(hour + 1 + rng.normal(0, 1.8, count), 6, 22.8) * 3600
        times.append(
            MONTHS[month] + (when * 86400 + clock.astype(np.int64)).astype("timedelta64[s]")
        )
    return times[0], times[1]
