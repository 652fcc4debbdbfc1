"""The old web shop: CSV exports of Magento, with the headers Magento gives them.

Belongs here: customers, addresses, orders and order items of the shop that closed at the cutover.
Does not belong here: what people bought (`shopping`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import catalogue, names, places, shopping, text, variants, writing
from ingestion.sandbox.company.memberships import CUTOVER, Records
from ingestion.sandbox.company.people import People

HABITS = variants.Habits(
    lower=0.05, mangled=0.3, mojibake=0.6, date_missing=0.55, email_missing=0.0, second_email=0.5,
    email_case=0.05, phone_missing=0.15, refresh=0.3,
)  # fmt: skip
WEBSITES = tuple(f"velmora_{code.lower()}" for code in names.COUNTRIES)
EXPORTS = (("20250101", np.datetime64("2025-01-01")), ("20250601", CUTOVER))


@dataclass(frozen=True)
class Keys:
    """Accounts with the person behind each: record keys as Kindred forms them."""

    key: pa.Array
    who: np.ndarray


def _accounts(
    rng: np.random.Generator, people: People, records: Records
) -> tuple[variants.Written, pa.Array, np.ndarray]:
    """Accounts with their websites, and a mask: the first of each website and address."""
    written = variants.write(rng, people, records.who, HABITS, records.modified)
    website = text.take(WEBSITES, written.country)
    address = pc.utf8_lower(pc.utf8_trim_whitespace(written.email))
    return written, website, ~text.repeated(text.join(website, "|", address))


def _customers(
    rng: np.random.Generator, written: variants.Written, website: pa.Array, records: Records
) -> dict[str, object]:  # fmt: skip
    count = len(written)
    blank = text.no_values(count)
    language = text.take(["nl", "fr", "de", "en"], written.language)
    salt = text.hex_keys(rng, count, 32)
    return {
        "email": written.email,
        "_website": website,
        "_store": text.join(website, "_", language),
        "confirmation": blank,
        "created_at": text.written_times(records.created),
        "created_in": text.join("Store ", language),
        "disable_auto_group_change": np.zeros(count, dtype=np.int64),
        "dob": text.written_days(written.birth_date),
        "failures_num": np.zeros(count, dtype=np.int64),
        "first_failure": blank,
        "firstname": written.given,
        "gender": text.take(["Male", "Female"], written.sex),
        "group_id": 1 + text.chance(rng, 0.05, count).astype(np.int64),
        "lastname": written.family,
        "lock_expires": blank,
        "middlename": written.middle,
        "password_hash": text.join(text.hex_keys(rng, count, 64), ":", salt, ":2"),
        "prefix": blank,
        "rp_token": text.where(text.chance(rng, 0.2, count), text.hex_keys(rng, count, 32), None),
        "rp_token_created_at": blank,
        "store_id": written.country + 1,
        "suffix": blank,
        "taxvat": blank,
        "updated_at": text.written_times(np.minimum(records.modified, CUTOVER)),
        "website_id": written.country + 1,
        "password": blank,
    }


def _addresses(written: variants.Written, website: pa.Array) -> dict[str, object]:
    count = len(written)
    blank, one = text.no_values(count), np.ones(count, dtype=np.int64)
    french = written.country >= 3
    street = text.where(
        french,
        text.join(written.number, " ", written.street),
        text.join(written.street, " ", written.number),
    )
    return {
        "_website": website,
        "_email": written.email,
        "_entity_id": np.arange(count) + 1,
        "city": written.city,
        "company": blank,
        "country_id": written.country_code,
        "fax": blank,
        "firstname": written.given,
        "lastname": written.family,
        "middlename": written.middle,
        "postcode": written.postal_code,
        "prefix": blank,
        "region": blank,
        "region_id": blank,
        "street": street,
        "suffix": blank,
        "telephone": pc.coalesce(written.mobile, written.landline),
        "vat_id": blank,
        "_address_default_billing_": one,
        "_address_default_shipping_": one,
    }


def _orders(
    rng: np.random.Generator, bought: shopping.Purchases, accounts: dict, account: np.ndarray,
    country: np.ndarray,
) -> dict[str, object]:  # fmt: skip
    count, at = len(bought), pa.array(account)
    net, shipping = bought.total(bought.net), shopping.delivery_cost(bought.total(bought.net))
    tax = text.amounts((net + shipping) * places.TAX[country])
    status = text.weighted(rng, (0.9, 0.05, 0.03, 0.02), count)
    return {
        "increment_id": text.numbered("", np.arange(count) + 100_000_001, 9),
        "customer_email": accounts["email"].take(at),
        "website": accounts["_website"].take(at),
        "customer_firstname": accounts["firstname"].take(at),
        "customer_lastname": accounts["lastname"].take(at),
        "created_at": text.written_times(bought.ordered_at),
        "status": text.take(["complete", "canceled", "closed", "processing"], status),
        "grand_total": text.amounts(net + shipping + tax),
        "discount_amount": bought.total(bought.discount),
        "tax_amount": tax,
        "shipping_amount": shipping,
        "currency": text.take(["EUR", "GBP"], (country == 4).astype(np.int64)),
    }


def _items(bought: shopping.Purchases, goods: catalogue.Goods, number: pa.Array) -> dict:
    return {
        "item_id": np.arange(len(bought.product)) + 1,
        "increment_id": number.take(pa.array(bought.line_order)),
        "sku": text.take(goods.code, bought.product),
        "name": text.take(goods.name, bought.product),
        "qty": bought.quantity.astype(np.float64),
        "price": goods.price[bought.product],
        "discount_amount": bought.discount,
        "row_total": bought.net,
    }


def record_keys(website: pa.Array, email: pa.Array) -> pa.Array:
    """md5 of website and address, as Kindred keys Magento accounts."""
    relation = pa.table({"row": np.arange(len(email)), "website": website, "email": email})
    with duckdb.connect() as connection:
        connection.register("accounts", relation)
        keyed = connection.sql(
            "SELECT row, md5(lower(website) || '|' || lower(trim(email))) AS key FROM accounts"
        ).to_arrow_table()
    return keyed.sort_by("row").column("key").combine_chunks()


def write(
    seed: int, folder: Path, people: People, records: Records, bought: shopping.Purchases
) -> tuple[Keys, dict[str, int]]:
    """Write the exports; returns record keys and row counts."""
    rng = text.stream(seed, "magento")
    goods = catalogue.goods(seed)
    account = records.pick(rng, bought.who)
    records = records.known_by(bought.ordered_at, account)
    written, website, unique = _accounts(rng, people, records)
    email = written.email
    customers = _customers(rng, written, website, records)
    addresses = _addresses(written, website)
    clashing = ~unique[account]  # the account is the one that took the address first
    account[clashing] = records.first_of[bought.who[clashing]]
    keep = unique[account]
    bought, account = bought.part(keep), account[keep]
    orders = _orders(rng, bought, customers, account, people.country[bought.who])
    for label, day in EXPORTS:
        seen = unique & (records.created < day)
        writing.csv(folder / f"customer_export_{label}.csv", writing.sliced(customers, seen))
    has_address = np.asarray(unique & text.known(written.street))
    writing.csv(
        folder / f"customer_address_export_{label}.csv", writing.sliced(addresses, has_address)
    )
    items = _items(bought, goods, orders["increment_id"])
    year = bought.ordered_at < np.datetime64("2025-01-01")
    for part, rows in (("2024", year), ("2025", ~year)):
        writing.csv(folder / f"orders_{part}.csv", writing.sliced(orders, rows))
        lines = rows[bought.line_order]
        writing.csv(folder / f"order_items_{part}.csv", writing.sliced(items, lines))
    chosen = pa.array(np.flatnonzero(unique))
    keys = record_keys(website.take(chosen), email.take(chosen))
    counts = {"customers": int(unique.sum()), "customer_addresses": int(has_address.sum()),
              "orders": len(bought), "order_items": len(bought.product)}  # fmt: skip
    return Keys(keys, records.who[unique]), counts
