"""The web page that shows what every system holds now, and where it is told to misbehave.

Belongs here: `/` and `/cards` (HTML), `/state` (JSON), `/misbehave` (GET, POST, DELETE). The page
shows no personal value: counts, keys, times and actions only.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ingestion.sandbox.servers.holdings import Holdings
from ingestion.sandbox.servers.system import System

TEMPLATE = Path(__file__).with_name("page.html")
PROTOCOLS = {
    "dynamics365": "Dataverse Web API v9.2 · OData v4",
    "salesforce": "REST · SOQL · sObject Collections · Bulk API 2.0",
    "sap_commerce": "Paged REST",
    "email_platform": "REST with cursors · event feed",
}
BUTTONS = (
    ("Throttle", {"kind": "throttle", "requests": 5, "retry_after": 1}, "429 for 5 requests"),
    ("Fail", {"kind": "error", "requests": 3, "status": 503}, "503 for 3 requests"),
    (
        "Drop after commit",
        {"kind": "timeout_after_commit", "requests": 1},
        "the next write is done, then the connection drops",
    ),
    ("Reject rows", {"kind": "partial", "every": 3}, "every third row, until cleared"),
    ("Go silent", {"kind": "silence", "requests": 1}, "the next request is never answered"),
    ("Refuse", {"kind": "unauthorized", "requests": 3}, "401 for 3 requests"),
)
ACTIONS = {"created": "+", "updated": "~", "deleted": "−"}


def page_application(
    systems: Mapping[str, System], urls: Mapping[str, str], files: Path
) -> Starlette:
    """The ASGI application of the page. `files`: the company's folder of files and databases."""
    holdings = Holdings(files)

    def states() -> list[dict[str, Any]]:
        return [system.state() | {"url": urls[name]} for name, system in systems.items()]

    def cards() -> str:
        return "".join([*map(card, states()), *map(files_card, holdings.state())])

    async def show(_: Request) -> Response:
        html = TEMPLATE.read_text(encoding="utf-8")
        return HTMLResponse(html.replace("{{CARDS}}", cards()))

    async def show_cards(_: Request) -> Response:
        return HTMLResponse(cards())

    async def show_state(_: Request) -> Response:
        return _json({"systems": states(), "files": holdings.state()})

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
            Route("/cards", show_cards),
            Route("/state", show_state),
            Route("/misbehave", misbehave, methods=["GET", "POST", "DELETE"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def card(state: Mapping[str, Any]) -> str:
    """One system as HTML."""
    name = state["system"]
    answered = sum(row["count"] for row in state["requests"] if row["status"])
    troubled = sum(
        row["count"] for row in state["requests"] if not row["status"] or row["status"] >= 400
    )
    failures = (
        f"<span class='{'troubled' if troubled else ''}'>{troubled:,} refused or failed</span>"
    )
    active = "".join(_active(name, told) for told in state["misbehaviours"])
    buttons = "".join(
        f'<button data-system="{name}" data-how="{escape(orjson.dumps(how).decode())}" '
        f'title="{escape(title)}">{label}</button>'
        for label, how, title in BUTTONS
    )
    tables = "".join(_table_row(table) for table in state["tables"])
    writes = "".join(_write(write) for write in state["recent"])
    return f"""
<article class="{"trouble" if active else "well"}" id="{name}">
  <header>
    <h2><i></i>{escape(state["title"])}</h2>
    <p>{escape(PROTOCOLS.get(name, ""))}</p>
    <p><a href="{escape(state["url"])}">{escape(state["url"])}</a>
       <span>{_number(answered, "request")}, {failures}</span></p>
  </header>
  <table>
    <thead><tr><th>holds</th><th>now</th>{"".join(f"<th>{action}</th>" for action in ACTIONS)}
      </tr></thead>
    <tbody>{tables}</tbody>
  </table>
  <section><h3>Last writes</h3>
    <ol>{writes or "<li class='none'>none since the start</li>"}</ol></section>
  <footer>{active or "<p class='none'>behaves well</p>"}<div>{buttons}</div></footer>
</article>"""


def files_card(state: Mapping[str, Any]) -> str:
    """A system that is a database or a folder of files, as HTML."""
    rows = "".join(
        f"<tr><th>{escape(table['name'])}</th><td>{_number(table['number'], table['unit'])}</td>"
        f"<td>{'' if table['bytes'] is None else _size(table['bytes'])}</td></tr>"
        for table in state["tables"]
    )
    return f"""
<article class="well" id="{state["system"]}">
  <header><h2><i></i>{escape(state["title"])}</h2><p>{escape(state["kind"])}</p></header>
  <table><thead><tr><th>holds</th><th>now</th><th>size</th></tr></thead><tbody>{rows}</tbody></table>
</article>"""


def _size(number: int) -> str:
    return f"{number / 1024:,.0f} KiB" if number < 10 * 1024**2 else f"{number / 1024**2:,.0f} MiB"


def _table_row(table: Mapping[str, Any]) -> str:
    changes = "".join(
        f"<td class='{action if table[action] else 'zero'}'>"
        f"{ACTIONS[action] + format(table[action], ',') if table[action] else '·'}</td>"
        for action in ACTIONS
    )
    return f"<tr><th>{escape(table['name'])}</th><td>{table['rows']:,}</td>{changes}</tr>"


def _write(write: Mapping[str, str]) -> str:
    clock = f"<time datetime='{write['moment']}'>{write['moment'][11:19]}</time>"
    sign = f"<b class='{write['action']}'>{write['action']}</b>"
    return f"<li>{clock} {sign} {escape(write['entity'])} <code>{escape(write['key'])}</code></li>"


def _active(system: str, told: Mapping[str, Any]) -> str:
    kind = told["kind"]
    details = {
        "throttle": f"429, Retry-After {told['retry_after']:g} s",
        "error": str(told["status"]),
        "partial": f"every {told['every']}. row",
    }.get(kind, "")
    left = (
        "until cleared" if told["requests"] is None else f"{told['requests'] - told['hits']} left"
    )
    words = " · ".join(filter(None, [kind.replace("_", " "), details, left, f"{told['hits']} hit"]))
    clear = f'<button class="clear" data-system="{system}" data-clear="{kind}">clear</button>'
    return f"<p class='active'>{escape(words)} {clear}</p>"


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' if count != 1 else ''}"


def _clear(systems: Mapping[str, System], request: Request) -> Response:
    name = request.query_params.get("system")
    if name is not None and name not in systems:
        return _json({"error": f"system must be one of {', '.join(systems)}"}, 400)
    for system in [systems[name]] if name else systems.values():
        system.misbehaviours.clear(request.query_params.get("kind"))
    return Response(status_code=204)


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
