"""How a system is told to misbehave, and what it does then.

Belongs here: which requests and rows are hit. Does not belong here: how a protocol words it.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

from ingestion.sandbox.servers.calls import Call

KINDS = ("throttle", "error", "timeout_after_commit", "partial", "silence", "unauthorized")
ON_WRITES = ("timeout_after_commit", "partial")
ONLY = ("any", "read", "write")


@dataclass
class Misbehaviour:
    """One way to misbehave.

    `kind`: throttle (429 with Retry-After `retry_after`), error (`status`), timeout_after_commit
    (does the write, then drops the connection), partial (rejects every `every`-th row with
    `reason`), silence (never answers), unauthorized (401, and no new token).
    `requests` bounds how many requests it hits (None: until cleared), `probability` is the share of
    requests it hits, `only` is any, read or write, `path` a part of the path it must hold.
    """

    kind: str
    requests: int | None = None
    probability: float = 1.0
    retry_after: float = 1
    status: int = 503
    every: int = 2
    reason: str = "Rejected by the sandbox's partial misbehaviour"
    only: str = "any"
    path: str = ""
    seed: int = 0
    hits: int = 0
    _random: random.Random = field(init=False, repr=False)
    _rows: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown misbehaviour {self.kind!r}: one of {', '.join(KINDS)}")
        if self.only not in ONLY:
            raise ValueError(f"only is {self.only!r}: one of {', '.join(ONLY)}")
        if self.every < 1:
            raise ValueError("every must be at least 1")
        if self.kind in ON_WRITES:
            self.only = "write"
        self._random = random.Random(self.seed)

    def hit(self, call: Call) -> bool:
        """Whether this request is hit; counts it."""
        if self.requests is not None and self.hits >= self.requests:
            return False
        if (self.only == "read" and not call.is_read) or (self.only == "write" and call.is_read):
            return False
        if self.path not in call.path or self._random.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def reject(self) -> str | None:
        """For kind partial: the reason to reject the row at hand, or None."""
        self._rows += 1
        return self.reason if self._rows % self.every == 0 else None

    def described(self) -> dict[str, Any]:
        """What it was told, JSON-ready."""
        return {key: value for key, value in asdict(self).items() if not key.startswith("_")}


class Misbehaviours:
    """What one system does wrong now: at most one of each kind."""

    def __init__(self) -> None:
        self._active: dict[str, Misbehaviour] = {}

    def set(self, **told: Any) -> Misbehaviour:
        """Start misbehaving; replaces one of the same kind. Raises `ValueError`, `TypeError`."""
        unknown = {name for name in told if name.startswith("_") or name == "hits"}
        if unknown:
            raise TypeError(f"cannot be set: {', '.join(sorted(unknown))}")
        started = Misbehaviour(**told)
        self._active[started.kind] = started
        return started

    def clear(self, kind: str | None = None) -> None:
        """Stop misbehaving, altogether or in one way."""
        if kind is None:
            self._active.clear()
        else:
            self._active.pop(kind, None)

    def take(self, call: Call, *kinds: str) -> Misbehaviour | None:
        """The first of `kinds` that hits this request; spent ones vanish."""
        for kind in kinds:
            candidate = self._active.get(kind)
            if candidate and candidate.hit(call):
                if candidate.requests is not None and candidate.hits >= candidate.requests:
                    del self._active[kind]
                return candidate
        return None

    def described(self) -> list[dict[str, Any]]:
        """What is active, JSON-ready."""
        return [active.described() for active in self._active.values()]


class Rejections:
    """The partial misbehaviour that the call at hand was hit by, if any."""

    def __init__(self) -> None:
        self.active: Misbehaviour | None = None

    def reason(self) -> str | None:
        """Why the row at hand must be rejected, or None."""
        return self.active.reject() if self.active else None
