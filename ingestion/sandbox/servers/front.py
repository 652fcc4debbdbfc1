"""From the wire to a system and back: ASGI in, one `Call`, one `Reply`, misbehaviour in between.

Belongs here: reading a request, dropping a connection, staying silent, the request log.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from ingestion.sandbox.servers.calls import Call, Reply
from ingestion.sandbox.servers.system import Captured, System

TRANSPORT = "kindred.transport"
UNANSWERED = 0


class DroppableProtocol(AutoHTTPProtocol):
    """uvicorn's HTTP protocol, whose application can reach the connection to drop it."""

    def connection_made(self, transport: Any) -> None:
        """Hand the transport to the application with each request."""
        super().connection_made(transport)
        application = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[TRANSPORT] = transport
            await application(scope, receive, send)

        self.app = with_transport

    def shutdown(self) -> None:
        """Stop; an idle TLS connection isn't waited for (its client may never say goodbye)."""
        idle = self.cycle is None or self.cycle.response_complete
        super().shutdown()
        if idle:
            self.transport.abort()


class Front:
    """The ASGI application of one system."""

    def __init__(self, system: System, stopping: asyncio.Event) -> None:
        self.system = system
        self.stopping = stopping

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            call = await _read(request)
        except ClientDisconnect:
            return
        if self.system.captured is not None:
            self.system.captured.append(
                Captured(call.method, call.path, dict(call.query), call.body)
            )
        told = self.system.misbehaviours
        reply = self._at_once(call)
        if reply is None and told.take(call, "silence"):
            self._log(call, UNANSWERED)
            await self._stay_silent(scope, receive)
            return
        if reply is None:
            reply = self.system.answer_partially(call, told.take(call, "partial"))
            if told.take(call, "timeout_after_commit"):
                self._log(call, UNANSWERED)
                scope[TRANSPORT].abort()
                await _gone(receive)
                return
        self._log(call, reply.status)
        await Response(reply.body, reply.status, dict(reply.headers))(scope, receive, send)

    def _at_once(self, call: Call) -> Reply | None:
        """A refusal that the system was told to give, or a token; None when data is asked."""
        told = self.system.misbehaviours
        if told.take(call, "unauthorized"):
            return self.system.refused(call)
        if self.system.issues_token(call):
            return self.system.answer(call)
        if hit := told.take(call, "throttle"):
            return self.system.throttled(hit.retry_after)
        if hit := told.take(call, "error"):
            return self.system.failed(hit.status)
        return None

    def _log(self, call: Call, status: int) -> None:
        self.system.requests[call.method, self.system.template(call.path), status] += 1

    async def _stay_silent(self, scope: Any, receive: Any) -> None:
        waits = {asyncio.ensure_future(_gone(receive)), asyncio.ensure_future(self.stopping.wait())}
        _, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in pending:
            wait.cancel()
        scope[TRANSPORT].abort()
        if self.stopping.is_set():
            await _gone(receive)


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _read(request: Request) -> Call:
    query = dict(parse_qsl(request.url.query, keep_blank_values=True))
    headers = {name.lower(): value for name, value in request.headers.items()}
    base = f"{request.url.scheme}://{request.url.netloc}"
    body = await request.body()
    return Call(request.method, request.scope["path"], query, headers, body, base)
