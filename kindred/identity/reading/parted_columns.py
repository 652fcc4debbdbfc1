"""Parted columns: what one column holds of several, put where it belongs.

Belongs here: reading columns so. Does not belong here: what is parted, and where
(`whole_addresses`, `bounded_names`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import Columns, readable

Parts = dict[str, pa.Array]
"""By column, the values of some records."""


class PartedColumns:
    """The same columns, where one that holds several in some records is parted in these."""

    def __init__(
        self,
        columns: Columns,
        whole: str,
        into: Sequence[str],
        signs: Sequence[str],
        parted: Callable[[pa.Array], Parts],
    ) -> None:
        """into: the columns that are concerned, `whole` among them. signs: of which a text that can
        be parted has one. parted: what belongs into each column for such texts; null in the last
        one where it isn't sure.

        A record is parted only if it has nothing in the other columns.
        """
        self.names = columns.names
        self._columns, self._whole, self._into = columns, whole, into
        self._signs, self._part = signs, parted
        self._lock = Lock()
        self._found: tuple[np.ndarray, Parts] | None = None

    def raw(self, name: str) -> pa.ChunkedArray:
        """A column as it is, but for what was parted."""
        column = self._columns.raw(name)
        if name not in self._into or self._whole not in self.names:
            return column
        with self._lock:
            if self._found is None:
                whole = column if name == self._whole else self._columns.raw(self._whole)
                self._found = self._parts(as_text(whole))
        rows, parts = self._found
        if not rows.any():
            return column
        text = as_text(column).combine_chunks()
        return pa.chunked_array([pc.replace_with_mask(text, pa.array(rows), parts[name])])

    def _parts(self, texts: pa.ChunkedArray) -> tuple[np.ndarray, Parts]:
        """True per record that is parted, and the parts of these."""
        none = np.zeros(0, bool), {}
        if not pa.types.is_string(texts.type):
            return none
        rows = pa.chunked_array([np.zeros(len(texts), bool)])
        for sign in self._signs:
            rows = pc.or_(rows, pc.fill_null(pc.match_substring(texts, sign), False))
        if not pc.any(rows).as_py():
            return none
        for name in self._into:
            own = as_text(self._columns.raw(name))
            if not pa.types.is_string(own.type):
                return none
            if name != self._whole:
                empty = pc.equal(pc.fill_null(pc.utf8_trim_whitespace(own), ""), "")
                rows = pc.and_(rows, empty)
        parts = self._part(texts.filter(rows).combine_chunks())
        known = pc.is_valid(parts[self._into[-1]])
        found = rows.to_numpy()
        found[found] = known.to_numpy(zero_copy_only=False)
        return found, {name: part.filter(known) for name, part in parts.items()}


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with its values, coded or not, as text where they are."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if pa.types.is_null(column.type) or pa.types.is_large_string(column.type):
        column = column.cast(pa.string())
    return readable(column) if pa.types.is_string(column.type) else column
