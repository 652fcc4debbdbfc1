"""Reading the columns of a Parquet file, one by one.

Belongs here: what Parquet and Arrow can store and text can't, and damaged files. Does not belong
here: which columns are ours (`files`), and values (`reading`).
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kindred.identity.codes.columns import InputError, is_utf8

FEW_VALUES = ("given_name", "middle_name", "gender", "city", "country_code", "source_system")
"""Columns whose values repeat so often that the codes of a Parquet file are worth taking over."""

UUID_BYTES = 16
AS_TEXT = pc.CastOptions(target_type=pa.string(), allow_invalid_utf8=True)
DAMAGED = (pa.ArrowException, OSError, ValueError, LookupError, TypeError, OverflowError)
"""What reading a damaged file may raise: the reader believes lengths and places that it finds."""


class ParquetFile:
    """The columns of a Parquet file, read one by one, so that no two need be in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with self._opened() as file:
                self.names = file.schema_arrow.names
                self.rows = file.metadata.num_rows
        except DAMAGED as error:
            raise InputError(f"{path} is no Parquet file that can be read") from error

    def read(self, name: str) -> pa.ChunkedArray:
        """A column as text, numbers or dates; nested ones as they are."""
        try:
            return as_plain(self._column(name))
        except DAMAGED as error:
            raise InputError(
                f"{self.path}: the column {name} can't be read; the file looks damaged"
            ) from error

    def _column(self, name: str) -> pa.ChunkedArray:
        if name in FEW_VALUES:
            try:
                return self._read(name, coded=True)
            except DAMAGED:  # nested columns and some encodings have no codes to take over
                pass
        return self._read(name, coded=False)

    def _read(self, name: str, *, coded: bool) -> pa.ChunkedArray:
        with self._opened([name] if coded else None) as file:
            column = file.read(columns=[name], use_threads=False).column(0)
        if len(column) != self.rows:
            raise ValueError("columns of several lengths")
        column.validate(full=coded)
        return column

    def _opened(self, coded: list[str] | None = None) -> pq.ParquetFile:
        """The file; Arrow takes the bytes of a path for names that are no UTF-8."""
        source = pa.OSFile(os.fsencode(self.path))
        return pq.ParquetFile(source, read_dictionary=coded)


def as_plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in a type that has a text: no extension, no half precision, no bytes of a UUID."""
    is_uuid = isinstance(column.type, pa.UuidType)
    if isinstance(column.type, pa.BaseExtensionType):
        storage = [chunk.storage for chunk in column.chunks]
        column = pa.chunked_array(storage, column.type.storage_type)
    if pa.types.is_float16(column.type):
        return column.cast(pa.float32())
    if column.type == pa.binary(UUID_BYTES) and (is_uuid or not _is_text(column)):
        ids = [value and str(uuid.UUID(bytes=value)) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(ids, pa.string())])
    return column


def _is_text(column: pa.ChunkedArray) -> bool:
    return is_utf8(column.cast(options=AS_TEXT))
