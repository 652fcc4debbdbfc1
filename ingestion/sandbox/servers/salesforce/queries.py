"""Running SOQL: pages, query locators, and the rows a bulk query job exports.

Belongs here: a query's result as Salesforce serves it. A result is a snapshot of ids, taken when
the query ran, as in the real system; it lives until it is one of the oldest.
"""

from __future__ import annotations

import secrets
from array import array
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.sandbox.servers.calls import Call, Reply
from ingestion.sandbox.servers.salesforce.entities import SObject
from ingestion.sandbox.servers.salesforce.errors import fail
from ingestion.sandbox.servers.salesforce.soql import Query, parse
from ingestion.sandbox.servers.store import Store, json_list, plain_fields, quoted

BATCH = 2_000
SMALLEST_BATCH = 200
OPEN_CURSORS = 50


@dataclass
class Cursor:
    """A query that ran, and the row numbers it found."""

    query: Query
    found: array
    size: int


class Queries:
    """Queries of one service and their open cursors."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._cursors: OrderedDict[str, Cursor] = OrderedDict()

    @property
    def sobjects(self) -> Mapping[str, SObject]:
        """Objects by name."""
        return self.store.entities

    def answer(self, kind: str, locator: str, version: str, call: Call) -> Reply:
        """A query's first page, or the page a locator names."""
        root = f"/services/data/v{version}"
        if locator:
            return self._page(f"{root}/query", *self._located(locator))
        if "q" not in call.query:
            raise fail(400, "MALFORMED_QUERY", "The 'q' parameter is required")
        query = parse(call.query["q"], self.sobjects)
        found = self.run(query, deleted=kind == "queryAll")
        if not query.fields:
            return Reply.json({"totalSize": len(found), "done": True, "records": []})
        cursor = Cursor(query, found, _batch_size(call))
        name = f"01g{secrets.token_hex(7).upper()[:12]}AAA"
        if len(found) > cursor.size:
            self._cursors[name] = cursor
            while len(self._cursors) > OPEN_CURSORS:
                self._cursors.popitem(last=False)
        return self._page(f"{root}/query", name, cursor, 0)

    def run(self, query: Query, deleted: bool) -> array:
        """Row numbers in the query's order."""
        sql = f"SELECT rowid FROM {quoted(query.sobject.name)} {query.tail(deleted)}"  # noqa: S608
        return array("q", self.store.scalars(sql, query.parameters))

    def rows(self, query: Query, numbers: array) -> list[dict[str, Any]]:
        """The rows with these numbers, in their order; rows gone meanwhile are left out."""
        fields = [("\0row", "rowid", "integer"), *plain_fields(query.fields)]
        marks = ",".join("?" * len(numbers))
        tail = f"WHERE rowid IN ({marks})"
        found = {r.pop("\0row"): r for r in self.store.rows(query.sobject, fields, tail, numbers)}
        return [found[number] for number in numbers if number in found]

    def _located(self, locator: str) -> tuple[str, Cursor, int]:
        name, _, start = locator.rpartition("-")
        cursor = self._cursors.get(name)
        if cursor is None or not start.isdigit():
            raise fail(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        self._cursors.move_to_end(name)
        return name, cursor, int(start)

    def _page(self, root: str, name: str, cursor: Cursor, start: int) -> Reply:
        query, end = cursor.query, start + cursor.size
        numbers = cursor.found[start:end]
        base = f"{root.removesuffix('/query')}/sobjects/{query.sobject.name}/"
        attributes = f"json_object('type', '{query.sobject.name}', 'url', '{base}' || \"Id\")"
        documents, keys = self.store.documents(
            query.sobject,
            [("attributes", attributes, "json"), *plain_fields(query.fields)],
            f"WHERE rowid IN ({','.join('?' * len(numbers))})",
            numbers,
            beside=("rowid",),
        )
        found = dict(zip((key[0] for key in keys), documents, strict=True))
        records = json_list([found[number] for number in numbers if number in found])
        page: dict[str, Any] = {"totalSize": len(cursor.found), "done": end >= len(cursor.found)}
        if not page["done"]:
            page["nextRecordsUrl"] = f"{root}/{name}-{end}"
        return Reply.json(page | {"records": records})


def _batch_size(call: Call) -> int:
    option = call.headers.get("sforce-query-options", "").replace(" ", "")
    text = option.removeprefix("batchSize=")
    if not text.isdigit():
        return BATCH
    return min(max(int(text), SMALLEST_BATCH), BATCH)
