"""What the two plain JSON systems share: checking a payload's values against an entity's columns.

Belongs here: type checks worded for people. Does not belong here: a route of one system.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import orjson

from ingestion.sandbox.servers.entities import Column, Entity

EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s.,;<>()]{2,}")
MAX_INTEGER = 2**31 - 1
MOMENT_TEXT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")


class InvalidValueError(ValueError):
    """A value that a column can't hold; the message never repeats the value."""


def valid_email(value: str) -> bool:
    """Whether this looks like one deliverable address."""
    return len(value) <= 254 and EMAIL.fullmatch(value) is not None


def stored(column: Column, value: Any) -> Any:
    """A JSON value as the store keeps it. Raises `InvalidValueError`."""
    if value is None:
        return None
    check = _CHECKS[column.kind]
    try:
        return check(column, value)
    except (TypeError, ValueError) as error:
        if isinstance(error, InvalidValueError):
            raise
        raise InvalidValueError(f"{column.name}: expected {column.kind}") from None


def stored_row(entity: Entity, payload: Mapping[str, Any]) -> dict[str, Any]:
    """All of a payload's values as the store keeps them. Raises `InvalidValueError`."""
    row = {}
    for name, value in payload.items():
        column = entity.by_name.get(name)
        if column is None:
            raise InvalidValueError(f"{name}: unknown field")
        if not column.writable:
            raise InvalidValueError(f"{name}: read-only field")
        row[name] = stored(column, value)
    return row


def as_moment(text: str, suffix: str = "Z") -> str:
    """A client's time in the store's text form. Raises `ValueError`."""
    if not MOMENT_TEXT.fullmatch(text.strip()):
        raise ValueError("expected an ISO 8601 time")
    moment = dt.datetime.fromisoformat(text.strip())
    if moment.tzinfo:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}{suffix}"


def _text(column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    if column.length and len(value) > column.length:
        raise InvalidValueError(f"{column.name}: longer than {column.length} characters")
    return value


def _integer(column: Column, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INTEGER:
        raise TypeError
    if column.options and value not in column.options:
        raise InvalidValueError(f"{column.name}: not one of {', '.join(map(str, column.options))}")
    return value


def _double(_: Column, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _boolean(_: Column, value: Any) -> int:
    if not isinstance(value, bool):
        raise TypeError
    return int(value)


def _date(_: Column, value: Any) -> str:
    return dt.date.fromisoformat(value).isoformat()


_CHECKS = {
    "text": _text,
    "integer": _integer,
    "double": _double,
    "boolean": _boolean,
    "date": _date,
    "time": lambda _, value: as_moment(value),
    "json": lambda _, value: orjson.dumps(value).decode(),
}
