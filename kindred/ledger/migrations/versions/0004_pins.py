"""Values that stewards pinned: golden whatever the rules say."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "pins",
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
    op.create_index(
        "ix_pins_standing",
        "pins",
        ["customer_id", "attribute_group"],
        unique=True,
        sqlite_where=sa.text("unpinned_at IS NULL"),
        postgresql_where=sa.text("unpinned_at IS NULL"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("pins")
