"""Alembic's entry: runs migrations on the connection that `kindred.ledger.database` hands over.

Belongs here: nothing but that. The caller holds the transaction and the lock.
"""

from alembic import context

from kindred.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
