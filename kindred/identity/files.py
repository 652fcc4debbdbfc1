"""The file door: people from a Parquet or CSV file, clusters and links into files.

Belongs here: reading a file column by column, and writing what was found. Does not belong here:
matching (`engine`).
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from kindred.identity.codes.columns import Columns, InputError
from kindred.identity.engine import Matched, match
from kindred.identity.evidence import links
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.rules.rules_file import COLUMNS, Rules
from kindred.outputs import OutputError, check_apart, check_place, written

KNOWN = ("record_id", "source_system", "full_name", *COLUMNS)
PREFIXES = ("identifier_", "attribute_")
BLOCK = 64 << 20
"""Bytes of CSV that are read at once: no line may be longer."""

HEAD = 1 << 20
"""Bytes of CSV in which the line with the names is looked for."""
BROKEN = "utf8 with other bytes"
"""How a file is read that is UTF-8 but for some values: these are read as Parquet's are."""
ASCII, WIDE = bytes(range(128)), bytes(range(128, 256))
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

FEW_VALUES = ("given_name", "middle_name", "gender", "city", "country_code", "source_system")
"""Columns whose values repeat so often that the codes of a Parquet file are worth taking over."""

PARQUET, CSV = ".parquet", ".csv"
"""How files are named that are written."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Counts:
    """How much was matched; unused: the file's columns that say nothing to matching."""

    records: int
    clusters: int
    merged: int
    links: int
    largest: int
    unused: tuple[str, ...] = ()


class ParquetColumns:
    """The columns of a Parquet file, read one by one, so that no two need be in memory."""

    def __init__(self, path: Path, names: Mapping[str, str]) -> None:
        self._path = path
        try:
            schema = pq.read_schema(path)
            self._rows = pq.read_metadata(path).num_rows
        except pa.ArrowException as error:
            raise InputError(f"{path} is no Parquet file that can be read") from error
        self._stored = _mapped(schema.names, names)
        self.names = list(self._stored)

    def raw(self, name: str) -> pa.ChunkedArray:
        """A column as it is; all null when there is no such column."""
        if name not in self._stored:
            return pa.chunked_array([pa.nulls(self._rows, pa.string())])
        try:
            stored = self._stored[name]
            coded = [stored] if name in FEW_VALUES else None
            with pq.ParquetFile(self._path, read_dictionary=coded) as file:
                return file.read(columns=[stored], use_threads=False).column(0)
        except pa.ArrowException as error:
            raise InputError(f"{self._path}: the column {name} can't be read") from error


def open_people(path: Path, names: Mapping[str, str]) -> Columns:
    """The columns of a file; `names` gives the file's own name for a column of ours.

    Raises `InputError` when there is no such file or it can't be read.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    if path.suffix.lower() in (".parquet", ".pq"):
        return ParquetColumns(path, names)
    table = _read_csv(path)
    stored = _mapped(table.column_names, names)
    return TableColumns(pa.table({ours: table.column(own) for ours, own in stored.items()}))


def match_file(
    path: Path,
    out: Path,
    rules: Rules,
    *,
    links_path: Path | None = None,
    names: Mapping[str, str] | None = None,
    threads: int = 2,
    say: Say = lambda _: None,
) -> Counts:
    """Match the people of a file and write `record_id, cluster_id` (and links) to files.

    A cluster is named after its first record. Raises `InputError` when the file can't be used.
    """
    columns = open_people(path, names or {})
    _check_places(path, out, links_path)
    say("reading and normalising")
    people = read_people(columns, rules, threads=threads, by_hash=True)
    say(f"matching {len(people):,} records")
    found = match(people, rules, threads=threads)
    say("writing")
    cluster_id = people.record_id.take(pa.array(found.label))
    _write(pa.table({"record_id": people.record_id, "cluster_id": cluster_id}), out)
    if links_path:
        _write(links(found, people.record_id), links_path)
    unused = [name for name in columns.names if not _is_ours(name)]
    if unused and not _are_names([name for name in columns.names if name not in (names or {})]):
        unused = [f"{len(unused)} columns"]
    return _counts(found, unused)


def _check_places(people: Path, out: Path, links_path: Path | None) -> None:
    """Refuse what can't be written, or would write over what is read, before the work is done."""
    outputs = {"the clusters": out, "the links": links_path}
    try:
        check_apart(outputs, {"the people": people})
        for path in filter(None, outputs.values()):
            check_place(path)
            if path.suffix.lower() not in (PARQUET, CSV):
                raise InputError(f"{path}: name a file {PARQUET} or {CSV} to write")
    except OutputError as error:
        raise InputError(str(error)) from error


def _counts(found: Matched, unused: list[str]) -> Counts:
    sizes = np.bincount(found.label) if len(found.label) else np.zeros(0, np.int64)
    sizes = sizes[sizes > 0]
    return Counts(
        records=len(found.label),
        clusters=len(sizes),
        merged=len(found.label) - len(sizes),
        links=int((found.over > 0).sum()),
        unused=tuple(unused),
        largest=int(sizes.max(initial=0)),
    )


def _mapped(stored: list[str], names: Mapping[str, str]) -> dict[str, str]:
    """The file's own name of each column by ours."""
    said = set(stored if _are_names(stored) else filter(_is_ours, stored)) | set(names.values())
    told = [name if name in said else f"no. {place}" for place, name in enumerate(stored, 1)]
    for name, said in zip(stored, told, strict=True):
        if stored.count(name) > 1:
            raise InputError(f"the column {said} is there {stored.count(name)} times")
    unknown = [ours for ours in names if not _is_ours(ours)]
    if unknown:
        known = ", ".join((*KNOWN, *(f"{prefix}..." for prefix in PREFIXES)))
        raise InputError(f"{unknown[0]} is no column of ours; these are {known}")
    missing = [own for own in names.values() if own not in stored]
    if missing:
        raise InputError(f"there is no column {missing[0]}; there are {', '.join(told)}")
    taken = set(names.values())
    return {name: name for name in stored if name not in taken and name not in names} | dict(names)


def _is_ours(name: str) -> bool:
    return name in KNOWN or name.startswith(PREFIXES)


def _are_names(stored: list[str]) -> bool:
    """Whether a message may hold these: in a CSV file without names they are the first person."""
    return sum(map(_is_ours, stored)) > 1


def _read_csv(path: Path) -> pa.Table:
    with path.open("rb") as file:
        head = file.read(HEAD)
    is_utf16 = head.startswith(UTF16_MARKS)
    text = head.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")
    header, *rest = re.split(r"[\r\n]+", text.lstrip("\r\n"), maxsplit=1)
    if not header:
        raise InputError(f"{path} is empty: it needs a line with the names of the columns")
    delimiter = max(",;\t|", key=re.sub('"[^"]*"', "", header).count)
    if path.stat().st_size == len(head) and not any(rest):  # the parser wants a line after it
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
    with path.open("rb") as file:
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
        with path.open("rb") as file:
            marks = sum(part.count(b'"') for part in iter(lambda: file.read(BLOCK), b""))
        if marks % 2:
            raise InputError(f"{path} is no readable CSV file: a quotation mark is never closed")


def _parsed(path: Path, delimiter: str, encoding: str, *, use_threads: bool = True) -> pa.Table:
    is_broken = encoding == BROKEN
    read = pyarrow.csv.ReadOptions(
        use_threads=use_threads, block_size=BLOCK, encoding="utf8" if is_broken else encoding
    )
    parse = pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    with pyarrow.csv.open_csv(path, read_options=read, parse_options=parse) as reader:
        names = reader.schema.names
    convert = pyarrow.csv.ConvertOptions(
        check_utf8=not is_broken,
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],  # NA is a country: what else stands for nothing, the rules' bypass says
        strings_can_be_null=True,
    )
    return pyarrow.csv.read_csv(
        path, read_options=read, parse_options=parse, convert_options=convert
    )


def _write(table: pa.Table, path: Path) -> None:
    """Write whole or not at all."""
    try:
        with written(path) as draft:
            if path.suffix.lower() == CSV:
                pyarrow.csv.write_csv(table, draft)
            else:
                pq.write_table(table, draft)
    except OutputError as error:
        raise InputError(str(error)) from error
