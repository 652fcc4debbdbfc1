"""Writing contacts of the email platform: batches matched by `external_id`, then by email.

Belongs here: payloads and what a result means. The platform replaces `attributes` whole, so every
row is sent whole; fields named `attributes.<name>` are put inside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from activation.destinations.connection import ApiKey, base_url, value
from activation.engine.errors import DestinationError
from activation.engine.operations import (
    Answer,
    Capabilities,
    Destination,
    Kind,
    Mode,
    Operation,
    Status,
)
from activation.engine.spec import Sync
from activation.engine.transport import Transport, words_of

SYSTEM = "email_platform"
NESTED = "attributes."
NEW_NEEDS_EMAIL = "invalid_email"
STATUSES = {
    "created": Status.CREATED,
    "updated": Status.UPDATED,
    "unchanged": Status.UNCHANGED,
}


def open_destination(sync: Sync, sleep: Callable[[float], None] = time.sleep) -> EmailPlatform:
    """The contacts of the platform. Raises `DestinationError` when a value is missing."""
    if sync.object != "contacts" or sync.key != "external_id":
        raise DestinationError(f"{sync.name}: only object contacts with key external_id is known")
    credentials = ApiKey(value(SYSTEM, "api_key"))
    connections = EmailPlatform.capabilities.connections
    transport = Transport(SYSTEM, credentials, connections, sleep=sleep)
    return EmailPlatform(base_url(SYSTEM), transport)


class EmailPlatform(Destination):
    """The platform's contacts."""

    capabilities = Capabilities(
        modes=frozenset({Mode.UPSERT, Mode.MIRROR}),
        deletes=True,
        batch_limit=500,
        connections=2,
        partial=False,
    )

    def __init__(self, base: str, transport: Transport) -> None:
        self._url = f"{base}/v1/contacts"
        self.transport = transport

    def send(self, operations: Sequence[Operation]) -> list[Answer]:
        """Send one batch, and deletions one by one; see `Destination.send`."""
        answers: dict[int, Answer] = {}
        writes = [n for n, op in enumerate(operations) if op.kind != Kind.DELETE]
        if writes:
            got = self._upsert([operations[n] for n in writes])
            answers |= dict(zip(writes, got, strict=True))
        for number, operation in enumerate(operations):
            if operation.kind == Kind.DELETE:
                answers[number] = self._delete(operation)
        return [answers[n] for n in range(len(operations))]

    def _upsert(self, operations: Sequence[Operation]) -> list[Answer]:
        body = {"contacts": [_contact(operation) for operation in operations]}
        reply = self.transport.request("POST", f"{self._url}/batch", json=body)
        if reply.status >= HTTPStatus.BAD_REQUEST:
            raise DestinationError(
                f"{SYSTEM} refused a batch: {reply.status} {words_of(reply.response)}"
            )
        content = reply.json(SYSTEM)
        results = content.get("results") if isinstance(content, dict) else None
        if not isinstance(results, list) or len(results) != len(operations):
            raise DestinationError(f"{SYSTEM} did not answer every contact of a batch")
        return [
            self._answer(operation, result, reply.uncertain)
            for operation, result in zip(operations, results, strict=True)
        ]

    def _answer(self, operation: Operation, result: dict[str, Any], uncertain: bool) -> Answer:
        status = STATUSES.get(result.get("status", ""))
        if status is not None:
            if uncertain and operation.kind == Kind.CREATE:
                status = Status.CREATED
            elif uncertain:
                status = Status.UPDATED
            return Answer(status, result.get("contact_id"))
        error = result.get("error") or {}
        words = f"{error.get('code', '')} {error.get('message', '')}".strip()
        unnamed = operation.fields.get("email") is None
        if operation.kind == Kind.UPDATE and unnamed and error.get("code") == NEW_NEEDS_EMAIL:
            return Answer(Status.MISSING, words=words)
        return Answer(Status.REJECTED, words=words)

    def _delete(self, operation: Operation) -> Answer:
        known = operation.destination_id
        if known is None:
            nobody = Operation(Kind.UPDATE, operation.key)
            [found] = self._upsert([nobody])
            if found.destination_id is None:
                return found
            known = found.destination_id
        reply = self.transport.request("DELETE", f"{self._url}/{quote(known, safe='')}")
        if reply.status == HTTPStatus.NOT_FOUND or reply.status < HTTPStatus.BAD_REQUEST:
            return Answer(Status.DELETED)
        return Answer(Status.REJECTED, words=f"{reply.status} {words_of(reply.response)}")


def _contact(operation: Operation) -> dict[str, Any]:
    contact: dict[str, Any] = {"external_id": operation.key}
    attributes = {}
    for name, content in operation.fields.items():
        if name.startswith(NESTED):
            attributes[name.removeprefix(NESTED)] = content
        else:
            contact[name] = content
    return contact | ({"attributes": attributes} if attributes else {})
