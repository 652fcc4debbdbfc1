"""A model that is kept, and days of an index that is held beside full runs.

Belongs here: what tests of things that are learned have in common. Does not belong here: the people
(`people`), and what must hold of what is learned.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from types import SimpleNamespace

import pyarrow as pa
from people import RULES, identifiers, records

from benchmarks.identity_days import clusters, full_run
from kindred.identity import Index
from kindred.identity.weights.model import Model


class Kept:
    """A model file that keeps a model."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def kept(self, *_: object) -> Model:
        """The model, whatever the records are."""
        return self.model


def lived(table: pa.Table, days: Iterable[list[dict]], changed: int = 20) -> Index:
    """The index of a table after days of new people and others who move; each as in a full run."""
    draw = random.Random(len(table))
    index = Index(table, RULES)
    now = {row["record_id"]: row for row in table.to_pylist()}
    world = SimpleNamespace(
        now=now,
        table=lambda rows: records(*rows),
        identifiers=lambda _: identifiers(),
        verdicts={},
    )
    for new in days:
        some = draw.sample(sorted(now.values(), key=lambda row: row["record_id"]), changed)
        day = [*new, *(row | {"city": "ergens", "birth_date": None} for row in some)]
        index.update(records(*day))
        now |= {row["record_id"]: row for row in day}
        assert clusters(*index.clusters()) == full_run(index, world)
    return index
