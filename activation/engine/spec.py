"""The shape of a sync file (`activation/syncs/*.yml`).

Belongs here: fields, defaults, rules among fields. Does not belong here: what a destination can do;
it declares that itself. The fields are described for their users in `docs/reference/syncs.md`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from activation.engine.errors import SyncError
from activation.engine.operations import Mode

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Scalar = str | bool | int | float | None
ANY = "any"
KEY_COLUMN = "customer_id"


class Strict(BaseModel):
    """A part of a sync file: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Guards(Strict):
    """The circuit breaker. It rests until the sync has once run to its end."""

    max_change_share: Share = 0.5
    max_delete_share: Share = 0.1
    minimum_rows: int = Field(default=100, ge=0)


class Leave(Strict):
    """These fields are set on a row that may no longer be at the destination."""

    set: dict[str, Scalar] = Field(min_length=1)


class Sync(Strict):
    """One audience flowing to one object of one destination."""

    name: Name
    description: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    audience: Name
    destination: Name
    object: str = Field(min_length=1)
    key: str = Field(min_length=1)
    mode: Mode
    fields: dict[str, str] = Field(min_length=1)
    constants: dict[str, Scalar] = Field(default_factory=dict)
    destination_id: str | None = None
    channel: str
    purpose: str
    on_leave: Literal["keep", "delete"] | Leave = "keep"
    guards: Guards = Guards()
    batch_size: int = Field(default=500, ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        twice = sorted(self.fields.keys() & self.constants.keys())
        if twice:
            raise ValueError(f"fields and constants both set {', '.join(twice)}")
        if self.key in self.fields or self.key in self.constants:
            raise ValueError(f"{self.key} is the key: it always carries the customer id")
        if self.mode == Mode.MIRROR and self.on_leave != "delete":
            raise ValueError("mode mirror needs on_leave: delete")
        if isinstance(self.on_leave, Leave) and self.key in self.on_leave.set:
            raise ValueError(f"on_leave can't set {self.key}: it is the key")
        return self

    @property
    def target_fields(self) -> list[str]:
        """The destination's fields that this sync writes, beside the key, in a fixed order."""
        return sorted(self.fields.keys() | self.constants.keys())

    @property
    def fields_id(self) -> str:
        """Fingerprint of the list of written fields."""
        return hashlib.sha256("\x1f".join(self.target_fields).encode()).hexdigest()[:12]

    @property
    def leave_hash(self) -> str:
        """Fingerprint of what a leaving row gets."""
        if isinstance(self.on_leave, str):
            return self.on_leave
        text = repr(sorted(self.on_leave.set.items()))
        return "leave:" + hashlib.sha256(text.encode()).hexdigest()[:26]

    def parameters(self) -> dict[str, Any]:
        """The sync in a few words, for lists and metadata."""
        chosen = {"name", "description", "owner", "audience", "destination", "object", "mode"}
        return self.model_dump(mode="json", include=chosen)


def read(path: Path) -> Sync:
    """Read one sync file. Raises `SyncError` naming file and field."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise SyncError(f"{path}: {error}") from None
    if not isinstance(content, dict):
        raise SyncError(f"{path}: must be a mapping of fields")
    try:
        sync = Sync.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in e['loc']) or 'file'}: {e['msg']}"
            for e in error.errors(include_url=False, include_input=False)
        )
        raise SyncError(f"{path}: {problems}") from None
    if sync.name != path.stem:
        raise SyncError(f"{path}: name: is {sync.name!r}, but the file is called {path.stem!r}")
    return sync
