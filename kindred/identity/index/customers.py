"""Customers: which one each record of an index is and was, and ids that nobody has had.

The index's own ledger: it keeps as days go by what the real one would (`kindred.ledger`), and ids
come out as from that.

Belongs here: ids by record, as days go by. Does not belong here: which records are one person
(`index`), and which of their ids they keep (`permanent_ids`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity import permanent_ids
from kindred.identity.codes.columns import MISSING, NO_ROWS, taken
from kindred.identity.codes.sorting import sought
from kindred.identity.index.lexicon import Lexicon
from kindred.identity.permanent_ids import Assignment


@dataclass(frozen=True)
class _Former:
    """Customers that records were known as before, since when: in order, each of a record once."""

    number: np.ndarray
    code: np.ndarray
    since: np.ndarray

    @property
    def key(self) -> np.ndarray:
        """One number for record and customer."""
        return self.number << 32 | self.code

    def joined(self, number: np.ndarray, code: np.ndarray, since: np.ndarray) -> _Former:
        """With more; what is known stays: a record was a customer's since it first was."""
        found = _Former(*(np.concatenate(two) for two in zip(
            (self.number, self.code, self.since), (number, code, since), strict=True
        )))  # fmt: skip
        _, first = np.unique(found.key, return_index=True)
        return found.take(first)

    def take(self, rows: np.ndarray) -> _Former:
        """Some of them."""
        return _Former(self.number[rows], self.code[rows], self.since[rows])


class Customers:
    """Which customer each record was known as last; records by number, customers by code."""

    def __init__(self, records: int) -> None:
        """records: how many there are, of which each has been nobody yet."""
        self._ids = Lexicon(pa.array([], pa.string()))
        self._retired = np.empty(0, bool)
        self._of, self._since = NO_ROWS, NO_ROWS
        self.grow(records)
        self._former = _Former(NO_ROWS, NO_ROWS, NO_ROWS)

    def __len__(self) -> int:
        return len(self._ids.values)

    def grow(self, records: int) -> None:
        """Make room for so many records, the new ones of which were nobody."""
        new = records - len(self._of)
        self._of = np.append(self._of, np.full(new, MISSING))
        self._since = np.append(self._since, np.zeros(new, np.int64))

    def remember(self, number: np.ndarray, known: pa.Table) -> None:
        """Take over what records are known as, from `customer_id` and perhaps `since`."""
        self._of[number] = self._coded(known["customer_id"])
        self._since[number] = permanent_ids.moments(known)

    def remember_former(self, number: np.ndarray, former: pa.Table) -> None:
        """Take over what records were known as before, of ids that are retired."""
        code = self._coded(former["customer_id"])
        self._retired[code] = True
        self._former = self._former.joined(number, code, permanent_ids.moments(former))

    def retire(self, ids: Collection[str]) -> None:
        """Mint none of these."""
        code = self._coded(pa.array(list(ids), pa.string()))
        self._retired[code] = True

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
        place = np.full(len(self._of), MISSING)
        place[number] = np.arange(len(number))
        former = self._former.take(np.flatnonzero(self._retired[self._former.code]))
        concerned = np.zeros(len(self) + 1, bool)
        concerned[former.code[place[former.number] >= 0]] = True
        concerned[self._of[number]] = True
        concerned[MISSING] = False
        former = former.take(np.flatnonzero(concerned[former.code]))
        known = np.flatnonzero(concerned[self._of])
        tables = {
            "known": self._told(record_id, place, known, self._of[known], self._since[known]),
            "former": self._told(record_id, place, former.number, former.code, former.since),
        }
        moment = (occurred_at or dt.datetime.now(dt.UTC)).replace(tzinfo=None, microsecond=0)
        retired = np.flatnonzero(concerned[:-1] & self._retired)
        used = set(self._ids.values.take(pa.array(retired)).to_pylist())
        while True:
            found = permanent_ids.assign(
                record_id, label, **tables, occurred_at=moment, retired=used
            )
            minted = found.events.filter(pc.equal(found.events["event_type"], "minted"))
            new = minted["customer_id"].combine_chunks()
            again = new.filter(pa.array(self._ids.find(new) >= 0)).to_pylist()
            if not again:
                break
            used.update(again)
        self._keep(number, found, moment)
        return found

    def _keep(self, number: np.ndarray, found: Assignment, moment: dt.datetime) -> None:
        """Remember ids and what was before, as the ledger does (`Ledger.save_identity`)."""
        code = self._coded(found.person_map["customer_id"])
        changed = code != self._of[number]
        number, own = number[changed], code[changed]
        had = number[self._of[number] >= 0]
        self._former = self._former.joined(had, self._of[had], self._since[had])
        self._of[number] = own
        # days follow each other, even if two share a second or the clock was put back
        last = int(self._since.max(initial=0))
        self._since[number] = max(int(np.datetime64(moment, "us").astype(np.int64)), last + 1)
        place, there = sought(number << 32 | own, self._former.key)
        self._since[number[there]] = self._former.since[place[there]]
        merged = found.events.filter(pc.equal(found.events["event_type"], "merged"))
        self.retire(merged["other_customer_id"].to_pylist())
        self._retired[code] = False

    def _told(
        self,
        record_id: pa.Array,
        place: np.ndarray,
        number: np.ndarray,
        code: np.ndarray,
        since: np.ndarray,
    ) -> pa.Table:
        """As a table; records without a place aren't decided about, but tell how old an id is."""
        where = place[number]
        return pa.table(
            {
                "record_id": record_id.take(pa.array(where, mask=where < 0)),
                "customer_id": taken(self._ids.values, code),
                "since": pa.array(since, pa.timestamp("us")),
            }
        )

    def _coded(self, ids: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """The code of each id; new ones get theirs."""
        code = self._ids.add_repeated(ids)
        self._retired = np.append(self._retired, np.zeros(len(self) - len(self._retired), bool))
        return code
