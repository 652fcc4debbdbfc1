"""SOQL, translated to SQL with placeholders.

Belongs here: SELECT fields (or COUNT() or FIELDS(ALL)) FROM object, WHERE with AND, OR, NOT,
parentheses, comparisons, LIKE, IN, NOT IN, null and date literals, ORDER BY, LIMIT, OFFSET. Field
names come from the object's own list; every literal becomes a parameter.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestion.sandbox.servers.entities import Column
from ingestion.sandbox.servers.rest import MAX_INTEGER, as_moment
from ingestion.sandbox.servers.salesforce.entities import SObject, long_id
from ingestion.sandbox.servers.salesforce.errors import fail
from ingestion.sandbox.servers.store import quoted

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+ -]\d\d:?\d\d))?)"
    r"|(?P<number>[-+]?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w.]*)"
    r"|(?P<mark><=|>=|!=|<>|[=<>(),]))",
    re.DOTALL,
)
COMPARISONS = {"=": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
MAX_DEPTH = 100
MAX_OFFSET = 2_000


@dataclass
class Query:
    """A parsed query: `fields` empty means COUNT()."""

    sobject: SObject
    fields: list[Column]
    where: str = "1"
    parameters: list[Any] = field(default_factory=list)
    order: str = ""
    limit: int | None = None
    offset: int = 0

    def tail(self, deleted: bool) -> str:
        """Everything after FROM; `deleted` keeps soft-deleted rows in."""
        live = "" if deleted else f' AND "{self.sobject.deleted}" = 0'
        limit = -1 if self.limit is None else self.limit
        order = self.order or f'"{self.sobject.key}"'
        window = f" LIMIT {limit} OFFSET {self.offset}"
        return f"WHERE ({self.where}){live} ORDER BY {order}{window}"


def parse(text: str, sobjects: Mapping[str, SObject]) -> Query:
    """Translate SOQL. Raises `ProtocolError` (MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE)."""
    return _Parser(text, sobjects).query()


class _Parser:
    def __init__(self, text: str, sobjects: Mapping[str, SObject]) -> None:
        self.tokens = _tokens(text)
        self.sobjects = sobjects
        self.at = 0
        self.depth = 0
        self.parameters: list[Any] = []

    def query(self) -> Query:
        self.keyword("select")
        names = [self.selected()]
        while self.accept(","):
            names.append(self.selected())
        self.keyword("from")
        name = self.next()[1]
        found = [s for s in self.sobjects.values() if s.name.lower() == name.lower()]
        if not found:
            message = f"\nsObject type '{name}' is not supported."
            raise fail(400, "INVALID_TYPE", message)
        self.sobject = found[0]
        query = Query(self.sobject, self.columns(names), parameters=self.parameters)
        if self.accept("where"):
            query.where = self.either()
        if self.accept("order"):
            self.keyword("by")
            query.order = self.ordering()
        if self.accept("limit"):
            query.limit = self.whole()
        if self.accept("offset"):
            query.offset = self.whole()
            if query.offset > MAX_OFFSET:
                message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
                raise fail(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
        if self.at != len(self.tokens):
            raise self.unexpected()
        return query

    def selected(self) -> str:
        kind, name = self.next()
        if kind != "name":
            raise self.unexpected(back=1)
        if name.lower() in {"count", "fields"}:
            self.expect("(")
            inner = "" if self.accept(")") else self.next()[1]
            if inner:
                self.expect(")")
            return f"{name.lower()}({inner.lower()})"
        return name

    def columns(self, names: list[str]) -> list[Column]:
        if names == ["count()"]:
            return []
        found: dict[str, Column] = {}
        for name in names:
            if name == "fields(all)":
                found |= self.sobject.by_name
            else:
                column = self.column(name)
                found[column.name] = column
        return list(found.values())

    def column(self, name: str) -> Column:
        bare = name.removeprefix(self.sobject.name + ".")
        column = self.sobject.by_lower_name.get(bare.lower())
        if column is None:
            message = (
                f"\nNo such column '{name}' on entity '{self.sobject.name}'. If you are attempting "
                "to use a custom field, be sure to append the '__c' after the custom field name. "
                "Please reference your WSDL or the describe call for the appropriate names."
            )
            raise fail(400, "INVALID_FIELD", message)
        return column

    def either(self) -> str:
        parts = [self.both()]
        while self.accept("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def both(self) -> str:
        parts = [self.negated()]
        while self.accept("and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

    def negated(self) -> str:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise fail(400, "QUERY_TOO_COMPLICATED", "The query is too deeply nested")
        try:
            if self.accept("not"):
                return f"(NOT coalesce({self.negated()}, 0))"
            if self.accept("("):
                inner = self.either()
                self.expect(")")
                return inner
            return self.condition()
        finally:
            self.depth -= 1

    def condition(self) -> str:
        kind, name = self.next()
        if kind != "name":
            raise self.unexpected(back=1)
        column = self.column(name)
        sql_name = quoted(column.name)
        if self.accept("in"):
            return f"{sql_name} IN {self.listed(column)}"
        if self.accept("not"):
            self.keyword("in")
            return f"({sql_name} IS NULL OR {sql_name} NOT IN {self.listed(column)})"
        if self.accept("like"):
            self.parameters.append(str(self.literal(column)))
            return f"{sql_name} LIKE ? ESCAPE '\\'"
        operator = self.next()[1]
        if operator not in COMPARISONS:
            raise self.unexpected(back=1)
        value = self.literal(column)
        if value is None:
            if COMPARISONS[operator] not in {"=", "<>"}:
                raise self.unexpected(back=1)
            return f"{sql_name} IS {'' if operator == '=' else 'NOT '}NULL"
        self.parameters.append(value)
        if COMPARISONS[operator] == "<>":
            return f"({sql_name} <> ? OR {sql_name} IS NULL)"
        return f"{sql_name} {COMPARISONS[operator]} ?"

    def listed(self, column: Column) -> str:
        self.expect("(")
        values = [self.literal(column)]
        while self.accept(","):
            values.append(self.literal(column))
        self.expect(")")
        self.parameters += values
        return f"({', '.join('?' * len(values))})"

    def literal(self, column: Column) -> Any:
        kind, text = self.next()
        if kind == "name" and text.lower() == "null":
            return None
        try:
            return _converted(column, kind, text)
        except ValueError:
            message = (
                f"value of filter criterion for field '{column.name}' must be of type {column.kind}"
            )
            raise fail(400, "INVALID_QUERY_FILTER_OPERATOR", message) from None

    def ordering(self) -> str:
        parts = [self.ordered()]
        while self.accept(","):
            parts.append(self.ordered())
        return ", ".join([*parts, quoted(self.sobject.key)])

    def ordered(self) -> str:
        sql = quoted(self.column(self.next()[1]).name)
        if self.accept("desc"):
            sql += " DESC"
        else:
            self.accept("asc")
        if self.accept("nulls"):
            sql += " NULLS LAST" if self.accept("last") else " NULLS FIRST"
            if sql.endswith("FIRST"):
                self.keyword("first")
        return sql

    def whole(self) -> int:
        kind, text = self.next()
        if kind != "number" or not text.isdigit() or int(text) > MAX_INTEGER:
            raise self.unexpected(back=1)
        return int(text)

    def next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise fail(400, "MALFORMED_QUERY", "unexpected token: <EOF>")
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, text: str) -> bool:
        if self.at >= len(self.tokens):
            return False
        kind, found = self.tokens[self.at]
        accepted = kind in {"name", "mark"} and found.lower() == text
        self.at += accepted
        return accepted

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected()

    keyword = expect

    def unexpected(self, back: int = 0) -> Exception:
        at = self.at - back
        shown = self.tokens[at][1] if at < len(self.tokens) else "<EOF>"
        if at < len(self.tokens) and self.tokens[at][0] == "text":
            shown = "'...'"
        return fail(400, "MALFORMED_QUERY", f"unexpected token: {shown}")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise fail(400, "MALFORMED_QUERY", f"unexpected token at character {at + 1}")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


def _converted(column: Column, kind: str, text: str) -> Any:
    if column.kind in {"text", "json"}:
        if kind != "text":
            raise ValueError
        value = re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), text[1:-1], flags=re.DOTALL)
        return long_id(value) if column.name == "Id" or column.name.endswith("Id") else value
    if column.kind in {"integer", "double"}:
        if kind != "number":
            raise ValueError
        return float(text)
    if column.kind == "boolean":
        if text.lower() not in {"true", "false"}:
            raise ValueError
        return int(text.lower() == "true")
    return _moment(column, kind, text)


def _moment(column: Column, kind: str, text: str) -> str:
    if kind == "name" and text.lower() in {"today", "yesterday", "tomorrow"}:
        days = {"today": 0, "yesterday": -1, "tomorrow": 1}[text.lower()]
        text = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days)).isoformat()
    elif kind != "moment":
        raise ValueError
    if column.kind == "date":
        if "T" in text:
            raise ValueError
        return text
    return as_moment(text.replace(" ", "+"), "+0000")
