"""OData `$filter` and `$orderby`, translated to SQL with placeholders.

Belongs here: a small recursive-descent parser for eq, ne, gt, ge, lt, le, and, or, not, null,
parentheses, contains, startswith, endswith, and Dataverse's In and Between functions. Column names
come from the table's own list; every literal becomes a parameter.
"""

from __future__ import annotations

import re
from typing import Any

from ingestion.sandbox.servers.dynamics365.entities import Table
from ingestion.sandbox.servers.dynamics365.errors import BAD_QUERY, fail, no_such_property
from ingestion.sandbox.servers.entities import Column
from ingestion.sandbox.servers.rest import MAX_INTEGER, as_moment
from ingestion.sandbox.servers.store import quoted

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"[^\"]*\")"
    r"|(?P<moment>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_@][\w./]*=?)"
    r"|(?P<mark>[(),\[\]]))"
)
COMPARISONS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
PATTERNS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}
MAX_DEPTH = 100


class Filter:
    """Parse one `$filter`. After `parse`, `sql` and `parameters` hold the translation."""

    def __init__(self, table: Table, text: str) -> None:
        self.table = table
        self.parameters: list[Any] = []
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def parse(self) -> str:
        """The SQL condition. Raises `ProtocolError` worded as Dataverse words a bad query."""
        sql = self._or()
        if self._at != len(self._tokens):
            raise self._syntax()
        return sql

    def _or(self) -> str:
        parts = [self._and()]
        while self._accept("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def _and(self) -> str:
        parts = [self._not()]
        while self._accept("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

    def _not(self) -> str:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._syntax()
        try:
            if self._accept("not"):
                return f"(NOT coalesce({self._not()}, 0))"
            if self._accept("("):
                inner = self._or()
                self._expect(")")
                return inner
            return self._condition()
        finally:
            self._depth -= 1

    def _condition(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise self._syntax()
        if text.lower() in PATTERNS:
            return self._pattern(text.lower())
        if text in {"Microsoft.Dynamics.CRM.In", "Microsoft.Dynamics.CRM.Between"}:
            return self._listed(text.rpartition(".")[2])
        column = self._column(text)
        operator = self._next()[1]
        if operator not in COMPARISONS:
            raise self._syntax()
        value = self._literal(column)
        name = quoted(column.name)
        if value is None:
            if operator not in {"eq", "ne"}:
                raise self._syntax()
            return f"{name} IS {'NOT ' if operator == 'ne' else ''}NULL"
        self.parameters.append(value)
        if operator == "ne":
            return f"({name} <> ? OR {name} IS NULL)"
        return f"{name} {COMPARISONS[operator]} ?"

    def _pattern(self, function: str) -> str:
        self._expect("(")
        column = self._column(self._next()[1])
        self._expect(",")
        kind, text = self._next()
        if kind != "text":
            raise self._syntax()
        self._expect(")")
        escaped = re.sub(r"([%_\\])", r"\\\1", _unquoted(text))
        self.parameters.append(PATTERNS[function].format(escaped))
        return f"{quoted(column.name)} LIKE ? ESCAPE '\\'"

    def _listed(self, function: str) -> str:
        self._expect("(")
        self._expect_name("PropertyName")
        column = self._column(_unquoted(self._next()[1]))
        self._expect(",")
        self._expect_name("PropertyValues")
        self._expect("[")
        values = [self._literal(column)]
        while self._accept(","):
            values.append(self._literal(column))
        self._expect("]")
        self._expect(")")
        self.parameters += values
        if function == "In":
            return f"{quoted(column.name)} IN ({', '.join('?' * len(values))})"
        if len(values) != 2:
            raise self._syntax()
        return f"{quoted(column.name)} BETWEEN ? AND ?"

    def _literal(self, column: Column) -> Any:
        kind, text = self._next()
        if kind == "name" and text == "null":
            return None
        try:
            return _converted(column, kind, text)
        except ValueError:
            message = (
                "A binary operator with incompatible types was detected. Found operand type for "
                f"property '{column.name}' and a literal of another kind."
            )
            raise fail(400, BAD_QUERY, message) from None

    def _column(self, name: str) -> Column:
        column = self.table.by_name.get(name)
        if column is None:
            raise no_such_property(name, self.table.logical)
        return column

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._syntax()
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _accept(self, text: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] in {
            ("name", text),
            ("mark", text),
        }
        self._at += found
        return found

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._syntax()

    def _expect_name(self, text: str) -> None:
        if self._next() != ("name", text + "="):
            raise self._syntax()

    def _syntax(self) -> Exception:
        return fail(400, BAD_QUERY, f"Syntax error at token {self._at} in '$filter'.")


def order_by(table: Table, text: str) -> list[tuple[Column, str]]:
    """Columns with `ASC` or `DESC`. Raises `ProtocolError`."""
    found = []
    for part in filter(None, (item.strip() for item in text.split(","))):
        name, _, direction = part.partition(" ")
        if name not in table.by_name:
            raise no_such_property(name, table.logical)
        if direction.strip().lower() not in {"", "asc", "desc"}:
            raise fail(400, BAD_QUERY, "Syntax error in '$orderby'.")
        found.append((table.by_name[name], direction.strip().upper() or "ASC"))
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise fail(400, BAD_QUERY, f"Syntax error at position {at} in '$filter'.")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _unquoted(text: str) -> str:
    if text.startswith('"'):
        return text[1:-1]
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _converted(column: Column, kind: str, text: str) -> Any:
    if column.kind == "text":
        if kind not in {"text", "guid"}:
            raise ValueError
        value = _unquoted(text)
        return value.lower() if kind == "guid" else value
    if column.kind in {"integer", "double"}:
        number = _unquoted(text)
        if column.kind == "double":
            return float(number)
        return int(number) if abs(int(number)) <= MAX_INTEGER else _bad()
    if column.kind == "boolean":
        return {"true": 1, "false": 0}[text] if text in {"true", "false"} else _bad()
    moment = as_moment(_unquoted(text))
    return moment[:10] if column.kind == "date" else moment


def _bad() -> Any:
    raise ValueError
