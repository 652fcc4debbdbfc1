"""One HTTP call and its reply, free of any web framework.

Belongs here: the two shapes every system's protocol is written against, so that an operation inside
a batch runs through the same code as one that came over the wire. Does not belong here: sockets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Call:
    """A request: `path` is decoded, `query` holds the last value of each parameter.

    `base` is scheme and authority as the client sees them, without a trailing slash; `headers` have
    lower-case names.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""

    @classmethod
    def parse(
        cls, method: str, url: str, headers: Mapping[str, str], body: bytes, base: str
    ) -> Call:
        """Build a call from a request target (absolute or not) as it stands on a request line."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return cls(method.upper(), unquote(parts.path), query, headers, body, base)

    @property
    def is_read(self) -> bool:
        """Whether the method promises to change nothing."""
        return self.method in READS

    def form(self) -> dict[str, str]:
        """The body as an HTML form; the last value of a repeated name wins."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON; an empty body is None. Raises `ValueError` when it is not JSON."""
        return orjson.loads(self.body) if self.body else None

    def preferences(self) -> dict[str, str]:
        """The `Prefer` header as a mapping; a preference without a value maps to ''."""
        found = {}
        for part in self.headers.get("prefer", "").split(","):
            name, _, value = part.strip().partition("=")
            found[name.strip().lower()] = value.strip().strip('"')
        return found


@dataclass(frozen=True)
class Reply:
    """A response: status, body and headers (content length is added on the wire)."""

    status: int = 204
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, **headers: str) -> Reply:
        """A JSON reply; header names are given with underscores (`Retry_After="1"`)."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, orjson.dumps(value), {"Content-Type": "application/json"} | named)


class ProtocolError(Exception):
    """A call that ends in an error reply; raised anywhere below, answered at the top."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply
