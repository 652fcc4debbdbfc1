"""Dataverse's own words and codes for what goes wrong."""

from __future__ import annotations

from ingestion.sandbox.servers.calls import ProtocolError, Reply

BAD_QUERY = "0x80060888"
BAD_PAYLOAD = "0x80048d19"
NO_SUCH_ROW = "0x80040217"
NO_SUCH_KEY = "0x80060891"
DUPLICATE_KEY = "0x80060892"
DUPLICATE_ROW = "0x80040237"
VERSION_MISMATCH = "0x80060882"
TOO_LONG = "0x80044331"
BAD_CHOICE = "0x8004431a"
EXPIRED_STAMP = "0x80044352"
NO_SEGMENT = "0x8006088a"
TOO_MANY_REQUESTS = "0x80072322"


def error_reply(status: int, code: str, message: str, **headers: str) -> Reply:
    """The error body every Dataverse call ends in."""
    return Reply.json({"error": {"code": code, "message": message}}, status, **headers)


def fail(status: int, code: str, message: str) -> ProtocolError:
    """An error to raise."""
    return ProtocolError(error_reply(status, code, message))


def no_such_row(logical: str, key: str) -> ProtocolError:
    """404 for a GUID that doesn't exist."""
    message = f"Entity '{logical}' With Id = {key} Does Not Exist"
    return fail(404, NO_SUCH_ROW, message)


def no_such_property(name: str, logical: str) -> ProtocolError:
    """400 for a column in a query that doesn't exist."""
    message = (
        f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{logical}'."
    )
    return fail(400, BAD_QUERY, message)
