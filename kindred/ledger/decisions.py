"""Stewards' decisions: these two records are one person, or never are, says whom and why.

Belongs here: keeping, revoking and listing decisions, and refusing one that others contradict.
Does not belong here: honouring them; matching does (`kindred.identity`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from kindred.ledger.database import Database, naive_utc, read_arrow
from kindred.ledger.tables import STANDING, identity_decisions

SAME = "same"
DIFFERENT = "different"
DECISIONS = pa.schema(
    [
        ("decision_id", pa.int64()),
        ("record_id_1", pa.string()),
        ("record_id_2", pa.string()),
        ("verdict", pa.string()),
        ("decided_by", pa.string()),
        ("reason", pa.string()),
        ("decided_at", pa.timestamp("us")),
        ("honoured_at", pa.timestamp("us")),
    ]
)
COLUMNS = identity_decisions.c


class DecisionError(ValueError):
    """A decision that can't stand; the message says why, and what to do first."""


@dataclass(frozen=True)
class Decision:
    """One decision. `record_id_1` is the smaller; `verdict` is `same` or `different`."""

    decision_id: int
    record_id_1: str
    record_id_2: str
    verdict: str
    decided_by: str
    reason: str
    decided_at: dt.datetime


@dataclass(frozen=True)
class Decided:
    """What came of `decide`: the decision that stands now, and the one that it replaced."""

    decision: Decision
    is_new: bool
    """False when the same verdict stood already: nothing was written."""
    replaced: Decision | None


class DecisionLedger(Database):
    """What stewards decided."""

    def decide(
        self, record_a: str, record_b: str, verdict: str, *, by: str, reason: str, at: dt.datetime
    ) -> Decided:
        """Keep that two records always (`same`) or never (`different`) are one person.

        A standing decision of the other verdict on this pair is revoked; one of this verdict
        stays as it is. Raises `DecisionError` when the decision says nothing (one record twice, no
        reason, no name) or when other standing decisions together say the contrary.
        """
        pair = _pair(record_a, record_b)
        if verdict not in (SAME, DIFFERENT):
            raise DecisionError(f"a verdict is {SAME!r} or {DIFFERENT!r}, not {verdict!r}")
        values = _signed(by, reason)
        with self.writing() as connection:
            standing = _read(connection, STANDING)
            [before] = [d for d in standing if (d.record_id_1, d.record_id_2) == pair] or [None]
            if before and before.verdict == verdict:
                return Decided(before, is_new=False, replaced=None)
            _refuse_contradiction([d for d in standing if d != before], *pair, verdict)
            if before:
                _revoke(connection, before, by, f"the contrary was decided: {reason}", at)
            row = dict(zip(("record_id_1", "record_id_2"), pair, strict=True))
            row |= {"verdict": verdict, "decided_at": naive_utc(at)} | values
            key = connection.execute(identity_decisions.insert(), row).inserted_primary_key[0]
            [decision] = _read(connection, COLUMNS.decision_id == key)
        return Decided(decision, is_new=True, replaced=before)

    def revoke(
        self, record_a: str, record_b: str, *, by: str, reason: str, at: dt.datetime
    ) -> Decision:
        """End the decision that stands on two records, of either kind, and give it back.

        Raises `DecisionError` when none stands.
        """
        first, second = _pair(record_a, record_b)
        _signed(by, reason)
        with self.writing() as connection:
            here = (COLUMNS.record_id_1 == first) & (COLUMNS.record_id_2 == second)
            found = _read(connection, STANDING & here)
            if not found:
                raise DecisionError(f"no decision stands on {first} and {second}")
            _revoke(connection, found[0], by, reason, at)
        return found[0]

    def decisions(self) -> pa.Table:
        """The standing decisions as a table of `DECISIONS`, sorted by the two record ids.

        `honoured_at` is when the ids of a run showed a decision first; null: none has yet.
        """
        with self.reading() as connection:
            return standing(connection)

    def decision_history(self) -> list[dict[str, Any]]:
        """Every decision that was ever made, revoked ones too, the oldest first."""
        query = sa.select(identity_decisions).order_by(COLUMNS.decision_id)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def standing(connection: sa.Connection) -> pa.Table:
    """What `decisions()` gives."""
    query = sa.select(*[COLUMNS[name] for name in DECISIONS.names]).where(STANDING)
    found = read_arrow(connection, query, DECISIONS)
    return found.sort_by([("record_id_1", "ascending"), ("record_id_2", "ascending")])


def _pair(record_a: str, record_b: str) -> tuple[str, str]:
    if record_a == record_b:
        raise DecisionError(f"a decision needs two records; {record_a} was named twice")
    return min(record_a, record_b), max(record_a, record_b)


def _signed(by: str, reason: str) -> dict[str, str]:
    if not by.strip() or not reason.strip():
        raise DecisionError("a decision needs a name and a reason")
    return {"decided_by": by.strip(), "reason": reason.strip()}


def _read(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Decision]:
    query = sa.select(*[COLUMNS[name] for name in Decision.__dataclass_fields__]).where(where)
    return [Decision(*row) for row in connection.execute(query.order_by(COLUMNS.decision_id))]


def _revoke(
    connection: sa.Connection, decision: Decision, by: str, reason: str, at: dt.datetime
) -> None:
    values = {"revoked_at": naive_utc(at), "revoked_by": by, "revoke_reason": reason}
    this = COLUMNS.decision_id == decision.decision_id
    connection.execute(identity_decisions.update().where(this).values(values))


def _refuse_contradiction(
    standing: Sequence[Decision], first: str, second: str, verdict: str
) -> None:
    """Raise when `standing` decisions already say the contrary of this verdict together."""
    links = [d for d in standing if d.verdict == SAME]
    here = _reached(links, first)
    if verdict == DIFFERENT:
        if second in here:
            raise DecisionError(
                f"{first} and {second} are one person by other decisions: "
                f"{_said(_path(here, second))}; unlink one of them first"
            )
        return
    there = _reached(links, second)
    for split in (d for d in standing if d.verdict == DIFFERENT):
        one, other = split.record_id_1, split.record_id_2
        if one in there and other in here:
            one, other = other, one
        if one in here and other in there:
            path = [*_path(here, one), split, *_path(there, other)]
            raise DecisionError(
                f"{first} and {second} can't be one person by other decisions: "
                f"{_said(path)}; unlink one of them first"
            )


def _reached(links: Iterable[Decision], start: str) -> dict[str, tuple[str, Decision] | None]:
    """Every record that links join to `start`, each with the record and the link before it."""
    neighbours: dict[str, list[tuple[str, Decision]]] = defaultdict(list)
    for link in links:
        neighbours[link.record_id_1].append((link.record_id_2, link))
        neighbours[link.record_id_2].append((link.record_id_1, link))
    found: dict[str, tuple[str, Decision] | None] = {start: None}
    waiting = [start]
    for current in waiting:
        for record, link in neighbours[current]:
            if record not in found:
                found[record] = (current, link)
                waiting.append(record)
    return found


def _path(reached: dict[str, tuple[str, Decision] | None], end: str) -> list[Decision]:
    path: list[Decision] = []
    while step := reached[end]:
        end = step[0]
        path.append(step[1])
    return path


def _said(path: Iterable[Decision]) -> str:
    return "; ".join(f"{d.record_id_1} and {d.record_id_2} are {_MEANS[d.verdict]}" for d in path)


_MEANS = {SAME: "always one person", DIFFERENT: "never one person"}
