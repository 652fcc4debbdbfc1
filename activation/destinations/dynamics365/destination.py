"""Writing rows of a Dataverse table: upsert by GUID or alternate key, many in one `$batch`.

Belongs here: URLs, conditions, what a status means. The operations of a batch stand alone (no
change set), so one bad row doesn't take the others with it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from activation.destinations.connection import ClientCredentials, base_url, value
from activation.destinations.dynamics365 import batch
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
from activation.engine.transport import Transport, retry_after

SYSTEM = "dynamics365"
API = "/api/data/v9.2/"
GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
FORBIDDEN = frozenset("/<>*%&:\\?+")
PRIMARY_KEYS = {"contacts": "contactid", "accounts": "accountid", "leads": "leadid"}
SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR
WITH_ROW = {"Prefer": "return=representation"}


def open_destination(sync: Sync, sleep: Callable[[float], None] = time.sleep) -> Dynamics365:
    """The table of a sync. Raises `DestinationError` when a connection value is missing."""
    base = base_url(SYSTEM)
    if sync.object not in PRIMARY_KEYS:
        raise DestinationError(
            f"{sync.name}: object {sync.object!r} is unknown, only {', '.join(PRIMARY_KEYS)}"
        )
    credentials = ClientCredentials(
        SYSTEM,
        value(SYSTEM, "token_url"),
        value(SYSTEM, "client_id"),
        value(SYSTEM, "client_secret"),
        scope=f"{base}/.default",
        sleep=sleep,
    )
    connections = Dynamics365.capabilities.connections
    transport = Transport(SYSTEM, credentials, connections, sleep=sleep)
    return Dynamics365(base, sync.object, sync.key, transport)


class Dynamics365(Destination):
    """One table with an alternate key that holds the customer id."""

    capabilities = Capabilities(
        modes=frozenset(Mode) - {Mode.APPEND}, deletes=True, batch_limit=1000, connections=2
    )

    def __init__(self, base: str, table: str, key: str, transport: Transport) -> None:
        self._base = base
        self._table = table
        self._key = key
        self._id = PRIMARY_KEYS[table]
        self.transport = transport

    def send(self, operations: Sequence[Operation]) -> list[Answer]:
        """Send one batch; see `Destination.send`."""
        answers: list[Answer | None] = [self._refused(operation) for operation in operations]
        fit = [n for n, answer in enumerate(answers) if answer is None]
        if fit:
            chosen = [operations[n] for n in fit]
            responses, uncertain = self._batch([self._part(operation) for operation in chosen])
            for n, operation, response in zip(fit, chosen, responses, strict=True):
                answers[n] = self._answer(operation, response, uncertain)
        return [answer for answer in answers if answer is not None]

    def _batch(self, parts: Sequence[batch.Part]) -> tuple[list[batch.Response], bool]:
        content_type, body = batch.encode(parts)
        headers = {
            "Content-Type": content_type,
            "Accept": "application/json",
            "OData-Version": "4.0",
            "OData-MaxVersion": "4.0",
            "Prefer": "odata.continue-on-error",
        }
        url = f"{self._base}{API}$batch"
        reply = self.transport.request("POST", url, headers=headers, data=body)
        if reply.status >= HTTPStatus.BAD_REQUEST:
            words = batch.Response(reply.status, {}, reply.response.content).json()
            raise DestinationError(
                f"{SYSTEM} refused a batch: {reply.status} {_words(words) or 'without a word'}"
            )
        try:
            found = batch.decode(
                reply.response.headers.get("Content-Type", ""), reply.response.content
            )
        except ValueError as error:
            raise DestinationError(f"{SYSTEM}: {error}") from None
        if len(found) != len(parts):
            raise DestinationError(
                f"{SYSTEM} answered {len(found)} of {len(parts)} operations of a batch"
            )
        return found, reply.uncertain

    def _refused(self, operation: Operation) -> Answer | None:
        """What Dataverse couldn't address is refused here, with the reason."""
        if operation.destination_id is not None:
            if GUID.fullmatch(operation.destination_id):
                return None
            return Answer(Status.REJECTED, words=f"{self._id} is not a GUID")
        forbidden = sorted(FORBIDDEN & set(operation.key))
        if forbidden:
            words = f"{self._key} holds characters a key may not have: {' '.join(forbidden)}"
            return Answer(Status.REJECTED, words=words)
        return None

    def _part(self, operation: Operation) -> batch.Part:
        known = operation.destination_id
        if known is None:
            escaped = quote(operation.key.replace("'", "''"), safe="")
            where, body = f"{self._key}='{escaped}'", dict(operation.fields)
        else:
            where, body = known, {self._key: operation.key, **operation.fields}
        url = f"{self._base}{API}{self._table}({where})"
        if operation.kind == Kind.DELETE:
            return batch.Part("DELETE", url, {})
        headers: dict[str, str] = {}
        if operation.kind == Kind.UPDATE:
            headers["If-Match"] = "*"
        elif operation.only_new:
            headers["If-None-Match"] = "*"
        if known is None:
            url += f"?$select={self._id}"
            headers |= WITH_ROW
        return batch.Part("PATCH", url, headers, body)

    def _answer(self, operation: Operation, response: batch.Response, uncertain: bool) -> Answer:
        status, body = response.status, response.json()
        if status < HTTPStatus.BAD_REQUEST:
            if operation.kind == Kind.DELETE:
                return Answer(Status.DELETED)
            made = operation.kind == Kind.CREATE and (status == HTTPStatus.CREATED or uncertain)
            found = body.get(self._id) or operation.destination_id
            return Answer(Status.CREATED if made else Status.UPDATED, found)
        words = _words(body) or f"HTTP {status}"
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.transport.hold(retry_after(response.headers.get("retry-after"), default=1))
        if status == HTTPStatus.PRECONDITION_FAILED and operation.only_new:
            return Answer(Status.CREATED if uncertain else Status.EXISTS)
        if status == HTTPStatus.NOT_FOUND and operation.kind != Kind.CREATE:
            return Answer(Status.MISSING, words=words)
        later = status == HTTPStatus.TOO_MANY_REQUESTS or status >= SERVER_ERROR
        return Answer(Status.RETRY if later else Status.REJECTED, words=words)


def _words(body: dict[str, Any]) -> str:
    """Dataverse's own words, with its code."""
    error = body.get("error")
    if not isinstance(error, dict):
        return ""
    return f"{error.get('code', '')} {error.get('message', '')}".strip()
