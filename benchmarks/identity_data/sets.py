"""The labelled sets by name: where their records and their truth lie as files.

Belongs here: making the files, once per folder. Does not belong here: engines and scores.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from benchmarks import people
from benchmarks.identity_data import public
from benchmarks.identity_data.others.recipes import OTHERS, labelled
from benchmarks.pipeline import served
from ingestion import sandbox as company

NOT_FOR_MATCHING = ("email", "phone", "kindred_id")
"""Types of `person_identifiers` that are columns already, or Kindred's own answer."""
SUPPORTING = ("vin",)
"""Types that several people may share in turn: attributes rather than identifiers."""

MATCHED = '+key:"semantic/person_records" or +key:"semantic/person_identifiers"'
"""The assets that matching reads, and what they come from."""


@dataclass(frozen=True)
class LabelledSet:
    """A set's name, and its files: `records` in the columns of `person_records`, `truth`."""

    name: str
    records: Path
    truth: Path


def files(folder: Path, name: str) -> LabelledSet:
    """The set of this name in the folder, whether its files are there or not yet."""
    stem = name.replace(" ", "_").replace(",", "")
    return LabelledSet(name, folder / f"{stem}.parquet", folder / f"{stem}_truth.parquet")


def published(folder: Path, names: tuple[str, ...]) -> Iterator[LabelledSet]:
    """FEBRL and fake_1000, as far as they are to be had."""
    for name in names:
        found = files(folder, name)
        if not found.records.exists():
            try:
                records, truth = public.fake_1000() if name == "fake_1000" else public.febrl(name)
            except LookupError as missing:
                print(f"{name} is left out: {missing}", file=sys.stderr)
                continue
            pq.write_table(truth, found.truth)
            pq.write_table(records, found.records)
        yield found


def generated(folder: Path, sizes: list[int], flavours: str, seed: int) -> Iterator[LabelledSet]:
    """People of several systems, in each flavour and of each size."""
    for size in sizes:
        for flavour in flavours:
            found = files(folder, f"people {flavour} {size:,}")
            if not found.records.exists():
                people.write(size, found.records, found.truth, seed, flavour)
            yield found


def others(folder: Path, seed: int) -> Iterator[LabelledSet]:
    """Biographies, voters and contacts at firms, some 20,000 records each."""
    for name in OTHERS:
        found = files(folder, name)
        if not found.records.exists():
            records, truth = labelled(name, seed)
            pq.write_table(truth, found.truth)
            pq.write_table(records, found.records)
        yield found


def sandbox(folder: Path, sizes: list[int]) -> Iterator[LabelledSet]:
    """What the sandbox company's systems hold, as the graph collects it and reads it."""
    for size in sizes:
        found = files(folder, f"sandbox {size:,}")
        if not found.records.exists():
            home = folder / f"home_{size}"
            collect(home, size)
            export_home(home, found)
        yield found


def collect(home: Path, people: int) -> None:
    """A sandbox company of so many people, and the part of the graph that matching reads."""
    company.create_company(home / "sandbox", people=people)
    with served(home / "sandbox") as connections:
        environment = {**os.environ, **connections}
        environment |= {"KINDRED_HOME": str(home), "KINDRED_AS_OF": company.AS_OF.isoformat()}
        command = [sys.executable, "-m", "dagster_project.cli.main", "run", "--select", MATCHED]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def export_home(home: Path, found: LabelledSet) -> None:
    """The person records of a home whose person the sandbox knows, with their identifiers."""
    truth = home / "sandbox" / "truth" / "records.parquet"
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("create temp table truth as from read_parquet($1)", [str(truth)])
        known = connection.sql("from truth where person_id is not null")
        known.write_parquet(str(found.truth))
        types = connection.execute(
            "select distinct identifier_type from semantic.person_identifiers "
            "where not list_contains($1, identifier_type) order by 1",
            [list(NOT_FOR_MATCHING)],
        ).fetchall()
        columns = "".join(
            f", min(identifier_value) filter (identifier_type = '{kind}') as "
            f"{'attribute' if kind in SUPPORTING else 'identifier'}_{kind}"
            for (kind,) in types
        )
        connection.sql(
            "select records.*, identifiers.* exclude (record_id) "
            "from semantic.person_records as records "
            "join truth on truth.record_id = records.record_id and truth.person_id is not null "
            f"left join (select record_id{columns} from semantic.person_identifiers group by 1) "
            "as identifiers on identifiers.record_id = records.record_id"
        ).write_parquet(str(found.records))
