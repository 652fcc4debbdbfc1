"""The syncs: one YAML file each. Their fields are described in `docs/reference/syncs.md`.

Belongs here: the files, and finding them. Does not belong here: their schema (`engine.spec`).
"""

from __future__ import annotations

from pathlib import Path

from activation.engine.spec import Sync, read
from kindred.settings import Settings

FOLDER = Path(__file__).parent

__all__ = ["FOLDER", "Sync", "load", "load_all"]


def load(name: str) -> Sync:
    """One sync by name. Raises `SyncError` when there is no such file or it is wrong."""
    return read(FOLDER / f"{name}.yml")


def load_all(settings: Settings) -> list[Sync]:
    """The syncs whose destination is an enabled source, by name. Raises `SyncError`."""
    syncs = [read(path) for path in sorted(FOLDER.glob("*.yml"))]
    return [sync for sync in syncs if sync.destination in settings.sources]
