"""Identity members, events and successors; sync rows, rejections, runs and outcomes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    _identity()
    _sync_state()
    _sync_history()


def _identity() -> None:
    op.create_table(
        "identity_members",
        sa.Column("record_id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity_events",
        sa.Column("event_id", sa.String, primary_key=True),
        sa.Column("event_type", sa.String, nullable=False),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("other_customer_id", sa.String),
        sa.Column("record_count", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.DateTime, nullable=False),
        sa.Column("reason", sa.String),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity_successors",
        sa.Column("customer_id", sa.String, primary_key=True),
        sa.Column("successor_id", sa.String, nullable=False),
        sa.Column("retired_at", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )


def _sync_state() -> None:
    op.create_table(
        "sync_rows",
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
    op.create_table(
        "sync_in_flight",
        sa.Column("sync", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("sent_at", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sync_rejections",
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


def _sync_history() -> None:
    op.create_table(
        "sync_runs",
        sa.Column("run_id", BIG_KEY, primary_key=True),
        sa.Column("sync", sa.String, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("status", sa.String, nullable=False),
        *[
            sa.Column(count, sa.BigInteger)
            for count in (
                "queried",
                "created",
                "updated",
                "deleted",
                "unchanged",
                "suppressed",
                "rejected",
            )
        ],
        sa.Column("message", sa.String),
    )
    op.create_index("ix_sync_runs_sync", "sync_runs", ["sync"])
    op.create_table(
        "sync_outcomes",
        sa.Column("outcome_id", BIG_KEY, primary_key=True),
        sa.Column("run_id", sa.BigInteger, nullable=False),
        sa.Column("sync", sa.String, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("occurred_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "sync_outcomes",
        "sync_runs",
        "sync_rejections",
        "sync_in_flight",
        "sync_rows",
        "identity_successors",
        "identity_events",
        "identity_members",
    ):
        op.drop_table(table)
