"""A system's first state, made from the company's Parquet files.

Belongs here: Parquet to SQLite, once, all or nothing. Does not belong here: inventing data.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from ingestion.sandbox.servers.entities import Column, Entity
from ingestion.sandbox.servers.store import SQL_TYPES, quoted

FETCH = 20_000
START = "1970-01-01T00:00:00.000"


def seed(
    state: Path, systems: Path, entities: Sequence[Entity], suffix: str = "Z"
) -> tuple[Entity, ...]:
    """Make `state` from `systems/<Entity>.parquet` unless it exists; return the entities in full.

    A column that the Parquet file has and the entity doesn't declare is added to the entity (a
    company's own custom field). A missing file means an empty table. Raises `ValueError` naming
    file and column when a key is null or twice.
    """
    if state.exists():
        return _remembered(state, entities)
    with duckdb.connect() as duck:
        duck.execute("SET TimeZone = 'UTC'")
        duck.execute("SET enable_progress_bar = false")
        full = tuple(_with_custom_columns(duck, systems, entity) for entity in entities)
        state.parent.mkdir(parents=True, exist_ok=True)
        unfinished = state.with_name(state.name + ".new")
        unfinished.unlink(missing_ok=True)
        db = sqlite3.connect(unfinished, isolation_level=None)
        try:
            _fill(_Seeding(db, duck, systems, suffix), full)
        finally:
            db.close()
        unfinished.replace(state)
    return full


@dataclass(frozen=True)
class _Seeding:
    """Where rows go, where they come from, and the ending of a time's text."""

    db: sqlite3.Connection
    duck: duckdb.DuckDBPyConnection
    systems: Path
    suffix: str


def _fill(work: _Seeding, entities: Sequence[Entity]) -> None:
    db = work.db
    db.execute("PRAGMA journal_mode=OFF")
    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN")
    db.execute("CREATE TABLE _clock (version INTEGER NOT NULL, moment TEXT NOT NULL)")
    db.execute("CREATE TABLE _deleted (entity TEXT, key TEXT, version INTEGER PRIMARY KEY)")
    db.execute("CREATE TABLE _columns (entity TEXT, name TEXT, kind TEXT)")
    columns = [(e.name, column.name, column.kind) for e in entities for column in e.columns]
    db.executemany("INSERT INTO _columns VALUES (?, ?, ?)", columns)
    version, moment = 0, START + work.suffix
    for entity in entities:
        _create(db, entity)
        version = _load(work, entity, version)
        _index(db, entity, work.systems)
        newest = f"SELECT max({quoted(entity.modified)}) FROM {quoted(entity.name)}"  # noqa: S608
        moment = max(moment, db.execute(newest).fetchone()[0] or moment)
    db.execute("INSERT INTO _clock VALUES (?, ?)", (version, moment))
    db.execute("COMMIT")


def _create(db: sqlite3.Connection, entity: Entity) -> None:
    body = ["_version INTEGER NOT NULL"]
    for column in entity.columns:
        declared = f"{quoted(column.name)} {SQL_TYPES.get(column.kind, 'TEXT')}"
        if column.name in entity.required:
            declared += " NOT NULL"
        elif column.kind == "text" and entity.fold_case:
            declared += " COLLATE NOCASE"
        if column.name == entity.deleted:
            declared += " NOT NULL DEFAULT 0"
        body.append(declared)
    db.execute(f"CREATE TABLE {quoted(entity.name)} ({', '.join(body)})")


def _index(db: sqlite3.Connection, entity: Entity, systems: Path) -> None:
    alive = f" WHERE {quoted(entity.deleted)} = 0" if entity.deleted else ""
    wanted = [("UNIQUE", entity.key, "")]
    wanted += [("UNIQUE", name, alive) for name in entity.alternate]
    wanted += [("", name, "") for name in entity.lookups]
    for unique, name, where in wanted:
        index, column = quoted(f"{entity.name}_{name}"), quoted(name)
        try:
            db.execute(f"CREATE {unique} INDEX {index} ON {quoted(entity.name)} ({column}){where}")
        except sqlite3.IntegrityError:
            path = _parquet(systems, entity)
            raise ValueError(f"{path}: column {name} holds a value twice") from None
    table, modified, key = quoted(entity.name), quoted(entity.modified), quoted(entity.key)
    db.execute(f"CREATE INDEX {quoted(entity.name + '_paging')} ON {table} ({modified}, {key})")
    db.execute(f"CREATE UNIQUE INDEX {quoted(entity.name + '_version')} ON {table} (_version)")


def _load(work: _Seeding, entity: Entity, version: int) -> int:
    path = _parquet(work.systems, entity)
    if path is None:
        return version
    present = _parquet_types(work.duck, path)
    chosen = [column for column in entity.columns if column.name in present]
    selected = [_expression(entity, column, present, work.suffix) for column in chosen]
    cursor = work.duck.execute(f"SELECT {', '.join(selected)} FROM read_parquet(?)", [str(path)])  # noqa: S608

    def numbered() -> Iterator[tuple]:
        nonlocal version
        while rows := cursor.fetchmany(FETCH):
            for row in rows:
                version += 1
                yield (version, *row)

    names = ", ".join(["_version", *(quoted(column.name) for column in chosen)])
    marks = ", ".join("?" * (len(chosen) + 1))
    try:
        work.db.executemany(
            f"INSERT INTO {quoted(entity.name)} ({names}) VALUES ({marks})",  # noqa: S608
            numbered(),
        )
    except sqlite3.IntegrityError as error:
        raise ValueError(f"{path}: {error}") from None
    return version


def _expression(entity: Entity, column: Column, present: dict[str, str], suffix: str) -> str:
    name = quoted(column.name)
    if column.kind == "time":
        text = f"strftime(CAST({name} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g') || '{suffix}'"
        if column.name == entity.modified:
            return f"coalesce({text}, '{START}{suffix}')"
        return text
    if column.kind == "date":
        return f"strftime(CAST({name} AS DATE), '%Y-%m-%d')"
    if column.kind == "boolean":
        fallback = ", 0" if column.name == entity.deleted else ", NULL"
        return f"coalesce(CAST(CAST({name} AS BOOLEAN) AS TINYINT){fallback})"
    if column.kind == "json" and present[column.name] != "VARCHAR":
        return f"CAST(to_json({name}) AS VARCHAR)"
    cast = {"integer": "BIGINT", "double": "DOUBLE"}.get(column.kind, "VARCHAR")
    return f"CAST({name} AS {cast})"


def _parquet(systems: Path, entity: Entity) -> Path | None:
    for path in sorted(systems.glob("*.parquet")):
        if path.stem.lower() == entity.name.lower():
            return path
    return None


def _parquet_types(duck: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    described = duck.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    return {row[0]: row[1] for row in described}


def _with_custom_columns(duck: duckdb.DuckDBPyConnection, systems: Path, entity: Entity) -> Entity:
    path = _parquet(systems, entity)
    if path is None:
        return entity
    types = _parquet_types(duck, path)
    return _extended(entity, [Column(name, _kind(kind)) for name, kind in types.items()])


def _remembered(state: Path, entities: Sequence[Entity]) -> tuple[Entity, ...]:
    db = sqlite3.connect(state)
    try:
        kept = db.execute("SELECT entity, name, kind FROM _columns ORDER BY rowid").fetchall()
    finally:
        db.close()
    return tuple(
        _extended(
            entity, [Column(name, kind) for owner, name, kind in kept if owner == entity.name]
        )
        for entity in entities
    )


def _extended(entity: Entity, found: Sequence[Column]) -> Entity:
    custom = tuple(column for column in found if column.name not in entity.by_name)
    return replace(entity, columns=entity.columns + custom) if custom else entity


def _kind(sql_type: str) -> str:
    if "[" in sql_type or sql_type.startswith(("STRUCT", "MAP")):
        return "json"
    if sql_type.startswith("TIMESTAMP"):
        return "time"
    if sql_type in {"DOUBLE", "FLOAT"} or sql_type.startswith("DECIMAL"):
        return "double"
    return {"BOOLEAN": "boolean", "DATE": "date", "BIGINT": "integer", "INTEGER": "integer"}.get(
        sql_type, "text"
    )
