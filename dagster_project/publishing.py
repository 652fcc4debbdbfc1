"""Tables made visible to readers, whole or not at all.

Belongs here: Parquet for dbt to read (`lake/derived`), Delta for everyone outside the build
(`lake/gold`), their end, reading the warehouse. Does not belong here: what the tables say.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, write_deltalake

RETENTION_HOURS = 7 * 24
"""How long files of replaced versions stay, for readers that still hold an older version."""

BATCH_ROWS = 100_000
FILE_BYTES = 256 * 1024 * 1024
"""Few large files: what Power BI's Direct Lake and every other reader like best."""

MONTH = "month"
CONTENT_KEY = "kindred.content"
"""Commit property that holds the hash of what the version contains."""


def read_warehouse(warehouse: Path, relation: str, columns: str = "*") -> pa.Table:
    """Read one relation (`schema.table`) of the warehouse. Row order is arbitrary.

    Raises `duckdb.IOException` while another process writes the warehouse: call it from an asset
    in the pool "warehouse".
    """
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.sql(f"select {columns} from {relation}").to_arrow_table()  # noqa: S608


def write_derived(folder: Path, table: pa.Table) -> None:
    """Replace `folder/part-0.parquet` atomically: readers meet the old file or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".part-0.{os.getpid()}.tmp"
    pq.write_table(table, temporary, compression="zstd")
    temporary.replace(folder / "part-0.parquet")


def content_hash(warehouse: duckdb.DuckDBPyConnection, relation: str) -> tuple[str, int]:
    """A hash of the relation's columns and rows, whatever the rows' order, and the row count."""
    shape = warehouse.sql(f"describe {relation}").fetchall()
    names = ", ".join(f'"{column[0]}"' for column in shape)
    [(rows, total, mixed)] = warehouse.sql(
        f"select count(*), sum(h::hugeint), bit_xor(h) "  # noqa: S608
        f"from (select hash({names}) as h from {relation})"
    ).fetchall()
    text = f"{[column[:2] for column in shape]}|{rows}|{total}|{mixed}"
    return hashlib.sha256(text.encode()).hexdigest(), rows


def publish_delta(
    warehouse: Path, relation: str, folder: Path, months_of: str | None = None
) -> dict[str, int | bool | str]:
    """Publish `relation` as the Delta table `folder` unless it holds the same already.

    months_of: a time of the relation by whose months the table is partitioned (column `month`,
    as in 2026-11): only months whose rows have changed are written again. Returns what a person
    wants to see: rows, whether it was written, and the Delta version.
    """
    with duckdb.connect(warehouse, read_only=True) as connection:
        if months_of is not None:
            return _publish_months(connection, relation, folder, months_of)
        return publish_relation(connection, relation, folder)


def publish_relation(
    connection: duckdb.DuckDBPyConnection, relation: str, folder: Path
) -> dict[str, int | bool | str]:
    """Publish a relation of any connection, whole, as `publish_delta` does for the warehouse."""
    digest, rows = content_hash(connection, relation)
    published = _published(folder)
    if published is not None and published[0] == digest:
        return {"rows": rows, "written": False, "delta_version": published[1]}
    reader = connection.sql(f"from {relation}").to_arrow_reader(BATCH_ROWS)
    return {"rows": rows, "written": True, "delta_version": _write(folder, reader, digest)}


def drop_others(product: Path, tables: Collection[str]) -> list[str]:
    """Remove what was published in a product's folder once, and is none of `tables` any more.

    A table whose newest version somebody else wrote, and whatever is no Delta table, stays. Returns
    the names of the tables that are gone.
    """
    found = sorted(path for path in product.glob("*") if path.is_dir())
    gone = [folder for folder in found if folder.name not in tables and _is_ours(folder)]
    for folder in gone:
        shutil.rmtree(folder)
    return [folder.name for folder in gone]


def _is_ours(folder: Path) -> bool:
    published = _published(folder)
    return published is not None and published[0] is not None


def _publish_months(
    connection: duckdb.DuckDBPyConnection, relation: str, folder: Path, column: str
) -> dict[str, int | bool | str]:
    """Replace the months that differ from what is published, in one version."""
    shape = str([row[:2] for row in connection.sql(f"describe {relation}").fetchall()])
    monthly = f"(select *, strftime(\"{column}\", '%Y-%m') as {MONTH} from {relation})"  # noqa: S608
    names = ", ".join(f'"{row[0]}"' for row in connection.sql(f"describe {relation}").fetchall())
    found = connection.sql(
        f"select {MONTH}, count(*), sum(h::hugeint), bit_xor(h) "  # noqa: S608
        f"from (select {MONTH}, hash({names}) as h from {monthly}) group by {MONTH}"
    ).fetchall()
    rows = sum(count for _, count, _, _ in found)
    digests = {month: f"{count}|{total}|{mixed}" for month, count, total, mixed in found}
    content = json.dumps({"shape": shape, "months": dict(sorted(digests.items()))})
    published = _published(folder)
    if published is not None and published[0] == content:
        return {"rows": rows, "written": False, "delta_version": published[1]}
    before = json.loads(published[0]) if published and published[0] else {"shape": None}
    if before["shape"] != shape:
        reader = connection.sql(f"from {monthly}").to_arrow_reader(BATCH_ROWS)
        version = _write(folder, reader, content, partition_by=[MONTH])
        return {"rows": rows, "written": True, "delta_version": version}
    changed = sorted(
        month
        for month in digests.keys() | before["months"].keys()
        if digests.get(month) != before["months"].get(month)
    )
    listed = ", ".join(f"'{month}'" for month in changed)
    reader = connection.sql(f"from {monthly} where {MONTH} in ({listed})").to_arrow_reader(
        BATCH_ROWS
    )
    version = _write(folder, reader, content, predicate=f"{MONTH} in ({listed})")
    return {"rows": rows, "written": True, "delta_version": version, "months": len(changed)}


def _write(folder: Path, reader: pa.RecordBatchReader, content: str, **how: Any) -> int:
    """Commit one new version, large files, and forget what nobody may still be reading."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_deltalake(
        str(folder),
        _portable(reader),
        mode="overwrite",
        schema_mode=None if "predicate" in how else "overwrite",
        target_file_size=FILE_BYTES,
        configuration={"delta.logRetentionDuration": f"interval {RETENTION_HOURS} hours"},
        commit_properties=CommitProperties(custom_metadata={CONTENT_KEY: content}),
        **how,
    )
    delta = DeltaTable(str(folder))
    delta.vacuum(retention_hours=RETENTION_HOURS, dry_run=False)
    return delta.version()


def _published(folder: Path) -> tuple[str | None, int] | None:
    """Content hash and version of what lies in `folder`; None when there is no table yet."""
    if not DeltaTable.is_deltatable(str(folder)):
        return None
    table = DeltaTable(str(folder))
    latest = table.history(limit=1)[0]
    return latest.get(CONTENT_KEY), table.version()


def _portable(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """Types that every Delta reader knows: times carry UTC, integers a sign, no dictionaries."""
    fields = [field.with_type(_portable_type(field.type)) for field in reader.schema]
    schema = pa.schema(fields)
    return pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in reader))


def _portable_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC")
    if pa.types.is_unsigned_integer(kind):
        return pa.int64()
    if pa.types.is_dictionary(kind):
        return kind.value_type
    return pa.string() if pa.types.is_null(kind) else kind
