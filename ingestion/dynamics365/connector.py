"""Reads Dataverse tables by change tracking.

The first run reads a table whole and is given a delta token with it; each later run asks for what
changed since, deletes included. A token lives seven days. When it has expired, the table is read
whole again and what is missing from it is what was deleted. A table that Kindred also writes to
lands with the user that Kindred is (`WhoAmI`), so that its own writing can be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import dlt
import orjson
import pyarrow as pa

from ingestion.api import Api, StatusError
from ingestion.api_tables import api_source, landed, tombstones
from ingestion.connections import DataverseConnection, connection
from ingestion.dynamics365.tables import TABLES
from ingestion.errors import LandingError
from ingestion.lake import living_keys
from ingestion.specs import SourceSpec, TableSpec

if TYPE_CHECKING:
    from dlt.extract.source import DltSource

    from kindred.settings import Settings

NAME = "dynamics365"
ROOT = "/api/data/v9.2/"
PAGE_SIZE = 5_000
EXPIRED_STAMP = "0x80044352"
NEXT, DELTA = "@odata.nextLink", "@odata.deltaLink"
GONE = "$deletedEntity"


def build(settings: Settings) -> DltSource:
    """The dlt source: one resource per table."""

    @cache
    def api() -> Api:
        found = connection(DataverseConnection, NAME)
        session = Api(NAME, found)
        session.client_credentials(found.token_url, found, scope=f"{session.base_url}/.default")
        session.page_size = found.page_size or PAGE_SIZE
        return session

    return api_source(NAME, TABLES, lambda table: read(settings, api(), table))


def read(settings: Settings, api: Api, table: TableSpec) -> Iterator[pa.Table]:
    """What changed in `table` since the last run that landed, as batches."""
    state = dlt.current.resource_state()
    selected = ",".join(column.native for column in table.native_columns)
    # a delta link answers the columns that it was asked with
    link = state.get("delta") if state.get("selected") == selected else None
    missed = False
    if link:
        try:
            state["delta"] = yield from _pages(settings, api, table, link)
            return
        except _ExpiredError:
            missed = True
    living = living_keys(settings, NAME, table) if missed else set()
    found: set[str] = set()
    path = f"{ROOT}{table.entity}?$select={selected}"
    pages = _pages(settings, api, table, path, found)
    state["delta"] = yield from pages
    state["selected"] = selected
    if deleted := sorted(living - found):
        yield tombstones(table, deleted)


class _ExpiredError(Exception):
    """The delta token is too old to say what changed."""


def _pages(
    settings: Settings, api: Api, table: TableSpec, link: str, found: set[str] | None = None
) -> Iterator[pa.Table]:
    """Yield the pages from `link` on; return the delta link for the next run (without host)."""
    headers = {"Prefer": f"odata.track-changes,odata.maxpagesize={api.page_size}"}
    tracking = "$deltatoken" in link or "%24deltatoken" in link
    own_user = api.get(f"{ROOT}WhoAmI", table.name)["UserId"] if table.says_who_wrote else None
    while True:
        try:
            page = api.get(link, table.name, headers=headers, judged=(400, 410) if tracking else ())
        except StatusError as error:
            if error.status == 410 or _code(error) == EXPIRED_STAMP:
                raise _ExpiredError from None
            raise LandingError(
                f"the change feed answers {error.status} ({_code(error)})", NAME, table.name
            ) from None
        rows = page.get("value", ())
        batch = _batch(settings, table, rows, own_user)
        if found is not None:
            found.update(batch[table.key[0]].to_pylist())
        yield batch
        if NEXT in page:
            link = page[NEXT]
        elif DELTA in page:
            return api.relative(page[DELTA])
        else:
            raise LandingError(
                f"table {table.entity} has no change tracking: switch it on", NAME, table.name
            )


def _batch(
    settings: Settings, table: TableSpec, rows: list[dict[str, Any]], own_user: str | None
) -> pa.Table:
    gone = [row.get("@odata.context", "").endswith(GONE) for row in rows]
    if any(gone):
        key = table.key[0]
        rows = [{key: r.get("id")} if dead else r for r, dead in zip(rows, gone, strict=True)]
    return landed(settings, NAME, table, rows, gone, read_as=own_user)


def _code(error: StatusError) -> str:
    try:
        return str(orjson.loads(error.body)["error"]["code"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "no code"


SPEC = SourceSpec(
    name=NAME,
    tables=TABLES,
    description="The brand's CRM: contacts, dealers, leads, opportunities, tasks and calls.",
    system_url_hint="SOURCES__DYNAMICS365__BASE_URL",
    build=build,
)
