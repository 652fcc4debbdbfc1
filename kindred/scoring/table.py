"""Reading a table of features: which columns are features, which rows are for what.

Belongs here: the shape of `features/fct_propensity_features` and of the scores made from it.
Does not belong here: models.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

KEYS = ("customer_id", "snapshot_date", "label")

SCORES = pa.schema(
    [
        ("customer_id", pa.string()),
        ("model", pa.string()),
        ("model_version", pa.string()),
        ("score", pa.float64()),
        ("decile", pa.int64()),
        ("scored_at", pa.timestamp("us")),
    ]
)
"""One row per customer of the newest snapshot. `decile` 1 is the most likely tenth; null when the
model can't rank. `scored_at` is the start of the snapshot's day, so that unchanged data gives an
unchanged table."""


def check(features: pa.Table) -> None:
    """Raise ValueError naming the columns that a features table must have and lacks."""
    missing = [name for name in KEYS if name not in features.column_names]
    if missing:
        raise ValueError(f"features table lacks the column(s) {', '.join(missing)}")


def feature_names(features: pa.Table) -> list[str]:
    """The numeric and boolean columns that are neither key nor label, by name."""
    return sorted(
        field.name
        for field in features.schema
        if field.name not in KEYS
        and (
            pa.types.is_integer(field.type)
            or pa.types.is_floating(field.type)
            or pa.types.is_decimal(field.type)
            or pa.types.is_boolean(field.type)
        )
    )


def matrix(features: pa.Table, names: list[str]) -> np.ndarray:
    """Rows x names as float32; null and not finite become NaN, and so does a column not there."""
    result = np.full((features.num_rows, len(names)), np.nan, dtype=np.float32)
    for position, name in enumerate(names):
        if name in features.column_names:
            column = pc.cast(features.column(name), pa.float64(), safe=False)
            result[:, position] = column.to_numpy()
    result[~np.isfinite(result)] = np.nan
    return result


def labels(features: pa.Table) -> np.ndarray:
    """The label as 0 and 1; the rows must have one."""
    return pc.cast(features.column("label"), pa.int8()).to_numpy().astype(np.int64)


def labelled(features: pa.Table) -> pa.Table:
    """Rows whose outcome is known, in the order of their keys."""
    known = features.filter(pc.is_valid(features.column("label")))
    return known.sort_by([("snapshot_date", "ascending"), ("customer_id", "ascending")])


def snapshots(features: pa.Table) -> list[dt.date]:
    """The days that occur, the oldest first."""
    days = pc.unique(features.column("snapshot_date")).drop_null().to_pylist()
    return sorted(day.date() if isinstance(day, dt.datetime) else day for day in days)


def at(features: pa.Table, days: list[dt.date]) -> pa.Table:
    """Rows of the snapshots `days`."""
    column = features.column("snapshot_date")
    return features.filter(pc.is_in(column, value_set=pa.array(days, type=column.type)))


def fingerprint(known: pa.Table, parameters: dict[str, Any]) -> str:
    """Twelve hex digits that change when labelled rows or parameters change, and only then."""
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True, default=str).encode())
    digest.update(pd.util.hash_array(known.column("customer_id").to_pandas().to_numpy(object)))
    digest.update(pc.cast(known.column("snapshot_date"), pa.date32()).cast(pa.int32()).to_numpy())
    digest.update(labels(known))
    for name in feature_names(known):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(matrix(known, [name])))
    return digest.hexdigest()[:12]


def scores(
    rows: pa.Table, model: str, version: str, values: np.ndarray, ranks: np.ndarray | None
) -> pa.Table:
    """`SCORES` for `rows`; `ranks` None leaves the decile null."""
    size = rows.num_rows
    days = pc.cast(pc.cast(rows.column("snapshot_date"), pa.date32()), pa.timestamp("us"))
    return pa.table(
        [
            rows.column("customer_id").cast(pa.string()),
            pa.repeat(model, size),
            pa.repeat(version, size),
            pa.array(values, type=pa.float64()),
            pa.nulls(size, pa.int64()) if ranks is None else pa.array(ranks, type=pa.int64()),
            days,
        ],
        schema=SCORES,
    )
