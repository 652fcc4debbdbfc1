"""Reads the shop's resources page by page, oldest change first, from the last change seen.

The API pages by number. A row that changes meanwhile moves to the end and shifts the others, so
each page is asked for by the time of the last row before it; a page number is needed only where
one instant fills more than a page. The API says nothing of deleted rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import dlt
import pyarrow as pa

from ingestion.api import Api
from ingestion.api_tables import api_source, landed
from ingestion.connections import OAuthConnection, connection
from ingestion.cursor import Cursor
from ingestion.sap_commerce.tables import TABLES
from ingestion.specs import SourceSpec, TableSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings

NAME = "sap_commerce"
ROOT = "/rest/v2/"
PAGE_SIZE = 2_000


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource per API resource."""

    @cache
    def api() -> Api:
        found = connection(OAuthConnection, NAME)
        session = Api(NAME, found)
        token_url = f"{session.base_url}/authorizationserver/oauth/token"
        session.client_credentials(token_url, found, scope="")
        session.page_size = found.page_size or PAGE_SIZE
        return session

    return api_source(NAME, TABLES, lambda table: read(settings, api(), table))


def read(settings: Settings, api: Api, table: TableSpec) -> Iterator[pa.Table]:
    """Rows of `table` changed since the last run that landed."""
    cursor = Cursor(dlt.current.resource_state(), table.cursor or "")
    number = 0
    while True:
        before = cursor.since
        page = api.get(ROOT + table.entity, table.name, _query(before, number, api.page_size))
        rows = page[table.entity]
        yield landed(settings, NAME, table, rows, cursor=cursor)
        cursor.advance()
        if number + 1 >= page["pagination"]["totalPages"]:
            break
        number = 0 if cursor.since != before else number + 1
    cursor.save()


def _query(since: dt.datetime | None, number: int, size: int) -> dict[str, Any]:
    asked: dict[str, Any] = {"page": number, "pageSize": size}
    if since:
        asked["modifiedSince"] = since.isoformat(timespec="milliseconds") + "Z"
    return asked


SPEC = SourceSpec(
    name=NAME,
    tables=TABLES,
    description="The accessories web shop: customers, orders, carts, products, stock.",
    system_url_hint="SOURCES__SAP_COMMERCE__BASE_URL",
    build=build,
)
