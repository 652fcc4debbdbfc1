"""Reads Magento's exports from the folder `sources.magento.folder`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingestion.file_tables import folder_source
from ingestion.magento.tables import TABLES
from ingestion.specs import SourceSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource per export."""
    return folder_source(settings, "magento", TABLES)


SPEC = SourceSpec(
    name="magento",
    tables=TABLES,
    description="CSV exports of the old Magento shop: its history.",
    system_url_hint="SOURCES__MAGENTO__FOLDER",
    build=build,
)
