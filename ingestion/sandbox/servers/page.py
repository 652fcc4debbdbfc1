"""The web page that shows what every system holds now, and where it is told to misbehave.

Belongs here: `/` (HTML), `/state` (JSON), `/misbehave` (GET, POST, DELETE). The page never shows a
personal value: counts, keys, times and actions only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ingestion.sandbox.servers.system import System

TEMPLATE = Path(__file__).with_name("page.html")


def page_application(systems: Mapping[str, System], urls: Mapping[str, str]) -> Starlette:
    """The ASGI application of the page."""

    def state() -> dict[str, Any]:
        shown = [system.state() | {"url": urls[name]} for name, system in systems.items()]
        return {"systems": shown}

    async def show(_: Request) -> Response:
        embedded = orjson.dumps(state()).decode().replace("<", "\\u003c")
        html = TEMPLATE.read_text(encoding="utf-8").replace("{{STATE}}", embedded)
        return HTMLResponse(html)

    async def show_state(_: Request) -> Response:
        return _json(state())

    async def misbehave(request: Request) -> Response:
        if request.method == "GET":
            return _json({n: system.misbehaviours.described() for n, system in systems.items()})
        if request.method == "DELETE":
            return _clear(systems, request)
        try:
            told = orjson.loads(await request.body())
            system = systems[told.pop("system")]
            started = system.misbehaviours.set(**told)
        except KeyError:
            return _json({"error": f"system must be one of {', '.join(systems)}"}, 400)
        except (TypeError, ValueError, AttributeError) as error:
            return _json({"error": str(error)}, 400)
        return _json(started.described(), 201)

    return Starlette(
        routes=[
            Route("/", show),
            Route("/state", show_state),
            Route("/misbehave", misbehave, methods=["GET", "POST", "DELETE"]),
        ]
    )


def _clear(systems: Mapping[str, System], request: Request) -> Response:
    name = request.query_params.get("system")
    if name is not None and name not in systems:
        return _json({"error": f"system must be one of {', '.join(systems)}"}, 400)
    for system in [systems[name]] if name else systems.values():
        system.misbehaviours.clear(request.query_params.get("kind"))
    return Response(status_code=204)


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
