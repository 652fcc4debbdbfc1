"""The new web shop: SAP Commerce, in the field names of its JSON.

Belongs here: customers, orders, carts, products and stock of the shop since the cutover.
`entries` is a JSON array as text. Does not belong here: what people bought (`shopping`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import catalogue, shopping, text, variants, writing
from ingestion.sandbox.company.behaviour import CUTOVER_MONTH, Behaviour
from ingestion.sandbox.company.memberships import CUTOVER, Memberships, Records
from ingestion.sandbox.company.people import AS_OF, HISTORY_MONTHS, MONTHS, People

HABITS = variants.Habits(
    nickname=0.08, lower=0.04, mangled=0.2, mojibake=0.02, date_missing=0.5, email_missing=0.04,
    phone_missing=0.3, refresh=0.75, swapped_names=0.01,
)  # fmt: skip
Cookies = tuple[pa.Array, np.ndarray]
"""Each person's cookie (people,), null if none, and since when the shop knows whose it is."""
LAST = AS_OF.astype("datetime64[s]") - np.timedelta64(60, "s")


@dataclass(frozen=True)
class Keys:
    """Customers with the person behind each."""

    customer_id: pa.Array
    who: np.ndarray
    uid: pa.Array
    newsletter: np.ndarray  # asked for it with the account


def _customers(
    rng: np.random.Generator, people: People, records: Records, key: pa.Array
) -> dict[str, object]:
    written = variants.write(rng, people, records.who, HABITS, records.modified)
    count = len(written)
    uid = pc.coalesce(written.email, pa.scalar(""))
    taken = text.repeated(pc.utf8_lower(uid))
    uid = text.where(taken, "", uid)
    card = text.numbered("VC", (np.arange(count) + 5) * 7_368_787 % 99_999_989, 8)
    per_person = (np.maximum(records.who, 0) + 5) * 7_368_787 % 99_999_989
    card = text.where(records.who >= 0, text.numbered("VC", per_person, 8), card)
    carries = text.chance(rng, 0.35, people.count)[np.maximum(records.who, 0)] & (records.who >= 0)
    return {
        "customerId": key,
        "uid": uid,
        "firstName": written.given,
        "lastName": written.family,
        "titleCode": text.take(["mr", "ms"], written.sex),
        "birthDate": text.days(written.birth_date),
        "phone": written.mobile,
        "streetName": written.street,
        "streetNumber": written.number,
        "postalCode": written.postal_code,
        "town": written.city,
        "countryIso": written.country_code,
        "languageIso": text.take(["nl", "fr", "de", "en"], written.language),
        "loyaltyCard": text.where(carries, card, None),
        "newsletter": text.chance(rng, 0.55, count),
        "createdTime": text.instants(records.created),
        "modifiedTime": text.instants(records.modified),
    }


def _entry(*, number: np.ndarray, product: np.ndarray, quantity: np.ndarray, base: np.ndarray,
           total: np.ndarray, goods: catalogue.Goods) -> pa.Array:  # fmt: skip
    def figure(values: np.ndarray) -> pa.Array:
        return pa.array(values).cast(pa.string())

    return text.join(
        '{"entryNumber": ', figure(number), ', "product": "', text.take(goods.code, product),
        '", "quantity": ', figure(quantity), ', "basePrice": ', figure(base), ', "totalPrice": ',
        figure(total), "}",
    )  # fmt: skip


def _lists(entries: pa.Array, lengths: np.ndarray) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), entries)
    return text.join("[", pc.binary_join(lists, ", "), "]")


def _orders(
    rng: np.random.Generator, bought: shopping.Purchases, goods: catalogue.Goods,
    customer: pa.Array, country: np.ndarray,
) -> dict[str, object]:  # fmt: skip
    count = len(bought)
    lengths = np.bincount(bought.line_order, minlength=count)
    entries = _entry(
        number=bought.line_number, product=bought.product, quantity=bought.quantity,
        base=goods.price[bought.product], total=bought.net, goods=goods,
    )  # fmt: skip
    net = bought.total(bought.net)
    fresh = bought.ordered_at > LAST - np.timedelta64(4 * 86400, "s")
    status = np.where(fresh, 1, np.array([0, 2, 3])[text.weighted(rng, (0.92, 0.03, 0.05), count)])
    settled = (rng.integers(1, 20, count) * 86400).astype("timedelta64[s]")
    modified = np.where(fresh, bought.ordered_at, np.minimum(bought.ordered_at + settled, LAST))
    return {
        "code": text.numbered("SO", np.arange(count) + 1, 8),
        "customerId": customer,
        "createdTime": text.instants(bought.ordered_at),
        "status": text.take(["COMPLETED", "CREATED", "CANCELLED", "RETURNED"], status),
        "currency": text.take(["EUR", "GBP"], (country == 4).astype(np.int64)),
        "totalPrice": net,
        "totalDiscounts": bought.total(bought.discount),
        "deliveryCost": shopping.delivery_cost(net),
        "modifiedTime": text.instants(modified),
        "entries": _lists(entries, lengths),
    }


def _carts(
    rng: np.random.Generator, behaviour: Behaviour, goods: catalogue.Goods, records: Records,
    *, key: pa.Array, cookies: Cookies,
) -> dict[str, object]:  # fmt: skip
    shop = behaviour.shop
    rows = np.flatnonzero((shop.adds > 0) & (shop.month >= CUTOVER_MONTH))
    rows = rows[np.argsort(shop.visit_at[rows], kind="stable")]
    record = records.first_of[shop.who[rows]]
    registered = (record >= 0) & (records.created[record] < shop.visit_at[rows])
    cookie = cookies[0].take(pa.array(shop.who[rows]))
    has_cookie = text.known(cookie)
    named = has_cookie & (cookies[1][shop.who[rows]] <= shop.visit_at[rows])
    logged_in = registered & (named | ~has_cookie | shop.bought[rows])
    kept = np.flatnonzero(logged_in | has_cookie)
    rows, record, logged_in, named = (v[kept] for v in (rows, record, logged_in, named))
    cookie = text.where(named | ~logged_in, cookie.take(pa.array(kept)), None)
    count = len(rows)
    product = shop.product[rows].astype(np.int64)
    quantity = np.minimum(shop.adds[rows], 2).astype(np.int64)
    total = text.amounts(goods.price[product] * quantity)
    entries = _entry(
        number=np.zeros(count, dtype=np.int64), product=product, quantity=quantity,
        base=goods.price[product], total=total, goods=goods,
    )  # fmt: skip
    begun = shop.visit_at[rows] + np.timedelta64(600, "s")
    left = begun < AS_OF - np.timedelta64(14, "D")
    status = np.where(shop.bought[rows], 2, np.where(left, 1, 0))
    modified = np.where(status == 2, shop.visit_at[rows] + shopping.BUYING_TAKES, begun)
    return {
        "code": text.numbered("CT", np.arange(count) + 1, 8),
        "customerId": text.take(key, np.where(logged_in, record, -1)),
        "anonymousId": cookie,
        "status": text.take(["OPEN", "ABANDONED", "CONVERTED"], status),
        "totalPrice": total,
        "entries": _lists(entries, np.ones(count, dtype=np.int64)),
        "createdTime": text.instants(begun),
        "modifiedTime": text.instants(modified),
    }


def _shelf(rng: np.random.Generator, goods: catalogue.Goods) -> tuple[dict, dict]:
    count = len(goods.price)
    changed = MONTHS[HISTORY_MONTHS - 1] + rng.integers(0, 29 * 86400, count).astype(
        "timedelta64[s]"
    )
    available = np.where(goods.sold_out[:, -1], 0, 2 + rng.poisson(18 * goods.weight + 2, count))
    level = np.select([available == 0, available < 6], [2, 1], 0)
    products = {
        "code": goods.code,
        "name": goods.name,
        "category": text.take(catalogue.CATEGORIES, goods.category),
        "price": goods.price,
        "purchasePrice": goods.cost,
        "currency": text.take(["EUR"], np.zeros(count, dtype=np.int64)),
        "modifiedTime": text.instants(np.full(count, CUTOVER)),
    }
    stock = {
        "productCode": goods.code,
        "available": available,
        "stockStatus": text.take(["inStock", "lowStock", "outOfStock"], level),
        "modifiedTime": text.instants(changed),
    }
    return products, stock


def write(
    seed: int, folder: Path, people: People, memberships: Memberships, *, behaviour: Behaviour,
    bought: shopping.Purchases, cookies: Cookies,
) -> tuple[Keys, dict[str, int]]:  # fmt: skip
    """Write the shop's entities; returns record keys and row counts."""
    rng = text.stream(seed, "sap_commerce")
    goods, records = catalogue.goods(seed), memberships.records["sap_commerce"]
    key = customer_ids(records)
    record = records.pick(rng, bought.who)
    records = records.known_by(bought.ordered_at, record)
    customers = _customers(rng, people, records, key)
    customer = key.take(pa.array(record))
    products, stock = _shelf(rng, goods)
    tables = {
        "customers": customers,
        "orders": _orders(rng, bought, goods, customer, people.country[bought.who]),
        "carts": _carts(rng, behaviour, goods, records, key=key, cookies=cookies),
        "products": products,
        "stock": stock,
    }
    counts = {
        name: writing.parquet(folder / f"{name}.parquet", columns)
        for name, columns in tables.items()
    }
    return Keys(key, records.who, customers["uid"], customers["newsletter"]), counts


def customer_ids(records: Records) -> pa.Array:
    """Customer numbers, in order of registration."""
    return text.numbered("SC", np.arange(len(records)) + 1, 8)
