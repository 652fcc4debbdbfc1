"""Reads register files from the folder `sources.registers.folder`, which may still be empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingestion.file_tables import folder_source
from ingestion.registers.tables import TABLES
from ingestion.specs import SourceSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource per register."""
    return folder_source(settings, "registers", TABLES, may_be_empty=True)


SPEC = SourceSpec(
    name="registers",
    tables=TABLES,
    description="Register files: deceased, moved, do not contact.",
    system_url_hint="SOURCES__REGISTERS__FOLDER",
    build=build,
)
