"""Queries over small tables in memory, by a private engine.

Belongs here: the engine, and asking it the same question about many rows or about a few. Does not
belong here: the questions (`normal_forms`, `agreement`, `dates`).
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import numpy as np
import pyarrow as pa

FEW = 64
"""So many values are read, coded and compared in Python, without a query."""

_ENGINE = duckdb.connect(config={"threads": 1})


def connect() -> duckdb.DuckDBPyConnection:
    """A cursor of the private in-memory engine; every thread takes its own.

    Opening an engine costs 24 ms, a cursor of one nothing.
    """
    return _ENGINE.cursor()


def few(values: pa.Array) -> list[str | None] | None:
    """The texts, where they are so few that Python is faster than a query, and all in ASCII."""
    if len(values) > FEW:
        return None
    texts = values.to_pylist()
    return texts if all(text is None or text.isascii() for text in texts) else None


def answer(given: pa.Table, query: str, kind: pa.DataType) -> pa.Array:
    """What a query says of each row.

    given: rows with a number `r` that ascends, and text columns. query: reads them as the table
    `t`, and gives `r` and one more column, of type `kind`.
    """
    with _planned(tuple(given.column_names)) as planned:
        found = in_order(planned.answer(given, query))
    return found.column(1).combine_chunks().cast(kind)


def in_order(table: pa.Table) -> pa.Table:
    """The rows in the order of their column `r`; an engine may hand them out in any."""
    rows = table.column("r").to_numpy()
    if (rows[1:] > rows[:-1]).all():
        return table
    return table.take(pa.array(np.argsort(rows)))


class _Planned:
    """The same queries over tables of one shape, planned once.

    Planning takes 5 to 12 ms per query: of a day's changes, which ask fifty, a quarter.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        """columns: the number `r`, then texts."""
        types = [pa.int32(), *(pa.string() for _ in columns[1:])]
        self._nothing = pa.schema(zip(columns, types, strict=True)).empty_table()
        self._given = _Given(self._nothing)
        self._names: dict[str, str] = {}
        self._con = connect()
        self._con.register("t", self._given)
        atexit.register(self._con.close)

    def answer(self, given: pa.Table, query: str) -> pa.Table:
        """What the query makes of the given rows, in any order."""
        if query not in self._names:
            self._con.execute(f"prepare query_{len(self._names)} as {query}")
            self._names[query] = f"query_{len(self._names)}"
        self._given.table = given
        try:
            return self._con.sql(f"execute {self._names[query]}").to_arrow_table()
        finally:
            self._given.table = self._nothing


class _Given:
    """A table that an engine reads anew whenever it runs a query, whatever it holds by then."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_schema__(self) -> object:
        return self.table.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


_FREE: dict[tuple[str, ...], list[_Planned]] = {}
"""Planned queries that no thread is using, by the columns that they read."""


@contextmanager
def _planned(columns: tuple[str, ...]) -> Iterator[_Planned]:
    free = _FREE.setdefault(columns, [])
    try:
        mine = free.pop()  # lists are safe between threads
    except IndexError:
        mine = _Planned(columns)
    yield mine
    free.append(mine)
