"""What can end a sync, each with a message that says what to do.

Belongs here: exceptions. Does not belong here: a row that its destination refused; that is an
answer.
"""


class SyncError(Exception):
    """A sync can't run or didn't end as it should; the message names the sync."""


class SyncRefusedError(SyncError):
    """A guard stopped the sync before anything was sent."""


class DestinationError(SyncError):
    """The destination can't be reached, doesn't accept us, or doesn't speak its protocol."""
