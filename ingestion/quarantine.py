"""Rows that could not land: kept beside the lake with the reason, and counted.

Belongs here: writing `lake/quarantine/<source>/<table>/`. A file is named after its content, so
that reading the same bad rows again (a run that failed later, a file that came again) leaves one
copy of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dlt
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.arrow import Misfit
from ingestion.specs import TableSpec

if TYPE_CHECKING:
    from ingestion.cursor import Cursor
    from kindred.settings import Settings

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

    file: str | None
    row_number: int
    reason: str
    raw: str | None


def sort_out(
    settings: Settings,
    source: str,
    table: TableSpec,
    batch: tuple[pa.Table, list[Misfit]],
    described: Callable[[Misfit], BadRow],
    *,
    cursor: Cursor | None = None,
) -> pa.Table:
    """The rows of a fitted batch that land. Misfits, as `described`, are kept and counted.

    With a `cursor`, rows that were read by an earlier run are neither landed nor kept again.
    """
    rows, misfits = batch
    fresh = cursor.fresh(rows) if cursor else None
    if misfits:
        bad = pa.array([misfit.index for misfit in misfits], pa.int64())
        good = pc.invert(pc.is_in(pa.array(np.arange(len(rows)), pa.int64()), bad))
        flags = fresh.take(bad).to_pylist() if fresh is not None else [True] * len(misfits)
        found = [described(m) for m, new in zip(misfits, flags, strict=True) if new]
        keep(settings, source, table, found)
        fresh = good if fresh is None else pc.and_(fresh, good)
    return rows if fresh is None else rows.filter(fresh)


def keep(settings: Settings, source: str, table: TableSpec, rows: list[BadRow]) -> None:
    """Write `rows` to quarantine and count them, by reason, in the running resource's metrics."""
    if not rows:
        return
    content = pa.Table.from_pylist([vars(row) for row in rows], schema=SCHEMA)
    listed = orjson.dumps([list(vars(row).values()) for row in rows])
    name = hashlib.blake2b(listed, digest_size=12).hexdigest()
    folder = settings.quarantine / source / table.name
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{name}.part"
    pq.write_table(content, unfinished, compression="zstd")
    unfinished.replace(folder / f"{name}.parquet")
    counts = dlt.current.resource_metrics().setdefault(METRIC, {})
    for reason, count in Counter(row.reason for row in rows).items():
        counts[reason] = counts.get(reason, 0) + count
