"""Reads the partners' files from the folder `sources.partners.folder`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingestion.file_tables import folder_source
from ingestion.partners.tables import TABLES
from ingestion.specs import SourceSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource per partner file."""
    return folder_source(settings, "partners", TABLES)


SPEC = SourceSpec(
    name="partners",
    tables=TABLES,
    description="Files of partners: insurance policies, demographics, brand affinity.",
    system_url_hint="SOURCES__PARTNERS__FOLDER",
    build=build,
)
