"""Reads event files from the folder `sources.web_events.folder`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingestion.file_tables import folder_source
from ingestion.specs import SourceSpec
from ingestion.web_events.tables import TABLES

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource, `events`."""
    return folder_source(settings, "web_events", TABLES)


SPEC = SourceSpec(
    name="web_events",
    tables=TABLES,
    description="Behaviour on the web site: pages, products, carts, identify calls.",
    system_url_hint="SOURCES__WEB_EVENTS__FOLDER",
    build=build,
)
