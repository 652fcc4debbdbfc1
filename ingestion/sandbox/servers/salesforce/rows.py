"""Writing Salesforce rows one at a time: validation, ids, external ids, soft deletes.

Belongs here: what every door (sObject, collection, composite, bulk) does with one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ingestion.sandbox.servers.entities import Column
from ingestion.sandbox.servers.misbehaviour import Misbehaviour, Rejections
from ingestion.sandbox.servers.rest import as_moment, stored, valid_email
from ingestion.sandbox.servers.salesforce.entities import SObject, long_id, new_id
from ingestion.sandbox.servers.salesforce.errors import RowError
from ingestion.sandbox.servers.store import DuplicateError, Store

LABELS = {"FirstName": "First Name", "LastName": "Last Name", "MobilePhone": "Mobile Phone"}
IGNORED = {"attributes"}


class Rows:
    """Row writes of one service; `rejections` says whether the row at hand must be refused."""

    def __init__(self, store: Store, rejections: Rejections) -> None:
        self.store = store
        self.rejections = rejections

    def told(self) -> Misbehaviour | None:
        """The misbehaviour that the call at hand was hit by, for work that outlives the call."""
        return self.rejections.active

    @contextmanager
    def rejecting(self, told: Misbehaviour | None) -> Iterator[None]:
        """Write rows later as if the call that asked for them were still at hand."""
        before, self.rejections.active = self.rejections.active, told
        try:
            yield
        finally:
            self.rejections.active = before

    def create(self, sobject: SObject, payload: Mapping[str, Any]) -> str:
        """Insert a row; its new id. Raises `RowError`."""
        row = self._checked(sobject, payload)
        missing = [name for name in sobject.required_on_create if row.get(name) in {None, ""}]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise RowError("REQUIRED_FIELD_MISSING", message, *missing)
        key = new_id(sobject)
        booleans = {c.name: 0 for c in sobject.columns if c.kind == "boolean"}
        with self._duplicates(sobject, row), self.store.transaction():
            self.store.insert(sobject, booleans | row | {"Id": key})
        return key

    def update(self, sobject: SObject, key: str, payload: Mapping[str, Any]) -> str:
        """Change a live row; its id. Raises `RowError`."""
        known = self.live(sobject, key)
        row = self._checked(sobject, {k: v for k, v in payload.items() if k.lower() != "id"})
        for name in sobject.required_on_create:
            if name in row and row[name] in {None, ""}:
                message = f"Required fields are missing: [{name}]"
                raise RowError("REQUIRED_FIELD_MISSING", message, name)
        with self._duplicates(sobject, row), self.store.transaction():
            self.store.update(sobject, known["Id"], row)
        return known["Id"]

    def upsert(
        self, sobject: SObject, field: str, value: str, payload: Mapping[str, Any]
    ) -> tuple[str, bool]:
        """Update the live row whose external id equals `value`, or create it: (id, created)."""
        if field == "Id":
            return self.update(sobject, value, payload), False
        if value in {None, ""}:
            message = f"{field} not specified"
            raise RowError("MISSING_ARGUMENT", message, field)
        rest = {k: v for k, v in payload.items() if k.lower() != field.lower()}
        known = self.store.find(sobject, field, str(value), live=True)
        if known is not None:
            return self.update(sobject, known["Id"], rest), False
        return self.create(sobject, rest | {field: value}), True

    def delete(self, sobject: SObject, key: str) -> str:
        """Move a live row to the recycle bin; its id. Raises `RowError`."""
        known = self.live(sobject, key)
        self._refuse_if_told()
        with self.store.transaction():
            self.store.delete(sobject, known["Id"])
        return known["Id"]

    def live(self, sobject: SObject, key: Any) -> dict[str, Any]:
        """The stored row with this id. Raises `RowError` when missing or deleted."""
        text = long_id(str(key or ""))
        if len(text) != 18 or not text.isalnum():
            message = f"{sobject.name} ID: id value of incorrect type: {text[:18]}"
            raise RowError("MALFORMED_ID", message, "Id")
        known = self.store.find(sobject, "Id", text)
        if known is None:
            message = "Provided external ID field does not exist or is not accessible: Id"
            raise RowError("NOT_FOUND", message, status=404)
        if known[sobject.deleted]:
            raise RowError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        return known

    def _checked(self, sobject: SObject, payload: Mapping[str, Any]) -> dict[str, Any]:
        self._refuse_if_told()
        row = {}
        for name, value in payload.items():
            if name in IGNORED:
                continue
            column = sobject.by_lower_name.get(name.lower())
            if column is None:
                message = f"No such column '{name}' on sobject of type {sobject.name}"
                raise RowError("INVALID_FIELD", message)
            if not column.writable:
                message = (
                    f"Unable to create/update fields: {column.name}. Please check the security"
                )
                message += (
                    " settings of this field and verify that it is read/write for your profile"
                )
                message += " or permission set."
                raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", message, column.name)
            row[column.name] = _value(sobject, column, value)
        return row

    def _refuse_if_told(self) -> None:
        if reason := self.rejections.reason():
            raise RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", reason)

    def _duplicates(self, sobject: SObject, row: Mapping[str, Any]) -> _Duplicates:
        return _Duplicates(self.store, sobject, row)


class _Duplicates:
    """Words a uniqueness violation as Salesforce does."""

    def __init__(self, store: Store, sobject: SObject, row: Mapping[str, Any]) -> None:
        self.store, self.sobject, self.row = store, sobject, row

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DuplicateError):
            column = error.column
            other = self.store.find(self.sobject, column, self.row.get(column), live=True) or {}
            message = (
                f"duplicate value found: {column} duplicates value on record with id: "
                f"{other.get('Id', 'unknown')}"
            )
            raise RowError("DUPLICATE_VALUE", message) from None


def _value(sobject: SObject, column: Column, value: Any) -> Any:
    if value == "":
        return None
    if column.kind == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if column.kind == "text" and isinstance(value, str):
        if column.length and len(value) > column.length:
            label = LABELS.get(column.name, column.name)
            message = f"{label}: data value too large: {value} (max length={column.length})"
            raise RowError("STRING_TOO_LONG", message, column.name)
        if column.name in sobject.emails and not valid_email(value):
            message = f"{column.name}: invalid email address: {value}"
            raise RowError("INVALID_EMAIL_ADDRESS", message, column.name)
    try:
        if column.kind == "time" and value is not None:
            return as_moment(value, "+0000")
        return stored(column, value)
    except (ValueError, TypeError, AttributeError):
        kind = {"double": "xsd:double", "boolean": "xsd:boolean", "date": "xsd:date"}
        message = (
            f"Cannot deserialize the value of {column.name} as {kind.get(column.kind, 'text')}"
        )
        raise RowError("JSON_PARSER_ERROR", message, column.name) from None
