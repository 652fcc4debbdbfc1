"""What the web shop sells, when it was sold out, and what the newsletters are about.

Belongs here: products, their prices and outages, campaigns.
Does not belong here: who buys or reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from ingestion.sandbox.company import places, text
from ingestion.sandbox.company.people import HISTORY_MONTHS, MONTHS

CATEGORIES = ("wheels", "roof", "interior", "charging", "care", "merchandise")
CATEGORY_SHARE = (0.22, 0.16, 0.2, 0.14, 0.18, 0.1)
COST_SHARE = (0.71, 0.64, 0.52, 0.76, 0.43, 0.34)
"""What a product of each category costs the company, as a share of its price."""
COST_SPREAD = 0.12
PRODUCTS = {
    "wheels": "Winter wheel set 17|749 Summer wheel set 18|899 Alloy wheel 19|329 Wheel bag set|45 "
    "Wheel lock set|39 Snow chains|119 Valve caps|12 Tyre gauge|25",
    "roof": "Roof box 420 l|449 Roof box 300 l|349 Roof bars|199 Bicycle carrier|159 Ski carrier|"
    "139 "
    "Tow bar|589 Tow-bar bicycle carrier|499 Kayak carrier|129",
    "interior": "Rubber mat set|69 Velour mat set|89 Boot liner|79 Seat covers|149 Dog guard|169 "
    "Child seat|229 Coat hanger|35 Sun blinds|75 Tablet holder|59",
    "charging": "Wall box 11 kW|899 Charging cable 5 m|249 Charging cable 8 m|329 Cable bag|35 "
    "Travel charger|389 Wall box cover|49 Load balancer|199",
    "care": "Paint pen|19 Wash kit|39 Leather care|29 Wiper set|45 Cabin filter|25 Screen wash 5 "
    "l|15 "
    "Ice scraper|9 First-aid kit|22 Touch-up spray|24",
    "merchandise": "Model car 1:43|35 Umbrella|29 Key ring|15 Travel mug|25 Cap|22 Picnic rug|39 "
    "Children's car|149",
}
TOPICS = ("winter wheels", "roof and touring", "interior comfort", "home charging", "car care",
          "gifts", "new models", "service")  # fmt: skip


@dataclass(frozen=True)
class Goods:
    """Products by number; every column is (count,) but `sold_out` (count, months)."""

    code: pa.Array
    name: pa.Array
    category: np.ndarray
    price: np.ndarray
    cost: np.ndarray
    weight: np.ndarray
    sold_out: np.ndarray
    by_category: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Campaigns:
    """Newsletters by number, two a month; every column is (count,)."""

    campaign_id: pa.Array
    name: pa.Array
    subject: pa.Array
    topic: pa.Array
    category: np.ndarray  # the category advertised, -1 if none
    reach: np.ndarray  # share of subscribers who get it
    sent_at: np.ndarray


@cache
def goods(seed: int) -> Goods:
    """The accessories: the same products for every seed, outages by seed."""
    rng = text.stream(seed, "goods")
    names, category, price = [], [], []
    for number, kind in enumerate(CATEGORIES):
        words = PRODUCTS[kind].replace("|", " |").split()
        name: list[str] = []
        for word in words:
            if word.startswith("|"):
                names.append(" ".join(name))
                category.append(number)
                price.append(float(word[1:]))
                name = []
            else:
                name.append(word)
    count = len(names)
    group = np.array(category)
    codes = [
        f"ACC-{CATEGORIES[kind][:3].upper()}-{number:03d}" for number, kind in enumerate(group)
    ]
    sold_out = np.zeros((count, HISTORY_MONTHS), dtype=bool)
    for length in (1, 2):  # every product is missing for a month or two, now and then
        start = rng.integers(0, HISTORY_MONTHS * 2, count)
        for step in range(length):
            month = start + step
            inside = month < HISTORY_MONTHS
            sold_out[np.flatnonzero(inside), month[inside]] = True
    spread = COST_SPREAD * (text.stream(0, "costs").random(count) - 0.5)
    return Goods(
        code=pa.array(codes),
        name=pa.array(names),
        category=group,
        price=np.array(price),
        cost=np.round(np.array(price) * (np.array(COST_SHARE)[group] + spread), 2),
        weight=1 / (1 + text.runs(np.bincount(group))),
        sold_out=sold_out,
        by_category=tuple(np.flatnonzero(group == kind) for kind in range(len(CATEGORIES))),
    )


def choose(rng: np.random.Generator, goods: Goods, favourite: np.ndarray) -> np.ndarray:
    """A product for each favourite category (n,): mostly of that category, mostly popular ones."""
    anything = text.weighted(rng, goods.weight, len(favourite))
    uniform = rng.random(len(favourite))
    out = anything.copy()
    loyal = text.chance(rng, 0.65, len(favourite))
    for kind, members in enumerate(goods.by_category):
        here = np.flatnonzero(loyal & (favourite == kind))
        edges = np.cumsum(goods.weight[members]) / goods.weight[members].sum()
        out[here] = members[np.searchsorted(edges, uniform[here], side="right")]
    return out


@cache
def campaigns() -> Campaigns:
    """The newsletters of the history: the same for every seed."""
    count = HISTORY_MONTHS * 2
    number = np.arange(count)
    topic = (number * 5 + number // 8) % len(TOPICS)
    month = MONTHS[number // 2]
    day = np.where(number % 2 == 0, 3, 14)
    sent = month + (day * 86400 + 9 * 3600).astype("timedelta64[s]")
    topics = text.take(TOPICS, topic)
    label = pa.array(month.astype("datetime64[M]").astype(str))
    return Campaigns(
        campaign_id=text.numbered("cmp_", number + 1, 4),
        name=text.join(label, " ", topics),
        subject=text.join(places.BRAND + ": ", topics, " for you"),
        topic=topics,
        category=np.where(topic < len(CATEGORIES), topic, -1),
        reach=np.where(topic < len(CATEGORIES), 0.3, 0.4),
        sent_at=sent,
    )
