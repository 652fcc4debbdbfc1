"""The undo log: who records were before a steward's decision moved them.

What a decision leaves can't tell what was before it, where ids tie or clusters are held as they
were known. So the run that honours it first keeps whom it moved, and the run after it was taken
back starts from there. What later runs move for other reasons is forgotten.

Belongs here: keeping and reading the log. Does not belong here: decisions (`decisions`), and whom
they move (`kindred.identity.undoing`).
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from kindred.ledger.database import KEYS, naive_utc, read_arrow, read_keys, upsert
from kindred.ledger.tables import STANDING, identity_decisions, identity_members, identity_undo

UNDO = pa.schema(
    [
        ("decision_id", pa.int64()),
        ("record_id", pa.string()),
        ("customer_id", pa.string()),
        ("since", pa.timestamp("us")),
    ]
)
NOW = pa.schema([("record_id", pa.string()), ("customer_id", pa.string())])
LOG = identity_undo.c
DECISION = identity_decisions.c
ORDER = (DECISION.honoured_at, DECISION.decision_id)


def undone(connection: sa.Connection) -> pa.Table:
    """What decisions that were taken back have moved: a table of `UNDO`, the first one's first."""
    query = (
        sa.select(*[LOG[name] for name in UNDO.names])
        .join(identity_decisions, DECISION.decision_id == LOG.decision_id)
        .where(~STANDING)
        .order_by(*ORDER, LOG.record_id)
    )
    return read_arrow(connection, query, UNDO)


def keep(
    connection: sa.Connection, moved: pa.Table, replaced: pa.ChunkedArray, at: dt.datetime
) -> None:
    """Take in what a run moved; the members are those of the run already.

    moved: a table of `UNDO` for each decision that the run honoured first, or was the first to do
    without: the records that it concerned, and who they were before. replaced: records that are
    another customer now; those that no decision concerned are forgotten.
    """
    logged = connection.scalar(sa.select(sa.exists(sa.select(LOG.record_id))))
    others = pc.invert(pc.is_in(replaced, value_set=moved["record_id"].combine_chunks()))
    others = replaced.filter(others).to_pylist() if logged else []
    for start in range(0, len(others), KEYS):
        _delete(connection, LOG.record_id.in_(others[start : start + KEYS]))
    ended = []
    for number in pc.unique(moved["decision_id"]).to_pylist():
        here = DECISION.decision_id == number
        rows = moved.filter(pc.equal(moved["decision_id"], number))
        if connection.scalar(sa.select(DECISION.honoured_at).where(here)) is None:
            _write(connection, number, rows, [])
            honoured = identity_decisions.update().where(here)
            connection.execute(honoured.values(honoured_at=naive_utc(at)))
        else:
            ended.append((number, rows))
    for number, rows in ended:
        _hand_on(connection, number, rows, [one for one, _ in ended])


def _hand_on(connection: sa.Connection, number: int, rows: pa.Table, ended_now: list[int]) -> None:
    """The next decision that stands is undone to before the ended one, too.

    It may also be why the run moved others, but for those whom the log of a later one holds. One
    that ended while the run was under way stood for the run: it has a log still, and is undone by
    the next. Where no later one stands, an earlier one may inherit: `_hand_back`.
    """
    ended = sa.select(*ORDER).where(DECISION.decision_id == number)
    moment, _ = connection.execute(ended).one()
    order, here = sa.tuple_(*ORDER), sa.tuple_(moment, number)
    later = order > here
    is_logged = DECISION.decision_id.in_(sa.select(LOG.decision_id))
    stood = (STANDING | is_logged) & DECISION.decision_id.not_in(ended_now)
    heir = connection.scalar(
        sa.select(DECISION.decision_id).where(stood, later).order_by(*ORDER).limit(1)
    )
    if heir is not None:
        logged = sa.select(LOG.record_id).join(
            identity_decisions, DECISION.decision_id == LOG.decision_id
        )
        own, kept = (
            pa.array(connection.scalars(logged.where(one)).all(), pa.string())
            for one in (LOG.decision_id == number, later)
        )
        is_own, is_kept = (pc.is_in(rows["record_id"], value_set=some) for some in (own, kept))
        _write(connection, heir, rows.filter(is_own), ["customer_id", "since"])
        _write(connection, heir, rows.filter(pc.invert(pc.or_(is_own, is_kept))), [])
    else:
        _hand_back(connection, number, rows, stood & (order < here))
    _delete(connection, LOG.decision_id == number)


def _hand_back(
    connection: sa.Connection, number: int, rows: pa.Table, earlier: sa.ColumnElement[bool]
) -> None:
    """Where no later decision stands: who still isn't who he was before the ended one.

    An earlier one may be why. The last of those that moved any of the same records is undone to
    there, too; whom it moved itself it knows as they were before that.
    """
    own = sa.select(LOG.record_id).where(LOG.decision_id == number)
    shares = DECISION.decision_id.in_(sa.select(LOG.decision_id).where(LOG.record_id.in_(own)))
    last = [column.desc() for column in ORDER]
    query = sa.select(DECISION.decision_id).where(earlier, shares)
    heir = connection.scalar(query.order_by(*last).limit(1))
    if heir is not None:
        now = read_keys(connection, identity_members, rows["record_id"].to_pylist(), NOW)
        now = now.combine_chunks()
        place = pc.index_in(rows["record_id"], value_set=now["record_id"].combine_chunks())
        differs = pc.not_equal(rows["customer_id"], now["customer_id"].take(place))
        _write(connection, heir, rows.filter(differs), [])


def _write(connection: sa.Connection, number: int, rows: pa.Table, update: list[str]) -> None:
    if len(rows):
        columns = {name: rows[name] for name in ("record_id", "customer_id")}
        columns |= {"decision_id": number, "since": rows["since"].to_pylist()}
        upsert(connection, identity_undo, columns, update)


def _delete(connection: sa.Connection, chosen: sa.ColumnElement[bool]) -> None:
    connection.execute(identity_undo.delete().where(chosen))
