"""GET on Dataverse: collections with paging, change tracking, single rows.

Belongs here: `$select`, `$top`, `$count`, skip tokens, delta links, ETags on rows.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from ingestion.sandbox.servers.calls import Call, Reply
from ingestion.sandbox.servers.dynamics365.entities import Table
from ingestion.sandbox.servers.dynamics365.errors import (
    BAD_QUERY,
    EXPIRED_STAMP,
    fail,
    no_such_property,
)
from ingestion.sandbox.servers.dynamics365.filters import Filter, order_by
from ingestion.sandbox.servers.store import Store, json_list, plain_fields, quoted

MAX_PAGE = 5_000
TOKEN_DAYS = 7
DELTA_TOKEN = re.compile(r"(\d{1,18})!(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)")
DELTA_CLOCK = "%m/%d/%Y %H:%M:%S"
FORBIDDEN_WITH_TRACKING = ("$filter", "$orderby", "$expand", "$top", "$apply")
KNOWN_OPTIONS = {"$select", "$filter", "$orderby", "$top", "$count", "$skiptoken", "$deltatoken"}
KNOWN_OPTIONS |= {"$expand", "sql"}
ETAG = ("@odata.etag", "'W/\"' || _version || '\"'", "text")


def fields(table: Table, select: str | None) -> list[tuple[str, str, str]]:
    """Fields for the store: the ETag, what `$select` names (or all), and always the key."""
    if not select:
        return [ETAG, *plain_fields(table.columns)]
    names = [name.strip() for name in select.split(",") if name.strip()]
    for name in names:
        if name not in table.by_name:
            raise no_such_property(name, table.logical)
    chosen = dict.fromkeys([*names, table.key])
    return [ETAG, *plain_fields([table.by_name[name] for name in chosen])]


def collection(store: Store, table: Table, call: Call) -> Reply:
    """A page of a table, of a query, or of the changes since a delta token."""
    for name in call.query:
        if name.startswith("$") and name not in KNOWN_OPTIONS:
            raise fail(400, BAD_QUERY, f"The query parameter {name} is not supported")
    if "$expand" in call.query:
        raise fail(501, BAD_QUERY, "$expand is not offered by this server")
    size = _page_size(call)
    token = _opened(call.query["$skiptoken"]) if "$skiptoken" in call.query else {}
    if "$deltatoken" in call.query:
        return _changes(store, table, call, size, token)
    if "odata.track-changes" in call.preferences() or "track" in token:
        return _tracked(store, table, call, size, token)
    return _queried(store, table, call, size, token)


def _queried(store: Store, table: Table, call: Call, size: int, token: dict) -> Reply:
    where, parameters = "1", []
    if text := call.query.get("$filter"):
        parsed = Filter(table, text)
        where, parameters = parsed.parse(), parsed.parameters
    order = order_by(table, call.query.get("$orderby", ""))
    top = _whole(call, "$top")
    taken = token.get("taken", 0)
    limit = size if top is None else min(size, top - taken)
    keyset = _keyset(table, order)
    position, tail_parameters = "", []
    if token and keyset:
        if len(token.get("after", [])) != len(keyset[0]):
            raise fail(400, BAD_QUERY, "The skip token belongs to another query")
        position = f" AND {keyset[1]}"
        tail_parameters = token["after"]
    sorted_by = ", ".join([f"{quoted(c.name)} {way}" for c, way in order] + [_key(table, order)])
    offset = "" if keyset else f" OFFSET {taken}"
    documents, keys = store.documents(
        table,
        fields(table, call.query.get("$select")),
        f"WHERE ({where}){position} ORDER BY {sorted_by} LIMIT ?{offset}",
        [*parameters, *tail_parameters, limit + 1],
        beside=keyset[0] if keyset else (),
    )
    more = len(keys) > limit and (top is None or taken + limit < top)
    page: dict[str, Any] = {"@odata.context": _context(call, table)}
    if call.query.get("$count") == "true":
        counted = f"SELECT count(*) FROM {quoted(table.name)} WHERE {where}"  # noqa: S608
        page["@odata.count"] = store.scalars(counted, parameters)[0]
    page["value"] = json_list(documents[:limit])
    if more:
        following = {"after": keys[limit - 1], "taken": taken + limit}
        page["@odata.nextLink"] = _link(call, following)
    return _page_reply(page)


def _keyset(table: Table, order: Sequence[tuple[Any, str]]) -> tuple[list[str], str] | None:
    """Columns and condition to continue after a row, when the order allows it."""
    names = [column.name for column, _ in order]
    ways = {way for _, way in order}
    if not set(names) <= set(table.required) or ways not in ({"ASC"}, {"DESC"}, set()):
        return None
    if table.key not in names:
        names.append(table.key)
    names = names[: names.index(table.key) + 1]
    sign = "<" if ways == {"DESC"} else ">"
    marks = ", ".join("?" * len(names))
    return names, f"({', '.join(quoted(name) for name in names)}) {sign} ({marks})"


def _key(table: Table, order: Sequence[tuple[Any, str]]) -> str:
    ways = {way for _, way in order}
    return f"{quoted(table.key)} {'DESC' if ways == {'DESC'} else 'ASC'}"


def _tracked(store: Store, table: Table, call: Call, size: int, token: dict) -> Reply:
    for name in FORBIDDEN_WITH_TRACKING:
        if name in call.query:
            message = f"The {name} query option isn't supported with odata.track-changes"
            raise fail(400, BAD_QUERY, message)
    stamp = token.get("track", store.version)
    key = quoted(table.key)
    documents, keys = store.documents(
        table,
        fields(table, call.query.get("$select")),
        f"WHERE {key} > ? ORDER BY {key} LIMIT ?",
        [token.get("after", ""), size + 1],
        beside=(table.key,),
    )
    page = {"@odata.context": _context(call, table), "value": json_list(documents[:size])}
    if len(keys) > size:
        following = {"after": keys[size - 1][0], "track": stamp}
        page["@odata.nextLink"] = _link(call, following)
    else:
        page["@odata.deltaLink"] = _delta_link(call, stamp)
    return _page_reply(page, **{"Preference_Applied": "odata.track-changes"})


def _changes(store: Store, table: Table, call: Call, size: int, token: dict) -> Reply:
    since = token.get("since", _checked_stamp(call.query["$deltatoken"], store.version))
    until = token.get("until", store.version)
    chosen = [*fields(table, call.query.get("$select")), ("\0version", "_version", "integer")]
    span = [since, until, size + 1]
    rows = store.rows(
        table, chosen, "WHERE _version > ? AND _version <= ? ORDER BY _version LIMIT ?", span
    )
    gone = store.execute(
        "SELECT key, version FROM _deleted WHERE entity = ? AND version > ? AND version <= ? "
        "ORDER BY version LIMIT ?",
        [table.name, *span],
    ).fetchall()
    context = f"{_root(call)}$metadata#{table.name}/$deletedEntity"
    deleted = [
        {"@odata.context": context, "id": key, "reason": "deleted", "\0version": version}
        for key, version in gone
    ]
    merged = sorted(rows + deleted, key=lambda row: row["\0version"])
    page_rows = merged[:size]
    versions = [row.pop("\0version") for row in page_rows]
    page: dict[str, Any] = {"@odata.context": _context(call, table) + "/$delta"}
    page["value"] = page_rows
    if len(merged) > size:
        page["@odata.nextLink"] = _link(call, {"since": versions[-1], "until": until})
    else:
        page["@odata.deltaLink"] = _delta_link(call, until)
    return _page_reply(page)


def single(store: Store, table: Table, row: dict[str, Any], call: Call) -> Reply:
    """One row that was found; 304 when If-None-Match names its version."""
    if call.headers.get("if-none-match") == f'W/"{row["_version"]}"':
        return Reply(304)
    return Reply.json(represented(store, table, row[table.key], call), OData_Version="4.0")


def represented(store: Store, table: Table, key: str, call: Call) -> dict[str, Any]:
    """A row as JSON with context and ETag."""
    chosen = fields(table, call.query.get("$select"))
    rows = store.rows(table, chosen, f"WHERE {quoted(table.key)} = ?", [key])
    return {"@odata.context": _context(call, table) + "/$entity"} | rows[0]


def _page_reply(page: dict[str, Any], **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named |= {"Content-Type": "application/json; odata.metadata=minimal", "OData-Version": "4.0"}
    return Reply(200, orjson.dumps(page), named)


def _page_size(call: Call) -> int:
    text = call.preferences().get("odata.maxpagesize", str(MAX_PAGE))
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise fail(400, BAD_QUERY, "odata.maxpagesize must be a positive number")
    return min(int(text), MAX_PAGE)


def _whole(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise fail(400, BAD_QUERY, f"Invalid value '{text[:20]}' for {name} query option found.")
    return int(text)


def _root(call: Call) -> str:
    return call.base + Table.api_root


def _context(call: Call, table: Table) -> str:
    select = call.query.get("$select")
    return f"{_root(call)}$metadata#{table.name}" + (f"({select})" if select else "")


def _link(call: Call, token: dict[str, Any]) -> str:
    sealed = base64.urlsafe_b64encode(orjson.dumps(token)).decode()
    query = {k: v for k, v in call.query.items() if k != "$skiptoken"} | {"$skiptoken": sealed}
    return f"{call.base}{call.path}?{urlencode(query, quote_via=quote, safe='$,')}"


def _opened(sealed: str) -> dict[str, Any]:
    try:
        token = orjson.loads(base64.urlsafe_b64decode(sealed))
    except ValueError:
        token = None
    expected = {"after": (str, list), "taken": int, "track": int, "since": int, "until": int}
    if not isinstance(token, dict) or not all(
        isinstance(value, expected.get(name, ())) for name, value in token.items()
    ):
        raise fail(400, BAD_QUERY, "Malformed XML in the skip token of the request")
    return token


def _delta_link(call: Call, stamp: int) -> str:
    clock = dt.datetime.now(dt.UTC).strftime(DELTA_CLOCK)
    query = {k: v for k, v in call.query.items() if k == "$select"}
    query["$deltatoken"] = f"{stamp}!{clock}"
    return f"{call.base}{call.path}?{urlencode(query, quote_via=quote, safe='$,')}"


def _checked_stamp(token: str, newest: int) -> int:
    match = DELTA_TOKEN.fullmatch(token)
    if match:
        issued = dt.datetime.strptime(match[2], DELTA_CLOCK).replace(tzinfo=dt.UTC)
        age = dt.datetime.now(dt.UTC) - issued
        if age <= dt.timedelta(days=TOKEN_DAYS) and int(match[1]) <= newest:
            return int(match[1])
    message = "Version stamp associated with the client has expired. Please perform a full sync."
    raise fail(400, EXPIRED_STAMP, message)
