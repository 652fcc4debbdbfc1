"""How good a matching was: what a person wants to see of it, and when it must not go on.

Belongs here: counts, charts and measures of a resolution, and its steadiness against the last one.
Does not belong here: drawing (`pictures`), wiring (defs), and the truth's measures themselves
(`kindred.identity.evaluate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred import identity

MERGED_SHARE_JUMP = 0.10
"""Points by which the share of merged records may move between two runs."""
FEWEST = 100
"""With fewer records in both runs a share says too little to stop anything."""
ACCEPT_TAG = "kindred/accept_merges"
"""A run that bears this tag as `true` lets a jump pass."""
MOST_RULES = 12
SIZES = (1, 2, 3, 4, 5, 10, 20, 50)
CERTAINTIES = (0.5, 0.7, 0.9, 0.95, 0.99, 0.999)
TRUTH_MEASURES = ("pair_precision", "pair_recall", "pair_f1", "bcubed_f1")


@dataclass(frozen=True)
class Steadiness:
    """The share of merged records now and before, among the `records` that both runs know."""

    records: int
    share: float
    share_before: float

    @property
    def is_steady(self) -> bool:
        """Whether the run may go on; it may where there is too little to compare."""
        return self.records < FEWEST or abs(self.share - self.share_before) <= MERGED_SHARE_JUMP


def steadiness(person_map: pa.Table, before: pa.Table | None) -> Steadiness:
    """Compare a person map with the one that was published before (None: there was none).

    Only records of both count: so a source that is switched on moves nothing by its size, only by
    what it makes of the records that were there.
    """
    if before is None:
        return Steadiness(0, merged_share(person_map), 0.0)
    shares = []
    for one, other in ((person_map, before), (before, person_map)):
        common = pc.is_in(one["record_id"], value_set=other["record_id"].combine_chunks())
        shares.append(one.filter(common))
    return Steadiness(shares[0].num_rows, *map(merged_share, shares))


def merged_share(person_map: pa.Table) -> float:
    """The share of records that joined another one: 0 where each is a customer of its own."""
    customers = pc.count_distinct(person_map["customer_id"]).as_py()
    return 1 - customers / person_map.num_rows if person_map.num_rows else 0.0


def facts(
    found: identity.Resolution, history: pa.Table, truth: pa.Table | None
) -> dict[str, dict[str, Any]]:
    """What a person wants to know of each table, by its name.

    history: all identity events; truth: `record_id, person_id` where somebody knows it.
    """
    customers = pc.value_counts(found.person_map["customer_id"]).field("counts")
    to_review = counts(found.reviews, "kind")
    return {
        "person_map": {
            "records": found.person_map.num_rows,
            "customers": len(customers),
            "largest customer (records)": pc.max(customers).as_py() or 0,
            "share of records merged": round(merged_share(found.person_map), 4),
            **_measures(found.person_map, truth),
        },
        "identity_links": {f"links by {k}": v for k, v in _most(found.links, "rule").items()},
        "identity_reviews": {f"{k}s to review": to_review.get(k, 0) for k in ("cluster", "pair")},
        "identity_events": {
            "events this run": found.events.num_rows,
            **{f"ever {k}": v for k, v in counts(history, "event_type").items()},
        },
    }


def charts(found: identity.Resolution) -> dict[str, dict[str, str]]:
    """What a person wants to see of each table: markdown by title, by the table's name."""
    from dagster_project import pictures  # noqa: PLC0415 (drawing takes a second to load)

    customers = pc.value_counts(found.person_map["customer_id"]).field("counts")
    sizes = buckets(customers.to_numpy(), SIZES)
    certainties = buckets(found.links["probability"].to_numpy(), CERTAINTIES)
    by_size = pictures.bars(sizes, "Customers by size", "records")
    by_certainty = pictures.bars(certainties, "Links by probability", "probability, from")
    return {
        "person_map": {"customers by size": pictures.markdown(by_size)},
        "identity_links": {"links by probability": pictures.markdown(by_certainty)},
    }


def buckets(values: np.ndarray, starts: Sequence[float]) -> dict[str, int]:
    """How many values lie between each start and the next; named `2`, `5 to 9`, `0.9`, `50 up`."""
    place = np.searchsorted(starts, values, side="right") - 1
    found = np.bincount(place[place >= 0], minlength=len(starts))
    ends = [*starts[1:], None]
    names = [_bucket(start, end) for start, end in zip(starts, ends, strict=True)]
    return dict(zip(names, found.tolist(), strict=True))


def _bucket(start: float, end: float | None) -> str:
    if not isinstance(start, int):
        return f"{start}"
    if end is None:
        return f"{start:,} up"
    return f"{start}" if end - start == 1 else f"{start} to {end - 1}"


def _measures(person_map: pa.Table, truth: pa.Table | None) -> dict[str, float]:
    if truth is None:
        return {}
    quality = identity.evaluate(person_map, truth).as_dict()
    return {f"{name.replace('_', ' ')} (truth)": round(quality[name], 4) for name in TRUTH_MEASURES}


def _most(table: pa.Table, column: str) -> dict[str, int]:
    """The most frequent values, and all the others together."""
    found = list(counts(table, column).items())
    others = sum(count for _, count in found[MOST_RULES:])
    return dict(found[:MOST_RULES]) | ({"all other reasons": others} if others else {})


def counts(table: pa.Table, column: str) -> dict[str, int]:
    """Rows by value, the most frequent first."""
    found = pc.value_counts(table[column]).to_pylist()
    found.sort(key=lambda row: (-row["counts"], str(row["values"])))
    return {str(row["values"]): row["counts"] for row in found}
