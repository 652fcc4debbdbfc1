"""Stewards' decisions, and which customer a record belonged to before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "identity_former_members",
        sa.Column("record_id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, primary_key=True),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity_decisions",
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
    )
    op.create_index(
        "ix_identity_decisions_standing",
        "identity_decisions",
        ["record_id_1", "record_id_2"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("identity_decisions")
    op.drop_table("identity_former_members")
