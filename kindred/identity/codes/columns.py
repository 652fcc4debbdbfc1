"""Columns of people as integer codes: what every later step of identity works on.

Belongs here: the shape of coded columns. Does not belong here: how they are read (`reading`), how
values are normalised (`normal_forms`) and any judgement about who is who.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.side_by_side import side_by_side
from kindred.identity.codes.sorting import sought

MISSING = -1
NO_ROWS = np.empty(0, np.int64)
AT_ONCE = 10_000
"""Texts that are looked through at once for bytes that are no text: few values hold any."""


class InputError(ValueError):
    """A table that identity can't work with; the message names columns and counts, no values."""


class Columns(Protocol):
    """Columns by name, however they are stored."""

    names: list[str]

    def raw(self, name: str) -> pa.ChunkedArray:
        """A column as it is; all null when there is no such column."""


@dataclass(frozen=True)
class Codes:
    """One code per record (`MISSING` where there is no value) and the value of each code."""

    codes: np.ndarray
    values: pa.Array

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: np.ndarray) -> Codes:
        """The codes of some records."""
        return Codes(self.codes[rows], self.values)

    @cached_property
    def known(self) -> np.ndarray:
        """True per record that holds a value."""
        return self.codes >= 0

    @cached_property
    def counts(self) -> np.ndarray:
        """Records per code."""
        return np.bincount(self.codes[self.known], minlength=len(self.values))


@dataclass(frozen=True)
class Vocabulary:
    """All words of given and family names, coded together so that swapped names can be seen.

    By code: `sound` (names that sound alike share it), `initial`, `formal` (the code of the name
    behind a nickname, or the code itself), `is_initial` (a single letter), `is_foreign` (in another
    script than ours: it can't be compared with names in ours), `begins` (a bit for each letter with
    which it, or a name that it may be short for, begins).

    nick: a number for nicknames of several names and for these, `MISSING` for other words; also:
    sorted, packed, the numbers of such a nickname and of a name that isn't its first.
    """

    values: pa.Array
    sound: Codes
    initial: Codes
    formal: np.ndarray
    is_initial: np.ndarray
    is_foreign: np.ndarray
    begins: np.ndarray
    nick: np.ndarray
    also: np.ndarray

    def begin_alike(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """True per pair of words that begin with one letter, or of which one may be short for a
        name that does: G. is Bert, who is Gijsbert."""
        same = self.initial.codes[a] == self.initial.codes[b]
        return same | (self.begins[a] & self.begins[b] > 0)

    def one_name(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """True per pair of words that are one name, or of which one may be short for the other."""
        one, other = self.formal[a], self.formal[b]
        found = one == other
        for short, name in ((a, other), (b, one)):
            rows = np.flatnonzero((self.nick[short] >= 0) & ~found)
            if len(rows):
                pair = self.nick[short[rows]].astype(np.int64) << NICK_BITS | self.nick[name[rows]]
                found[rows] = sought(pair, self.also)[1]
        return found


NICK_BITS = 32


@dataclass(frozen=True)
class Name:
    """A name column: codes, per record, of all its words joined, of the first and of the last.

    Of a given name the last one is all that follows the first. A single word is all three.
    """

    full: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def take(self, rows: np.ndarray) -> Name:
        """The names of some records."""
        return Name(self.full[rows], self.first[rows], self.last[rows])


@dataclass(frozen=True)
class Identifier:
    """Identifiers of one type: per slot a code per record (the first value, the second, ...)."""

    slots: list[np.ndarray]
    values: pa.Array

    def take(self, rows: np.ndarray) -> Identifier:
        """The identifiers of some records."""
        return Identifier([slot[rows] for slot in self.slots], self.values)


@dataclass(frozen=True)
class Usage:
    """What can be learned only from many records, to read others the same way.

    dates: how birth dates are written, and which stand for not knowing (`unknown_dates.DateUse`).
    spelled: how emails spell names (`names_in_emails.Spelled`). names: in which order they stand
    (`name_order.NameOrder`). initials: words that are no names (`glued_initials`). birth_numbers:
    the form of identifiers that hold birth dates, by type (`birth_numbers`).
    """

    dates: Any
    spelled: Any
    names: Any
    initials: pa.Array
    birth_numbers: dict[str, str]


@dataclass(frozen=True)
class People:
    """All records, sorted by `record_id`, so that the order of the input can't matter."""

    record_id: pa.Array
    words: Vocabulary
    given: Name
    family: Name
    middle: Codes
    birth: np.ndarray
    """The birth date as the number yyyymmdd, or `MISSING`."""
    generation: np.ndarray
    """Which bearer of the name, by number (`generations`), or `MISSING`."""
    guessed: np.ndarray
    """True where the given name is none of the record's own: its email spells it."""
    gender: Codes
    email: Codes
    email_user: np.ndarray
    """A number for the part before the @, letters and digits only, or `MISSING`."""
    email_year: np.ndarray
    """The year of birth that it may name: four digits, or the last two of them, or `MISSING`."""
    phone: Codes
    """Values are the last eight digits as numbers."""
    street: Codes
    house: Codes
    postal: Codes
    city: Codes
    country: Codes
    source: Codes
    usage: Usage
    """What reading learned of all records."""
    identifiers: dict[str, Identifier] = field(default_factory=dict)
    attributes: dict[str, Codes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.record_id)

    def take(self, rows: np.ndarray, threads: int = 1) -> People:
        """Some of the records, or all of them in another order."""
        own = {name: value for name, value in vars(self).items() if name not in OF_ALL}
        taken = side_by_side(lambda value: _rows_of(value, rows), own.values(), threads)
        return replace(self, **dict(zip(own, taken, strict=True)))


OF_ALL = ("words", "usage")
"""What belongs to all records together."""


def _rows_of(value: Any, rows: np.ndarray) -> Any:
    """The rows of anything that `People` holds per record."""
    if isinstance(value, dict):
        return {name: _rows_of(one, rows) for name, one in value.items()}
    return value.take(pa.array(rows) if isinstance(value, pa.Array) else rows)


Values = pa.Array | pa.ChunkedArray
"""Distinct values by code: one array, or a large one and small ones behind it."""


def taken(values: Values, codes: np.ndarray) -> pa.Array:
    """The values of codes. Of several chunks, Arrow would first make one, whatever is asked for."""
    if isinstance(values, pa.Array):
        return values.take(pa.array(codes))
    first = values.chunk(0)
    late = codes >= len(first)
    if not late.any():
        return first.take(pa.array(codes))
    rest = pa.concat_arrays(values.chunks[1:]).take(pa.array(codes[late] - len(first)))
    found = first.take(pa.array(codes, mask=late))
    return pc.replace_with_mask(found, pa.array(late), rest)


def look_up(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """`values[code]` per record, `MISSING` where the code is."""
    if not len(values):
        return np.full(len(codes), MISSING, np.int32)
    missing = np.asarray(MISSING, values.dtype)
    if len(values) > len(codes):
        return np.where(codes >= 0, values[codes], missing)
    return np.append(values, missing)[codes]  # of a million a fifth of the time


def is_utf8(text: pa.Array | pa.ChunkedArray) -> bool:
    """Whether texts hold only bytes that are UTF-8, which an engine needn't have looked at."""
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def readable(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text with a sign that no normal form keeps in place of bytes that are no UTF-8."""
    if is_utf8(text):
        return text
    parts = [text.slice(start, AT_ONCE) for start in range(0, len(text), AT_ONCE)]
    return pa.chunked_array([chunk for part in parts for chunk in _replaced(part).chunks])


def _replaced(text: pa.ChunkedArray) -> pa.ChunkedArray:
    if is_utf8(text):
        return text
    read = [v and v.decode(errors="replace") for v in text.cast(pa.binary()).to_pylist()]
    return pa.chunked_array([pa.array(read, pa.string())])
