"""The ledger's tables, as the newest migration leaves them.

Belongs here: table definitions for building queries. Does not belong here: changes to them; those
are migrations in `migrations/versions/`, and a test compares the two. All times are naive UTC.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite counts up by itself only in a column of type INTEGER."""

identity_members = sa.Table(
    "identity_members",
    metadata,
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("customer_id", sa.String, nullable=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
)

identity_events = sa.Table(
    "identity_events",
    metadata,
    sa.Column("event_id", sa.String, primary_key=True),
    sa.Column("event_type", sa.String, nullable=False),
    sa.Column("customer_id", sa.String, nullable=False),
    sa.Column("other_customer_id", sa.String),
    sa.Column("record_count", sa.BigInteger, nullable=False),
    sa.Column("occurred_at", sa.DateTime, nullable=False),
    sa.Column("reason", sa.String),
    sqlite_with_rowid=False,
)

identity_successors = sa.Table(
    "identity_successors",
    metadata,
    sa.Column("customer_id", sa.String, primary_key=True),
    sa.Column("successor_id", sa.String, nullable=False),
    sa.Column("retired_at", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
)

identity_former_members = sa.Table(
    "identity_former_members",
    metadata,
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("customer_id", sa.String, primary_key=True),
    sa.Column("since", sa.DateTime, nullable=False),
    sa.Column("until", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
)

identity_decisions = sa.Table(
    "identity_decisions",
    metadata,
    sa.Column("decision_id", BIG_KEY, primary_key=True),
    sa.Column("record_id_1", sa.String, nullable=False),
    sa.Column("record_id_2", sa.String, nullable=False),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=False),
    sa.Column("revoked_at", sa.DateTime),
    sa.Column("revoked_by", sa.String),
    sa.Column("revoke_reason", sa.String),
    sa.Column("honoured_at", sa.DateTime),
)
STANDING = identity_decisions.c.revoked_at.is_(None)
sa.Index(
    "ix_identity_decisions_standing",
    identity_decisions.c.record_id_1,
    identity_decisions.c.record_id_2,
    unique=True,
    sqlite_where=STANDING,
    postgresql_where=STANDING,
)

identity_undo = sa.Table(
    "identity_undo",
    metadata,
    sa.Column("decision_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("record_id", sa.String, primary_key=True),
    sa.Column("customer_id", sa.String, nullable=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
)

register_decisions = sa.Table(
    "register_decisions",
    metadata,
    sa.Column("decision_id", BIG_KEY, primary_key=True),
    sa.Column("entry_id", sa.String, nullable=False),
    sa.Column("entry_digest", sa.String, nullable=False),
    sa.Column("record_id", sa.String, nullable=False),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=False),
    sa.Column("replaced_at", sa.DateTime),
)
NOT_REPLACED = register_decisions.c.replaced_at.is_(None)
sa.Index(
    "ix_register_decisions_standing",
    register_decisions.c.entry_id,
    register_decisions.c.record_id,
    unique=True,
    sqlite_where=NOT_REPLACED,
    postgresql_where=NOT_REPLACED,
)

pins = sa.Table(
    "pins",
    metadata,
    sa.Column("pin_id", BIG_KEY, primary_key=True),
    sa.Column("customer_id", sa.String, nullable=False),
    sa.Column("attribute_group", sa.String, nullable=False),
    sa.Column("pinned_values", sa.String, nullable=False),
    sa.Column("pinned_by", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("pinned_at", sa.DateTime, nullable=False),
    sa.Column("unpinned_at", sa.DateTime),
    sa.Column("unpinned_by", sa.String),
    sa.Column("unpin_reason", sa.String),
)
STILL_PINNED = pins.c.unpinned_at.is_(None)
sa.Index(
    "ix_pins_standing",
    pins.c.customer_id,
    pins.c.attribute_group,
    unique=True,
    sqlite_where=STILL_PINNED,
    postgresql_where=STILL_PINNED,
)

sync_runs = sa.Table(
    "sync_runs",
    metadata,
    sa.Column("run_id", BIG_KEY, primary_key=True),
    sa.Column("sync", sa.String, nullable=False, index=True),
    sa.Column("destination", sa.String, nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("finished_at", sa.DateTime),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("queried", sa.BigInteger),
    sa.Column("created", sa.BigInteger),
    sa.Column("updated", sa.BigInteger),
    sa.Column("deleted", sa.BigInteger),
    sa.Column("unchanged", sa.BigInteger),
    sa.Column("suppressed", sa.BigInteger),
    sa.Column("rejected", sa.BigInteger),
    sa.Column("message", sa.String),
)

sync_rows = sa.Table(
    "sync_rows",
    metadata,
    sa.Column("sync", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("destination_id", sa.String),
    sa.Column("row_hash", sa.String, nullable=False),
    sa.Column("field_hashes", sa.String, nullable=False),
    sa.Column("fields_id", sa.String, nullable=False),
    sa.Column("present", sa.Boolean, nullable=False),
    sa.Column("created_by_us", sa.Boolean, nullable=False),
    sa.Column("acknowledged_at", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
)

sync_in_flight = sa.Table(
    "sync_in_flight",
    metadata,
    sa.Column("sync", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("sent_at", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
)

sync_rejections = sa.Table(
    "sync_rejections",
    metadata,
    sa.Column("sync", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("row_hash", sa.String, nullable=False),
    sa.Column("words", sa.String, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("first_rejected_at", sa.DateTime, nullable=False),
    sa.Column("last_rejected_at", sa.DateTime, nullable=False),
    sa.Column("next_attempt_at", sa.DateTime, nullable=False),
    sqlite_with_rowid=False,
)

sync_outcomes = sa.Table(
    "sync_outcomes",
    metadata,
    sa.Column("outcome_id", BIG_KEY, primary_key=True),
    sa.Column("run_id", sa.BigInteger, nullable=False),
    sa.Column("sync", sa.String, nullable=False),
    sa.Column("destination", sa.String, nullable=False),
    sa.Column("customer_id", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("occurred_at", sa.DateTime, nullable=False),
)
