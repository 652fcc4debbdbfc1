"""What matching reads of the ledger, as of one moment.

Belongs here: reading it all in one transaction. A steward may take a decision back while a run
reads: seen by one query and not by the next, it would be neither honoured nor undone. Does not
belong here: the queries (`identity`, `decisions`, `undo`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from kindred.ledger import decisions, identity, undo


@dataclass(frozen=True)
class Snapshot:
    """`known_ids()`, `decisions()`, `retired_ids()`, `former_ids()`, `undone_ids()` of one moment.

    What stewards decide later is the next run's.
    """

    known: pa.Table
    decisions: pa.Table
    retired: list[str]
    former: pa.Table
    undone: pa.Table


class SnapshotLedger(identity.IdentityLedger, decisions.DecisionLedger):
    """What the ledger knows of who is who, and what stewards say of it."""

    def snapshot(self) -> Snapshot:
        """All that matching reads."""
        with self.reading() as connection:
            return Snapshot(
                identity.known(connection),
                decisions.standing(connection),
                identity.retired(connection),
                identity.former(connection),
                undo.undone(connection),
            )
