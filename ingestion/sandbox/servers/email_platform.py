"""An email platform: cursor-paged reads, batch upsert of contacts, an ascending event feed.

Belongs here: routes, cursors and words of `/v1`. A write here never makes an unsubscribed or
bounced contact receive mail again: only the person can.
"""

from __future__ import annotations

import base64
import uuid
from typing import Any

import orjson

from ingestion.sandbox.servers.calls import Call, ProtocolError, Reply
from ingestion.sandbox.servers.entities import Entity, columns
from ingestion.sandbox.servers.rest import InvalidValueError, as_moment, stored_row, valid_email
from ingestion.sandbox.servers.store import DuplicateError, json_list, plain_fields, quoted
from ingestion.sandbox.servers.system import System
from ingestion.sandbox.servers.tokens import CLIENT_ID, CLIENT_SECRET, COLLEAGUE

ROOT = "/v1/"
MAX_LIMIT = 5_000
MAX_BATCH = 500
KEYS = {CLIENT_SECRET: CLIENT_ID, f"{COLLEAGUE}-secret": COLLEAGUE}
"""API keys and their names; a row says which key wrote it."""
STATUSES = ("subscribed", "unsubscribed", "bounced")

CONTACTS = Entity(
    "contacts",
    key="contact_id",
    columns=columns(
        "!contact_id:s email:s254 first_name:s100 last_name:s100 language:s10 status:s20 "
        "external_id:s100 attributes:j !created_at:t !created_by:s !updated_at:t !updated_by:s"
    ),
    modified="updated_at",
    created="created_at",
    modified_by="updated_by",
    created_by="created_by",
    alternate=("external_id",),
    lookups=("email",),
)
CONSENTS = Entity(
    "consents",
    key="consent_id",
    columns=columns(
        "consent_id:s contact_id:s email:s channel:s purpose:s status:s stated_at:t evidence:s"
    ),
    modified="stated_at",
)
CAMPAIGNS = Entity(
    "campaigns",
    key="campaign_id",
    columns=columns("campaign_id:s name:s subject:s topic:s sent_at:t updated_at:t"),
    modified="updated_at",
)
EVENTS = Entity(
    "events",
    key="event_id",
    columns=columns(
        "event_id:i contact_id:s campaign_id:s message_id:s event_type:s occurred_at:t url:s"
    ),
    modified="occurred_at",
)


def failure(status: int, code: str, message: str, **headers: str) -> Reply:
    """An error as this platform words it."""
    return Reply.json({"error": {"code": code, "message": message}}, status, **headers)


class RowError(Exception):
    """One contact of a batch that can't be written; the others are."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.described = {"code": code, "message": message}


class EmailPlatform(System):
    """The tool that sends newsletters."""

    name = "email_platform"
    title = "Email platform"
    entities = (CONTACTS, CONSENTS, CAMPAIGNS, EVENTS)

    def call(self, call: Call) -> Reply:
        """Answer who asks, a page, a contact, a batch or a delete."""
        scheme, _, secret = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or secret not in KEYS:
            return self.refused(call)
        self.store.author = KEYS[secret]
        if (call.method, call.path) == ("GET", f"{ROOT}me"):
            return Reply.json({"api_key": {"name": self.store.author}})
        return self._routed(call)

    def _routed(self, call: Call) -> Reply:
        name, _, key = call.path.removeprefix(ROOT).partition("/")
        entity = self.store.entities.get(name) if call.path.startswith(ROOT) else None
        if entity is None:
            return failure(404, "not_found", "no such resource")
        if call.method == "GET" and not key:
            return self._events(call) if name == "events" else self._page(entity, call)
        if name == "contacts" and (call.method, key) == ("POST", "batch"):
            return self._batch(call)
        if name == "contacts" and key and call.method in {"GET", "DELETE"}:
            return self._one(key) if call.method == "GET" else self._delete(key)
        return failure(405, "method_not_allowed", f"{call.method} isn't supported here")

    def _page(self, entity: Entity, call: Call) -> Reply:
        limit = _limit(call)
        modified, key = quoted(entity.modified), quoted(entity.key)
        clauses, parameters = [], []
        if since := call.query.get("updated_since"):
            clauses.append(f"{modified} >= ?")
            parameters.append(_moment(since))
        if cursor := call.query.get("cursor"):
            clauses.append(f"({modified}, {key}) > (?, ?)")
            parameters += _opened(cursor, entity)
        where = f"WHERE {' AND '.join(clauses)} " if clauses else ""
        documents, keys = self.store.documents(
            entity,
            plain_fields(entity.columns),
            f"{where}ORDER BY {modified}, {key} LIMIT ?",
            [*parameters, limit + 1],
            beside=entity.required,
        )
        following = _sealed(entity, *keys[limit - 1]) if len(keys) > limit else None
        return Reply.json({"data": json_list(documents[:limit]), "next_cursor": following})

    def _events(self, call: Call) -> Reply:
        limit, after = _limit(call), call.query.get("after", "0")
        if not after.isascii() or not after.isdigit() or len(after) > 18:
            return failure(400, "invalid_parameter", "after must be an event_id")
        documents, keys = self.store.documents(
            EVENTS,
            plain_fields(self.store.entities["events"].columns),
            'WHERE "event_id" > ? ORDER BY "event_id" LIMIT ?',
            [int(after), limit + 1],
            beside=("event_id",),
        )
        following = str(keys[limit - 1][0]) if len(keys) > limit else None
        return Reply.json({"data": json_list(documents[:limit]), "next_cursor": following})

    def _one(self, key: str) -> Reply:
        fields = plain_fields(self.store.entities["contacts"].columns)
        rows = self.store.rows(CONTACTS, fields, 'WHERE "contact_id" = ?', [key])
        return Reply.json(rows[0]) if rows else failure(404, "not_found", "no such contact")

    def _delete(self, key: str) -> Reply:
        if reason := self.rejections.reason():
            return failure(422, "rejected", reason)
        if self.store.find(CONTACTS, "contact_id", key) is None:
            return failure(404, "not_found", "no such contact")
        with self.store.transaction():
            self.store.delete(CONTACTS, key)
        return Reply(204)

    def _batch(self, call: Call) -> Reply:
        try:
            payload = call.json()
        except ValueError:
            return failure(400, "invalid_body", "the body isn't JSON")
        contacts = payload.get("contacts") if isinstance(payload, dict) else None
        if not isinstance(contacts, list):
            return failure(400, "invalid_body", 'expected {"contacts": [...]}')
        if len(contacts) > MAX_BATCH:
            return failure(413, "batch_too_large", f"at most {MAX_BATCH} contacts in a batch")
        with self.store.transaction():
            results = [self._upsert(index, contact) for index, contact in enumerate(contacts)]
        return Reply.json({"results": results}, 207)

    def _upsert(self, index: int, contact: Any) -> dict[str, Any]:
        try:
            if reason := self.rejections.reason():
                raise RowError("rejected", reason)
            with self.store.transaction():
                status, key = self._write(contact)
            return {"index": index, "status": status, "contact_id": key, "error": None}
        except RowError as error:
            error_text = error.described
        except InvalidValueError as error:
            error_text = {"code": "invalid_field", "message": str(error)}
        except DuplicateError as error:
            error_text = {"code": "conflict", "message": f"{error.column} belongs to another"}
        return {"index": index, "status": "error", "contact_id": None, "error": error_text}

    def _write(self, contact: Any) -> tuple[str, str]:
        if not isinstance(contact, dict):
            raise RowError("invalid_contact", "a contact must be an object")
        row = stored_row(self.store.entities["contacts"], contact)
        email = row.get("email")
        if email is not None and not valid_email(email):
            raise RowError("invalid_email", "email: not a valid address")
        if row.get("status") is not None and row["status"] not in STATUSES:
            raise RowError("invalid_field", f"status: one of {', '.join(STATUSES)}")
        known = self._known(row)
        if known is None:
            if not email:
                raise RowError("invalid_email", "a new contact needs an email")
            key = f"em_{uuid.uuid4().hex[:16]}"
            self.store.insert(CONTACTS, {"status": "subscribed"} | row | {"contact_id": key})
            return "created", key
        key = known["contact_id"]
        if known["status"] != "subscribed" and row.get("status") == "subscribed":
            raise RowError(known["status"], f"the contact is {known['status']}; only they return")
        changed = {name: value for name, value in row.items() if known[name] != value}
        if "attributes" in changed and _same_json(changed["attributes"], known["attributes"]):
            del changed["attributes"]
        if not changed:
            return "unchanged", key
        self.store.update(CONTACTS, key, changed)
        return "updated", key

    def _known(self, row: dict[str, Any]) -> dict[str, Any] | None:
        for column in ("external_id", "email"):
            if row.get(column):
                known = self.store.find(CONTACTS, column, row[column])
                if known:
                    return known
        return None

    def issues_token(self, call: Call) -> bool:
        """Never: the API key is the credential."""
        return False

    def template(self, path: str) -> str:
        """`/v1/contacts/{id}` and the like."""
        name, slash, key = path.removeprefix(ROOT).partition("/")
        if path.startswith(ROOT) and slash and key and key != "batch":
            return f"{ROOT}{name}/{{id}}"
        return path

    def throttled(self, retry_after: float) -> Reply:
        """429."""
        return failure(429, "rate_limited", "too many requests", Retry_After=f"{retry_after:g}")

    def failed(self, status: int) -> Reply:
        """A server error."""
        return failure(status, "internal", "the platform could not answer")

    def refused(self, call: Call) -> Reply:
        """401."""
        return failure(401, "unauthorized", "the API key is not accepted")


def _limit(call: Call) -> int:
    text = call.query.get("limit", "100")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_LIMIT:
        wrong = failure(400, "invalid_parameter", f"limit must be from 1 to {MAX_LIMIT}")
        raise ProtocolError(wrong)
    return int(text)


def _moment(text: str) -> str:
    try:
        return as_moment(text)
    except ValueError as error:
        wrong = failure(400, "invalid_parameter", f"updated_since: {error}")
        raise ProtocolError(wrong) from None


def _sealed(entity: Entity, modified: str, key: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([entity.name, modified, key])).decode()


def _opened(cursor: str, entity: Entity) -> list[Any]:
    try:
        name, modified, key = orjson.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        name = None
    if name != entity.name:
        raise ProtocolError(failure(400, "invalid_cursor", "the cursor isn't one of ours"))
    return [modified, key]


def _same_json(left: str | None, right: str | None) -> bool:
    if left is None or right is None:
        return left == right
    return orjson.loads(left) == orjson.loads(right)
