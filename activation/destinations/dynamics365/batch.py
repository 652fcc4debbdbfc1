"""The multipart format of OData `$batch`: requests in, responses out, in order.

Belongs here: bytes. Does not belong here: what a status means.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

CRLF = b"\r\n"
BOUNDARY = re.compile(r'boundary="?([^";,\s]+)"?', re.IGNORECASE)
STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")


@dataclass(frozen=True)
class Part:
    """One request of a batch, each on its own: a bad one does no harm to the others."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Response:
    """One response of a batch; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body, {} when it is empty or no JSON object."""
        try:
            found = orjson.loads(self.body) if self.body else {}
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}


def encode(parts: Iterable[Part]) -> tuple[str, bytes]:
    """Content type and body of a batch."""
    boundary = f"batch_{uuid.uuid4()}"
    pieces: list[bytes] = []
    for part in parts:
        lines = [f"{part.method} {part.url} HTTP/1.1"]
        lines += [f"{name}: {text}" for name, text in part.headers.items()]
        if part.body is not None:
            lines.append("Content-Type: application/json")
        pieces += [
            f"--{boundary}\r\nContent-Type: application/http\r\n"
            "Content-Transfer-Encoding: binary\r\n\r\n".encode(),
            "\r\n".join(lines).encode(),
            CRLF + CRLF,
            orjson.dumps(part.body) if part.body is not None else b"",
            CRLF,
        ]
    pieces.append(f"--{boundary}--\r\n".encode())
    return f"multipart/mixed; boundary={boundary}", b"".join(pieces)


def decode(content_type: str, body: bytes) -> list[Response]:
    """The responses of a batch, in order. Raises `ValueError` when it isn't a whole batch."""
    match = BOUNDARY.search(content_type)
    if match is None or "multipart/mixed" not in content_type:
        raise ValueError("the answer to a batch isn't multipart/mixed")
    pieces = (CRLF + body).split(CRLF + b"--" + match[1].encode())
    if not pieces[-1].startswith(b"--"):
        raise ValueError("the answer to a batch ends too early")
    return [_response(piece) for piece in pieces[1:-1]]


def _response(piece: bytes) -> Response:
    _, _, inner = piece.partition(CRLF + CRLF)
    head, _, body = inner.partition(CRLF + CRLF)
    status_line, *lines = head.split(CRLF)
    match = STATUS_LINE.match(status_line.strip())
    if match is None:
        raise ValueError("a part of the answer to a batch isn't an HTTP response")
    pairs = (line.decode("utf-8", "replace").partition(":") for line in lines if b":" in line)
    headers = {name.strip().lower(): text.strip() for name, _, text in pairs}
    return Response(int(match[1]), headers, body.strip())
