"""Writing rows of a Salesforce object with sObject Collections, 200 per call, a result per row.

Belongs here: which call a row needs and what its result means. Rows with a known id are updated by
it; all others are upserted by the external id that holds the customer id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from activation.destinations.connection import ClientCredentials, base_url, value
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
from activation.engine.transport import Reply, Transport, words_of

SYSTEM = "salesforce"
API = "/services/data/v62.0/composite/sobjects"
GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
BUSY = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG"})
UNKNOWN_ROW = "no id of this row is known, and an update by external id would create it"


def open_destination(sync: Sync, sleep: Callable[[float], None] = time.sleep) -> Salesforce:
    """The object of a sync. Raises `DestinationError` when a connection value is missing."""
    base = base_url(SYSTEM)
    credentials = ClientCredentials(
        SYSTEM,
        f"{base}/services/oauth2/token",
        value(SYSTEM, "client_id"),
        value(SYSTEM, "client_secret"),
        sleep=sleep,
    )
    connections = Salesforce.capabilities.connections
    transport = Transport(SYSTEM, credentials, connections, sleep=sleep)
    return Salesforce(base, sync.object, sync.key, transport)


class Salesforce(Destination):
    """One object with an external id field that holds the customer id."""

    capabilities = Capabilities(
        modes=frozenset(Mode) - {Mode.APPEND}, deletes=True, batch_limit=200, connections=2
    )

    def __init__(self, base: str, sobject: str, key: str, transport: Transport) -> None:
        self._url = base + API
        self._sobject = sobject
        self._key = key
        self.transport = transport

    def send(self, operations: Sequence[Operation]) -> list[Answer]:
        """Send up to 200 rows, one call for each way of addressing; see `Destination.send`."""
        ways: dict[Callable[[Sequence[Operation]], list[Answer]], list[int]] = {}
        for number, operation in enumerate(operations):
            ways.setdefault(self._way(operation), []).append(number)
        answers: dict[int, Answer] = {}
        for way, numbers in ways.items():
            got = way([operations[n] for n in numbers])
            answers |= dict(zip(numbers, got, strict=True))
        return [answers[n] for n in range(len(operations))]

    def _way(self, operation: Operation) -> Callable[[Sequence[Operation]], list[Answer]]:
        known = operation.destination_id is not None
        if operation.kind == Kind.DELETE:
            return self._delete if known else self._unknown
        if operation.kind == Kind.UPDATE:
            return self._update if known else self._unknown
        return self._create if operation.only_new else self._upsert

    def _unknown(self, operations: Sequence[Operation]) -> list[Answer]:
        return [Answer(Status.MISSING, words=UNKNOWN_ROW) for _ in operations]

    def _update(self, operations: Sequence[Operation]) -> list[Answer]:
        records = [self._record(op, Id=op.destination_id) for op in operations]
        results, _ = self._call("PATCH", self._url, len(operations), json=_body(records))
        return [
            self._answer(op, result, Status.UPDATED)
            for op, result in zip(operations, results, strict=True)
        ]

    def _upsert(self, operations: Sequence[Operation]) -> list[Answer]:
        records = [self._record(op) for op in operations]
        url = f"{self._url}/{self._sobject}/{self._key}"
        results, uncertain = self._call("PATCH", url, len(operations), json=_body(records))
        return [
            self._answer(
                op, result, Status.CREATED if result.get("created") or uncertain else Status.UPDATED
            )
            for op, result in zip(operations, results, strict=True)
        ]

    def _create(self, operations: Sequence[Operation]) -> list[Answer]:
        """Insert; a repeated insert is told by the external id's uniqueness."""
        records = [self._record(op) for op in operations]
        results, uncertain = self._call("POST", self._url, len(operations), json=_body(records))
        answers = []
        for op, result in zip(operations, results, strict=True):
            answer = self._answer(op, result, Status.CREATED)
            if answer.words.startswith("DUPLICATE_VALUE") and self._key in answer.words:
                answer = Answer(Status.CREATED if uncertain else Status.EXISTS)
            answers.append(answer)
        return answers

    def _delete(self, operations: Sequence[Operation]) -> list[Answer]:
        ids = ",".join(str(operation.destination_id) for operation in operations)
        parameters = {"ids": ids, "allOrNone": "false"}
        results, _ = self._call("DELETE", self._url, len(operations), params=parameters)
        return [
            self._answer(op, result, Status.DELETED)
            for op, result in zip(operations, results, strict=True)
        ]

    def _record(self, operation: Operation, **more: Any) -> dict[str, Any]:
        named = {"attributes": {"type": self._sobject}, self._key: operation.key}
        return named | more | operation.fields

    def _call(
        self, method: str, url: str, rows: int, **content: Any
    ) -> tuple[list[dict[str, Any]], bool]:
        reply = self.transport.request(method, url, **content)
        if reply.status >= HTTPStatus.BAD_REQUEST:
            raise DestinationError(
                f"{SYSTEM} refused a call: {reply.status} {_code(reply)}{words_of(reply.response)}"
            )
        results = reply.json(SYSTEM)
        if not isinstance(results, list) or len(results) != rows:
            size = len(results) if isinstance(results, list) else "no"
            raise DestinationError(f"{SYSTEM} gave {size} results for {rows} rows")
        return results, reply.uncertain

    def _answer(self, operation: Operation, result: dict[str, Any], success: Status) -> Answer:
        if result.get("success"):
            return Answer(success, result.get("id") or operation.destination_id)
        errors = result.get("errors") or [{}]
        code = str(errors[0].get("statusCode", ""))
        words = "; ".join(f"{e.get('statusCode', '')} {e.get('message', '')}" for e in errors)
        if code in GONE and operation.kind != Kind.CREATE:
            return Answer(Status.MISSING, words=words)
        return Answer(Status.RETRY if code in BUSY else Status.REJECTED, words=words)


def _body(records: list[dict[str, Any]]) -> dict[str, Any]:
    return {"allOrNone": False, "records": records}


def _code(reply: Reply) -> str:
    body = reply.json(SYSTEM)
    first = body[0] if isinstance(body, list) and body else {}
    return f"{first['errorCode']} " if isinstance(first, dict) and "errorCode" in first else ""
