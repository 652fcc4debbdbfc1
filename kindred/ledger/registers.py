"""Stewards' decisions about register entries: this person is meant, or is not, says whom and why.

Belongs here: keeping and listing them. Does not belong here: honouring them
(`kindred.identity.registers`), and decisions on who is who (`decisions`).
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import sqlalchemy as sa

from kindred.ledger.database import Database, naive_utc, read_arrow
from kindred.ledger.decisions import DecisionError
from kindred.ledger.tables import NOT_REPLACED, register_decisions

ACCEPTED, REJECTED = "accepted", "rejected"
REGISTER_DECISIONS = pa.schema(
    [
        ("entry_id", pa.string()),
        ("entry_digest", pa.string()),
        ("record_id", pa.string()),
        ("verdict", pa.string()),
        ("decided_by", pa.string()),
        ("reason", pa.string()),
        ("decided_at", pa.timestamp("us")),
    ]
)
COLUMNS = register_decisions.c


class RegisterLedger(Database):
    """What stewards decided about register entries."""

    def decide_entry(
        self,
        entry_id: str,
        entry_digest: str,
        record_id: str,
        verdict: str,
        *,
        by: str,
        reason: str,
        at: dt.datetime,
    ) -> None:
        """Keep that an entry is (`accepted`) or isn't (`rejected`) about the person of a record.

        entry_digest: what the entry said then; the decision rests when it says something else. A
        record stands for its person through merges and splits. An earlier decision on both is
        replaced and kept for the history. Raises `DecisionError` without a name or a reason.
        """
        if verdict not in (ACCEPTED, REJECTED):
            raise DecisionError(f"a verdict is {ACCEPTED!r} or {REJECTED!r}, not {verdict!r}")
        if not by.strip() or not reason.strip():
            raise DecisionError("a decision needs a name and a reason")
        here = (COLUMNS.entry_id == entry_id) & (COLUMNS.record_id == record_id) & NOT_REPLACED
        row = {
            "entry_id": entry_id,
            "entry_digest": entry_digest,
            "record_id": record_id,
            "verdict": verdict,
            "decided_by": by.strip(),
            "reason": reason.strip(),
            "decided_at": naive_utc(at),
        }
        with self.writing() as connection:
            connection.execute(
                register_decisions.update().where(here).values(replaced_at=naive_utc(at))
            )
            connection.execute(register_decisions.insert(), row)

    def entry_decisions(self) -> pa.Table:
        """The standing decisions as a table of `REGISTER_DECISIONS`, sorted by entry and record."""
        query = sa.select(*[COLUMNS[name] for name in REGISTER_DECISIONS.names])
        with self.reading() as connection:
            found = read_arrow(connection, query.where(NOT_REPLACED), REGISTER_DECISIONS)
        return found.sort_by([("entry_id", "ascending"), ("record_id", "ascending")])
