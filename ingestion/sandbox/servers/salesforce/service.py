"""The Salesforce server: routes, credentials, limits, single-row calls.

Belongs here: which URL means what. Queries, collections, bulk jobs and descriptions have their own
modules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ingestion.sandbox.servers.calls import Call, ProtocolError, Reply
from ingestion.sandbox.servers.salesforce.bulk import BulkJobs
from ingestion.sandbox.servers.salesforce.composite import Collections, composite
from ingestion.sandbox.servers.salesforce.describe import described, listed
from ingestion.sandbox.servers.salesforce.entities import SOBJECTS, SObject, long_id
from ingestion.sandbox.servers.salesforce.errors import RowError, error_reply, fail, not_found
from ingestion.sandbox.servers.salesforce.queries import Queries
from ingestion.sandbox.servers.salesforce.rows import Rows
from ingestion.sandbox.servers.store import plain_fields
from ingestion.sandbox.servers.system import System
from ingestion.sandbox.servers.tokens import CLIENT_ID, COLLEAGUE, asked_credentials

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 (a path)
VERSIONS = ("58.0", "59.0", "60.0", "61.0", "62.0")
ORGANIZATION = long_id("00DKd0000000001")
DATA = re.compile(r"/services/data/v(\d\d\.0)(?:/(.*))?", re.DOTALL)


class Salesforce(System):
    """The dealers' own CRM."""

    name = "salesforce"
    title = "Salesforce"
    entities = SOBJECTS
    suffix = "+0000"
    users: ClassVar[Mapping[str, str]] = {
        CLIENT_ID: long_id("005Kd0000000011"),
        COLLEAGUE: long_id("005Kd0000000012"),
    }
    max_requests = 1_000_000

    def prepare(self) -> None:
        """Open bulk jobs and set up the doors."""
        self._calls = 0
        self.rows = Rows(self.store, self.rejections)
        self.queries = Queries(self.store)
        self.collections = Collections(self.store, self.rows)
        self.bulk = BulkJobs(self.store, self.rows, self.queries)

    async def work(self) -> None:
        """Process bulk jobs as they are uploaded."""
        await self.bulk.work()

    def call(self, call: Call) -> Reply:
        """Answer a token request, the list of versions, or an authorised call."""
        if call.path == TOKEN_PATH:
            return self._token(call)
        if call.path.rstrip("/") == "/services/data" and call.method == "GET":
            return Reply.json(
                [{"label": v, "url": f"/services/data/v{v}", "version": v} for v in VERSIONS]
            )
        client = self.tokens.holder(call.headers.get("authorization"))
        if client is None:
            return self.refused(call)
        self.store.author = self.users[client]
        self._calls += 1
        if self._calls > self.max_requests:
            raise fail(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        reply = self.operation(call)
        used = {"Sforce-Limit-Info": f"api-usage={self._calls}/{self.max_requests}"}
        return Reply(reply.status, reply.body, dict(reply.headers) | used)

    def operation(self, call: Call) -> Reply:
        """Answer one authorised call, or one subrequest of a composite call."""
        try:
            return self._routed(call)
        except RowError as error:
            return error.reply()
        except ProtocolError as error:
            return error.reply

    def _routed(self, call: Call) -> Reply:
        match = DATA.fullmatch(call.path)
        if match is None or match[1] not in VERSIONS:
            raise not_found()
        head, _, rest = (match[2] or "").strip("/").partition("/")
        if head in {"query", "queryAll"} and call.method == "GET":
            version = VERSIONS[VERSIONS.index(match[1])]
            return self.queries.answer(head, rest, version, call)
        if head == "sobjects":
            return self._sobject(rest, call)
        if head == "composite" and not rest and call.method == "POST":
            return composite(call, self.operation, self.store)
        if head == "composite" and rest.partition("/")[0] == "sobjects":
            return self.collections.answer(rest.partition("/")[2], call)
        if head == "jobs":
            return self.bulk.answer(rest, call)
        if head == "limits" and call.method == "GET":
            left = self.max_requests - self._calls
            return Reply.json({"DailyApiRequests": {"Max": self.max_requests, "Remaining": left}})
        raise not_found()

    def _sobject(self, rest: str, call: Call) -> Reply:
        sobjects: list[SObject] = list(self.store.entities.values())
        if not rest:
            return listed(sobjects, call)
        name, *path = rest.split("/", 2)
        sobject = next((s for s in sobjects if s.name.lower() == name.lower()), None)
        if sobject is None:
            raise not_found()
        if not path:
            return self._create(sobject, call)
        if path[0] == "describe":
            return described(sobject, call)
        if len(path) == 1:
            return self._by_id(sobject, path[0], call)
        return self._by_external_id(sobject, path[0], path[1], call)

    def _create(self, sobject: SObject, call: Call) -> Reply:
        if call.method != "POST":
            raise _not_allowed(call)
        key = self.rows.create(sobject, payload(call))
        return Reply.json({"id": key, "success": True, "errors": []}, 201)

    def _by_id(self, sobject: SObject, key: str, call: Call) -> Reply:
        if call.method == "GET":
            return self._retrieve(sobject, self.rows.live(sobject, key)["Id"], call)
        if call.method == "PATCH":
            self.rows.update(sobject, key, payload(call))
        elif call.method == "DELETE":
            self.rows.delete(sobject, key)
        else:
            raise _not_allowed(call)
        return Reply(204)

    def _by_external_id(self, sobject: SObject, field: str, value: str, call: Call) -> Reply:
        column = sobject.by_lower_name.get(field.lower())
        if column is None or column.name not in (*sobject.external_ids, "Id"):
            message = "Provided external ID field does not exist or is not accessible: " + field
            raise not_found(message)
        if call.method == "PATCH":
            key, created = self.rows.upsert(sobject, column.name, value, payload(call))
            body = {"id": key, "success": True, "errors": [], "created": created}
            return Reply.json(body, 201 if created else 200)
        known = self.store.find(sobject, column.name, value, live=True)
        if known is None:
            raise not_found()
        return self._by_id(sobject, known["Id"], call)

    def _retrieve(self, sobject: SObject, key: str, call: Call) -> Reply:
        chosen = list(sobject.columns)
        if names := call.query.get("fields"):
            chosen = [sobject.by_lower_name.get(n.strip().lower()) for n in names.split(",")]
            if None in chosen:
                raise fail(400, "INVALID_FIELD", f"No such column on entity '{sobject.name}'")
        row = self.store.rows(sobject, plain_fields(chosen), 'WHERE "Id" = ?', [key])[0]
        attributes = {
            "type": sobject.name,
            "url": f"/services/data/v60.0/sobjects/{sobject.name}/{key}",
        }
        return Reply.json({"attributes": attributes} | row)

    def _token(self, call: Call) -> Reply:
        grant, client_id, secret = asked_credentials(call)
        if grant != "client_credentials":
            text = "grant type not supported"
            refused = {"error": "unsupported_grant_type", "error_description": text}
            return Reply.json(refused, 400)
        if not self.tokens.accepts(client_id, secret):
            return self.refused(call)
        identity = f"{call.base}/id/{ORGANIZATION}/{self.users[client_id]}"
        answer = {"access_token": self.tokens.issue(client_id), "instance_url": call.base}
        return Reply.json(answer | {"id": identity, "token_type": "Bearer", "scope": "api"})

    def issues_token(self, call: Call) -> bool:
        """Whether this asks for a token."""
        return call.path == TOKEN_PATH

    def template(self, path: str) -> str:
        """`/services/data/v60.0/sobjects/Contact/{id}` and the like."""
        path = re.sub(r"(/query(?:All)?/).+", r"\1{locator}", path)
        path = re.sub(r"(/jobs/\w+/)\w+", r"\1{id}", path)
        if "/composite/" in path or path.endswith("/describe"):
            return path
        found = re.match(r"(.*/sobjects/\w+)/([^/]+)(/.+)?$", path, re.DOTALL)
        if not found:
            return path
        return f"{found[1]}/{found[2]}/{{value}}" if found[3] else f"{found[1]}/{{id}}"

    def throttled(self, retry_after: float) -> Reply:
        """429."""
        return error_reply(
            429,
            "REQUEST_LIMIT_EXCEEDED",
            "ConcurrentPerOrgLongTxn Limit exceeded.",
            Retry_After=f"{retry_after:g}",
        )

    def failed(self, status: int) -> Reply:
        """A server error."""
        code = "SERVER_UNAVAILABLE" if status == 503 else "UNKNOWN_EXCEPTION"
        return error_reply(status, code, "An unexpected error occurred.")

    def refused(self, call: Call) -> Reply:
        """401, as the OAuth endpoint or as the API words it."""
        if self.issues_token(call):
            text = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return Reply.json(text, 401)
        return error_reply(401, "INVALID_SESSION_ID", "Session expired or invalid")


def payload(call: Call) -> dict[str, Any]:
    """The body of a single-row write. Raises `ProtocolError`."""
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise fail(400, "JSON_PARSER_ERROR", "The body is not a JSON object")
    return body


def _not_allowed(call: Call) -> ProtocolError:
    message = f"HTTP Method '{call.method}' not allowed. Allowed are HEAD,GET,POST,PATCH,DELETE"
    return fail(405, "METHOD_NOT_ALLOWED", message)
