"""Public registers: who died, who moved, who does not want to be contacted. CSV files by quarter.

Belongs here: the registers' entries about people of the truth, about persons who are no customers,
and about strangers who look like customers.
Does not belong here: the truth itself (`people`, `truth`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import names, text, variants, writing
from ingestion.sandbox.company.memberships import seconds
from ingestion.sandbox.company.people import AS_OF, People, populate

HABITS = variants.Habits(
    nickname=0.0, initial=0.01, typo=0.012, swapped_names=0.004, upper=0.1, lower=0.0,
    other_family=0.5, mangled=0.3, mojibake=0.05, middle=0.9, date_missing=0.02, date_swapped=0.01,
)  # fmt: skip
DAY = np.timedelta64(1, "D")
YESTERDAY = AS_OF - DAY
# Entries about persons who are no customers but resemble one: a father with the same name at the
# same address, a twin with another given name, a namesake in another town.
NO_MISS, FATHER, TWIN, NAMESAKE = range(4)
NOBODY = -1

Meant = dict[str, tuple[pa.Array, np.ndarray]]
"""Register -> keys of its entries (n,) and the persons (n,) whom they mean, -1 for no customer."""
Register = tuple[dict, np.ndarray, tuple[pa.Array, np.ndarray]]
"""The columns of a register's rows, when each was recorded, and whom the entries mean."""


def _given_names(given: pa.Array, middle: pa.Array) -> pa.Array:
    return pc.coalesce(text.join(given, " ", middle), given)


def _recorded(rng: np.random.Generator, happened: np.ndarray, count: int) -> np.ndarray:
    return happened + rng.integers(4, 60, count).astype("timedelta64[D]")


def _persons(
    rng: np.random.Generator, people: People, who: np.ndarray, miss: np.ndarray
) -> dict[str, object]:
    """Names and birth dates of `who` (n,), or of somebody who resembles them (`miss`)."""
    given, middle, family = variants.written_names(rng, people, who, HABITS)
    birth = variants.written_births(rng, people, who, HABITS)
    older = (rng.integers(20 * 365, 35 * 365, len(who))).astype("timedelta64[D]")
    birth = np.where(np.isin(miss, (FATHER, NAMESAKE)), birth - older, birth)
    table = names.given_names()
    other = table.draw(rng, people.country[who], people.sex[who])
    other = np.where(other == people.given[who], (other + 1) % len(table), other)
    given = text.where(miss == TWIN, table.written(other), given)
    return {
        "given_names": _given_names(given, text.where(miss != NO_MISS, None, middle)),
        "family_name": family,
        "birth_date": text.written_days(birth),
    }


def _places(people: People, at: np.ndarray, prefix: str = "") -> dict[str, object]:
    book = people.addresses
    return {
        f"{prefix}street": text.take(book.street, at),
        f"{prefix}house_number": text.take(book.number, at),
        f"{prefix}postal_code": text.take(book.postal_code, at),
        f"{prefix}city": text.take(book.city, at),
    }


def _withdrawn(
    rng: np.random.Generator, columns: dict[str, object], recorded: np.ndarray, share: float,
    always: np.ndarray,
) -> tuple[dict[str, object], np.ndarray]:  # fmt: skip
    """Add `withdraw` rows (same entry, later) for a share of entries and for all of `always`."""
    count = len(recorded)
    back = np.flatnonzero(always | text.chance(rng, share, count))
    rows = np.concatenate([np.arange(count), back])
    later = recorded[back] + rng.integers(5, 50, len(back)).astype("timedelta64[D]")
    when = np.concatenate([recorded, later])
    taken_back = np.arange(len(rows)) >= count
    kept = np.flatnonzero(when <= YESTERDAY)
    order = kept[np.argsort(when[kept], kind="stable")]
    out = {
        **writing.sliced(columns, rows[order]),
        "recorded_on": text.written_days(when[order]),
        "action": text.take(["add", "withdraw"], taken_back[order].astype(np.int64)),
    }
    return out, when[order]


def _files(folder: Path, name: str, columns: dict[str, object], when: np.ndarray) -> int:
    months = when.astype("datetime64[M]").astype(np.int64)
    quarter = months // 3
    for value in range(int(quarter.min()), int(quarter.max()) + 1):
        rows = quarter == value
        if rows.any():
            label = f"{1970 + value // 4}-q{value % 4 + 1}"
            writing.csv(folder / f"{name}_{label}.csv", writing.sliced(columns, rows))
    return len(when)


def _strangers(seed: int, count: int) -> People:
    """Persons who are no customers, from a population of their own."""
    return populate(seed * 31 + 17, count)


def _deceased(rng: np.random.Generator, people: People, strangers: People) -> Register:
    dead = np.flatnonzero(~np.isnat(people.died_on))
    dead = dead[text.chance(rng, 0.88, len(dead))]
    alive = np.flatnonzero(np.isnat(people.died_on))
    mistaken = rng.choice(alive, max(1, len(dead) // 40), replace=False)
    named = rng.choice(alive, max(6, len(dead) // 8), replace=False)
    others = np.arange(max(2, len(dead) // 3))
    who = np.concatenate([dead, mistaken, named])
    near = np.arange(len(who)) >= len(dead) + len(mistaken)
    miss = np.where(near, 1 + np.arange(len(who)) % 3, NO_MISS)
    guess = seconds(rng, np.datetime64("2024-11-10"), np.datetime64("2026-08-01"), len(who))
    died = people.died_on[who]
    died = np.where(np.isnat(died), guess.astype("datetime64[D]"), died)
    at = variants.known_addresses(rng, people, who, died.astype("datetime64[s]"), 0.9)
    at = np.where(miss == NAMESAKE, rng.integers(0, len(people.addresses), len(who)), at)
    foreign = seconds(rng, np.datetime64("2024-11-10"), np.datetime64("2026-10-01"), len(others))
    foreign = foreign.astype("datetime64[D]")
    ours = {**_persons(rng, people, who, miss), **_places(people, at),
            "country_code": text.take(names.COUNTRIES, people.country[who])}  # fmt: skip
    theirs = {
        **_persons(rng, strangers, others, np.zeros(len(others), dtype=np.int64)),
        **_places(strangers, strangers.old_address[others]),
        "country_code": text.take(names.COUNTRIES, strangers.country[others]),
    }
    died = np.concatenate([died, foreign])
    columns = _both(ours, theirs) | {"died_on": text.written_days(died)}
    keys = ("given_names", "family_name", "birth_date", "died_on", "postal_code", "city",
            "country_code")  # fmt: skip
    entry = text.numbered("D", np.arange(len(died)) * 13 + 20_000_000, 9)
    columns = {"entry_id": entry, **{key: columns[key] for key in keys}}
    wrong = np.isin(np.arange(len(died)), len(dead) + np.arange(len(mistaken)))
    meant = np.concatenate([np.where(miss == NO_MISS, who, NOBODY), np.full(len(others), NOBODY)])
    return *_withdrawn(rng, columns, _recorded(rng, died, len(died)), 0.0, wrong), (entry, meant)


def _both(ours: dict[str, pa.Array], theirs: dict[str, pa.Array]) -> dict[str, pa.Array]:
    return {name: pa.concat_arrays([ours[name], theirs[name]]) for name in ours}


def _moved(rng: np.random.Generator, people: People, strangers: People) -> Register:
    moved = np.flatnonzero(~np.isnat(people.moved_on))
    moved = moved[text.chance(rng, 0.85, len(moved))]
    also = np.flatnonzero(~np.isnat(strangers.moved_on))
    also = also[: len(moved) // 5 + 1]

    def rows(crowd: People, who: np.ndarray) -> dict[str, pa.Array]:
        stays_unknown = ~crowd.has_forwarding[who]
        new = np.where(stays_unknown, -1, crowd.address[who])
        code = text.take(names.COUNTRIES, crowd.country[who])
        return {
            **_persons(rng, crowd, who, np.zeros(len(who), dtype=np.int64)),
            "moved_on": text.written_days(crowd.moved_on[who]),
            **_places(crowd, crowd.old_address[who], "old_"),
            "country_code": code,
            **_places(crowd, new, "new_"),
            "new_country_code": text.where(stays_unknown, None, code),
        }

    columns = _both(rows(people, moved), rows(strangers, also))
    day = np.concatenate([people.moved_on[moved], strangers.moved_on[also]])
    entry = text.numbered("M", np.arange(len(day)) * 17 + 40_000_000, 9)
    none = np.zeros(len(day), dtype=bool)
    meant = np.concatenate([moved, np.full(len(also), NOBODY)])
    found = _withdrawn(
        rng, {"entry_id": entry, **columns}, _recorded(rng, day, len(day)), 0.015, none
    )
    return *found, (entry, meant)


def _do_not_contact(rng: np.random.Generator, people: People, strangers: People) -> Register:
    ours = np.flatnonzero(text.chance(rng, 0.045, people.count))
    theirs = np.arange(min(strangers.count, len(ours) // 3 + 1))

    def rows(crowd: People, who: np.ndarray) -> dict[str, pa.Array]:
        when = np.full(len(who), AS_OF.astype("datetime64[s]"))
        written = variants.write(rng, crowd, who, HABITS, when)
        by_mail = text.chance(rng, 0.3, len(who))
        by_phone = text.chance(rng, 0.75, len(who))
        return {
            "given_names": _given_names(written.given, written.middle),
            "family_name": written.family,
            "street": written.street,
            "house_number": written.number,
            "postal_code": written.postal_code,
            "city": written.city,
            "country_code": written.country_code,
            "phone": text.where(by_phone, pc.coalesce(written.mobile, written.landline), None),
            "email": text.where(by_mail, written.email, None),
        }

    columns = _both(rows(people, ours), rows(strangers, theirs))
    count = len(ours) + len(theirs)
    columns["channels"] = text.take(
        ["post", "phone", "post|phone"], text.weighted(rng, (0.25, 0.4, 0.35), count)
    )
    asked = seconds(rng, np.datetime64("2023-01-01"), YESTERDAY, count).astype("datetime64[D]")
    entry = text.numbered("N", np.arange(count) * 19 + 60_000_000, 9)
    none = np.zeros(count, dtype=bool)
    meant = np.concatenate([ours, np.full(len(theirs), NOBODY)])
    return *_withdrawn(rng, {"entry_id": entry, **columns}, asked, 0.05, none), (entry, meant)


MAKERS = {"deceased": _deceased, "moved": _moved, "do_not_contact": _do_not_contact}


def write(seed: int, folder: Path, people: People) -> tuple[dict[str, int], Meant]:
    """Write the registers' files; returns row counts, and by register whom its entries mean."""
    rng = text.stream(seed, "registers")
    strangers = _strangers(seed, max(100, people.count // 20))
    counts, meant = {}, {}
    for name, make in MAKERS.items():
        columns, when, meant[name] = make(rng, people, strangers)
        counts[name] = _files(folder, name, columns, when)
    return counts, meant
