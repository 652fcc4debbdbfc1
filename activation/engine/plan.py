"""What a sync would do: the difference between its audience and what was acknowledged.

Belongs here: one bucket for every row, computed for all rows at once, from tables alone. Does not
belong here: reading those tables, sending, the clock (all are arguments).

Every key falls into exactly one bucket:

- audience rows: `create`, `update`, `unchanged`, `suppressed` (may not be contacted), `waiting`
  (refused before with the same content; its time hasn't come), `leave` or `delete` (may no longer
  be contacted, and the destination still holds it);
- rows that the destination holds for this sync and that left the audience: `leave` or `delete`
  when the sync acts on leaving, or `waiting`. Where it doesn't act they are not queried at all.

So `queried` = audience rows + acknowledged rows outside the audience that need an action.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from activation.engine.errors import SyncError
from activation.engine.spec import ANY, KEY_COLUMN, Sync
from kindred.ledger import Ledger

CREATE, UPDATE, DELETE, LEAVE = "create", "update", "delete", "leave"
UNCHANGED, SUPPRESSED, WAITING = "unchanged", "suppressed", "waiting"
TO_SEND = (CREATE, UPDATE, DELETE, LEAVE)
IN_FLIGHT = "in flight"
FIELD_HASH = 12
"""Hexadecimal digits per field: 48 bits, so that a change is never taken for none."""
VALUE = "f{}"


@dataclass(frozen=True)
class Known:
    """What the ledger knows about a sync before it plans."""

    acknowledged: pa.Table
    rejections: pa.Table

    @classmethod
    def of(cls, ledger: Ledger, sync: str) -> Self:
        """Read it. A row whose creation was begun and never answered counts as there, perhaps."""
        acknowledged, begun = ledger.acknowledged(sync), ledger.in_flight(sync)
        if begun:
            begun -= set(acknowledged["key"].to_pylist())
        unsure = {"row_hash": IN_FLIGHT, "field_hashes": "", "fields_id": "", "present": True}
        rows = [unsure | {"key": key, "created_by_us": True} for key in sorted(begun)]
        begun_rows = pa.Table.from_pylist(rows, acknowledged.schema)
        return cls(pa.concat_tables([acknowledged, begun_rows]), ledger.rejections(sync))


@dataclass(frozen=True)
class Plan:
    """What to do with every row.

    `rows`, one per key: `key`, `bucket`, `destination_id`, `row_hash`, `field_hashes`,
    `created_by_us`, `acknowledged` (an answer was kept before), `attempts` (refusals so far of this
    same content) and `changed` (1-based numbers of the sync's `target_fields`; null: all).
    `values`: `key` and the mapped fields `f0`, `f1`, ... of the audience.
    `present`: rows that the destination held before. `handed_over`: keys whose destination row now
    belongs to another key. `settled`: refusals that no longer matter.
    """

    sync: Sync
    rows: pa.Table
    values: pa.Table
    queried: int
    present: int
    handed_over: list[str]
    settled: list[str]

    @property
    def counts(self) -> Counter[str]:
        """Rows per bucket."""
        counted = pc.value_counts(self.rows["bucket"])
        return Counter({item["values"]: item["counts"] for item in counted.to_pylist()})

    def to_send(self, *buckets: str) -> pa.Table:
        """Rows of these buckets with their values, ordered by key."""
        chosen = self.rows.filter(pc.is_in(self.rows["bucket"], pa.array(buckets))).sort_by("key")
        found = pc.index_in(chosen["key"], self.values["key"])
        for name in self.values.column_names[1:]:
            chosen = chosen.append_column(name, self.values[name].take(found))
        return chosen

    def field_changes(self) -> dict[str, int]:
        """How many updates change each field, the most frequent first; zeros are left out."""
        updates = self.rows.filter(pc.equal(self.rows["bucket"], UPDATE))
        listed = pc.value_counts(pc.list_flatten(updates["changed"])).to_pylist()
        counted = Counter({item["values"]: item["counts"] for item in listed})
        whole = pc.sum(pc.is_null(updates["changed"])).as_py() or 0
        names = self.sync.target_fields
        totals = {name: counted[number] + whole for number, name in enumerate(names, 1)}
        ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        return {name: count for name, count in ranked if count}


def plan(
    sync: Sync, audience: pa.Table, contactability: pa.Table, known: Known, now: dt.datetime
) -> Plan:
    """Compare `audience` (`customer_id` and the mapped columns) with what is `known`.

    `contactability`: `customer_id`, `channel`, `purpose`, `allowed`; a customer who isn't in it
    may not be contacted. `now` is naive UTC. Raises `SyncError` when the audience lacks a column,
    has a row without customer id, or names a customer or a destination row twice.
    """
    values = mapped(sync, audience)
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        con.register("audience", values)
        con.register("contactability", contactability)
        con.register("acknowledged", known.acknowledged)
        con.register("rejections", known.rejections)
        _refuse_ambiguity(con, sync)
        _hash_rows(con, sync)
        _allowed(con, sync)
        _compare(con, sync)
        _leavers(con, sync)
        _wait(con, sync, now)
        final = _FINAL.format(fields=_field_hashes(sync), width=FIELD_HASH)
        rows = con.sql(final, params={"fields_id": sync.fields_id}).to_arrow_table()
        present = con.execute("SELECT count(*) FROM acknowledged WHERE present").fetchall()[0][0]
        handed = con.execute("SELECT key FROM handed_over ORDER BY key").fetchall()
        settled = con.execute(_SETTLED).fetchall()
        queried = len(audience) + con.execute("SELECT count(*) FROM leavers").fetchall()[0][0]
    return Plan(
        sync=sync,
        rows=rows,
        values=values.drop_columns(["destination_id"]),
        queried=queried,
        present=present,
        handed_over=[key for (key,) in handed],
        settled=[key for (key,) in settled],
    )


def mapped(sync: Sync, audience: pa.Table) -> pa.Table:
    """`key`, `destination_id` and the target fields as `f0`, `f1`, ..., empty text as null."""
    wanted = [KEY_COLUMN, *sync.fields.values(), *filter(None, [sync.destination_id])]
    missing = sorted(set(wanted) - set(audience.column_names))
    if missing:
        raise SyncError(f"{sync.name}: audience {sync.audience} has no column {', '.join(missing)}")
    size = len(audience)
    columns = {"key": audience[KEY_COLUMN].cast(pa.string())}
    columns["destination_id"] = (
        _tidy(audience[sync.destination_id].cast(pa.string()))
        if sync.destination_id
        else pa.nulls(size, pa.string())
    )
    for number, field in enumerate(sync.target_fields):
        if field in sync.fields:
            column = _tidy(audience[sync.fields[field]])
        else:
            column = pa.repeat(pa.scalar(sync.constants[field]), size)
        columns[VALUE.format(number)] = column
    return pa.table(columns)


def _tidy(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists become text joined by ';', empty text becomes null."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = column.cast(pa.string())
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    return column


def _refuse_ambiguity(con: duckdb.DuckDBPyConnection, sync: Sync) -> None:
    [(rows, empty, keys)] = con.execute(
        "SELECT count(*), count(*) FILTER (key IS NULL), count(DISTINCT key) FROM audience"
    ).fetchall()
    if empty or keys != rows:
        raise SyncError(
            f"{sync.name}: audience {sync.audience} must have one row per customer_id, but of its "
            f"{rows} rows {empty} have none and {rows - empty - keys} repeat another's"
        )
    twice = con.execute(
        "SELECT min(key), max(key) FROM audience WHERE destination_id IS NOT NULL "
        "GROUP BY destination_id HAVING count(*) > 1 ORDER BY 1"
    ).fetchall()
    if twice:
        raise SyncError(
            f"{sync.name}: in audience {sync.audience} {len(twice)} values of "
            f"{sync.destination_id} stand for several customers, first {twice[0][0]} "
            f"and {twice[0][1]}"
        )


def _hash_rows(con: duckdb.DuckDBPyConnection, sync: Sync) -> None:
    """One fingerprint per row, salted with its key; md5 because DuckDB's own hash may change."""
    values = [_text(n) for n in range(len(sync.target_fields))]
    con.execute(
        f"CREATE TEMP TABLE wanted AS SELECT key, destination_id, "  # noqa: S608 (own names only)
        f"md5(concat_ws(chr(31), $fields_id, key, {', '.join(values)})) AS row_hash FROM audience",
        {"fields_id": sync.fields_id},
    )


def _text(number: int) -> str:
    return f"coalesce(CAST({VALUE.format(number)} AS VARCHAR), chr(0))"


def _field_hashes(sync: Sync) -> str:
    """SQL: the fingerprints of all fields of row `a`, one after the other."""
    pieces = [
        f"left(md5(concat_ws(chr(31), a.key, '{n}', "
        f"coalesce(CAST(a.{VALUE.format(n)} AS VARCHAR), chr(0)))), {FIELD_HASH})"
        for n in range(len(sync.target_fields))
    ]
    return f"concat({', '.join(pieces)})"


def _allowed(con: duckdb.DuckDBPyConnection, sync: Sync) -> None:
    con.execute(
        "CREATE TEMP TABLE allowed AS SELECT DISTINCT customer_id AS key FROM contactability "
        "WHERE allowed AND ($channel = $any OR channel = $channel) "
        "AND ($purpose = $any OR purpose = $purpose)",
        {"channel": sync.channel, "purpose": sync.purpose, "any": ANY},
    )


def _compare(con: duckdb.DuckDBPyConnection, sync: Sync) -> None:
    """The bucket of every audience row, before refusals are looked at.

    A row keeps the destination row that acknowledged it, unless the audience now says that this
    destination row is another customer's (`lost`). `held`: the destination row holds data of this
    sync, sent under this key or, before two customers became one, under another.
    """
    con.execute(
        """
        CREATE TEMP TABLE joined AS
        SELECT w.key, w.row_hash, k.row_hash AS old_hash, k.field_hashes AS old_fields,
            k.fields_id AS old_fields_id, k.key IS NOT NULL AS acknowledged,
            claimed.key IS NOT NULL AS lost,
            coalesce(k.present AND claimed.key IS NULL, false) AS present,
            coalesce(k.created_by_us AND claimed.key IS NULL, false) AS created_by_us,
            CASE WHEN claimed.key IS NULL THEN coalesce(k.destination_id, w.destination_id)
                ELSE w.destination_id END AS destination_id,
            allowed.key IS NOT NULL AS is_allowed
        FROM wanted w
        LEFT JOIN acknowledged k ON k.key = w.key
        LEFT JOIN wanted claimed
            ON claimed.destination_id = k.destination_id AND claimed.key <> w.key
        LEFT JOIN allowed ON allowed.key = w.key
        """
    )
    con.execute(
        """
        CREATE TEMP TABLE compared AS
        WITH holding AS (
            SELECT destination_id, bool_or(created_by_us) AS ours FROM acknowledged
            WHERE present AND destination_id IS NOT NULL GROUP BY destination_id
        ),
        judged AS (
            SELECT j.* EXCLUDE (created_by_us), coalesce(h.ours, j.created_by_us) AS created_by_us,
                j.present OR h.destination_id IS NOT NULL AS held
            FROM joined j LEFT JOIN holding h ON h.destination_id = j.destination_id
        )
        SELECT *, CASE
            WHEN NOT is_allowed AND held AND $leaving = 'delete' AND created_by_us THEN 'delete'
            WHEN NOT is_allowed AND held AND $leaving LIKE 'leave:%' THEN 'leave'
            WHEN NOT is_allowed THEN 'suppressed'
            WHEN present AND old_hash = row_hash THEN 'unchanged'
            WHEN $mode = 'append' THEN 'create'
            WHEN $mode = 'create_only' AND coalesce(old_hash, '') <> $in_flight
                AND (held OR destination_id IS NOT NULL) THEN 'unchanged'
            WHEN $mode = 'create_only' THEN 'create'
            WHEN old_hash = $in_flight AND destination_id IS NULL THEN 'create'
            WHEN $mode = 'update_only' OR held OR destination_id IS NOT NULL THEN 'update'
            ELSE 'create' END AS bucket
        FROM judged
        """,
        {"leaving": sync.leave_hash, "mode": sync.mode.value, "in_flight": IN_FLIGHT},
    )


def _leavers(con: duckdb.DuckDBPyConnection, sync: Sync) -> None:
    """Acknowledged rows that left the audience and need an action.

    A destination row that a customer of the audience now stands for (two customers became one) is
    handed over to that one instead.
    """
    con.execute(
        """
        CREATE TEMP TABLE outside AS
        SELECT k.key, k.destination_id, k.created_by_us,
            k.destination_id IN (
                SELECT destination_id FROM compared WHERE destination_id IS NOT NULL
            ) AS claimed
        FROM acknowledged k ANTI JOIN wanted w ON w.key = k.key
        WHERE k.present
        """
    )
    con.execute(
        """
        CREATE TEMP TABLE leavers AS
        SELECT key, destination_id, created_by_us,
            CASE $leaving WHEN 'delete' THEN 'delete' ELSE 'leave' END AS bucket
        FROM outside
        WHERE claimed IS NOT TRUE AND $leaving <> 'keep'
            AND ($leaving <> 'delete' OR created_by_us)
        """,
        {"leaving": sync.leave_hash},
    )
    con.execute(
        """
        CREATE TEMP TABLE handed_over AS
        SELECT key FROM outside WHERE claimed
        UNION ALL
        SELECT k.key FROM joined j JOIN acknowledged k ON k.key = j.key WHERE j.lost AND k.present
        """
    )


def _wait(con: duckdb.DuckDBPyConnection, sync: Sync, now: dt.datetime) -> None:
    """All keys with what would be sent, and who of them waits for a later attempt."""
    con.execute(
        """
        CREATE TEMP TABLE intended AS
        WITH every AS (
            SELECT key, bucket, destination_id, created_by_us, acknowledged,
                present AS same_row, old_fields, old_fields_id,
                CASE WHEN bucket IN ('leave', 'delete') THEN $leaving ELSE row_hash END AS row_hash
            FROM compared
            UNION ALL
            SELECT key, bucket, destination_id, created_by_us, true, true, NULL, NULL, $leaving
            FROM leavers
        )
        SELECT e.* EXCLUDE (bucket), coalesce(r.attempts, 0) AS attempts,
            CASE WHEN e.bucket IN ('create', 'update', 'leave', 'delete')
                AND r.next_attempt_at > $now THEN 'waiting' ELSE e.bucket END AS bucket
        FROM every e
        LEFT JOIN rejections r ON r.key = e.key AND r.row_hash = e.row_hash
        """,
        {"leaving": sync.leave_hash, "now": now},
    )


_FINAL = """
SELECT i.key, i.bucket, i.destination_id, i.row_hash, i.created_by_us, i.acknowledged, i.attempts,
    coalesce(h.field_hashes, '') AS field_hashes,
    CASE WHEN i.bucket = 'update' AND i.same_row AND i.old_fields_id = $fields_id
        AND length(i.old_fields) = length(h.field_hashes) THEN
        list_filter(range(1, CAST(length(h.field_hashes) / {width} AS BIGINT) + 1), lambda n:
            substr(h.field_hashes, {width} * (n - 1) + 1, {width})
            <> substr(i.old_fields, {width} * (n - 1) + 1, {width}))
    END AS changed
FROM intended i
LEFT JOIN (
    SELECT a.key, {fields} AS field_hashes
    FROM audience a
    SEMI JOIN (SELECT key FROM intended WHERE bucket IN ('create', 'update')) s ON s.key = a.key
) h ON h.key = i.key
"""

_SETTLED = """
SELECT r.key FROM rejections r
LEFT JOIN intended i ON i.key = r.key
WHERE i.key IS NULL OR i.bucket IN ('unchanged', 'suppressed')
ORDER BY r.key
"""
