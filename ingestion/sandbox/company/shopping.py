"""Accessory orders as they happened: which lines, which prices, in which of the two shops.

Belongs here: purchases by person. Does not belong here: how Magento or SAP Commerce store them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sandbox.company import catalogue, text
from ingestion.sandbox.company.behaviour import CUTOVER_MONTH, Behaviour

BUYING_TAKES = np.timedelta64(40 * 60, "s")


@dataclass(frozen=True)
class Purchases:
    """Orders by time (count,), and their lines by order (lines,)."""

    who: np.ndarray
    shop_month: np.ndarray  # row of the month in `ShopMonths`
    ordered_at: np.ndarray
    in_old_shop: np.ndarray
    line_order: np.ndarray
    line_number: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    list_total: np.ndarray
    discount: np.ndarray
    net: np.ndarray

    def __len__(self) -> int:
        return len(self.who)

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sum of a line column (lines,) by order (count,), in cents exactly."""
        return text.amounts(np.bincount(self.line_order, weights=values, minlength=len(self)))

    def part(self, keep: np.ndarray) -> Purchases:
        """Only the orders of the mask (count,), renumbered."""
        new = np.cumsum(keep) - 1
        lines = keep[self.line_order]
        columns = {}
        for name in self.__dataclass_fields__:
            values = getattr(self, name)
            columns[name] = values[lines] if name in LINE_COLUMNS else values[keep]
        columns["line_order"] = new[columns["line_order"]]
        return Purchases(**columns)


LINE_COLUMNS = {"line_order", "line_number", "product", "quantity", "list_total", "discount", "net"}


def purchases(seed: int, behaviour: Behaviour) -> Purchases:
    """Every accessory order of the history."""
    rng = text.stream(seed, "shopping")
    shop = behaviour.shop
    rows = np.flatnonzero(shop.bought)
    when = shop.visit_at[rows] + BUYING_TAKES
    order = np.argsort(when, kind="stable")
    rows, when = rows[order], when[order]
    goods = catalogue.goods(seed)
    lines = 1 + np.minimum(rng.poisson(0.55, len(rows)), 5)
    line_order = np.repeat(np.arange(len(rows)), lines)
    number = text.runs(lines)
    who = shop.who[rows].astype(np.int64)
    others = catalogue.choose(rng, goods, behaviour.traits.category[who[line_order]])
    month = shop.month[rows].astype(np.int64)
    first = shop.product[rows].astype(np.int64)[line_order]
    product = np.where(number == 0, first, others)
    product = np.where(goods.sold_out[product, month[line_order]], first, product)
    quantity = 1 + text.chance(rng, 0.1, len(product)).astype(np.int64)
    total = text.amounts(goods.price[product] * quantity)
    rebate = np.where(text.chance(rng, 0.2, len(rows)), 0.1, 0.0)[line_order]
    discount = text.amounts(total * rebate)
    return Purchases(
        who=who,
        shop_month=rows,
        ordered_at=when,
        in_old_shop=month < CUTOVER_MONTH,
        line_order=line_order,
        line_number=number,
        product=product,
        quantity=quantity,
        list_total=total,
        discount=discount,
        net=text.amounts(total - discount),
    )


def delivery_cost(net: np.ndarray) -> np.ndarray:
    """Delivery is free from 100 on."""
    return np.where(net >= 100, 0.0, 6.95)
