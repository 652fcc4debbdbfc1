"""Many rows in one Salesforce call: sObject Collections, and composite requests.

Belongs here: collections of up to 200 rows with results in order, `allOrNone`, 25 subrequests with
references.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson

from ingestion.sandbox.servers.calls import Call, Reply
from ingestion.sandbox.servers.salesforce.entities import SObject
from ingestion.sandbox.servers.salesforce.errors import RowError, fail, not_found
from ingestion.sandbox.servers.salesforce.rows import Rows
from ingestion.sandbox.servers.store import Store, plain_fields

MAX_ROWS = 200
MAX_SUBREQUESTS = 25
REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])+)\}")
ROLLED_BACK = (
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header",
)


class RollBackError(Exception):
    """Leaves a transaction without keeping anything."""


class Collections:
    """`/composite/sobjects`."""

    def __init__(self, store: Store, rows: Rows) -> None:
        self.store = store
        self.rows = rows

    def answer(self, rest: str, call: Call) -> Reply:
        """Create, update, upsert, delete or retrieve up to 200 rows."""
        name, _, field = rest.partition("/")
        if call.method == "DELETE" and not rest:
            return self._delete(call)
        if call.method == "PATCH" and field:
            return self._upsert(self._sobject(name), field, call)
        if call.method == "POST" and not rest:
            return self._written(call, self._create_one)
        if call.method == "PATCH" and not rest:
            return self._written(call, self._update_one)
        if call.method in {"GET", "POST"} and name and not field:
            return self._retrieve(self._sobject(name), call)
        raise not_found()

    def _create_one(self, record: dict[str, Any]) -> dict[str, Any]:
        key = self.rows.create(self._typed(record), record)
        return {"id": key, "success": True, "errors": []}

    def _update_one(self, record: dict[str, Any]) -> dict[str, Any]:
        key = record.get("Id", record.get("id"))
        if not key:
            raise RowError("MISSING_ARGUMENT", "Id not specified in an update call", "Id")
        return {
            "id": self.rows.update(self._typed(record), key, record),
            "success": True,
            "errors": [],
        }

    def _upsert(self, sobject: SObject, field: str, call: Call) -> Reply:
        column = sobject.by_lower_name.get(field.lower())
        if column is None or column.name not in (*sobject.external_ids, "Id"):
            message = f"Field name provided, {field} does not match an External ID for "
            raise fail(400, "INVALID_FIELD", message + sobject.name)
        name = column.name

        def value_of(record: dict[str, Any]) -> Any:
            return next((v for k, v in record.items() if k.lower() == name.lower()), None)

        records, _ = _records(call)
        seen = Counter(str(value_of(r)).lower() for r in records if isinstance(r, dict))

        def upsert_one(record: dict[str, Any]) -> dict[str, Any]:
            if self._typed(record).name != sobject.name:
                message = f"Record type does not match {sobject.name}"
                raise RowError("INVALID_TYPE", message)
            value = value_of(record)
            if isinstance(value, dict | list):
                raise RowError("JSON_PARSER_ERROR", f"{name} must be a value", name)
            if value not in {None, ""} and seen[str(value).lower()] > 1:
                message = f"Duplicate external id specified: {value}"
                raise RowError("DUPLICATE_VALUE", message, name)
            key, created = self.rows.upsert(sobject, name, value, record)
            return {"id": key, "success": True, "errors": [], "created": created}

        return self._written(call, upsert_one)

    def _delete(self, call: Call) -> Reply:
        keys = [key.strip() for key in call.query.get("ids", "").split(",") if key.strip()]
        _check_size(keys)
        strict = call.query.get("allOrNone", "false").lower() == "true"
        by_prefix = {s.prefix: s for s in self.store.entities.values()}

        def delete_one(key: str) -> dict[str, Any]:
            if key[:3] not in by_prefix:
                raise RowError("MALFORMED_ID", "malformed id", "Id")
            return {
                "id": self.rows.delete(by_prefix[key[:3]], key),
                "success": True,
                "errors": [],
            }

        return Reply.json(self._each(keys, delete_one, strict))

    def _written(self, call: Call, write: Callable[[dict[str, Any]], dict[str, Any]]) -> Reply:
        records, strict = _records(call)
        return Reply.json(self._each(records, write, strict))

    def _each(
        self, items: list[Any], write: Callable[[Any], dict[str, Any]], strict: bool
    ) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = []
        try:
            with self.store.transaction():
                for item in items:
                    try:
                        results.append(write(item))
                    except RowError as error:
                        results.append(error.in_collection())
                if strict and not all(result["success"] for result in results):
                    raise RollBackError
        except RollBackError:
            undone = RowError(*ROLLED_BACK).in_collection()
            return [undone if result["success"] else result for result in results]
        return results

    def _retrieve(self, sobject: SObject, call: Call) -> Reply:
        if call.method == "GET":
            ids, names = call.query.get("ids", ""), call.query.get("fields", "")
            keys, wanted = ids.split(","), names.split(",")
        else:
            body = _object(call)
            keys, wanted = body.get("ids", []), body.get("fields", [])
        chosen = [sobject.by_lower_name.get(str(name).strip().lower()) for name in wanted]
        if None in chosen:
            raise fail(400, "INVALID_FIELD", f"No such column on entity '{sobject.name}'")
        found: list[Any] = []
        for key in keys:
            try:
                row_id = self.rows.live(sobject, key)["Id"]
            except RowError:
                found.append(None)
                continue
            fields = plain_fields(chosen)
            row = self.store.rows(sobject, fields, 'WHERE "Id" = ?', [row_id])[0]
            found.append({"attributes": {"type": sobject.name}} | row)
        return Reply.json(found)

    def _typed(self, record: Any) -> SObject:
        attributes = record.get("attributes") if isinstance(record, dict) else None
        name = attributes.get("type") if isinstance(attributes, dict) else None
        if not name:
            message = "Each record needs attributes with a type"
            raise RowError("INVALID_TYPE", message)
        for sobject in self.store.entities.values():
            if sobject.name.lower() == str(name).lower():
                return sobject
        raise RowError("INVALID_TYPE", f"sObject type '{name}' is not supported.")

    def _sobject(self, name: str) -> SObject:
        for sobject in self.store.entities.values():
            if sobject.name.lower() == name.lower():
                return sobject
        raise not_found()


def composite(call: Call, operation: Callable[[Call], Reply], store: Store) -> Reply:
    """`/composite`: up to 25 subrequests, later ones may refer to earlier answers."""
    body = _object(call)
    requests = body.get("compositeRequest")
    if not isinstance(requests, list) or not requests:
        raise fail(400, "JSON_PARSER_ERROR", "compositeRequest must be a list")
    if len(requests) > MAX_SUBREQUESTS:
        message = f"Composite requests are limited to {MAX_SUBREQUESTS} subrequests"
        raise fail(400, "LIMIT_EXCEEDED", message)
    answers: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    try:
        with store.transaction():
            for request in requests:
                results.append(_subrequest(request, call, operation, answers))
            if body.get("allOrNone") and any(r["httpStatusCode"] >= 400 for r in results):
                raise RollBackError
    except RollBackError:
        halted = [{"errorCode": "PROCESSING_HALTED", "message": _HALTED}]
        for result in results:
            if result["httpStatusCode"] < 400:
                result |= {"body": halted, "httpStatusCode": 400}
    return Reply.json({"compositeResponse": results})


_HALTED = "The transaction was rolled back since another operation in the same transaction failed."


def _subrequest(
    request: Any, call: Call, operation: Callable[[Call], Reply], answers: dict[str, Any]
) -> dict[str, Any]:
    try:
        reference = str(request["referenceId"])
        method, url = str(request["method"]), _filled(str(request["url"]), answers)
        text = orjson.dumps(request.get("body")) if request.get("body") is not None else b""
    except (TypeError, KeyError):
        message = "A subrequest needs method, url and referenceId"
        raise fail(400, "JSON_PARSER_ERROR", message) from None
    filled = _filled(text.decode(), answers).encode()
    target = quote(url, safe="/:?&=$%()',@!*;+~#")
    sub = Call.parse(method, target, call.headers, filled, call.base)
    reply = operation(sub)
    parsed = orjson.loads(reply.body) if reply.body else None
    if reply.status < 400:
        answers[reference] = parsed
    headers = {k: v for k, v in reply.headers.items() if k == "Location"}
    return {
        "body": parsed,
        "httpHeaders": headers,
        "httpStatusCode": reply.status,
        "referenceId": reference,
    }


def _filled(text: str, answers: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        found = answers.get(match[1])
        for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", match[2]):
            try:
                found = found[name] if name else found[int(index)]
            except (LookupError, TypeError):
                message = f"Invalid reference specified. No value for {match[1]}{match[2]} found"
                raise fail(400, "PROCESSING_HALTED", message) from None
        return str(found)

    return REFERENCE.sub(value, text)


def _object(call: Call) -> dict[str, Any]:
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise fail(400, "JSON_PARSER_ERROR", "The body is not a JSON object")
    return body


def _records(call: Call) -> tuple[list[Any], bool]:
    body = _object(call)
    records = body.get("records")
    if not isinstance(records, list):
        raise fail(400, "JSON_PARSER_ERROR", "records must be a list")
    _check_size(records)
    return records, body.get("allOrNone") is True


def _check_size(items: list[Any]) -> None:
    if len(items) > MAX_ROWS:
        message = f"record limit reached. cannot submit more than {MAX_ROWS} records in this call"
        raise fail(400, "EXCEEDED_ID_LIMIT", message)
