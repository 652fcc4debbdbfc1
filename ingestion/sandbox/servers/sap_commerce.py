"""A SAP-Commerce-like shop: paged REST reads and customer writes.

Belongs here: routes, paging and words of `/authorizationserver` and `/rest/v2`.
"""

from __future__ import annotations

import math
import uuid
from typing import Any

from ingestion.sandbox.servers.calls import Call, ProtocolError, Reply
from ingestion.sandbox.servers.entities import Entity, columns
from ingestion.sandbox.servers.rest import InvalidValueError, as_moment, stored_row, valid_email
from ingestion.sandbox.servers.store import DuplicateError, json_list, plain_fields, quoted
from ingestion.sandbox.servers.system import System
from ingestion.sandbox.servers.tokens import asked_credentials

TOKEN_PATH = "/authorizationserver/oauth/token"  # noqa: S105 (a path)
ROOT = "/rest/v2/"
MAX_PAGE_SIZE = 5_000

CUSTOMERS = Entity(
    "customers",
    key="customerId",
    columns=columns(
        "!customerId:s uid:s255 firstName:s255 lastName:s255 titleCode:s10 birthDate:d phone:s50 "
        "streetName:s255 streetNumber:s20 postalCode:s20 town:s255 countryIso:s2 languageIso:s5 "
        "loyaltyCard:s50 newsletter:b !createdTime:t !modifiedTime:t"
    ),
    modified="modifiedTime",
    created="createdTime",
    lookups=("uid",),
)
ORDERS = Entity(
    "orders",
    key="code",
    columns=columns(
        "code:s customerId:s createdTime:t status:s currency:s totalPrice:f totalDiscounts:f "
        "deliveryCost:f modifiedTime:t entries:j"
    ),
    modified="modifiedTime",
    created="createdTime",
)
CARTS = Entity(
    "carts",
    key="code",
    columns=columns(
        "code:s customerId:s anonymousId:s status:s totalPrice:f entries:j createdTime:t "
        "modifiedTime:t"
    ),
    modified="modifiedTime",
    created="createdTime",
)
PRODUCTS = Entity(
    "products",
    key="code",
    columns=columns("code:s name:s category:s price:f purchasePrice:f currency:s modifiedTime:t"),
    modified="modifiedTime",
)
STOCK = Entity(
    "stock",
    key="productCode",
    columns=columns("productCode:s available:i stockStatus:s modifiedTime:t"),
    modified="modifiedTime",
)


def failure(status: int, kind: str, message: str, **headers: str) -> Reply:
    """An error as Commerce words it."""
    return Reply.json({"errors": [{"type": kind, "message": message}]}, status, **headers)


class SapCommerce(System):
    """The accessories web shop."""

    name = "sap_commerce"
    title = "SAP Commerce"
    entities = (CUSTOMERS, ORDERS, CARTS, PRODUCTS, STOCK)

    def call(self, call: Call) -> Reply:
        """Answer a token request, a page of an entity, or a customer write."""
        if call.path == TOKEN_PATH:
            return self._token(call)
        if self.tokens.holder(call.headers.get("authorization")) is None:
            return self.refused(call)
        name, _, key = call.path.removeprefix(ROOT).partition("/")
        entity = self.store.entities.get(name) if call.path.startswith(ROOT) else None
        if entity is None:
            return failure(404, "UnknownResourceError", "There is no resource for path")
        if call.method == "GET":
            return self._one(entity, key) if key else self._page(entity, call)
        wanted = "PATCH" if key else "POST"
        if entity.name == "customers" and call.method == wanted:
            return self._update(call, key) if key else self._create(call)
        return failure(405, "HttpRequestMethodNotSupportedError", f"{call.method} isn't supported")

    def _token(self, call: Call) -> Reply:
        grant, client_id, secret = asked_credentials(call)
        if grant != "client_credentials":
            return Reply.json({"error": "unsupported_grant_type"}, 400)
        if not self.tokens.accepts(client_id, secret):
            return self.refused(call)
        answer = {"access_token": self.tokens.issue(client_id), "token_type": "bearer"}
        return Reply.json(answer | {"expires_in": int(self.tokens.lifetime)})

    def _page(self, entity: Entity, call: Call) -> Reply:
        page = _number(call, "page", 0, 0, 10_000_000)
        size = _number(call, "pageSize", 100, 1, MAX_PAGE_SIZE)
        where, parameters = "", []
        if since := call.query.get("modifiedSince"):
            where = f"WHERE {quoted(entity.modified)} >= ?"
            parameters.append(_moment(since))
        table, modified, key = (quoted(n) for n in (entity.name, entity.modified, entity.key))
        count = f"SELECT count(*) FROM {table} {where}"  # noqa: S608
        total = self.store.scalars(count, parameters)[0]
        keys = f"SELECT rowid FROM {table} {where} ORDER BY {modified}, {key} LIMIT ? OFFSET ?"  # noqa: S608
        documents, _ = self.store.documents(
            entity,
            plain_fields(entity.columns),
            f"WHERE rowid IN ({keys}) ORDER BY {modified}, {key}",
            [*parameters, size, page * size],
        )
        pages = math.ceil(total / size)
        pagination = {"page": page, "pageSize": size, "totalPages": pages, "totalResults": total}
        return Reply.json({entity.name: json_list(documents), "pagination": pagination})

    def _one(self, entity: Entity, key: str) -> Reply:
        rows = self.store.rows(
            entity, plain_fields(entity.columns), f"WHERE {quoted(entity.key)} = ?", [key]
        )
        if not rows:
            return failure(404, "UnknownIdentifierError", "There is no such item")
        return Reply.json(rows[0])

    def _create(self, call: Call) -> Reply:
        row = self._checked(call)
        if row.get("uid") and self.store.find(CUSTOMERS, "uid", row["uid"]):
            return failure(409, "DuplicateUidError", "A customer with this uid already exists")
        key = f"C{uuid.uuid4().hex[:12].upper()}"
        with self.store.transaction():
            self.store.insert(CUSTOMERS, row | {"customerId": key})
        return Reply(
            201,
            self._one(self.store.entities["customers"], key).body,
            {"Content-Type": "application/json", "Location": f"{call.base}{ROOT}customers/{key}"},
        )

    def _update(self, call: Call, key: str) -> Reply:
        row = self._checked(call)
        if self.store.find(CUSTOMERS, "customerId", key) is None:
            return failure(404, "UnknownIdentifierError", "There is no such customer")
        try:
            with self.store.transaction():
                self.store.update(CUSTOMERS, key, row)
        except DuplicateError:
            return failure(409, "DuplicateUidError", "A customer with this uid already exists")
        return self._one(self.store.entities["customers"], key)

    def _checked(self, call: Call) -> dict[str, Any]:
        if reason := self.rejections.reason():
            raise ProtocolError(failure(400, "ValidationError", reason))
        try:
            payload = call.json()
            if not isinstance(payload, dict):
                raise InvalidValueError("the body must be a JSON object")
            row = stored_row(self.store.entities["customers"], payload)
            if row.get("uid") and not valid_email(row["uid"]):
                raise InvalidValueError("uid: not a valid email address")
        except InvalidValueError as error:
            raise ProtocolError(failure(400, "ValidationError", str(error))) from None
        except ValueError:
            unreadable = failure(400, "HttpMessageNotReadableError", "the body isn't JSON")
            raise ProtocolError(unreadable) from None
        return row

    def issues_token(self, call: Call) -> bool:
        """Whether this asks the authorization server for a token."""
        return call.path == TOKEN_PATH

    def template(self, path: str) -> str:
        """`/rest/v2/customers/{key}` and the like."""
        name, slash, key = path.removeprefix(ROOT).partition("/")
        return f"{ROOT}{name}/{{key}}" if path.startswith(ROOT) and slash and key else path

    def throttled(self, retry_after: float) -> Reply:
        """429."""
        return failure(
            429, "TooManyRequestsError", "Too many requests", Retry_After=f"{retry_after:g}"
        )

    def failed(self, status: int) -> Reply:
        """A server error."""
        return failure(status, "InternalServerError", "The server could not answer")

    def refused(self, call: Call) -> Reply:
        """401, as the authorization server or as the API words it."""
        if self.issues_token(call):
            bad = {"error": "invalid_client", "error_description": "Bad client credentials"}
            return Reply.json(bad, 401)
        return failure(401, "InvalidTokenError", "Invalid access token", WWW_Authenticate="Bearer")


def _number(call: Call, name: str, default: int, lowest: int, highest: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
        wrong = f"{name} must be a number from {lowest} to {highest}"
        raise ProtocolError(failure(400, "IllegalArgumentError", wrong))
    return int(text)


def _moment(text: str) -> str:
    try:
        return as_moment(text)
    except ValueError as error:
        raise ProtocolError(
            failure(400, "IllegalArgumentError", f"modifiedSince: {error}")
        ) from None
