"""A system's state: one SQLite file, one table per entity, transactions, a clock, a change log.

Belongs here: reading and writing rows. Does not belong here: a protocol's words or its rules. SQL
fragments passed in are built from column names of the entity and placeholders, never from values.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from ingestion.sandbox.servers.entities import Column, Entity

SQL_TYPES = {"integer": "INTEGER", "boolean": "INTEGER", "double": "REAL"}
MILLISECOND = dt.timedelta(milliseconds=1)
RECENT_WRITES = 8


class DuplicateError(Exception):
    """A write that would give two rows the same key; `column` names it."""

    def __init__(self, column: str) -> None:
        super().__init__(f"duplicate value in {column}")
        self.column = column


_JSON = {
    "boolean": "json(CASE {0} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)",
    "json": "json({0})",
    "double": "CASE WHEN CAST(printf('%!.15g', {0}) AS REAL) = {0} THEN {0} "
    "WHEN {0} IS NOT NULL THEN json(printf('%!.17g', {0})) END",
}


def json_list(documents: Sequence[bytes]) -> orjson.Fragment:
    """Documents as one JSON array, to stand in a larger object."""
    return orjson.Fragment(b"[" + b",".join(documents) + b"]")


@cache
def quoted(name: str) -> str:
    """An SQL identifier. Names come from entities, so there are few."""
    return '"' + name.replace('"', '""') + '"'


def moment_text(moment: dt.datetime, suffix: str) -> str:
    """A time in the one text form a store uses: sorts as text, milliseconds, then `suffix`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}{suffix}"


@dataclass(frozen=True)
class Write:
    """One committed write, for the page: no personal values."""

    moment: str
    entity: str
    action: str
    key: str


@dataclass
class Tally:
    """What was written since the server started."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    recent: deque[Write] = field(default_factory=lambda: deque(maxlen=RECENT_WRITES))

    def add(self, write: Write) -> None:
        """Count one committed write."""
        self.counts[write.entity, write.action] += 1
        self.recent.appendleft(write)


class Store:
    """Open a state file that `seeding.seed` made. Not thread-safe: one loop owns it.

    `author` is whom the rows written from now on name as their writer.
    """

    def __init__(self, path: Path, entities: Sequence[Entity], suffix: str = "Z") -> None:
        self.entities = {entity.name: entity for entity in entities}
        self.suffix = suffix
        self.tally = Tally()
        self.author: str | None = None
        self._pending: list[Write] = []
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA busy_timeout=5000")
        self._db.execute("PRAGMA cache_size=-131072")
        self.version, self.moment = self._db.execute(
            "SELECT version, moment FROM _clock"
        ).fetchone()
        self._counts = {entity.name: self._counted(entity) for entity in entities}

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Nests: an inner transaction that fails leaves the outer one usable."""
        mark, version, moment = len(self._pending), self.version, self.moment
        begin = f"SAVEPOINT s{self._depth}" if self._depth else "BEGIN IMMEDIATE"
        self._db.execute(begin)
        if not self._depth:
            self.moment = self._next_moment()
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            del self._pending[mark:]
            self.version, self.moment = version, moment
            if self._depth:
                self._db.execute(f"ROLLBACK TO s{self._depth}")
            self._db.execute(f"RELEASE s{self._depth}" if self._depth else "ROLLBACK")
            raise
        self._depth -= 1
        if self._depth:
            self._db.execute(f"RELEASE s{self._depth}")
            return
        self._commit(moment)

    def _commit(self, before: str) -> None:
        if not self._pending:
            self.moment = before
        self._db.execute("UPDATE _clock SET version = ?, moment = ?", (self.version, self.moment))
        self._db.execute("COMMIT")
        for write in self._pending:
            self.tally.add(write)
        self._pending.clear()

    def _next_moment(self) -> str:
        now = moment_text(dt.datetime.now(dt.UTC), self.suffix)
        if now > self.moment:
            return now
        last = dt.datetime.strptime(self.moment[:23], "%Y-%m-%dT%H:%M:%S.%f")
        return moment_text(last + MILLISECOND, self.suffix)

    def rows(
        self,
        entity: Entity,
        fields: Sequence[tuple[str, str, str]],
        tail: str = "",
        parameters: Sequence[Any] = (),
    ) -> list[dict[str, Any]]:
        """Rows as JSON-ready mappings.

        `fields` are (name in the result, SQL expression, kind); `tail` is everything after FROM.
        """
        names = [name for name, _, _ in fields]
        selected = ", ".join(expression for _, expression, _ in fields)
        cursor = self._db.execute(
            f"SELECT {selected} FROM {quoted(entity.name)} {tail}",  # noqa: S608
            parameters,
        )
        found = [dict(zip(names, values, strict=True)) for values in cursor]
        for name, _, kind in fields:
            if kind == "boolean":
                for row in found:
                    if row[name] is not None:
                        row[name] = row[name] == 1
            elif kind == "json":
                for row in found:
                    if row[name] is not None:
                        row[name] = orjson.Fragment(row[name])
        return found

    def documents(
        self,
        entity: Entity,
        fields: Sequence[tuple[str, str, str]],
        tail: str = "",
        parameters: Sequence[Any] = (),
        beside: Sequence[str] = (),
    ) -> tuple[list[bytes], list[tuple]]:
        """Rows as JSON objects made by SQLite, and the values of the columns `beside`, per row.

        Twice as fast as `rows` and `orjson`; `fields` and `tail` as in `rows`.
        """
        pairs = ", ".join(
            f"'{name}', {_JSON.get(kind, '{0}').format(expression)}"
            for name, expression, kind in fields
        )
        others = "".join(f", {quoted(name)}" for name in beside)
        found = self._db.execute(
            f"SELECT CAST(json_object({pairs}) AS BLOB){others} "  # noqa: S608
            f"FROM {quoted(entity.name)} {tail}",
            parameters,
        ).fetchall()
        return [row[0] for row in found], [row[1:] for row in found]

    def scalars(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """The first column of a query written by a protocol module."""
        return [row[0] for row in self._db.execute(sql, parameters)]

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement on a protocol's own side table (a job list, for example)."""
        return self._db.execute(sql, parameters)

    def find(
        self, entity: Entity, column: str, value: Any, live: bool = False
    ) -> dict[str, Any] | None:
        """The stored row (SQLite values, with `_version`) whose `column` equals `value`.

        `live` leaves soft-deleted rows out.
        """
        alive = f" AND {quoted(entity.deleted)} = 0" if live and entity.deleted else ""
        cursor = self._db.execute(
            f"SELECT * FROM {quoted(entity.name)} "  # noqa: S608
            f"WHERE {quoted(column)} = ?{alive} LIMIT 1",
            (value,),
        )
        values = cursor.fetchone()
        names = [item[0] for item in cursor.description]
        return dict(zip(names, values, strict=True)) if values else None

    def count(self, entity: Entity) -> int:
        """Live rows, without asking the file."""
        counts = self.tally.counts
        change = counts[entity.name, "created"] - counts[entity.name, "deleted"]
        return self._counts[entity.name] + change

    def _counted(self, entity: Entity) -> int:
        where = f" WHERE {quoted(entity.deleted)} = 0" if entity.deleted else ""
        sql = f"SELECT count(*) FROM {quoted(entity.name)}{where}"  # noqa: S608
        return self._db.execute(sql).fetchone()[0]

    def insert(self, entity: Entity, values: Mapping[str, Any]) -> None:
        """Add a row; the store sets version, when and by whom. Raises `DuplicateError`."""
        row = dict(values) | self._stamp(entity)
        if entity.created:
            row[entity.created] = self.moment
        if entity.created_by:
            row[entity.created_by] = self.author
        names = ", ".join(quoted(name) for name in row)
        marks = ", ".join("?" * len(row))
        self._write(
            f"INSERT INTO {quoted(entity.name)} ({names}) VALUES ({marks})",  # noqa: S608
            list(row.values()),
        )
        self._note(entity, "created", values[entity.key])

    def update(self, entity: Entity, key: Any, values: Mapping[str, Any]) -> None:
        """Change a row; the store sets version, when and by whom. Raises `DuplicateError`."""
        row = dict(values) | self._stamp(entity)
        pairs = ", ".join(f"{quoted(name)} = ?" for name in row)
        self._write(
            f"UPDATE {quoted(entity.name)} SET {pairs} WHERE {quoted(entity.key)} = ?",  # noqa: S608
            [*row.values(), key],
        )
        self._note(entity, "updated", key)

    def delete(self, entity: Entity, key: Any) -> None:
        """Remove a row, softly where the entity has a flag; the change log keeps the key."""
        if entity.deleted:
            self.update(entity, key, {entity.deleted: 1})
            self._pending.pop()
        else:
            self._db.execute(
                f"DELETE FROM {quoted(entity.name)} WHERE {quoted(entity.key)} = ?",  # noqa: S608
                (key,),
            )
            self._db.execute(
                "INSERT INTO _deleted (entity, key, version) VALUES (?, ?, ?)",
                (entity.name, key, self._step()),
            )
        self._note(entity, "deleted", key)

    def _stamp(self, entity: Entity) -> dict[str, Any]:
        stamp = {"_version": self._step(), entity.modified: self.moment}
        return stamp | ({entity.modified_by: self.author} if entity.modified_by else {})

    def _write(self, sql: str, parameters: Sequence[Any]) -> None:
        try:
            self._db.execute(sql, parameters)
        except sqlite3.IntegrityError as error:
            raise DuplicateError(str(error).rpartition(".")[2]) from None

    def _step(self) -> int:
        if not self._depth:
            raise RuntimeError("a write needs a transaction")
        self.version += 1
        return self.version

    def _note(self, entity: Entity, action: str, key: Any) -> None:
        self._pending.append(Write(self.moment, entity.name, action, str(key)))


def plain_fields(chosen: Sequence[Column]) -> list[tuple[str, str, str]]:
    """Fields for `Store.rows` that show columns under their own names."""
    return [(column.name, quoted(column.name), column.kind) for column in chosen]
