"""The activation engine: plan, send, record.

Belongs here: what is the same for every destination. Does not belong here: any destination's
protocol, and who belongs to an audience; that is dbt's.
"""

from activation.engine.errors import DestinationError, SyncError, SyncRefusedError
from activation.engine.plan import Known, Plan, plan
from activation.engine.report import SyncReport
from activation.engine.run import run
from activation.engine.spec import Sync

__all__ = [
    "DestinationError",
    "Known",
    "Plan",
    "Sync",
    "SyncError",
    "SyncRefusedError",
    "SyncReport",
    "plan",
    "run",
]
