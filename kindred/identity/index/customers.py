"""Customers: which one each record of an index is or was, and ids that nobody has had.

Belongs here: ids by record, as days go by. Does not belong here: which records are one person
(`index`), and which of their ids they keep (`permanent_ids`).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity import permanent_ids
from kindred.identity.codes.columns import MISSING, taken
from kindred.identity.index.lexicon import Lexicon
from kindred.identity.permanent_ids import Assignment


class Customers:
    """Which customer each record was known as last; records by number, customers by code."""

    def __init__(self) -> None:
        self._ids = Lexicon(pa.array([], pa.string()))
        self._of = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._ids.values)

    def grow(self, records: int) -> None:
        """Make room for so many records, of which the new ones have been nobody yet."""
        self._of = np.append(self._of, np.full(records - len(self._of), MISSING))

    def remember(self, number: np.ndarray, customer_id: pa.Array) -> None:
        """Take over what records were known as."""
        self._of[number] = self._ids.add(customer_id)

    def code(self, number: np.ndarray) -> np.ndarray:
        """The code of each record's customer, `MISSING` for those that were none."""
        return self._of[number]

    def id(self, number: np.ndarray) -> pa.Array:
        """The id of each record's customer."""
        return taken(self._ids.values, self._of[number])

    def assign(
        self,
        record_id: pa.Array,
        number: np.ndarray,
        label: np.ndarray,
        occurred_at: dt.datetime | None,
    ) -> Assignment:
        """Give clusters their ids, never one that somebody has had, and remember them.

        record_id: sorted. label: per record a small number that those of one cluster share.
        """
        had = np.flatnonzero(self._of[number] >= 0)
        ids = record_id.take(pa.array(had))
        known = pa.table({"record_id": ids, "customer_id": self.id(number[had])})
        moment = (occurred_at or dt.datetime.now(dt.UTC)).replace(tzinfo=None, microsecond=0)
        used: set[str] = set()
        while True:
            found = permanent_ids.assign(record_id, label, known, occurred_at=moment, retired=used)
            minted = found.events.filter(pc.equal(found.events["event_type"], "minted"))
            new = minted["customer_id"].combine_chunks()
            again = new.filter(pa.array(self._ids.find(new) >= 0)).to_pylist()
            if not again:
                break
            used.update(again)
        self.remember(number, found.person_map["customer_id"].combine_chunks())
        return found
