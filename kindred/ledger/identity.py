"""The ledger's memory of identity: which record belongs to which customer, and what became of ids.

Belongs here: members, events, successors. Does not belong here: deciding who is who; that is
`kindred.identity`.
"""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from kindred.ledger.database import Database, naive_utc, read_arrow, upsert
from kindred.ledger.tables import identity_events, identity_members, identity_successors

MEMBERS = pa.schema([("record_id", pa.string()), ("customer_id", pa.string())])
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
MAX_SUCCESSION = 1000


class IdentityLedger(Database):
    """What the ledger knows about identity."""

    def known_ids(self) -> pa.Table:
        """Every record that ever had a customer id: `record_id`, `customer_id`; order undefined.

        Records that vanished from their source are still here, so that they get their id back
        when they return.
        """
        query = sa.select(identity_members.c.record_id, identity_members.c.customer_id)
        with self.reading() as connection:
            return read_arrow(connection, query, MEMBERS)

    def save_identity(self, person_map: pa.Table, events: pa.Table, at: dt.datetime) -> int:
        """Keep a resolution: write the members that are new or changed, and all new events.

        `person_map`: `record_id`, `customer_id` (more columns are ignored), one row per record.
        `events`: the columns of `identity_events()`; an event already known is not written again.
        A `merged` event retires its `other_customer_id` in favour of its `customer_id`, unless the
        former still has members. One transaction; returns how many members were written. Raises
        `ValueError` when a record appears twice or an id is missing.
        """
        wanted = person_map.select(MEMBERS.names).cast(MEMBERS)
        changed = _changed(wanted, self.known_ids())
        events = events.select(EVENTS.names).cast(EVENTS)
        with self.writing() as connection:
            if len(changed):
                columns = {name: changed[name] for name in MEMBERS.names}
                upsert(
                    connection,
                    identity_members,
                    columns | {"since": at},
                    ["customer_id", "since"],
                )
            if len(events):
                columns = {name: events[name] for name in EVENTS.names}
                columns["occurred_at"] = [naive_utc(t) for t in events["occurred_at"].to_pylist()]
                upsert(connection, identity_events, columns, [])
                self._retire(connection, wanted, events, at)
        return len(changed)

    def _retire(
        self, connection: sa.Connection, members: pa.Table, events: pa.Table, at: dt.datetime
    ) -> None:
        with duckdb.connect() as con:
            con.register("members", members)
            con.register("events", events)
            retired = con.sql(
                """
                select other_customer_id as customer_id, min(customer_id) as successor_id
                from events
                where event_type = 'merged' and other_customer_id <> customer_id
                  and other_customer_id not in (select customer_id from members)
                group by other_customer_id
                """
            ).to_arrow_table()
        if len(retired):
            upsert(
                connection,
                identity_successors,
                {
                    "customer_id": retired["customer_id"],
                    "successor_id": retired["successor_id"],
                    "retired_at": at,
                },
                ["successor_id", "retired_at"],
            )

    def resolve_id(self, customer_id: str) -> str | None:
        """The id under which this customer lives today; a retired id gives its successor.

        None when the ledger has never heard of the id.
        """
        members = sa.select(identity_members.c.customer_id).limit(1)
        successors = sa.select(identity_successors.c.successor_id)
        with self.reading() as connection:
            for _ in range(MAX_SUCCESSION):
                if connection.scalar(members.where(identity_members.c.customer_id == customer_id)):
                    return customer_id
                successor = connection.scalar(
                    successors.where(identity_successors.c.customer_id == customer_id)
                )
                if successor is None:
                    return None
                customer_id = successor
        raise RuntimeError(f"the succession of customer {customer_id} runs in a circle")

    def identity_events(self) -> pa.Table:
        """Every identity event (minted, merged, split, moved) since the beginning."""
        query = sa.select(*[identity_events.c[name] for name in EVENTS.names])
        with self.reading() as connection:
            return read_arrow(connection, query, EVENTS)


def _changed(wanted: pa.Table, known: pa.Table) -> pa.Table:
    """Rows of `wanted` that `known` doesn't hold, ordered by record for a fast insert."""
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
        return con.sql(
            """
            select w.record_id, w.customer_id from wanted w
            left join known k on k.record_id = w.record_id
            where k.customer_id is null or k.customer_id <> w.customer_id
            order by w.record_id
            """
        ).to_arrow_table()
