"""Stewards' decisions about register entries: this customer's record is meant, or isn't."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "register_decisions",
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
    op.create_index(
        "ix_register_decisions_standing",
        "register_decisions",
        ["entry_id", "record_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("register_decisions")
