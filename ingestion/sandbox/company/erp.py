"""The dealers' ERP: a SQL database of customers, cars, orders, payments, service and surveys.

Belongs here: the ERP's tables and how its clerks write customers.
Does not belong here: what happened to the cars (`cars`).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingestion.sandbox.company import cars as story
from ingestion.sandbox.company import names, places, text, variants, writing
from ingestion.sandbox.company.memberships import Memberships, Records
from ingestion.sandbox.company.people import AS_OF, People

HABITS = variants.Habits(
    nickname=0.03, upper=0.06, mangled=0.35, mojibake=0.08, date_missing=0.22, email_missing=0.25,
    phone_missing=0.12, refresh=0.55, address_missing=0.02,
)  # fmt: skip
TEXT, WHOLE, REAL, DATE, TIME = "VARCHAR", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP"
KEY, NUMBER_KEY = "VARCHAR NOT NULL PRIMARY KEY", "INTEGER NOT NULL PRIMARY KEY"
TABLES = {
    "dealers": {"dealer_code": KEY, "name": TEXT, "city": TEXT, "country_code": TEXT,
                "opened_on": DATE},
    "customers": {"customer_number": KEY, "given_name": TEXT, "family_name": TEXT,
                  "birth_date": TEXT, "gender": TEXT, "email": TEXT, "phone": TEXT, "street": TEXT,
                  "house_number": TEXT, "postal_code": TEXT, "city": TEXT, "country_code": TEXT,
                  "dealer_code": TEXT, "created_at": TIME},
    "vehicles": {"vehicle_id": KEY, "vin": TEXT, "model": TEXT, "customer_number": TEXT,
                 "delivered_on": DATE, "warranty_until": DATE, "lease_until": DATE},
    "vehicle_orders": {"order_number": KEY, "customer_number": TEXT, "dealer_code": TEXT,
                       "model": TEXT, "ordered_at": TIME, "status": TEXT, "net_amount": REAL,
                       "tax_amount": REAL, "promised_on": DATE, "expected_on": DATE,
                       "delivered_on": DATE, "vehicle_id": TEXT},
    "order_status_changes": {"change_id": NUMBER_KEY, "order_number": TEXT, "status": TEXT,
                             "changed_at": TIME, "expected_on": DATE},
    "deliveries": {"delivery_id": NUMBER_KEY, "order_number": TEXT, "vehicle_id": TEXT,
                   "delivered_at": TIME, "dealer_code": TEXT},
    "payments": {"payment_id": NUMBER_KEY, "order_number": TEXT, "kind": TEXT, "amount": REAL,
                 "paid_at": TIME},
    "service_visits": {"visit_id": NUMBER_KEY, "vehicle_id": TEXT, "customer_number": TEXT,
                       "dealer_code": TEXT, "visited_at": TIME, "kind": TEXT, "net_amount": REAL},
    "surveys": {"survey_id": NUMBER_KEY, "order_number": TEXT, "visit_id": WHOLE,
                "customer_number": TEXT, "score": WHOLE, "answered_at": TIME},
}  # fmt: skip


@dataclass(frozen=True)
class Erp:
    """What other parts refer to: keys of customers, and which record each vehicle belongs to."""

    customer_number: pa.Array
    who: np.ndarray
    vin: pa.Array
    counts: dict[str, int]


def _customers(
    rng: np.random.Generator, people: People, records: Records, number: pa.Array
) -> dict[str, object]:
    written = variants.write(rng, people, records.who, HABITS, records.modified)
    birth = text.written_days(written.birth_date)
    turned = pa.compute.strftime(text.days(written.birth_date), "%d-%m-%Y")
    dealers = places.dealers()
    return {
        "customer_number": number,
        "given_name": written.given,
        "family_name": written.family,
        "birth_date": text.where(text.chance(rng, 0.3, len(written)), turned, birth),
        "gender": text.take(["M", "F"], written.sex),
        "email": written.email,
        "phone": pa.compute.coalesce(written.mobile, written.landline),
        "street": written.street,
        "house_number": written.number,
        "postal_code": written.postal_code,
        "city": written.city,
        "country_code": written.country_code,
        "dealer_code": text.take(dealers.code, people.dealer[np.maximum(records.who, 0)]),
        "created_at": text.written_times(records.created),
        "updated_at": text.written_times(records.modified),
    }


def _dealers() -> dict[str, object]:
    dealers = places.dealers()
    count = len(dealers.country)
    opened = np.datetime64("1998-04-01") + (np.arange(count) * 137 % 8000).astype("timedelta64[D]")
    return {
        "dealer_code": dealers.code,
        "name": dealers.name,
        "city": dealers.city,
        "country_code": text.take(names.COUNTRIES, dealers.country),
        "opened_on": text.written_days(opened),
        "updated_at": text.written_times(np.full(count, np.datetime64("2024-01-15T08:00:00"))),
    }


def _numbers(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int64) + 1


def _vehicles(
    rng: np.random.Generator, vehicles: story.Vehicles, customer: pa.Array, vin: pa.Array
) -> dict[str, object]:
    count = len(vehicles)
    years = np.array([36, 48])[rng.integers(0, 2, count)] * 365 // 12
    leased = text.chance(rng, 0.3, count)
    until = np.where(leased, vehicles.delivered_on + years.astype("timedelta64[D]"), story.NEVER)
    return {
        "vehicle_id": text.numbered("V", _numbers(count), 8),
        "vin": vin,
        "model": text.take(places.MODELS, vehicles.model),
        "customer_number": customer,
        "delivered_on": text.written_days(vehicles.delivered_on),
        "warranty_until": text.written_days(vehicles.delivered_on + np.timedelta64(1095, "D")),
        "lease_until": text.written_days(until),
        "updated_at": text.written_times(
            vehicles.delivered_on.astype("datetime64[s]") + np.timedelta64(18, "h")
        ),
    }


def _orders(people: People, orders: story.Orders, customer: pa.Array) -> dict[str, object]:
    dealers = places.dealers()
    tax = places.TAX[people.country[orders.who]]
    return {
        "order_number": text.numbered("VO-", _numbers(len(orders)), 8),
        "customer_number": customer,
        "dealer_code": text.take(dealers.code, orders.dealer),
        "model": text.take(places.MODELS, orders.model),
        "ordered_at": text.written_times(orders.ordered_at),
        "status": text.take(story.STATUSES, orders.status),
        "net_amount": orders.net,
        "tax_amount": text.amounts(orders.net * tax),
        "promised_on": text.written_days(orders.promised_on),
        "expected_on": text.written_days(orders.expected_on),
        "delivered_on": text.written_days(orders.delivered_at),
        "vehicle_id": text.where(
            orders.vehicle >= 0, text.numbered("V", np.maximum(orders.vehicle, 0) + 1, 8), None
        ),
        "updated_at": text.written_times(orders.updated_at),
    }


def _payments(rng: np.random.Generator, people: People, orders: story.Orders, number: pa.Array):
    gross = orders.net * (1 + places.TAX[people.country[orders.who]])
    deposit = np.round(gross * 0.1, -2)
    count = len(orders)
    paid = orders.ordered_at + (rng.integers(1, 6, count) * 86400).astype("timedelta64[s]")
    delivered, dropped = ~np.isnat(orders.delivered_at), ~np.isnat(orders.cancelled_at)
    refund = orders.cancelled_at + np.timedelta64(9 * 86400, "s")
    settled = orders.delivered_at - np.timedelta64(3600, "s")
    paying = (paid < AS_OF) & ~(orders.cancelled_at < paid)
    kinds = [
        (paying, 0, deposit, paid),
        (delivered, 1, gross - deposit, settled),
        (dropped & paying & (refund < AS_OF), 2, -deposit, refund),
    ]
    rows = np.concatenate([np.flatnonzero(mask) for mask, *_ in kinds])
    kind = np.concatenate([np.full(mask.sum(), code) for mask, code, *_ in kinds])
    amount = np.concatenate([value[mask] for mask, _, value, _ in kinds])
    when = np.concatenate([time[mask] for mask, *_, time in kinds])
    order = np.lexsort((rows, when))
    return {
        "payment_id": _numbers(len(order)),
        "order_number": text.take(number, rows[order]),
        "kind": text.take(["deposit", "balance", "refund"], kind[order]),
        "amount": text.amounts(amount[order]),
        "paid_at": text.written_times(when[order]),
        "updated_at": text.written_times(when[order]),
    }


def _surveys(
    rng: np.random.Generator, orders: story.Orders, visits: story.Visits, *, number: pa.Array,
    order_customer: pa.Array, visit_customer: pa.Array,
) -> dict[str, object]:  # fmt: skip
    asked = ~np.isnat(orders.delivered_at) & text.chance(rng, 0.4, len(orders))
    after_order = np.flatnonzero(asked)
    after_visit = np.flatnonzero(text.chance(rng, 0.15, len(visits.kind)))
    mood = np.concatenate([
        8.3 - 1.6 * orders.delays[after_order], 8.0 - 1.0 * (visits.kind[after_visit] == 1)
    ])  # fmt: skip
    score = np.clip(np.round(rng.normal(mood, 1.8)), 0, 10).astype(np.int64)
    when = np.concatenate([orders.delivered_at[after_order], visits.visited_at[after_visit]])
    when = when + (rng.integers(1, 12, len(when)) * 86400).astype("timedelta64[s]")
    first = len(after_order)
    kept = np.flatnonzero(when < AS_OF)
    order = kept[np.argsort(when[kept], kind="stable")]
    which_order = np.concatenate([after_order, np.full(len(after_visit), -1)])[order]
    visit = np.concatenate([np.zeros(first, dtype=np.int64), after_visit + 1])[order]
    customer = pa.concat_arrays(
        [text.take(order_customer, after_order), text.take(visit_customer, after_visit)]
    )
    return {
        "survey_id": _numbers(len(order)),
        "order_number": text.take(number, which_order),
        "visit_id": pa.array(visit, mask=visit == 0),
        "customer_number": customer.take(pa.array(order)),
        "score": score[order],
        "answered_at": text.written_times(when[order]),
        "updated_at": text.written_times(when[order]),
    }


def write(
    seed: int, folder: Path, people: People, memberships: Memberships, cars: story.Cars
) -> Erp:
    """Write `dealer_erp.db` into `folder`."""
    rng = text.stream(seed, "erp")
    orders, changes, vehicles = cars.orders, cars.changes, cars.vehicles
    records = memberships.records["dealer_erp"]
    order_record, vehicle_record = records.pick(rng, orders.who), records.pick(rng, vehicles.who)
    delivered_rows = np.flatnonzero(orders.vehicle >= 0)
    vehicle_record[orders.vehicle[delivered_rows]] = order_record[delivered_rows]
    records = records.known_by(orders.ordered_at, order_record)
    records = records.known_by(vehicles.delivered_on, vehicle_record)
    number = text.numbered("K", np.argsort(np.argsort(records.created, kind="stable")) + 100_001, 8)
    vin = text.join(
        places.VIN_COUNTRY, text.take(["ZZZ", "ZZY"], rng.integers(0, 2, len(vehicles))),
        text.numbered("", (np.arange(len(vehicles)) + 11) * 7_654_321 % 9_999_999_967, 11),
    )  # fmt: skip
    order_customer, owner = (
        number.take(pa.array(order_record)),
        number.take(pa.array(vehicle_record)),
    )
    order_number = text.numbered("VO-", _numbers(len(orders)), 8)
    visits = story.service_visits(seed, people, vehicles)
    visitor = owner.take(pa.array(visits.vehicle))
    codes = places.dealers().code
    tables = {
        "dealers": _dealers(),
        "customers": _customers(rng, people, records, number),
        "vehicles": _vehicles(rng, vehicles, owner, vin),
        "vehicle_orders": _orders(people, orders, order_customer),
        "order_status_changes": {
            "change_id": _numbers(len(changes.order)),
            "order_number": text.take(order_number, changes.order),
            "status": text.take(story.STATUSES, changes.status),
            "changed_at": text.written_times(changes.changed_at),
            "expected_on": text.written_days(changes.expected_on),
            "updated_at": text.written_times(changes.changed_at),
        },
        "deliveries": _deliveries(orders, order_number, codes),
        "payments": _payments(rng, people, orders, order_number),
        "service_visits": {
            "visit_id": _numbers(len(visits.kind)),
            "vehicle_id": text.numbered("V", visits.vehicle + 1, 8),
            "customer_number": visitor,
            "dealer_code": text.take(codes, vehicles.dealer[visits.vehicle]),
            "visited_at": text.written_times(visits.visited_at),
            "kind": text.take(story.VISIT_KINDS, visits.kind),
            "net_amount": visits.net,
            "updated_at": text.written_times(visits.visited_at),
        },
        "surveys": _surveys(
            rng,
            orders,
            visits,
            number=order_number,
            order_customer=order_customer,
            visit_customer=visitor,
        ),
    }
    return Erp(number, records.who, vin, _fill(folder / "dealer_erp.db", tables))


def _deliveries(orders: story.Orders, number: pa.Array, codes: pa.Array) -> dict[str, object]:
    rows = np.flatnonzero(orders.vehicle >= 0)
    rows = rows[np.argsort(orders.delivered_at[rows], kind="stable")]
    return {
        "delivery_id": _numbers(len(rows)),
        "order_number": text.take(number, rows),
        "vehicle_id": text.numbered("V", orders.vehicle[rows] + 1, 8),
        "delivered_at": text.written_times(orders.delivered_at[rows]),
        "dealer_code": text.take(codes, orders.dealer[rows]),
        "updated_at": text.written_times(orders.delivered_at[rows]),
    }


def _fill(path: Path, tables: dict[str, dict[str, object]]) -> dict[str, int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    counts = {}
    for name, columns in tables.items():
        kinds = {**TABLES[name], "updated_at": TIME}
        counts[name] = writing.sqlite_table(database, name, kinds, columns)
    database.close()
    return counts
