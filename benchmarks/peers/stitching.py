"""Codes stitched together, as customer data platforms do: an equal code is one person.

    python -m benchmarks.peers.stitching PEOPLE.parquet --out CLUSTERS.parquet
    python -m benchmarks.peers.stitching PEOPLE.parquet --out CLUSTERS.parquet --limits

Without limits, records that share any code are one person, and so are those that are linked through
others: the identity graph of RudderStack's Profiles
(https://www.rudderstack.com/docs/profiles/concepts/identity-graph/), and what Apache Unomi's merge
rules do, given one for each code (https://unomi.apache.org/manual/latest/).

With limits, records come one after the other, as events do, and a profile may hold so many values
of a type and no more; else the record's least trusted code is dropped and it tries again: the "flat
matching logic" of Segment's Unify, with its usual limits and priorities
(https://segment.com/docs/unify/identity-resolution/identity-resolution-onboarding/).

Belongs here: these two rules, written after their documentation. Does not belong here: the
platforms themselves, or any comparison of values that aren't equal.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peers.graph import clusters

PRIORITY = ("identifier_account", "email")
"""The codes that are trusted most; the phone and all other identifiers come after them, by name."""
LIMITS = {"identifier_account": 1}
LIMIT = 5
"""Values of any other code per profile."""
BLOCKED = r"^[0-]*$|^-1$|^null$|^anonymous$"
"""Values that are no codes, as Segment suggests."""
CODE = f"case when not regexp_matches({{0}}, '{BLOCKED}') then lower(trim({{0}})) end"
PHONE = "nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 9), '')"
ORDER = "seen_on"
Code = tuple[str, str]


def main() -> None:
    """Stitch and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limits", action="store_true", help="limits and priorities of codes")
    options = parser.parse_args()
    with duckdb.connect(config={"threads": options.threads}) as connection:
        raw = connection.read_parquet(str(options.people))
        codes = codes_of(raw.columns)
        cleaned = [f"{PHONE if code == 'phone' else CODE.format(code)} as {code}" for code in codes]
        order = [ORDER] if ORDER in raw.columns else []
        raw.project(", ".join(["record_id", *order, *cleaned])).create("cleaned")
        if options.limits:
            rows = connection.table("cleaned").order(", ".join([*order, "record_id"]))
            found = limited(rows.to_arrow_table(), codes)
        else:
            found = clusters(connection, "select record_id from cleaned", shared(codes))
    pq.write_table(found, options.out)


def codes_of(columns: Iterable[str]) -> list[str]:
    """Those of the columns that hold codes, by priority; none for names and addresses only."""
    columns = set(columns)
    others = sorted(name for name in columns if name.startswith("identifier_") or name == "phone")
    trusted = [name for name in PRIORITY if name in columns]
    return trusted + [name for name in others if name not in trusted]


def shared(codes: Iterable[str]) -> str:
    """A query of pairs: each record with the first one that has the same code."""
    return " union all ".join(
        f"select first_value(record_id) over (partition by {code} order by record_id), record_id "
        f"from cleaned where {code} is not null"
        for code in codes
    )


def limited(records: pa.Table, codes: list[str]) -> pa.Table:
    """record_id, cluster_id; records: in the order in which they come; codes: by priority."""
    profiles = Profiles()
    columns = [records[code].to_pylist() for code in codes]
    found = [
        profiles.resolve([(code, value) for code, value in zip(codes, row, strict=True) if value])
        for row in zip(*columns, strict=True)
    ]
    return pa.table(
        {"record_id": records["record_id"], "cluster_id": [profiles.of(one) for one in found]}
    )


class Profiles:
    """Profiles, and which codes lead to each."""

    def __init__(self) -> None:
        self._into: list[int] = []
        self._held: list[set[Code]] = []
        self._owner: dict[Code, int] = {}

    def of(self, profile: int) -> int:
        """The profile into which one was merged."""
        while self._into[profile] != profile:
            self._into[profile] = self._into[self._into[profile]]
            profile = self._into[profile]
        return profile

    def resolve(self, codes: list[Code]) -> int:
        """The profile of a record with these codes, merged of all that they lead to."""
        for trusted in tried(codes):
            known = (self._owner[code] for code in trusted if code in self._owner)
            matched = sorted({self.of(one) for one in known})
            together = set(trusted).union(*(self._held[one] for one in matched))
            if within_limits(together) or not matched:
                return self._merged(matched, together)
        return self._merged([], set())

    def _merged(self, matched: list[int], codes: set[Code]) -> int:
        if not matched:
            matched = [len(self._into)]
            self._into.append(matched[0])
            self._held.append(set())
        first = matched[0]
        for other in matched[1:]:
            self._into[other] = first
            self._held[other] = set()
        self._held[first] = codes
        self._owner |= dict.fromkeys(codes, first)
        return first


def tried(codes: list[Code]) -> Iterator[list[Code]]:
    """All codes, by priority, then without the least trusted, and so on."""
    return (codes[:count] for count in range(len(codes), 0, -1))


def within_limits(codes: set[Code]) -> bool:
    """No type has more values than a profile may hold."""
    counts: dict[str, int] = {}
    for kind, _ in codes:
        counts[kind] = counts.get(kind, 0) + 1
    return all(count <= LIMITS.get(kind, LIMIT) for kind, count in counts.items())


if __name__ == "__main__":
    main()
