"""The catalog of sources: which are enabled, what tables each has, how each is built.

Belongs here: finding sources by name. A source of our own is a folder `ingestion/<name>/` whose
package states `SPEC`; any other name in `KINDRED_SOURCES` must have files (`KINDRED_FILES_<NAME>`).
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.specs import SourceSpec, TableSpec

if TYPE_CHECKING:
    from kindred.settings import Settings

__all__ = ["SourceSpec", "TableSpec", "enabled", "names", "source"]

NOT_SOURCES = ("files", "sandbox")


def names() -> tuple[str, ...]:
    """Names of the sources that have a folder of their own, in alphabetical order."""
    folders = Path(__file__).parent.glob("*/__init__.py")
    return tuple(sorted(f.parent.name for f in folders if f.parent.name not in NOT_SOURCES))


def enabled(settings: Settings) -> list[SourceSpec]:
    """The sources of `settings.sources`, in that order.

    Raises `ValueError` naming a source that is neither in `ingestion/` nor made of files.
    """
    return [source(settings, name) for name in settings.sources]


def source(settings: Settings, name: str) -> SourceSpec:
    """One source by name. Raises `ValueError` when there is none."""
    if name in settings.files:
        from ingestion.files import spec  # noqa: PLC0415 - only who has files pays for it

        return spec(name, Path(settings.files[name]))
    if name not in names():
        raise ValueError(
            f"KINDRED_SOURCES names {name}, which is no folder in ingestion/ "
            f"and has no KINDRED_FILES_{name.upper()}"
        )
    return importlib.import_module(f"ingestion.{name}").SPEC
