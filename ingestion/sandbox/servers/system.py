"""What every system of the sandbox has in common: state, credentials, misbehaviour, a request log.

Belongs here: the frame a protocol fills in. Does not belong here: anything of one protocol.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ingestion.sandbox.servers.calls import Call, ProtocolError, Reply
from ingestion.sandbox.servers.entities import Entity
from ingestion.sandbox.servers.misbehaviour import Misbehaviour, Misbehaviours, Rejections
from ingestion.sandbox.servers.seeding import seed
from ingestion.sandbox.servers.store import Store
from ingestion.sandbox.servers.tokens import Tokens


@dataclass(frozen=True)
class Captured:
    """A request as it came, for tests that asked for it."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes


class System(ABC):
    """One system: opens its state below `folder`, answers calls one at a time.

    `users` says as which user of the system a client works.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    entities: ClassVar[tuple[Entity, ...]]
    suffix: ClassVar[str] = "Z"
    users: ClassVar[Mapping[str, str]] = {}

    def __init__(self, folder: Path, capture: bool = False) -> None:
        state = folder / "state" / f"{self.name}.db"
        full = seed(state, folder / "systems" / self.name, self.entities, self.suffix)
        self.store = Store(state, full, self.suffix)
        self.tokens = Tokens(self.name)
        self.misbehaviours = Misbehaviours()
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.captured: list[Captured] | None = [] if capture else None
        self.rejections = Rejections()
        self.prepare()

    def prepare(self) -> None:  # noqa: B027 (a protocol without side tables needs none)
        """Make what the protocol itself needs beside its entities."""

    async def work(self) -> None:  # noqa: B027
        """Run background work until cancelled; most systems have none."""

    def answer(self, call: Call) -> Reply:
        """Answer one call; protocol errors become their replies."""
        try:
            return self.call(call)
        except ProtocolError as error:
            return error.reply
        finally:
            self.store.author = None

    def answer_partially(self, call: Call, rejecting: Misbehaviour | None) -> Reply:
        """Answer one call while every k-th row is rejected."""
        self.rejections.active = rejecting
        try:
            return self.answer(call)
        finally:
            self.rejections.active = None

    @abstractmethod
    def call(self, call: Call) -> Reply:
        """Answer one call, or raise `ProtocolError`."""

    @abstractmethod
    def issues_token(self, call: Call) -> bool:
        """Whether this call asks for a token rather than for data."""

    @abstractmethod
    def template(self, path: str) -> str:
        """The path without keys or values, for the request log."""

    @abstractmethod
    def throttled(self, retry_after: float) -> Reply:
        """429 in this protocol's words."""

    @abstractmethod
    def failed(self, status: int) -> Reply:
        """A server error in this protocol's words."""

    @abstractmethod
    def refused(self, call: Call) -> Reply:
        """401 in this protocol's words, for data and for a token request."""

    def state(self) -> dict[str, Any]:
        """What the system holds and did, JSON-ready, without personal values."""
        counts = self.store.tally.counts
        tables = [
            {"name": entity.name, "rows": self.store.count(entity)}
            | {action: counts[entity.name, action] for action in ("created", "updated", "deleted")}
            for entity in self.store.entities.values()
        ]
        return {
            "system": self.name,
            "title": self.title,
            "tables": tables,
            "recent": [vars(write) for write in self.store.tally.recent],
            "misbehaviours": self.misbehaviours.described(),
            "requests": self.request_log(),
        }

    def request_log(self) -> list[dict[str, Any]]:
        """Requests so far by method, path template and status (0: never answered)."""
        return [
            {"method": method, "path": path, "status": status, "count": count}
            for (method, path, status), count in sorted(self.requests.items())
        ]
