"""What a table of a system looks like: columns, types, lengths, keys.

Belongs here: the shape only. Which tables a system has is said in that system's own module; how
rows are kept is the store's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

KINDS = {"s": "text", "i": "integer", "f": "double", "b": "boolean", "t": "time", "d": "date"}
KINDS |= {"j": "json"}


@dataclass(frozen=True)
class Column:
    """One column. `kind`: text, integer, double, boolean, time, date or json.

    `length` bounds a text, `options` an integer; a column that isn't `writable` belongs to the
    server.
    """

    name: str
    kind: str = "text"
    length: int | None = None
    options: tuple[int, ...] = ()
    writable: bool = True


def columns(spec: str, options: Mapping[str, tuple[int, ...]] | None = None) -> tuple[Column, ...]:
    """Read `name:type` words, type being one letter of `KINDS`, a text's length after it.

    A word that starts with `!` names a column that only the server writes.
    """
    found = []
    for word in spec.split():
        name, _, kind = word.removeprefix("!").partition(":")
        length = int(kind[1:]) if kind[1:] else None
        allowed = (options or {}).get(name, ())
        found.append(Column(name, KINDS[kind[:1]], length, allowed, not word.startswith("!")))
    return tuple(found)


@dataclass(frozen=True)
class Entity:
    """A table: `key` identifies a row, `modified` and `created` are kept by the store, and so are
    `modified_by` and `created_by`, where rows say who wrote them.

    `alternate` columns are unique where not null; `lookups` are indexed but not unique;
    `deleted` names a flag that turns deletes into soft deletes.
    """

    name: str
    key: str
    columns: tuple[Column, ...]
    modified: str
    created: str | None = None
    modified_by: str | None = None
    created_by: str | None = None
    alternate: tuple[str, ...] = ()
    lookups: tuple[str, ...] = ()
    deleted: str | None = None
    fold_case: bool = True

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def by_lower_name(self) -> dict[str, Column]:
        """Columns by lower-case name, for protocols that ignore case."""
        return {column.name.lower(): column for column in self.columns}

    @property
    def required(self) -> tuple[str, str]:
        """Columns that are never null: what keyset paging may order by."""
        return (self.modified, self.key)
