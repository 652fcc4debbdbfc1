"""The file door: people from a Parquet or CSV file, clusters and links into files.

Belongs here: which file is meant, which of its columns are ours, and writing what was found. Does
not belong here: reading a format (`csv_files`, `parquet_files`), matching (`engine`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from kindred.identity.codes.columns import Columns, InputError, People
from kindred.identity.csv_files import read_csv
from kindred.identity.engine import Matched, match
from kindred.identity.evidence import link_count, links
from kindred.identity.parquet_files import ParquetFile
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.rules.rules_file import COLUMNS, Rules
from kindred.outputs import OutputError, check_apart, check_place, written

RECORD_ID = "record_id"
KNOWN = (RECORD_ID, "source_system", "full_name", *COLUMNS)
PREFIXES = ("identifier_", "attribute_")
PARQUET, CSV = ".parquet", ".csv"
"""How files are named that are written."""

ADDRESS = re.compile("[a-z][a-z0-9+.-]+:/", re.IGNORECASE)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Counts:
    """How much was matched; links: inside clusters, as they are written; unused: the file's columns
    that say nothing to matching."""

    records: int
    clusters: int
    merged: int
    links: int
    largest: int
    unused: tuple[str, ...] = ()


class ParquetColumns:
    """The columns of a Parquet file under our names."""

    def __init__(self, path: Path, names: Mapping[str, str]) -> None:
        self._file = ParquetFile(path)
        self._stored = _mapped(self._file.names, names)
        self.names = list(self._stored)

    def raw(self, name: str) -> pa.ChunkedArray:
        """A column as it is; all null when there is no such column."""
        if name not in self._stored:
            return pa.chunked_array([pa.nulls(self._file.rows, pa.string())])
        return self._file.read(self._stored[name])


def open_people(path: Path, names: Mapping[str, str]) -> Columns:
    """The columns of a file; `names` gives the file's own name for a column of ours.

    Raises `InputError` when there is no such file or it can't be read.
    """
    if not path.is_file():
        raise InputError(_no_file(path))
    if path.suffix.lower() in (".parquet", ".pq"):
        return ParquetColumns(path, names)
    table = read_csv(path)
    stored = _mapped(table.column_names, names)
    return TableColumns(pa.table({ours: table.column(own) for ours, own in stored.items()}))


def _no_file(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder: name one file"
    if path.exists():
        return f"{path} is no ordinary file: name one"
    if ADDRESS.match(str(path)):
        return f"there is no file {path}; from an address, fetch it first"
    if any(sign in str(path) for sign in "*?"):
        return f"there is no file {path}; several at once can't be named"
    return f"there is no file {path}"


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

    A cluster is named after one of its records. Raises `InputError` when the file can't be used.
    """
    columns = open_people(path, names or {})
    _check_places(path, out, links_path)
    say("reading and normalising")
    people = _read(path, columns, rules, threads)
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


def _read(path: Path, columns: Columns, rules: Rules, threads: int) -> People:
    try:
        return read_people(columns, rules, threads=threads, by_hash=True)
    except InputError as error:
        named = "" if str(path) in str(error) else f"{path}: "
        raise InputError(f"{named}{error}") from error
    except pa.ArrowInvalid as error:  # texts are joined, and Arrow joins no more
        is_long = "overflow" in str(error)
        reason = (
            "one of its columns holds more than 2 GB of text" if is_long else "it looks damaged"
        )
        raise InputError(f"{path} can't be matched: {reason}") from error


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
        links=link_count(found),
        unused=tuple(unused),
        largest=int(sizes.max(initial=0)),
    )


def _mapped(stored: list[str], names: Mapping[str, str]) -> dict[str, str]:
    """The file's own name of each column by ours. Blanks around a name are not part of it."""
    full = dict(zip((name.strip() for name in stored), stored, strict=True))
    bare = [name.strip() for name in stored]
    names = {ours: own.strip() for ours, own in names.items()}
    said = set(bare if _are_names(bare) else filter(_is_ours, bare)) | set(names.values())
    told = [name if name in said else f"no. {place}" for place, name in enumerate(bare, 1)]
    for name, said in zip(bare, told, strict=True):
        if bare.count(name) > 1:
            raise InputError(f"the column {said} is there {bare.count(name)} times")
    unknown = [ours for ours in names if not _is_ours(ours)]
    if unknown:
        known = ", ".join((*KNOWN, *(f"{prefix}..." for prefix in PREFIXES)))
        raise InputError(f"{unknown[0]} is no column of ours; these are {known}")
    missing = [own for own in names.values() if own not in bare]
    if missing:
        raise InputError(f"there is no column {missing[0]}; there are {', '.join(told)}")
    taken = set(names.values())
    found = {name: name for name in bare if name not in taken and name not in names} | names
    if RECORD_ID not in found:
        raise InputError(f"the column {RECORD_ID} is missing{_why_missing(found, names)}")
    return {ours: full[own] for ours, own in found.items()}


def _why_missing(found: Mapping[str, str], names: Mapping[str, str]) -> str:
    """What the file has instead: names of ours only, as others may be values."""
    taken = [ours for ours, own in names.items() if own == RECORD_ID]
    if taken:
        return f": --map {taken[0]}={RECORD_ID} takes it for another one"
    ours = ", ".join(filter(_is_ours, found)) or "none"
    return f"; --map {RECORD_ID}=YOURS names it. Columns of ours in the file: {ours}"


def _is_ours(name: str) -> bool:
    return name in KNOWN or name.startswith(PREFIXES)


def _are_names(stored: list[str]) -> bool:
    """Whether a message may hold these: in a CSV file without names they are the first person."""
    return sum(map(_is_ours, stored)) > 1


def _write(table: pa.Table, path: Path) -> None:
    """Write whole or not at all."""
    try:
        with written(path) as draft, draft.open("wb") as file:
            if path.suffix.lower() == CSV:
                pyarrow.csv.write_csv(table, file)
            else:
                pq.write_table(table, file)
    except OutputError as error:
        raise InputError(str(error)) from error
