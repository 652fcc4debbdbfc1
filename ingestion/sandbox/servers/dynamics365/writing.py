"""POST, PATCH and DELETE on Dataverse: one row, or many at once that roll back together.

Belongs here: keys, upsert rules, concurrency, validation of payloads.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.sandbox.servers.calls import Call, ProtocolError, Reply
from ingestion.sandbox.servers.dynamics365.entities import Table
from ingestion.sandbox.servers.dynamics365.errors import (
    BAD_CHOICE,
    BAD_PAYLOAD,
    BAD_QUERY,
    DUPLICATE_KEY,
    DUPLICATE_ROW,
    NO_SUCH_KEY,
    TOO_LONG,
    VERSION_MISMATCH,
    fail,
    no_such_row,
)
from ingestion.sandbox.servers.dynamics365.reading import represented
from ingestion.sandbox.servers.entities import Column
from ingestion.sandbox.servers.misbehaviour import Rejections
from ingestion.sandbox.servers.rest import InvalidValueError, stored
from ingestion.sandbox.servers.store import DuplicateError, Store

GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
KEY_PART = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(?:'((?:[^']|'')*)'|([^,']*))\s*(?:,|$)")
BIND = "@odata.bind"
FORBIDDEN_IN_KEYS = set("/<>*%&:\\?+")


@dataclass(frozen=True)
class Address:
    """Which row a URL names: by GUID, or by alternate key values."""

    guid: str | None
    values: Mapping[str, str]

    def missing(self, table: Table) -> ProtocolError:
        """404 in the words for this kind of key."""
        if self.guid:
            return no_such_row(table.logical, self.guid)
        message = f"A record with the specified key values does not exist in {table.logical} entity"
        return fail(404, NO_SUCH_KEY, message)


def address(table: Table, text: str) -> Address:
    """Read what stands between the parentheses. Raises `ProtocolError`."""
    if GUID.fullmatch(text):
        return Address(text.lower(), {})
    values, at = {}, 0
    while at < len(text):
        match = KEY_PART.match(text, at)
        if match is None or match.end() == at:
            raise fail(400, BAD_QUERY, "Bad Request - Error in query syntax.")
        bare = match[3].strip() if match[2] is None else match[2].replace("''", "'")
        values[match[1]] = bare
        at = match.end()
    if set(values) == {table.key} and GUID.fullmatch(values[table.key]):
        return Address(values[table.key].lower(), {})
    if len(values) != 1 or next(iter(values)) not in table.alternate:
        message = f"The key in the request URI is not valid for resource '{table.logical}'."
        raise fail(400, BAD_QUERY, message)
    if set(next(iter(values.values()))) & FORBIDDEN_IN_KEYS:
        raise fail(
            400, BAD_QUERY, "Bad Request - an alternate key value holds / < > * % & : \\ ? +"
        )
    return Address(None, values)


def found(store: Store, table: Table, where: Address) -> dict[str, Any] | None:
    """The stored row at an address, or None."""
    if where.guid:
        return store.find(table, table.key, where.guid)
    ((column, value),) = where.values.items()
    return store.find(table, column, value)


def checked(table: Table, payload: Any) -> dict[str, Any]:
    """A payload as stored values; the key, if given, is included. Raises `ProtocolError`."""
    if not isinstance(payload, dict):
        raise fail(400, BAD_PAYLOAD, "The request body must be a JSON object.")
    row: dict[str, Any] = {}
    for name, value in payload.items():
        column = table.settable.get(name)
        if column is not None:
            row[name] = _value(table, column, value)
        elif name.endswith(BIND):
            lookup, key = _bound(table, name.removesuffix(BIND), value)
            row[lookup] = key
        elif not name.startswith("@"):
            raise _not_settable(name, table)
    return row


def _not_settable(name: str, table: Table) -> ProtocolError:
    if name not in table.by_name:
        return _invalid_property(name, table)
    message = (
        f"The property '{name}' cannot be set directly. CRM do not support direct "
        "update of Entity Reference properties, Use Navigation properties instead."
    )
    return fail(400, BAD_PAYLOAD, message)


def _value(table: Table, column: Column, value: Any) -> Any:
    try:
        kept = stored(column, value)
    except InvalidValueError:
        raise _out_of_range(table, column, value) from None
    if column.name == table.key and not GUID.fullmatch(kept or ""):
        raise fail(400, BAD_PAYLOAD, f"The value of '{column.name}' is not a valid Guid.")
    return kept.lower() if column.name == table.key else kept


def _out_of_range(table: Table, column: Column, value: Any) -> ProtocolError:
    if column.kind == "text" and isinstance(value, str):
        message = (
            f"A validation error occurred.  The length of the '{column.name}' attribute of the "
            f"'{table.logical}' entity exceeded the maximum allowed length of '{column.length}'."
        )
        return fail(400, TOO_LONG, message)
    if column.options and isinstance(value, int):
        message = (
            f"A validation error occurred. The value of '{column.name}' on record of type "
            f"'{table.logical}' is outside the valid range. "
            f"Accepted Values: {','.join(map(str, column.options))}"
        )
        return fail(400, BAD_CHOICE, message)
    edm = {"integer": "Edm.Int32", "double": "Edm.Decimal", "boolean": "Edm.Boolean"}
    edm |= {"time": "Edm.DateTimeOffset", "date": "Edm.Date"}
    message = (
        "Error identified in Payload provided by the user for Entity :"
        f"'{table.name}'. InnerException : Microsoft.OData.ODataException: Cannot convert the "
        f"literal of '{column.name}' to the expected type '{edm.get(column.kind, 'Edm.String')}'."
    )
    return fail(400, BAD_PAYLOAD, message)


def _invalid_property(name: str, table: Table) -> ProtocolError:
    message = (
        "Error identified in Payload provided by the user for Entity :"
        f"'{table.name}'. InnerException : Microsoft.OData.ODataException: Invalid property "
        f"'{name}' was found in entity 'Microsoft.Dynamics.CRM.{table.logical}'."
    )
    return fail(400, BAD_PAYLOAD, message)


def _bound(table: Table, name: str, value: Any) -> tuple[str, str | None]:
    if name not in table.binds:
        message = f"An undeclared property '{name}' which only has property annotations was found."
        raise fail(400, BAD_PAYLOAD, message)
    lookup, target = table.binds[name]
    match = re.fullmatch(rf"(?:.*/)?{target}\(({GUID.pattern})\)", str(value), re.IGNORECASE)
    if value is not None and match is None:
        raise fail(400, BAD_PAYLOAD, f"'{name}{BIND}' must name a row of {target}.")
    return lookup, match[1].lower() if match else None


class Writer:
    """Writes of one service; `rejections` says whether the row at hand must be refused."""

    def __init__(self, store: Store, rejections: Rejections) -> None:
        self.store = store
        self.rejections = rejections

    def create(self, table: Table, call: Call) -> Reply:
        """POST on a collection: 204 with OData-EntityId, or 201 with the row."""
        with self.store.transaction():
            key = self._insert(table, checked(table, _json(call)))
        return self._written(table, key, call, created=True)

    def patch(self, table: Table, where: Address, call: Call) -> Reply:
        """PATCH on one row: upsert, or update-only and create-only by If-Match/If-None-Match."""
        match, none_match = call.headers.get("if-match"), call.headers.get("if-none-match")
        row = checked(table, _json(call))
        known = found(self.store, table, where)
        if known is None and match:
            raise where.missing(table)
        if known is not None:
            if none_match == "*":
                message = "A record with matching key values already exists."
                raise fail(412, DUPLICATE_ROW, message)
            _check_version(known, match)
        with self.store.transaction():
            key = self._upsert(table, where, known, row)
        return self._written(table, key, call, created=known is None)

    def delete(self, table: Table, where: Address, call: Call) -> Reply:
        """DELETE one row: 204, 404, or 412 when the version differs."""
        known = found(self.store, table, where)
        if known is None:
            raise where.missing(table)
        _check_version(known, call.headers.get("if-match"))
        self._refuse_if_told()
        with self.store.transaction():
            self.store.delete(table, known[table.key])
        return Reply(204, headers={"OData-Version": "4.0"})

    def many(self, table: Table, action: str, call: Call) -> Reply:
        """CreateMultiple, UpdateMultiple, UpsertMultiple: all rows or none."""
        body = _json(call)
        targets = body.get("Targets") if isinstance(body, dict) else None
        if not isinstance(targets, list) or not targets:
            raise fail(400, BAD_PAYLOAD, "The parameter 'Targets' must be a non-empty collection.")
        kind = f"Microsoft.Dynamics.CRM.{table.logical}"
        for target in targets:
            if not isinstance(target, dict) or str(target.get("@odata.type")).strip("#") != kind:
                message = f'Each item of \'Targets\' needs "@odata.type": "{kind}".'
                raise fail(400, BAD_PAYLOAD, message)
        one = {"CreateMultiple": self._create_one, "UpdateMultiple": self._update_one}
        if action == "UpsertMultiple":
            _refuse_duplicates(targets, table)
        with self.store.transaction():
            keys = [one.get(action, self._upsert_one)(table, target) for target in targets]
        if action != "CreateMultiple":
            return Reply(204, headers={"OData-Version": "4.0"})
        context = (
            f"{call.base}{Table.api_root}$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse"
        )
        return Reply.json({"@odata.context": context, "Ids": keys}, OData_Version="4.0")

    def delete_many(self, table: Table, keys: list[str]) -> None:
        """Delete the rows that exist (what a bulk-delete job does)."""
        with self.store.transaction():
            for key in keys:
                if self.store.find(table, table.key, key):
                    self.store.delete(table, key)

    def _create_one(self, table: Table, target: dict[str, Any]) -> str:
        return self._insert(table, checked(table, target))

    def _update_one(self, table: Table, target: dict[str, Any]) -> str:
        row = checked(table, target)
        where = _addressed(table, target)
        if where is None and row.get(table.key):
            where = Address(row[table.key], {})
        if where is None:
            raise fail(400, BAD_PAYLOAD, f"Each item of 'Targets' needs its '{table.key}'.")
        known = found(self.store, table, where)
        if known is None:
            raise where.missing(table)
        return self._upsert(table, where, known, row)

    def _upsert_one(self, table: Table, target: dict[str, Any]) -> str:
        where = _addressed(table, target)
        if where is None:
            raise fail(400, BAD_PAYLOAD, "Each item of 'Targets' needs \"@odata.id\".")
        row = checked(table, target)
        return self._upsert(table, where, found(self.store, table, where), row)

    def _insert(self, table: Table, row: dict[str, Any]) -> str:
        self._refuse_if_told()
        key = row.get(table.key) or str(uuid.uuid4())
        defaults = {"statecode": 0} if "statecode" in table.by_name else {}
        try:
            self.store.insert(table, defaults | row | {table.key: key})
        except DuplicateError as error:
            raise _duplicate(table, error) from None
        return key

    def _upsert(
        self, table: Table, where: Address, known: dict[str, Any] | None, row: dict[str, Any]
    ) -> str:
        if known is None:
            own = {table.key: where.guid} if where.guid else dict(where.values)
            return self._insert(table, row | own)
        self._refuse_if_told()
        key = known[table.key]
        if row.get(table.key, key) != key:
            raise fail(400, BAD_PAYLOAD, f"'{table.key}' in the body differs from the row's key.")
        changes = {name: value for name, value in row.items() if name != table.key}
        try:
            self.store.update(table, key, changes)
        except DuplicateError as error:
            raise _duplicate(table, error) from None
        return key

    def _refuse_if_told(self) -> None:
        if reason := self.rejections.reason():
            raise fail(400, "0x80040265", reason)

    def _written(self, table: Table, key: str, call: Call, created: bool) -> Reply:
        location = f"{call.base}{Table.api_root}{table.name}({key})"
        headers = {"OData-EntityId": location, "OData-Version": "4.0"}
        if call.preferences().get("return") != "representation":
            return Reply(204, headers=headers)
        body = represented(self.store, table, key, call)
        reply = Reply.json(body, 201 if created else 200)
        return Reply(reply.status, reply.body, headers | dict(reply.headers))


def _json(call: Call) -> Any:
    try:
        return call.json()
    except ValueError:
        message = "An error occurred while reading the body: it is not valid JSON."
        raise fail(400, BAD_PAYLOAD, message) from None


def _check_version(known: dict[str, Any], match: str | None) -> None:
    if match and match != "*" and match != f'W/"{known["_version"]}"':
        message = (
            "The version of the existing record doesn't match the RowVersion property provided."
        )
        raise fail(412, VERSION_MISMATCH, message)


def _addressed(table: Table, target: dict[str, Any]) -> Address | None:
    text = target.get("@odata.id")
    if text is None:
        return None
    match = re.fullmatch(rf"(?:.*/)?{table.name}\((.*)\)", str(text))
    if match is None:
        raise fail(400, BAD_PAYLOAD, f'"@odata.id" must name a row of {table.name}.')
    return address(table, match[1])


def _refuse_duplicates(targets: list[dict[str, Any]], table: Table) -> None:
    seen = set()
    for target in targets:
        where = _addressed(table, target)
        if where is None:
            continue
        marker = (where.guid, tuple(v.lower() for v in where.values.values()))
        if marker in seen:
            message = "Cannot insert duplicate key: two items of 'Targets' name the same record."
            raise fail(400, DUPLICATE_ROW, message)
        seen.add(marker)


def _duplicate(table: Table, error: DuplicateError) -> ProtocolError:
    if error.column == table.key:
        return fail(412, DUPLICATE_ROW, "Cannot insert duplicate key.")
    message = (
        f"A record that has the attribute values {error.column} already exists. The entity key "
        "requires that this set of attributes contains unique values. Select unique values and "
        "try again."
    )
    return fail(412, DUPLICATE_KEY, message)
