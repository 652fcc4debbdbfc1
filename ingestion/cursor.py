"""How far a table has been read: the newest change seen, and which rows carried it.

Belongs here: the rule that a row at the boundary is neither lost nor landed twice. Systems answer
"changed since" inclusively, because two rows may change in one instant and only one of them may
have been there when we read; so rows of that instant come again, and those already landed are known
by a hash of their content. Does not belong here: asking a system.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc


class Cursor:
    """Reading position in dlt's resource state: `since` (ISO, UTC) and `seen` (hashes)."""

    def __init__(self, state: dict[str, Any], column: str):
        self._state = state.setdefault("cursor", {})
        self._column = column
        self._since = self._newest = self._read(self._state.get("since"))
        self._seen: set[str] = set(self._state.get("seen", ()))
        self._newest_seen: set[str] = set(self._seen)
        self._until: dt.datetime | None = None

    @property
    def since(self) -> dt.datetime | None:
        """The newest change landed so far (UTC, without zone), or None: read everything."""
        return self._since

    def limit(self, until: dt.datetime) -> None:
        """Never move beyond `until`, though later changes may come along with the rows.

        For a system that lists what it will answer and then takes the values as they are: a row
        listed early may have changed unseen before one listed late.
        """
        self._until = until.replace(tzinfo=None)

    def fresh(self, batch: pa.Table) -> pa.Array:
        """Which rows of `batch` have not been read yet, as a mask. Needs no sorted input.

        Rows without a change time are always fresh.
        """
        times = batch[self._column].combine_chunks()
        mask = self._unread(batch, times)
        newest = pc.max(self._reached(times.filter(mask))).as_py()
        if newest is not None and (self._newest is None or newest >= self._newest):
            if newest != self._newest:
                self._newest, self._newest_seen = newest, set()
            carried = pc.and_(mask, pc.fill_null(pc.equal(times, newest), False))
            self._newest_seen.update(_hashes(batch.filter(carried)))
        return mask

    def advance(self) -> None:
        """Go on from the newest change seen so far: only when rows come in order of change."""
        self._since, self._seen = self._newest, set(self._newest_seen)

    def save(self) -> None:
        """Remember the position; dlt keeps it only if the run lands."""
        if self._newest is not None:
            self._state["since"] = self._newest.isoformat()
            self._state["seen"] = sorted(self._newest_seen)

    def _reached(self, times: pa.Array) -> pa.Array:
        if self._until is None:
            return times
        return times.filter(pc.less_equal(times, pa.scalar(self._until, times.type)))

    def _unread(self, batch: pa.Table, times: pa.Array) -> pa.Array:
        if self._since is None:
            return pa.repeat(pa.scalar(True), len(batch))
        since = pa.scalar(self._since, times.type)
        newer = pc.fill_null(pc.greater(times, since), True)
        at_boundary = pc.indices_nonzero(pc.fill_null(pc.equal(times, since), False))
        hashes = _hashes(batch.take(at_boundary))
        unseen = [
            index
            for index, digest in zip(at_boundary.to_pylist(), hashes, strict=True)
            if digest not in self._seen
        ]
        if unseen:
            positions = pa.array(np.arange(len(batch)), pa.int64())
            newer = pc.or_(newer, pc.is_in(positions, pa.array(unseen, pa.int64())))
        return newer

    @staticmethod
    def _read(since: str | None) -> dt.datetime | None:
        return dt.datetime.fromisoformat(since) if since else None


def _hashes(rows: pa.Table) -> list[str]:
    columns = [column.to_pylist() for column in rows.columns]
    return [
        hashlib.blake2b(orjson.dumps(values, default=str), digest_size=8).hexdigest()
        for values in zip(*columns, strict=True)
    ]
