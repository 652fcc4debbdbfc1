"""What partners share: an insurer's policy holders, and what is known about postal codes.

Belongs here: second- and third-party files.
Does not belong here: anything the company knows itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import names, text, variants, writing
from ingestion.sandbox.company.cars import Vehicles
from ingestion.sandbox.company.memberships import Records
from ingestion.sandbox.company.people import People

HABITS = variants.Habits(
    nickname=0.02, upper=0.08, mangled=0.4, mojibake=0.25, date_missing=0.05, phone_missing=0.4,
    second_email=0.5, refresh=0.7, address_missing=0.01,
)  # fmt: skip
PRODUCTS = ("liability", "partial cover", "full cover")
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Keys:
    """Policy holders with the person behind each."""

    holder_id: pa.Array
    who: np.ndarray


def _policies(
    rng: np.random.Generator, people: People, records: Records, *, holder: pa.Array,
    vehicles: Vehicles, vin: pa.Array,
) -> tuple[dict[str, object], np.ndarray]:  # fmt: skip
    written = variants.write(rng, people, records.who, HABITS, records.modified)
    car = np.full(people.count, -1)
    car[vehicles.who] = np.arange(len(vehicles))
    shared = (
        np.datetime64("2025-03-31"), np.datetime64("2025-12-31"), np.datetime64("2026-09-30")
    )  # fmt: skip
    first = np.searchsorted(np.array(shared), records.created.astype("datetime64[D]"))
    batch = np.minimum(first, 2)
    twice = np.flatnonzero(text.chance(rng, 0.06, len(records)))
    row = np.concatenate([np.arange(len(records)), twice])
    index, count = pa.array(row), len(row)
    start = records.created[row].astype("datetime64[D]")
    ends = start + (365 * rng.integers(1, 5, count)).astype("timedelta64[D]")
    insured = np.where(text.chance(rng, 0.7, len(records)), car[records.who], -1)[row]
    insured[len(records) :] = -1
    fields = {
        "given_name": written.given, "family_name": written.family,
        "birth_date": text.written_days(written.birth_date), "email": written.email,
        "phone": written.mobile, "street": written.street, "house_number": written.number,
        "postal_code": written.postal_code, "city": written.city,
        "country_code": written.country_code,
    }  # fmt: skip
    columns = {
        "policy_number": text.numbered("PL", np.arange(count) + 7_000_001, 9),
        "holder_id": holder.take(index),
        **{name: values.take(index) for name, values in fields.items()},
        "product": text.take(PRODUCTS, text.weighted(rng, (0.3, 0.3, 0.4), count)),
        "vin": text.take(vin, insured),
        "starts_on": text.written_days(start),
        "ends_on": text.written_days(ends),
        "shared_on": text.written_days(np.array(shared)[batch[row]]),
    }
    return columns, batch[row]


def _postal(rng: np.random.Generator, people: People) -> tuple[dict, dict]:
    book = people.addresses
    place = text.join(text.take(names.COUNTRIES, book.country), "|", book.postal_code)
    codes = place.dictionary_encode()
    count = len(codes.dictionary)
    parts = pc.split_pattern(codes.dictionary, "|")
    country, postal = pc.list_element(parts, 0), pc.list_element(parts, 1)
    wealth = rng.normal(0, 1, count)
    town = rng.integers(0, 4, count)
    dates = {
        "valid_from": text.days(np.full(count, np.datetime64("2026-01-01"))),
        "licensed_until": text.days(
            np.where(text.chance(rng, 0.05, count), np.datetime64("2026-09-30"),
                     np.datetime64("2027-12-31"))
        ),
    }  # fmt: skip
    demographics = {
        "country_code": country,
        "postal_code": postal,
        "households": 20 + rng.poisson(180, count),
        "income_index": np.round(100 * np.exp(0.18 * wealth), 1),
        "urbanity": text.take(["rural", "village", "town", "city"], town),
        "family_share": np.round(
            np.clip(rng.normal(0.34 - 0.03 * town, 0.08, count), 0.05, 0.8), 3
        ),
        **dates,
    }
    affinity = {
        "country_code": country,
        "postal_code": postal,
        "brand_affinity": np.round(np.clip(rng.normal(0.5 + 0.05 * wealth, 0.15), 0, 1), 3),
        "ev_affinity": np.round(np.clip(rng.normal(0.4 + 0.08 * wealth, 0.15), 0, 1), 3),
        **dates,
    }
    return demographics, affinity


def write(
    seed: int,
    folder: Path,
    people: People,
    records: Records,
    *,
    vehicles: Vehicles,
    vin: pa.Array,
) -> tuple[Keys, dict[str, int]]:
    """Write the partners' files; returns record keys and row counts."""
    rng = text.stream(seed, "partners")
    real = np.flatnonzero(records.who >= 0)
    records = Records(records.who[real], records.created[real], records.modified[real],
                      records.first_of, records.last_of)  # fmt: skip
    holder = text.numbered("H", np.arange(len(real)) * 3 + 1_000_007, 9)
    policies, batch = _policies(rng, people, records, holder=holder, vehicles=vehicles, vin=vin)
    for number, label in enumerate(("2025-03", "2025-12", "2026-09")):
        rows = batch == number
        writing.csv(folder / f"insurance_policies_{label}.csv", writing.sliced(policies, rows))
    demographics, affinity = _postal(rng, people)
    counts = {
        "insurance_policies": len(batch),
        "postal_demographics": writing.parquet(
            folder / "postal_demographics_2026.parquet", demographics
        ),
        "brand_affinity": writing.parquet(folder / "brand_affinity_2026.parquet", affinity),
    }
    return Keys(holder, records.who), counts
