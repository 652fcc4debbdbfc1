"""Salesforce's own words for what goes wrong."""

from __future__ import annotations

from typing import Any

from ingestion.sandbox.servers.calls import ProtocolError, Reply


def error_reply(status: int, code: str, message: str, **headers: str) -> Reply:
    """The error body every Salesforce call ends in: a list."""
    return Reply.json([{"message": message, "errorCode": code}], status, **headers)


def fail(status: int, code: str, message: str) -> ProtocolError:
    """An error to raise."""
    return ProtocolError(error_reply(status, code, message))


def not_found(message: str = "The requested resource does not exist") -> ProtocolError:
    """404."""
    return fail(404, "NOT_FOUND", message)


class RowError(Exception):
    """One row that can't be written: status code, message and the fields it is about."""

    def __init__(self, code: str, message: str, *fields: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.status = status

    def in_collection(self) -> dict[str, Any]:
        """As a collection's result row words it."""
        described = {"statusCode": self.code, "message": self.message, "fields": self.fields}
        return {"success": False, "errors": [described]}

    def reply(self) -> Reply:
        """As a call on a single row words it."""
        described = {"message": self.message, "errorCode": self.code, "fields": self.fields}
        return Reply.json([described], self.status)
