"""Labelled records of people as several systems hold them, of any size, the same for each seed.

    python -m benchmarks.people 1000000 --out people.parquet --truth truth.parquet --flavour A

`people.parquet` has the columns of `person_records`, `truth.parquet` record_id and person_id.

Belongs here: the command, and the way from arrays to files. Does not belong here: the model of
people and mistakes (`identity_data`).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.identity_data import extras
from benchmarks.identity_data.flavours import FLAVOURS, Flavour
from benchmarks.identity_data.mailboxes import Taken
from benchmarks.identity_data.population import population
from benchmarks.identity_data.records import records_of
from ingestion.sandbox.company.vocabulary import country

PEOPLE_AT_ONCE = 250_000
"""Bounds the memory: a household never spans two parts."""
SCRAMBLE = 2_654_435_761
"""Odd, so that numbers below 2**32 stay different when they are multiplied by it modulo 2**32."""
TRUTH = pa.schema([("record_id", pa.string()), ("person_id", pa.string())])


def main() -> None:
    """Write the two files that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", type=int)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--flavour", choices=sorted(FLAVOURS), default="A")
    options = parser.parse_args()
    write(options.records, options.out, options.truth, options.seed, options.flavour)


def write(records: int, out: Path, truth: Path, seed: int = 1, flavour: str = "A") -> None:
    """Write `records` rows of people to `out` and whose they are to `truth`."""
    chosen = FLAVOURS[flavour]
    with pq.ParquetWriter(out, schema(chosen)) as people, pq.ParquetWriter(truth, TRUTH) as labels:
        for table, persons in parts(records, seed, chosen):
            people.write_table(table)
            labels.write_table(persons)


def schema(flavour: Flavour) -> pa.Schema:
    """The types of `person_records`."""
    types = {"birth_date": pa.date32(), "updated_at": pa.timestamp("s")}
    return pa.schema([(name, types.get(name, pa.string())) for name in flavour.columns])


def parts(records: int, seed: int, flavour: Flavour) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Records and truth in parts of bounded size, `records` rows in all, in no telling order."""
    rng = np.random.default_rng(seed)
    per_person = 1.8
    done = people_done = 0
    taken = Taken()
    while done < records:
        wanted = math.ceil((records - done) / per_person * 1.03) + 50
        columns, person, count = part(rng, min(wanted, PEOPLE_AT_ONCE), flavour, taken)
        kept = np.flatnonzero(person < person[np.argsort(person)[: records - done]][-1] + 1)
        kept = rng.permutation(kept)[: records - done]
        person = person[kept]
        number = (np.arange(done, done + len(kept)) * SCRAMBLE + seed) % 2**32
        columns = {name: values[kept] for name, values in columns.items()}
        identity = columns["source_system"] + ":" + number.astype(str).astype(object)
        columns["record_id"] = identity
        table = pa.table(
            [
                pa.array(columns[field.name], field.type, from_pandas=True)
                for field in schema(flavour)
            ],
            schema=schema(flavour),
        )
        labels = "p" + (person + people_done).astype(str).astype(object)
        yield table, pa.table([pa.array(identity), pa.array(labels)], schema=TRUTH)
        done, people_done = done + len(kept), people_done + count


def part(
    rng: np.random.Generator, people: int, flavour: Flavour, taken: Taken
) -> tuple[dict[str, np.ndarray], np.ndarray, int]:
    """Records of about that many people, the position of each record's person, and how many."""
    homes = [country(code, crowded=True) for code in flavour.countries]
    shares = np.array([home.lists["share"] for home in homes])
    columns, persons, count = [], [], 0
    for home, share in zip(homes, shares / shares.sum(), strict=True):
        inhabitants = population(rng, home, max(4, math.ceil(people * share)), taken)
        rows, person = records_of(rng, inhabitants, flavour)
        if "attribute_occupation" in flavour.columns:
            extras.add_extras(rng, inhabitants, person, rows, flavour.sources)
        columns.append(rows)
        persons.append(person + count)
        count += len(inhabitants)
    order = rng.permutation(count)
    whole = {name: np.concatenate([rows[name] for rows in columns]) for name in columns[0]}
    return whole, order[np.concatenate(persons)], count


if __name__ == "__main__":
    main()
