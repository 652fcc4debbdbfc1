"""Who records were before a steward's decision moved them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the log; decisions of before it count as honoured, and have no rows in it."""
    op.add_column("identity_decisions", sa.Column("honoured_at", sa.DateTime))
    op.execute("UPDATE identity_decisions SET honoured_at = decided_at")
    op.create_table(
        "identity_undo",
        sa.Column("decision_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("record_id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("identity_undo")
    op.drop_column("identity_decisions", "honoured_at")
