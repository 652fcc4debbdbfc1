"""What a run of a sync did, for people: the CLI, Dagster's metadata, logs.

Belongs here: counts that add up, and examples without personal values. Does not belong here:
deciding or sending.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from activation.engine.errors import SyncError

OUTCOMES = ("created", "updated", "deleted", "unchanged", "suppressed", "rejected")


@dataclass
class SyncReport:
    """`queried` is the sum of the six outcomes; in a dry run they are what would happen.

    `left`: how many of the updated and deleted were leaving. `waiting`: how many of the rejected
    were not sent again because their next attempt is not due. `field_changes`: updates per field.
    `sample`: the first rows, keys masked. `rejections`: the destination's words and how often.
    """

    sync: str
    destination: str
    dry_run: bool = False
    queried: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    suppressed: int = 0
    rejected: int = 0
    left: int = 0
    waiting: int = 0
    seconds: float = 0.0
    field_changes: dict[str, int] = field(default_factory=dict)
    sample: list[dict[str, Any]] = field(default_factory=list)
    rejections: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """`queried` and the six outcomes."""
        return {name: getattr(self, name) for name in ("queried", *OUTCOMES)}

    def as_dict(self) -> dict[str, Any]:
        """Everything, JSON-ready."""
        return asdict(self)

    def check_balance(self) -> None:
        """Raise `SyncError` unless every queried row has exactly one outcome."""
        total = sum(getattr(self, name) for name in OUTCOMES)
        if total != self.queried:
            parts = " + ".join(f"{getattr(self, name)} {name}" for name in OUTCOMES)
            raise SyncError(
                f"{self.sync}: the counts don't add up: {self.queried} queried, "
                f"but {parts} = {total}"
            )

    def __str__(self) -> str:
        """One line."""
        parts = ", ".join(f"{getattr(self, name)} {name}" for name in OUTCOMES)
        verb = "would be" if self.dry_run else "queried:"
        return f"{self.sync} → {self.destination}: {self.queried} {verb} {parts}"


def masked(key: str) -> str:
    """Enough of a key to recognise it beside the full one, too little to look somebody up."""
    return f"{key[:5]}…{key[-2:]}" if len(key) > 8 else "…"
