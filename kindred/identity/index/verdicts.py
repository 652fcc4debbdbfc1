"""Verdicts: what stewards say of two records of an index, which needn't both be there.

Belongs here: whom it concerns that a decision changes, or that a record comes or goes. Does not
belong here: what a decision does (`judgement`).
"""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

Verdicts = dict[tuple[str, str], bool]


def verdicts(decisions: pa.Table | None) -> Verdicts:
    """Whether two records are one person, by pair, from `record_id_1, record_id_2, verdict`."""
    if decisions is None:
        return {}
    columns = ("record_id_1", "record_id_2", "verdict")
    rows = zip(*(decisions[name].to_pylist() for name in columns), strict=True)
    return {(a, b): verdict == "same" for a, b, verdict in rows}


def concerned(before: Verdicts, now: Verdicts, moving: Collection[str]) -> set[str]:
    """Records of which stewards now say something else.

    moving: records that come or go: a decision rests while one of its two isn't there.
    """
    changed = {pair for pair, _ in before.items() ^ now.items()}
    moving = set(moving)
    changed |= {pair for pair in now if not moving.isdisjoint(pair)}
    return {record for pair in changed for record in pair}
