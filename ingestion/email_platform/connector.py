"""Reads the email platform: changed rows by time with a page cursor, events by ascending id.

The API says nothing of deleted contacts. Contacts, which Kindred also writes, land with the name of
our API key, which they name as their writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import dlt
import pyarrow as pa

from ingestion.api import Api, ahead
from ingestion.api_tables import api_source, landed
from ingestion.connections import KeyConnection, connection
from ingestion.cursor import Cursor
from ingestion.email_platform.tables import EVENTS, TABLES
from ingestion.specs import SourceSpec, TableSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings

NAME = "email_platform"
ROOT = "/v1/"
PAGE_SIZE = 5_000


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource per API resource."""

    @cache
    def api() -> Api:
        found = connection(KeyConnection, NAME)
        session = Api(NAME, found)
        session.key(found.api_key)
        session.page_size = found.page_size or PAGE_SIZE
        return session

    def read(table: TableSpec) -> Iterator[pa.Table]:
        return (read_events if table is EVENTS else read_changes)(settings, api(), table)

    return api_source(NAME, TABLES, read)


def read_changes(settings: Settings, api: Api, table: TableSpec) -> Iterator[pa.Table]:
    """Rows of `table` changed since the last run that landed."""
    cursor = Cursor(dlt.current.resource_state(), table.cursor or "")
    asked: dict[str, Any] = {"limit": api.page_size}
    if cursor.since:
        asked["updated_since"] = cursor.since.isoformat(timespec="milliseconds") + "Z"
    own_key = api.get(f"{ROOT}me", table.name)["api_key"]["name"] if table.says_who_wrote else None
    for rows in ahead(_pages(api, table, asked)):
        yield landed(settings, NAME, table, rows, cursor=cursor, read_as=own_key)
    cursor.save()


def read_events(settings: Settings, api: Api, table: TableSpec) -> Iterator[pa.Table]:
    """Events after the last one that landed."""
    state = dlt.current.resource_state()
    asked = {"limit": api.page_size, "after": state.get("after", 0)}
    for rows in ahead(_pages(api, table, asked)):
        yield landed(settings, NAME, table, rows)
        if rows:
            state["after"] = rows[-1]["event_id"]


def _pages(api: Api, table: TableSpec, asked: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The rows of page after page."""
    while True:
        page = api.get(ROOT + table.entity, table.name, asked)
        yield page["data"]
        if not page["next_cursor"]:
            break
        if table is not EVENTS:
            asked = asked | {"cursor": page["next_cursor"]}
        elif page["data"]:
            asked = asked | {"after": page["data"][-1]["event_id"]}


SPEC = SourceSpec(
    name=NAME,
    tables=TABLES,
    description="The email platform: contacts, consents, campaigns and what happened to messages.",
    system_url_hint="SOURCES__EMAIL_PLATFORM__BASE_URL",
    build=build,
)
