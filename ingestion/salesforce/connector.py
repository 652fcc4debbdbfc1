"""Reads Salesforce objects with `queryAll`, by SystemModstamp.

`queryAll` also answers rows in the recycle bin (IsDeleted): they land as tombstones that keep the
id and the time and nothing personal. A query lists ids first and reads values page by page, so the
newest change is asked for before, and the next run starts no later than there. An object that
Kindred also writes to lands with the user that Kindred is, which Salesforce says with each token.
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
from ingestion.connections import SalesforceConnection, connection
from ingestion.cursor import Cursor
from ingestion.salesforce.tables import TABLES
from ingestion.specs import SourceSpec, TableSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings

NAME = "salesforce"
PAGE_SIZE = 2_000
CHANGED = "SystemModstamp"


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource per object."""

    @cache
    def api() -> tuple[Api, str]:
        found = connection(SalesforceConnection, NAME)
        session = Api(NAME, found)
        token_url = f"{session.base_url}/services/oauth2/token"
        session.client_credentials(token_url, found, scope="")
        session.page_size = found.page_size or PAGE_SIZE
        return session, found.api_version

    return api_source(NAME, TABLES, lambda table: read(settings, *api(), table))


def read(settings: Settings, api: Api, version: str, table: TableSpec) -> Iterator[pa.Table]:
    """Rows of `table` changed since the last run that landed, deleted ones as tombstones."""
    cursor = Cursor(dlt.current.resource_state(), table.cursor or "")
    link: str | None = f"/services/data/{version}/queryAll"
    newest = api.get(link, table.name, {"q": newest_change(table)})["records"]
    if newest:
        cursor.limit(dt.datetime.fromisoformat(newest[0][CHANGED]).astimezone(dt.UTC))
    parameters: dict[str, str] | None = {"q": soql(table, cursor.since)}
    headers = {"Sforce-Query-Options": f"batchSize={api.page_size}"}
    own_user = _own_user(api) if table.says_who_wrote else None
    while link:
        page = api.get(link, table.name, parameters, headers)
        rows = page["records"]
        gone = [row.get("IsDeleted") is True for row in rows]
        kept = [_stripped(r) if dead else r for r, dead in zip(rows, gone, strict=True)]
        yield landed(settings, NAME, table, kept, gone, cursor=cursor, read_as=own_user)
        link, parameters = page.get("nextRecordsUrl"), None
    cursor.save()


def soql(table: TableSpec, since: dt.datetime | None) -> str:
    """The query for rows of `table` changed at or after `since`, oldest change first."""
    fields = ", ".join(column.native for column in table.native_columns)
    where = f" WHERE {CHANGED} >= {since.isoformat(timespec='milliseconds')}Z" if since else ""
    return f"SELECT {fields}, IsDeleted FROM {table.entity}{where} ORDER BY {CHANGED}, Id"  # noqa: S608 - our names and a time


def newest_change(table: TableSpec) -> str:
    """The query for the time of the newest change to `table`."""
    return f"SELECT {CHANGED} FROM {table.entity} ORDER BY {CHANGED} DESC LIMIT 1"  # noqa: S608 - our names


def _own_user(api: Api) -> str:
    """Our id, in the 15 characters that count: `id` is `https://<host>/id/<org>/<user>`."""
    return api.granted("id").rpartition("/")[2][:15]


def _stripped(row: dict[str, Any]) -> dict[str, Any]:
    return {"Id": row.get("Id"), CHANGED: row.get(CHANGED)}


SPEC = SourceSpec(
    name=NAME,
    tables=TABLES,
    description="The dealers' CRM: contacts, leads, opportunities, tasks.",
    system_url_hint="SOURCES__SALESFORCE__BASE_URL",
    build=build,
)
