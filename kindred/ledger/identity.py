"""The ledger's memory of identity: which record belongs to which customer, and what became of ids.

Belongs here: members, events, successors. Does not belong here: deciding who is who; that is
`kindred.identity`.
"""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from kindred.ledger import undo
from kindred.ledger.database import (
    Database,
    naive_utc,
    read_arrow,
    read_keys,
    read_whole,
    upsert,
)
from kindred.ledger.tables import (
    identity_events,
    identity_former_members,
    identity_members,
    identity_successors,
)

MEMBERS = pa.schema(
    [
        ("record_id", pa.string()),
        ("customer_id", pa.string()),
        ("since", pa.timestamp("us")),
    ]
)
EVENTS = pa.schema(
    [
        ("event_id", pa.string()),
        ("event_type", pa.string()),
        ("customer_id", pa.string()),
        ("other_customer_id", pa.string()),
        ("record_count", pa.int64()),
        ("occurred_at", pa.timestamp("us")),
        ("reason", pa.string()),
    ]
)
FEW = 100_000
"""A person map of fewer rows is compared with these records' rows only, not with all."""

SUCCESSORS = pa.schema([("customer_id", pa.string()), ("successor_id", pa.string())])


class IdentityLedger(Database):
    """What the ledger knows about identity."""

    def known_ids(self) -> pa.Table:
        """Every record that ever had a customer id: `record_id`, `customer_id`, `since`.

        Records that vanished from their source are still here, so that they get their id back
        when they return. The order is undefined.
        """
        with self.reading() as connection:
            return known(connection)

    def former_ids(self) -> pa.Table:
        """Who held the ids that are retired now, in the shape of `known_ids()`.

        When a merge is undone, these records get the id back under which they were known before.
        """
        with self.reading() as connection:
            return former(connection)

    def undone_ids(self) -> pa.Table:
        """Who records were before decisions that were taken back, where nothing moved them since.

        `decision_id`, `record_id`, `customer_id`, `since`, the decision that was honoured first
        comes first. The next run starts from there.
        """
        with self.reading() as connection:
            return undo.undone(connection)

    def records_of(self, customer_id: str) -> list[str]:
        """The record ids of one customer, sorted; a retired id stands for its successor."""
        current = self.resolve_id(customer_id)
        members = identity_members.c
        query = sa.select(members.record_id).where(members.customer_id == current)
        with self.reading() as connection:
            return list(connection.scalars(query.order_by(members.record_id)))

    def customer_of(self, record_id: str) -> str | None:
        """The customer id of one record, or None when the ledger doesn't know the record."""
        members = identity_members.c
        query = sa.select(members.customer_id).where(members.record_id == record_id)
        with self.reading() as connection:
            return connection.scalar(query)

    def save_identity(
        self,
        person_map: pa.Table,
        events: pa.Table,
        at: dt.datetime,
        moved: pa.Table | None = None,
    ) -> int:
        """Keep a resolution: write the members that are new or changed, and all new events.

        `person_map`: `record_id`, `customer_id` (more columns are ignored), one row per record; it
        may be only the rows that may have changed, which is much quicker. `events`: the columns of
        `identity_events()`; an event already known is not written again. A `merged` event retires
        its `other_customer_id` in favour of its `customer_id`, unless the former still has members;
        a retired id that has members again is retired no longer, whatever events say.
        `moved`: what decisions that are new or ended concerned (`undo.UNDO`).
        One transaction; returns how many members were written. Raises `ValueError` when a record
        appears twice or an id is missing.
        """
        wanted = person_map.select(["record_id", "customer_id"])
        wanted = wanted.cast(pa.schema([MEMBERS.field(name) for name in wanted.column_names]))
        events = events.select(EVENTS.names).cast(EVENTS)
        with self.writing() as connection:
            changed, former = _changed(wanted, _members(connection, wanted))
            if len(changed):
                columns = {name: changed[name] for name in wanted.column_names}
                upsert(
                    connection, identity_members, columns | {"since": at}, ["customer_id", "since"]
                )
            concerned = undo.UNDO.empty_table() if moved is None else moved
            undo.keep(connection, concerned, former["record_id"], at)
            if len(former):
                columns = {name: former[name] for name in ("record_id", "customer_id")}
                columns |= {"since": former["since"].to_pylist(), "until": at}
                upsert(connection, identity_former_members, columns, ["until"])
                _since_before(connection, at)
            if len(events):
                columns = {name: events[name] for name in EVENTS.names}
                columns["occurred_at"] = [naive_utc(t) for t in events["occurred_at"].to_pylist()]
                upsert(connection, identity_events, columns, [])
            self._retire(connection, wanted, events, at)
        return len(changed)

    def _retire(
        self, connection: sa.Connection, members: pa.Table, events: pa.Table, at: dt.datetime
    ) -> None:
        """Note the successors of merged ids; an id that has members again is retired no longer."""
        query = sa.select(identity_successors.c.customer_id, identity_successors.c.successor_id)
        noted = read_arrow(connection, query, SUCCESSORS)
        if not len(noted) and not len(events):
            return
        with duckdb.connect() as con:
            con.register("members", members)
            con.register("events", events)
            con.register("noted", noted)
            retired = con.sql(
                """
                select other_customer_id as customer_id, min(customer_id) as successor_id
                from events
                where event_type = 'merged' and other_customer_id <> customer_id
                  and other_customer_id not in (select customer_id from members)
                group by other_customer_id
                """
            ).to_arrow_table()
            revived = con.sql(
                "select customer_id from noted n semi join members using (customer_id)"
            ).to_arrow_table()
        if len(revived):
            connection.execute(
                identity_successors.delete().where(
                    identity_successors.c.customer_id == sa.bindparam("revived")
                ),
                [{"revived": customer_id} for customer_id in revived["customer_id"].to_pylist()],
            )
        if len(retired):
            columns = {name: retired[name] for name in SUCCESSORS.names}
            upsert(
                connection,
                identity_successors,
                columns | {"retired_at": at},
                ["successor_id", "retired_at"],
            )

    def resolve_id(self, customer_id: str) -> str:
        """The id under which this customer lives today: a retired id gives its last successor.

        An id that was never retired is given back as it is, whether or not the ledger knows it.
        """
        successor = sa.select(identity_successors.c.successor_id)
        current, seen = customer_id, {customer_id}
        with self.reading() as connection:
            while found := connection.scalar(
                successor.where(identity_successors.c.customer_id == current)
            ):
                if found in seen:
                    raise RuntimeError(f"the succession of customer {customer_id} is a circle")
                seen.add(current := found)
        return current

    def retired_ids(self) -> list[str]:
        """Ids that have a successor: they resolve for ever and must not be minted again."""
        with self.reading() as connection:
            return retired(connection)

    def identity_events(self) -> pa.Table:
        """Every identity event (minted, merged, revived, split, moved) since the beginning."""
        query = sa.select(*[identity_events.c[name] for name in EVENTS.names])
        with self.reading() as connection:
            return read_arrow(connection, query, EVENTS)


def known(connection: sa.Connection) -> pa.Table:
    """What `known_ids()` gives."""
    return read_whole(connection, identity_members, MEMBERS)


def former(connection: sa.Connection) -> pa.Table:
    """What `former_ids()` gives."""
    held, successors = identity_former_members.c, identity_successors.c
    query = sa.select(held.record_id, held.customer_id, held.since).join(
        identity_successors, successors.customer_id == held.customer_id
    )
    return read_arrow(connection, query, MEMBERS)


def retired(connection: sa.Connection) -> list[str]:
    """What `retired_ids()` gives."""
    return list(connection.scalars(sa.select(identity_successors.c.customer_id)))


def _members(connection: sa.Connection, wanted: pa.Table) -> pa.Table:
    """The ledger's rows of the wanted records, and perhaps more."""
    if len(wanted) > FEW:
        return read_whole(connection, identity_members, MEMBERS)
    records = wanted["record_id"].drop_null().to_pylist()
    return read_keys(connection, identity_members, records, MEMBERS)


def _since_before(connection: sa.Connection, at: dt.datetime) -> None:
    """A record that came back to a customer belongs to it since it first did."""
    former, members = identity_former_members, identity_members.c
    moved_now = sa.select(former.c.record_id).where(former.c.until == naive_utc(at))
    same = (former.c.record_id == members.record_id) & (former.c.customer_id == members.customer_id)
    connection.execute(
        identity_members.update()
        .where(members.record_id.in_(moved_now), sa.exists().where(same))
        .values(since=sa.select(former.c.since).where(same).scalar_subquery())
    )


def _changed(wanted: pa.Table, known: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Rows of `wanted` that `known` doesn't hold, and rows of `known` that they replace.

    Both are ordered by record for a fast insert.
    """
    if wanted["record_id"].null_count or wanted["customer_id"].null_count:
        raise ValueError("the person map holds a row without record_id or customer_id")
    with duckdb.connect() as con:
        con.register("wanted", wanted)
        con.register("known", known)
        [(records,)] = con.execute("select count(distinct record_id) from wanted").fetchall()
        if records != len(wanted):
            raise ValueError(
                f"the person map holds {len(wanted)} rows for {records} records: one row each"
            )
        both = con.sql(
            """
            select
                w.record_id, w.customer_id,
                k.customer_id as former_id, k.since
            from wanted w
            left join known k on k.record_id = w.record_id
            where k.customer_id is null or k.customer_id <> w.customer_id
            order by w.record_id
            """
        ).to_arrow_table()
    replaced = both.filter(pc.is_valid(both["former_id"]))
    return (
        both.select(["record_id", "customer_id"]),
        replaced.select(["record_id", "former_id", "since"]).rename_columns(MEMBERS.names),
    )
