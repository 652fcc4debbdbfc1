"""What the engine asks of a destination and what it hears back.

Belongs here: operations, answers, capabilities, the base class of destinations. Does not belong
here: any protocol.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from activation.engine.transport import Transport


class Mode(StrEnum):
    """What a sync may do at its destination."""

    UPSERT = "upsert"
    UPDATE_ONLY = "update_only"
    CREATE_ONLY = "create_only"
    APPEND = "append"
    MIRROR = "mirror"


class Kind(StrEnum):
    """What to do with one row."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Status(StrEnum):
    """What the destination made of one row."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    EXISTS = "exists"
    MISSING = "missing"
    REJECTED = "rejected"
    RETRY = "retry"


@dataclass(frozen=True)
class Operation:
    """One row to send. `fields` are the destination's names and JSON-ready values (None clears).

    A CREATE has no `destination_id` (the destination may still find the row by its key); with
    `only_new` it must not exist. An UPDATE must exist; it holds only the fields that changed where
    the destination can do that. A DELETE has no fields.
    """

    kind: Kind
    key: str
    destination_id: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    only_new: bool = False


@dataclass(frozen=True)
class Answer:
    """The destination's answer to one operation, `words` being its own when it refuses."""

    status: Status
    destination_id: str | None = None
    words: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What a destination can do.

    `batch_limit`: rows in one call. `connections`: calls at the same time. `partial`: an update
    may hold only the fields that changed.
    """

    modes: frozenset[Mode]
    deletes: bool
    batch_limit: int
    connections: int = 1
    partial: bool = True


class Destination(ABC):
    """One object (table) of one system, ready to receive rows."""

    capabilities: Capabilities
    transport: Transport

    @abstractmethod
    def send(self, operations: Sequence[Operation]) -> list[Answer]:
        """Carry out up to `batch_limit` operations; one answer each, in the same order.

        Must be idempotent: the engine and the transport repeat a call whose answer was lost.
        Raises `DestinationError` when the call as a whole fails for good.
        """

    def close(self) -> None:
        """Give the connections back."""
        self.transport.close()
