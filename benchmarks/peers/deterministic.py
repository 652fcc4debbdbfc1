"""Deterministic rules: records that agree exactly on two of their values are one person.

    python -m benchmarks.peers.deterministic PEOPLE.parquet --out CLUSTERS.parquet --threads 2

What a team writes in an afternoon of SQL, and the least that an engine must beat.

Belongs here: the rules. Does not belong here: anything learned.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from benchmarks.peers.graph import clusters

TEXT = "nullif(trim(lower(strip_accents({0}))), '')"
DIGITS = "nullif(right(regexp_replace({0}, '[^0-9]', '', 'g'), 9), '')"
CLEANING = {"phone": DIGITS, "birth_date": "{0}::varchar"}
NAME = ("given_name", "family_name")
RULES = (
    ("email", *NAME),
    ("phone", *NAME),
    ("birth_date", *NAME),
    ("postal_code", "house_number", *NAME),
    ("postal_code", "street", *NAME),
)
NO_PAIRS = "select record_id, record_id from cleaned where false"


def main() -> None:
    """Match and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with duckdb.connect(config={"threads": options.threads}) as connection:
        raw = connection.read_parquet(str(options.people))
        wanted = {name for rule in RULES for name in rule} & set(raw.columns)
        cleaned = [f"{CLEANING.get(name, TEXT).format(name)} as {name}" for name in sorted(wanted)]
        raw.project(", ".join(["record_id", *cleaned])).create("cleaned")
        queries = [pair_query(rule) for rule in RULES if wanted >= set(rule)]
        pairs = " union all ".join(queries or [NO_PAIRS])
        found = clusters(connection, "select record_id from cleaned", pairs)
        pq.write_table(found, options.out)


def pair_query(rule: tuple[str, ...]) -> str:
    """Each record with the first one that has the same key: enough for components."""
    key = ", ".join(rule)
    given = " and ".join(f"{name} is not null" for name in rule)
    return (
        f"select first_value(record_id) over (partition by {key} order by record_id), record_id "
        f"from cleaned where {given}"
    )


if __name__ == "__main__":
    main()
