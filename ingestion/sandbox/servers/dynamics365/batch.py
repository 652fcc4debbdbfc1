"""OData `$batch`: several operations in one multipart request, change sets all or nothing.

Belongs here: the multipart format and what a failure stops. The operations themselves run through
the service, as if each had come alone.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from ingestion.sandbox.servers.calls import Call, Reply
from ingestion.sandbox.servers.dynamics365.entities import Table
from ingestion.sandbox.servers.dynamics365.errors import BAD_QUERY, error_reply, fail
from ingestion.sandbox.servers.store import Store

MAX_OPERATIONS = 1_000
BOUNDARY = re.compile(r'boundary="?([^";,\s]+)"?', re.IGNORECASE)
REFERENCE = re.compile(r"\$(\d+)(?=$|[/)(?])")
CRLF = b"\r\n"

Answer = Callable[[Call], Reply]


@dataclass(frozen=True)
class Part:
    """One part of a multipart body: lower-case headers and content."""

    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Answered:
    """A reply and the Content-ID it belongs to."""

    reply: Reply
    content_id: str | None


class FailedChangeSetError(Exception):
    """Rolls a change set back; carries the reply of the operation that failed."""

    def __init__(self, answered: Answered) -> None:
        super().__init__("change set failed")
        self.answered = answered


def batch(call: Call, answer: Answer, store: Store) -> Reply:
    """Run a `$batch` request. Raises `ProtocolError` when the request itself is malformed."""
    parts = _parts(call.headers.get("content-type", ""), call.body)
    operations = sum(_operations(part) for part in parts)
    if operations > MAX_OPERATIONS:
        message = f"Batch contains {operations} operations; the limit is {MAX_OPERATIONS}."
        raise fail(400, BAD_QUERY, message)
    carry_on = "odata.continue-on-error" in call.preferences()
    boundary = f"batchresponse_{uuid.uuid4()}"
    body, status = [], 200
    with store.transaction():  # one commit for all; what fails is undone on its own
        for part in parts:
            failed, written = _run(part, call, answer, store)
            body += [b"--", boundary.encode(), CRLF, written]
            if failed and not carry_on:
                status = failed
                break
    body += [b"--", boundary.encode(), b"--", CRLF]
    headers = {"Content-Type": f"multipart/mixed; boundary={boundary}", "OData-Version": "4.0"}
    return Reply(status, b"".join(body), headers)


def _run(part: Part, call: Call, answer: Answer, store: Store) -> tuple[int, bytes]:
    """Status if it failed (else 0), and the part of the response."""
    if "multipart/mixed" not in part.headers.get("content-type", ""):
        answered = _one(part, call, answer, {})
        failed = answered.reply.status if answered.reply.status >= 400 else 0
        return failed, _http_part(answered)
    boundary = f"changesetresponse_{uuid.uuid4()}"
    try:
        with store.transaction():
            done = _change_set(part, call, answer)
    except FailedChangeSetError as error:
        return error.answered.reply.status, _http_part(error.answered)
    inner = b"".join(b"--" + boundary.encode() + CRLF + _http_part(one) for one in done)
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode()
    return 0, head + inner + b"--" + boundary.encode() + b"--" + CRLF


def _change_set(part: Part, call: Call, answer: Answer) -> list[Answered]:
    done: list[Answered] = []
    created: dict[str, str] = {}
    for inner in _parts(part.headers["content-type"], part.content):
        answered = _one(inner, call, answer, created)
        if answered.reply.status >= 400:
            raise FailedChangeSetError(answered)
        done.append(answered)
        location = answered.reply.headers.get("OData-EntityId")
        if answered.content_id and location:
            created[answered.content_id] = location
    return done


def _one(part: Part, call: Call, answer: Answer, created: dict[str, str]) -> Answered:
    content_id = part.headers.get("content-id")
    head, _, body = part.content.partition(CRLF + CRLF)
    request_line, *lines = head.decode("utf-8", "replace").split("\r\n")
    words = request_line.strip().split(" ")
    if len(words) < 3 or not words[-1].startswith("HTTP/"):
        return Answered(error_reply(400, BAD_QUERY, "Invalid request line in batch."), content_id)
    method, url = words[0].upper(), " ".join(words[1:-1])
    headers = _headers(lines)
    if created:
        url = REFERENCE.sub(lambda match: created.get(match[1], match[0]), url)
        body = re.sub(
            rb'"\$(\d+)"',
            lambda match: b'"' + created.get(match[1].decode(), match[0].decode()).encode() + b'"',
            body,
        )
    inherited = {"authorization": call.headers.get("authorization", "")}
    root = call.base + Table.api_root
    absolute = url if url.startswith(("http", "/")) else root + url
    safe = quote(absolute, safe="/:?&=$%()',@!*;+~#")
    parsed = Call.parse(method, safe, inherited | headers, body.strip(), call.base)
    return Answered(answer(parsed), content_id)


def _operations(part: Part) -> int:
    if "multipart/mixed" not in part.headers.get("content-type", ""):
        return 1
    inner = _parts(part.headers["content-type"], part.content)
    for one in inner:
        if one.content.lstrip()[:4].upper() == b"GET ":
            raise fail(400, BAD_QUERY, "A change set must not hold a GET operation.")
        if "multipart/mixed" in one.headers.get("content-type", ""):
            raise fail(400, BAD_QUERY, "A change set must not hold a change set.")
    return len(inner)


def _parts(content_type: str, body: bytes) -> list[Part]:
    match = BOUNDARY.search(content_type)
    if "multipart/mixed" not in content_type or match is None:
        raise fail(400, BAD_QUERY, "A batch needs Content-Type: multipart/mixed; boundary=...")
    if body.count(b"\n") != body.count(CRLF):
        body = re.sub(rb"\r?\n", CRLF, body)
    marker = b"--" + match[1].encode()
    pieces = (CRLF + body).split(CRLF + marker)
    found = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return found
        head, _, content = piece.lstrip(b" \t").removeprefix(CRLF).partition(CRLF + CRLF)
        found.append(Part(_headers(head.decode("utf-8", "replace").split("\r\n")), content))
    raise fail(400, BAD_QUERY, "The batch ends without its closing boundary.")


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _http_part(answered: Answered) -> bytes:
    reply = answered.reply
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if answered.content_id:
        head.append(f"Content-ID: {answered.content_id}")
    phrase = HTTPStatus(reply.status).phrase
    inner = [f"HTTP/1.1 {reply.status} {phrase}"]
    inner += [f"{name}: {value}" for name, value in reply.headers.items()]
    text = "\r\n".join([*head, "", *inner, "", ""])
    return text.encode() + reply.body + CRLF
