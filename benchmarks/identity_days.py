"""Days of changes for an index of people, and the full run that it must agree with after each.

    python -m benchmarks.identity_days --towns 20 --days 50

Every town lives its own days: records come, change, are copied, crowd around one email, phone or
street, and go, while stewards decide and undo. After each day the clusters of the index are
compared with those of a full run.

Belongs here: what may happen to records on a day, and the comparison. Does not belong here: how
fast an index is (`identity`).
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import people as generator
from kindred.identity import engine
from kindred.identity.candidates.duplicates import originals
from kindred.identity.candidates.pairing import Shared
from kindred.identity.clusters import judgement, linkage
from kindred.identity.clusters.judgement import Judgement
from kindred.identity.engine import Prepared, match_prepared
from kindred.identity.index import rule_blocks
from kindred.identity.index.index import Index
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weighing import Engine
from kindred.identity.weights.agreement import Comparer
from kindred.identity.weights.frequencies import Frequencies

CHANGED = ("email", "phone", "birth_date", "given_name", "family_name", "street", "postal_code")
KINDS = ("new", "new", "changed", "changed", "copied", "crowd", "visit", "same")
"""A visit has cookies of somebody and an email, his own or somebody else's, and no name."""
GENERATIONS = (" Jr.", ", Sr", " III")
COOKIES = "cookies"
"""The key of a row's cookies: some have none, some several, and a few people share one."""
MOST_COOKIES = 6
"""One more than are looked at."""
CAPS = (0, 0, 0, 2, 3)
"""Of which each rule has one, by lot, where a town has blocks."""
IDENTIFIERS = pa.schema(
    [(n, pa.string()) for n in ("record_id", "identifier_type", "identifier_value")]
)
DECISIONS = pa.schema([(n, pa.string()) for n in ("record_id_1", "record_id_2", "verdict")])


class Days:
    """Records that live: they come, change, are copied and go, as a seed has it."""

    def __init__(self, people: pa.Table, start: int, seed: int) -> None:
        rows = people.to_pylist()
        self.random = random.Random(seed)
        for row in self.random.sample(rows, len(rows) // 5):
            if row["family_name"]:
                row["family_name"] += self.random.choice(GENERATIONS)
        for row in rows:
            row[COOKIES] = self._cookies(self.random.choice([0, 0, 1, 1, 1, 2]))
        self.schema = people.schema
        self.now = {row["record_id"]: row for row in rows[:start]}
        self.later = rows[start:]
        self.verdicts: dict[tuple[str, str], str] = {}

    def next(self) -> tuple[pa.Table, pa.Table, list[str]]:
        """One day: records that are new or changed, all of their identifiers, and ids of those
        that are gone."""
        touched: dict[str, dict] = {}
        for _ in range(self.random.randint(0, 5)):
            row = self._one()
            if row:
                touched[row["record_id"]] = row
        gone = [record for record in self._some(2) if record not in touched]
        for record in gone:
            del self.now[record]
        self.now |= touched
        self._judge()
        return self.table(touched.values()), self.identifiers(touched.values()), gone

    def _one(self) -> dict | None:
        kind = self.random.choice(KINDS)
        if kind == "new":
            return self.later.pop() if self.later else None
        if not self.now:
            return None
        row = dict(self.now[self.random.choice(sorted(self.now))])
        other = self.now[self.random.choice(sorted(self.now))]
        if kind == "changed":
            for name in self.random.sample(CHANGED, self.random.randint(1, 3)):
                row[name] = self.random.choice([other[name], None])
            if self.random.random() < 0.3:
                new = self._cookies(self.random.randint(0, MOST_COOKIES))
                row[COOKIES] = self.random.choice([other[COOKIES], row[COOKIES] | new, new])
        elif kind == "copied":
            row["record_id"] = f"copy:{self.random.randrange(10**9)}"
        elif kind == "visit":
            email = self.random.choice([row, other])["email"]
            row = dict.fromkeys(row) | {"email": email, COOKIES: row[COOKIES]}
            row["record_id"] = f"visit:{self.random.randrange(10**9)}"
        elif kind == "crowd":
            crowd = {"email": "team@crowd.example", "phone": "0201234567", "street": "Crowdstraat"}
            crowd |= {COOKIES: {*row[COOKIES], "team"}}
            name = self.random.choice(sorted(crowd))
            row[name] = crowd[name]
        return row

    def _cookies(self, count: int) -> set[str]:
        """Any, of which each has one that resembles it."""
        lot = self.random
        return {f"{lot.randrange(200):03d}" * 3 + lot.choice("01") for _ in range(count)}

    def _some(self, most: int) -> list[str]:
        return self.random.sample(
            sorted(self.now), min(self.random.randint(0, most), len(self.now))
        )

    def _judge(self) -> None:
        if self.random.random() < 0.3 and len(self.now) > 1:
            pair = tuple(self.random.sample(sorted(self.now), 2))
            self.verdicts[pair] = self.random.choice(["same", "different"])
        if self.random.random() < 0.2 and self.verdicts:
            del self.verdicts[self.random.choice(sorted(self.verdicts))]

    def decisions(self) -> pa.Table:
        """The stewards' decisions that stand."""
        rows = [(a, b, verdict) for (a, b), verdict in sorted(self.verdicts.items())]
        return pa.table([[row[i] for row in rows] for i in range(3)], schema=DECISIONS)

    def table(self, rows: Iterable[dict]) -> pa.Table:
        """Rows as a table of people."""
        return pa.Table.from_pylist(list(rows), schema=self.schema)

    def identifiers(self, rows: Iterable[dict]) -> pa.Table:
        """The identifiers of rows."""
        found = [
            (row["record_id"], "cookie", value) for row in rows for value in sorted(row[COOKIES])
        ]
        return pa.table([[row[i] for row in found] for i in range(3)], schema=IDENTIFIERS)


def full_run(index: Index, days: Days) -> set[frozenset[str]]:
    """The clusters of a full run with what the index learned, but none of what it remembers."""
    now = days.now.values()
    columns, identifiers = TableColumns(days.table(now)), days.identifiers(now)
    people = read_people(columns, index.rules, identifiers, usage=index.people.usage)
    people = index.lexicons.people(people)
    place = {record: row for row, record in enumerate(people.record_id.to_pylist())}
    decided = [
        (place[a], place[b], verdict == "same")
        for (a, b), verdict in days.verdicts.items()
        if a in place and b in place
    ]
    original = originals(people, [row for a, b, _ in decided for row in (a, b)])
    rows = np.unique(original)
    to = np.searchsorted(rows, original)
    compared = people.take(rows)
    comparer = Comparer(compared, Frequencies(compared, index.chance.kept), index.model.fields)
    judgement = Judgement(compared, index.rules, [(to[a], to[b], same) for a, b, same in decided])
    named = np.zeros(len(people), bool)
    prepared = Prepared(people, original, named, rows, to, Engine(compared, 2, comparer), judgement)
    return clusters(people.record_id, match_prepared(prepared, index.rules, _Kept(index)).label)


class _Kept:
    """A model file that keeps the model of an index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def kept(self, *_: object):
        return self._index.model


def clusters(record_id: pa.Array, label: np.ndarray) -> set[frozenset[str]]:
    """Ids of records by label."""
    found = defaultdict(set)
    for record, one in zip(record_id.to_pylist(), label.tolist(), strict=True):
        found[one].add(record)
    return {frozenset(group) for group in found.values()}


@contextmanager
def _small_blocks(seed: int, few: int) -> Iterator[None]:
    """Few records fill a block or make a component a large one; up to `few`, all meet."""
    lot = random.Random(seed)

    def caps(shared: list[Shared], *_: object) -> dict[str, int]:
        return {one.rule.name: lot.choice(CAPS) for one in shared}

    with ExitStack() as patched:
        for module in (engine, rule_blocks):
            patched.enter_context(mock.patch.object(module, "COMPARE_ALL", few))
        patched.enter_context(mock.patch.object(engine, "learned_caps", caps))
        for module in (judgement, rule_blocks):
            patched.enter_context(mock.patch.object(module, "RULE_CAP", max(CAPS)))
        patched.enter_context(mock.patch.object(linkage, "LARGE", max(CAPS)))
        yield


def town(people: pa.Table, size: int, days: int, seed: int, *, blocks: bool) -> int:
    """Days of one town until the first after which index and full run differ; `days` if none.

    blocks: pairs come from blocks, as among many records, instead of all with all; and blocks are
    so small that a day brings some over their cap, and others under it. In one town of three so may
    a day do with the number from which on blocks are used.
    """
    few = 0 if seed % 3 else int(size * 0.97)  # some of them are copies
    with _small_blocks(seed, few) if blocks else nullcontext():
        first = seed * 137 % max(len(people) - size, 1)
        life = Days(people.slice(first, size + 4 * days), size, seed)
        now = life.now.values()
        index = Index(life.table(now), identifiers=life.identifiers(now))
        for day in range(days):
            records, identifiers, gone = life.next()
            decided = {"gone": gone, "decisions": life.decisions()}
            index.update(records, identifiers=identifiers, **decided)
            if clusters(*index.clusters()) != full_run(index, life):
                return day
    return days


def main() -> None:
    """Let towns live and say which differ from a full run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--towns", type=int, default=10)
    parser.add_argument("--days", type=int, default=50)
    parser.add_argument("--size", type=int, default=150, help="records at the start")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.parquet"
        generator.write(5_000, file, Path(folder) / "truth.parquet")
        people = pq.read_table(file)
    lived = 0
    for seed in range(options.seed, options.seed + options.towns):
        days = town(people, options.size, options.days, seed, blocks=seed % 2 == 0)
        lived += days
        differs = f"differs from a full run after day {days}" if days < options.days else "agrees"
        print(f"town {seed}, {days} days: the index {differs}", flush=True)
    print(f"{lived} days of {options.towns} towns were as a full run has them")


if __name__ == "__main__":
    main()
