"""The Dynamics 365 server: routes, credentials and service-protection limits.

Belongs here: which URL means what. Reading, writing, batches and metadata have their own modules.
"""

from __future__ import annotations

import re
import time
import uuid
from collections import deque
from collections.abc import Mapping
from typing import ClassVar

from ingestion.sandbox.servers.calls import Call, ProtocolError, Reply
from ingestion.sandbox.servers.dynamics365.batch import batch
from ingestion.sandbox.servers.dynamics365.entities import TABLES, Table
from ingestion.sandbox.servers.dynamics365.errors import (
    BAD_PAYLOAD,
    BAD_QUERY,
    NO_SEGMENT,
    TOO_MANY_REQUESTS,
    error_reply,
    fail,
)
from ingestion.sandbox.servers.dynamics365.metadata import definitions, document
from ingestion.sandbox.servers.dynamics365.reading import collection, single
from ingestion.sandbox.servers.dynamics365.writing import GUID, Writer, address, found
from ingestion.sandbox.servers.system import System
from ingestion.sandbox.servers.tokens import CLIENT_ID, COLLEAGUE, asked_credentials

TOKEN = re.compile(r"/[\w.-]+/oauth2/(v2\.0/)?token")
RESOURCE = re.compile(r"(\w+)(?:\((.*)\))?(?:/Microsoft\.Dynamics\.CRM\.(\w+))?", re.DOTALL)
MANY = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")
ORGANIZATION = "6f6b696e-6472-4564-8000-000000000001"
BUSINESS_UNIT = "6f6b696e-6472-4564-8000-000000000002"


class Dynamics365(System):
    """The car brand's CRM."""

    name = "dynamics365"
    title = "Dynamics 365"
    entities = TABLES
    users: ClassVar[Mapping[str, str]] = {
        CLIENT_ID: "6f6b696e-6472-4564-8000-000000000011",
        COLLEAGUE: "6f6b696e-6472-4564-8000-000000000012",
    }
    max_requests = 6_000
    window_seconds = 300.0

    def prepare(self) -> None:
        """Set up the sliding window of requests and the writer."""
        self._window: deque[float] = deque()
        self.writer = Writer(self.store, self.rejections)

    def call(self, call: Call) -> Reply:
        """Answer a token request or an authorised call within the limits."""
        if self.issues_token(call):
            return self._token(call)
        client = self.tokens.holder(call.headers.get("authorization"))
        if client is None:
            return self.refused(call)
        self._protect()
        self.store.author = self.users[client]
        return self._operation(call)

    def _operation(self, call: Call) -> Reply:
        path = call.path.removeprefix(Table.api_root)
        if path == call.path:
            raise _no_segment(call.path)
        if call.method == "POST" and path in {"$batch", "BulkDelete"}:
            return self._bulk_delete(call) if path == "BulkDelete" else self._batch(call)
        if path in {"$metadata", "WhoAmI"} or path.startswith("EntityDefinitions"):
            return self._metadata(path, call)
        match = RESOURCE.fullmatch(path)
        table = self.store.entities.get(match[1]) if match else None
        if table is None:
            raise _no_segment(path)
        return self._on_table(table, match[2], match[3], call)

    def _batch(self, call: Call) -> Reply:
        return batch(call, self._inner, self.store)

    def _metadata(self, path: str, call: Call) -> Reply:
        tables: list[Table] = list(self.store.entities.values())
        if call.method != "GET":
            raise fail(405, BAD_QUERY, "The sandbox's schema can't be changed.")
        if path == "$metadata":
            return document(tables)
        if path == "WhoAmI":
            units = {"BusinessUnitId": BUSINESS_UNIT, "OrganizationId": ORGANIZATION}
            return Reply.json({"UserId": self.store.author} | units)
        return definitions(tables, path, call)

    def _on_table(self, table: Table, key: str | None, action: str | None, call: Call) -> Reply:
        if action:
            if action not in MANY or call.method != "POST" or key is not None:
                raise _no_segment(action)
            return self.writer.many(table, action, call)
        return self._on_row(table, key, call) if key else self._on_collection(table, call)

    def _on_collection(self, table: Table, call: Call) -> Reply:
        if call.method == "GET":
            return collection(self.store, table, call)
        if call.method == "POST":
            return self.writer.create(table, call)
        raise fail(405, BAD_QUERY, f"{call.method} is not supported on a collection")

    def _on_row(self, table: Table, key: str, call: Call) -> Reply:
        where = address(table, key)
        if call.method == "GET":
            row = found(self.store, table, where)
            if row is None:
                raise where.missing(table)
            return single(self.store, table, row, call)
        if call.method == "PATCH":
            return self.writer.patch(table, where, call)
        if call.method == "DELETE":
            return self.writer.delete(table, where, call)
        raise fail(405, BAD_QUERY, f"{call.method} is not supported on a row")

    def _inner(self, call: Call) -> Reply:
        try:
            return self._operation(call)
        except ProtocolError as error:
            return error.reply

    def _token(self, call: Call) -> Reply:
        grant, client_id, secret = asked_credentials(call)
        if grant != "client_credentials":
            text = "AADSTS70003: The app requested an unsupported grant type."
            return Reply.json({"error": "unsupported_grant_type", "error_description": text}, 400)
        if not self.tokens.accepts(client_id, secret):
            return self.refused(call)
        lifetime = int(self.tokens.lifetime)
        answer = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime}
        return Reply.json(answer | {"access_token": self.tokens.issue(client_id)})

    def _protect(self) -> None:
        now = time.monotonic()
        while self._window and self._window[0] <= now - self.window_seconds:
            self._window.popleft()
        self._window.append(now)
        if len(self._window) > self.max_requests:
            wait = self._window[len(self._window) - self.max_requests - 1]
            raise ProtocolError(self.throttled(wait + self.window_seconds - now))

    def _bulk_delete(self, call: Call) -> Reply:
        try:
            query = call.json()["QuerySet"][0]
            condition = query["Criteria"]["Conditions"][0]
            keys = [item["Value"] for item in condition["Values"]]
            table = next(t for t in TABLES if t.logical == query["EntityName"])
            valid = condition["AttributeName"] == table.key and condition["Operator"] == "In"
        except (ValueError, LookupError, TypeError, StopIteration):
            valid = False
        if not valid or not all(GUID.fullmatch(str(key)) for key in keys):
            message = "BulkDelete here takes one query: the table's key, operator In, its GUIDs."
            raise fail(400, BAD_PAYLOAD, message)
        self.writer.delete_many(table, [key.lower() for key in keys])
        return Reply.json({"JobId": str(uuid.uuid4())}, OData_Version="4.0")

    def issues_token(self, call: Call) -> bool:
        """Whether this asks the identity platform for a token."""
        return TOKEN.fullmatch(call.path) is not None

    def template(self, path: str) -> str:
        """`/api/data/v9.2/contacts({key})` and the like."""
        if TOKEN.fullmatch(path):
            return "/{tenant}/oauth2/v2.0/token"
        return re.sub(r"\(.*\)", "({key})", path, flags=re.DOTALL)

    def throttled(self, retry_after: float) -> Reply:
        """429 of the service-protection limits."""
        message = (
            f"Number of requests exceeded the limit of {self.max_requests} over time window of "
            f"{self.window_seconds:g} seconds."
        )
        seconds = f"{max(0, -int(-retry_after // 1))}"
        return error_reply(429, TOO_MANY_REQUESTS, message, Retry_After=seconds)

    def failed(self, status: int) -> Reply:
        """A server error."""
        return error_reply(status, "0x80040216", "An unexpected error occurred.")

    def refused(self, call: Call) -> Reply:
        """401, as the identity platform or as Dataverse words it."""
        if self.issues_token(call):
            text = "AADSTS7000215: Invalid client secret provided."
            return Reply.json({"error": "invalid_client", "error_description": text}, 401)
        return Reply(401, headers={"WWW-Authenticate": f"Bearer resource_id={call.base}/"})


def _no_segment(segment: str) -> ProtocolError:
    message = f"Resource not found for the segment '{segment.partition('(')[0][:60]}'."
    return fail(404, NO_SEGMENT, message)
