"""What can't be derived: customer ids, stewards' decisions, what each destination acknowledged.

Belongs here: state that no rebuild from `lake/raw` could give back, kept in one SQL database
(SQLite by default, PostgreSQL by URL). Does not belong here: anything a dbt model can compute
again, and personal values (names, addresses, emails) that a source holds: the ledger keeps ids and
fingerprints. Only what a steward pinned is nowhere else (`pins`).
"""

from kindred.ledger.decisions import Decided, Decision, DecisionError
from kindred.ledger.pins import Pin, PinError, PinLedger
from kindred.ledger.registers import RegisterLedger
from kindred.ledger.snapshot import Snapshot, SnapshotLedger
from kindred.ledger.syncs import Answered, Rejected, SyncLedger

__all__ = [
    "Answered",
    "Decided",
    "Decision",
    "DecisionError",
    "Ledger",
    "Pin",
    "PinError",
    "Rejected",
    "Snapshot",
]


class Ledger(SnapshotLedger, RegisterLedger, PinLedger, SyncLedger):
    """The ledger, opened with `Ledger.open(url)`; also a context manager that closes it.

    One object may be used by several threads; several processes may open one ledger at once.
    """
