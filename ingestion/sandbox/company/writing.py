"""Writing columns to files, the same bytes for the same columns.

Belongs here: Parquet, CSV and SQLite as containers.
Does not belong here: which tables and columns there are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

Columns = Mapping[str, Any]
SQLITE_BATCH = 50_000


def table(columns: Columns) -> pa.Table:
    """Columns of equal length, numpy or Arrow, as a table."""
    return pa.table({name: _array(values) for name, values in columns.items()})


def _array(values: Any) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return pa.array(values)
    return pa.array(values)


def parquet(path: Path, columns: Columns) -> int:
    """Write one Parquet file; returns the number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = table(columns)
    pq.write_table(data, path, row_group_size=262_144)
    return data.num_rows


def csv(path: Path, columns: Columns) -> int:
    """Write one CSV file with a header; null is an empty field. Returns the number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = table(columns)
    pacsv.write_csv(data, path, pacsv.WriteOptions(quoting_style="needed", quoting_header="needed"))
    return data.num_rows


def sliced(columns: Columns, rows: np.ndarray) -> dict[str, pa.Array]:
    """The chosen rows (an index array or a mask) of every column."""
    index = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows)
    data = table(columns).take(pa.array(index))
    return {name: data.column(name) for name in data.column_names}


def sqlite_table(
    database: sqlite3.Connection, name: str, kinds: Mapping[str, str], columns: Columns
) -> int:
    """Create a table with declared column types and fill it; returns the number of rows.

    Times and dates must already be text as SQLite keeps them. Names come from this package only.
    """
    if list(kinds) != list(columns):
        raise ValueError(f"table {name}: declared columns differ from the data's")
    declared = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
    database.execute(f'CREATE TABLE "{name}" ({declared})')
    marks = ", ".join("?" for _ in kinds)
    statement = f'INSERT INTO "{name}" VALUES ({marks})'  # noqa: S608
    data = table(columns)
    with database:
        for batch in data.to_batches(max_chunksize=SQLITE_BATCH):
            lists = [column.to_pylist() for column in batch.columns]
            database.executemany(statement, zip(*lists, strict=True))
    return data.num_rows
