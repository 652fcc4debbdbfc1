"""Reading a CSV file of any program as a table of texts.

Belongs here: delimiters, alphabets, quotation marks, and what is wrong with a file. Does not belong
here: which of its columns are ours (`files`).
"""

from __future__ import annotations

import codecs
import csv
import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from kindred.identity.codes.columns import InputError

BLOCK = 64 << 20
"""Bytes of CSV that are read at once: no line may be longer."""

HEAD = 1 << 20
"""Bytes of CSV in which the line with the names is looked for."""
BROKEN = "utf8 with other bytes"
"""How a file is read that is UTF-8 but for some values: these are read as Parquet's are."""
ASCII, WIDE = bytes(range(128)), bytes(range(128, 256))
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
GZIP = b"\x1f\x8b"
"""How a file begins that is packed with gzip."""


def read_csv(path: Path) -> pa.Table:
    """A CSV file as a table of texts, packed with gzip or not. Raises `InputError`."""
    try:
        return _read(path)
    except OSError as error:
        raise InputError(f"{path} can't be read; it looks damaged") from error


def _read(path: Path) -> pa.Table:
    with _opened(path) as file:
        head, is_all = file.read(HEAD), not file.read(1)
    is_utf16 = head.startswith(UTF16_MARKS)
    text = head.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")
    header, *rest = re.split(r"[\r\n]+", text.lstrip("\r\n"), maxsplit=1)
    if not header:
        raise InputError(f"{path} is empty: it needs a line with the names of the columns")
    delimiter = max(",;\t|", key=re.sub('"[^"]*"', "", header).count)
    if not is_utf16 and "\0" in header:
        raise InputError(f"{path} is no CSV file: it holds bytes that no text has")
    if is_all and not any(rest):  # the parser wants a line after it
        row = csv.reader([header], delimiter=delimiter)
        return pa.table({name: pa.array([], pa.string()) for name in next(row)})
    return _table(path, delimiter, "utf16" if is_utf16 else "utf8")


def _table(path: Path, delimiter: str, encoding: str) -> pa.Table:
    """The table of a CSV file; what isn't all UTF-8 is read in another way."""
    try:
        table = _parsed(path, delimiter, encoding)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        is_no_text = isinstance(error, UnicodeDecodeError) or "UTF8" in str(error)
        if is_no_text and encoding == "utf8":
            return _table(path, delimiter, "latin1" if _is_hardly_utf8(path) else BROKEN)
        raise InputError(
            f"{path} is no readable CSV file: {_reason(path, delimiter, encoding)}"
        ) from error
    _check_quotes(path, table)
    return table


def _is_hardly_utf8(path: Path) -> bool:
    """Whether most bytes outside ASCII are no UTF-8: one wrong byte makes no other alphabet."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    wide = valid = 0
    with _opened(path) as file:
        for part in iter(lambda: file.read(HEAD), b""):
            wide += len(part) - len(part.translate(None, WIDE))
            text = decoder.decode(part)
            valid += 0 if text.isascii() else len(text.encode().translate(None, ASCII))
    return 2 * valid < wide


def _reason(path: Path, delimiter: str, encoding: str) -> str:
    """Why the parser gives up, with the row, which it counts only when it reads on one thread."""
    try:
        _parsed(path, delimiter, encoding, use_threads=False)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if encoding == BROKEN and isinstance(error, UnicodeDecodeError):
            return "the names of its columns hold bytes that are no UTF-8 text"
        row, rest = re.match(r"(?:[^:]*: )?(Row #\d+: )?(.*)", str(error), re.DOTALL).groups()
        return (row or "").replace("Row #", "row ") + rest.partition(":")[0]
    raise AssertionError("it gave up with threads")


def _check_quotes(path: Path, table: pa.Table) -> None:
    """A quotation mark that is never closed would take the rest of the file into one value."""
    last = table.slice(max(len(table) - 1, 0))
    values = [value.as_buffer() for column in last.columns for value in column]
    if any(value and b"\n" in value.to_pybytes() for value in values):
        with _opened(path) as file:
            marks = sum(part.count(b'"') for part in iter(lambda: file.read(BLOCK), b""))
        if marks % 2:
            raise InputError(f"{path} is no readable CSV file: a quotation mark is never closed")


def _parsed(path: Path, delimiter: str, encoding: str, *, use_threads: bool = True) -> pa.Table:
    is_broken = encoding == BROKEN
    read = pyarrow.csv.ReadOptions(
        use_threads=use_threads, block_size=BLOCK, encoding="utf8" if is_broken else encoding
    )
    parse = pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    with (
        _opened(path) as file,
        pyarrow.csv.open_csv(file, read_options=read, parse_options=parse) as reader,
    ):
        names = reader.schema.names
    convert = pyarrow.csv.ConvertOptions(
        check_utf8=not is_broken,
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],  # NA is a country: what else stands for nothing, the rules' bypass says
        strings_can_be_null=True,
    )
    with _opened(path) as file:
        return pyarrow.csv.read_csv(
            file, read_options=read, parse_options=parse, convert_options=convert
        )


def _opened(path: Path) -> pa.NativeFile:
    """The bytes of a file; Arrow takes those of a path for names that are no UTF-8."""
    file = pa.OSFile(os.fsencode(path))
    is_packed = file.read(len(GZIP)) == GZIP
    file.seek(0)
    return pa.CompressedInputStream(file, "gzip") if is_packed else file
