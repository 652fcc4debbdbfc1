"""Rows that could not land: kept beside the lake with the reason, and counted.

Belongs here: writing `lake/quarantine/<source>/<table>/`. A file is named after its content, so
that reading the same bad rows again (a run that failed later, a file that came again) leaves one
copy of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import dlt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.lake import WholeFiles

SCHEMA = pa.schema(
    [
        pa.field("file", pa.string()),
        pa.field("row_number", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("raw", pa.string()),
    ]
)

METRIC = "quarantined"


@dataclass(frozen=True)
class BadRow:
    """A row that could not land. `raw` is its text without secret columns, or None if withheld."""

    row_number: int | None
    reason: str
    raw: str | None
    file: str | None = None


def keep(root: Path, source: str, table: str, rows: list[BadRow]) -> None:
    """Write `rows` to quarantine and count them, by reason, in the running resource's metrics."""
    if not rows:
        return
    content = pa.Table.from_pylist(
        [
            {"file": r.file, "row_number": r.row_number, "reason": r.reason, "raw": r.raw}
            for r in rows
        ],
        schema=SCHEMA,
    )
    listed = [(r.file, r.row_number, r.reason, r.raw) for r in rows]
    digest = hashlib.blake2b(orjson.dumps(listed), digest_size=12).hexdigest()
    folder = root / source / table
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f".{digest}.new"
    pq.write_table(content, scratch, compression="zstd")
    WholeFiles().put_file(scratch, folder / f"{digest}.parquet")
    scratch.unlink()
    counts = dlt.current.resource_metrics().setdefault(METRIC, {})
    for reason, count in Counter(r.reason for r in rows).items():
        counts[reason] = counts.get(reason, 0) + count
