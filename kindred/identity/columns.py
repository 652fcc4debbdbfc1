"""Columns of people as integer codes: what every later step of identity works on.

Belongs here: which columns identity understands, and turning each into one code per record, by way
of the distinct values. Does not belong here: how values are normalised (`normal_forms`), which
files they come from (`reading`) and any judgement about who is who.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity import dates
from kindred.identity.normal_forms import normal

MISSING = -1
MOST_VALUES = 5
"""Values of one identifier type that are looked at per record."""


class InputError(ValueError):
    """A table that identity can't work with; the message names columns and counts, no values."""


@dataclass(frozen=True)
class Codes:
    """One code per record (`MISSING` where there is no value) and the value of each code."""

    codes: np.ndarray
    values: pa.Array

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def known(self) -> np.ndarray:
        """True per record that holds a value."""
        return self.codes >= 0

    @cached_property
    def counts(self) -> np.ndarray:
        """Records per code."""
        return np.bincount(self.codes[self.known], minlength=len(self.values))

    def derived(self, form: str) -> Codes:
        """Another normal form of the same values, for the same records."""
        found = encode(normal(self.values, form))
        return Codes(look_up(found.codes, self.codes), found.values)


@dataclass(frozen=True)
class Vocabulary:
    """All words of given and family names, coded together so that swapped names can be seen.

    Arrays by code: `sound` (names that sound alike share it), `initial`, `formal` (the code of the
    name behind a nickname, or the code itself), `is_initial` (a single letter).
    """

    values: pa.Array
    sound: np.ndarray
    initial: np.ndarray
    formal: np.ndarray
    is_initial: np.ndarray


@dataclass(frozen=True)
class Name:
    """A name column: codes, per record, of all its words joined, of the first and of the last."""

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
class People:
    """All records, sorted by `record_id`, so that the order of the input can't matter."""

    record_id: pa.Array
    words: Vocabulary
    given: Name
    family: Name
    middle: Codes
    birth: np.ndarray
    """The birth date as the number yyyymmdd, or `MISSING`."""
    gender: Codes
    email: Codes
    email_user: Codes
    phone: Codes
    street: Codes
    house: Codes
    postal: Codes
    city: Codes
    country: Codes
    source: Codes
    identifiers: dict[str, Identifier] = field(default_factory=dict)
    attributes: dict[str, Codes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.record_id)

    def take(self, rows: np.ndarray) -> People:
        """Some of the records, or all of them in another order."""
        changed = {
            name: Codes(column.codes[rows], column.values)
            for name, column in vars(self).items()
            if isinstance(column, Codes)
        }
        return replace(
            self,
            record_id=self.record_id.take(pa.array(rows)),
            given=self.given.take(rows),
            family=self.family.take(rows),
            birth=self.birth[rows],
            identifiers={k: v.take(rows) for k, v in self.identifiers.items()},
            attributes={k: Codes(v.codes[rows], v.values) for k, v in self.attributes.items()},
            **changed,
        )


def look_up(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """`values[code]` per record, `MISSING` where the code is."""
    if not len(values):
        return np.full(len(codes), MISSING, np.int32)
    return np.where(codes >= 0, values[codes], np.asarray(MISSING, values.dtype))


def encode(text: pa.Array | pa.ChunkedArray) -> Codes:
    """Codes of a text column; nulls are missing. Codes ascend with first appearance."""
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    found = text.dictionary_encode()
    codes = pc.fill_null(found.indices, MISSING).to_numpy(zero_copy_only=False)
    return Codes(codes.astype(np.int32, copy=False), found.dictionary)


def encode_as(text: pa.ChunkedArray | pa.Array, form: str) -> Codes:
    """Codes of a column's normal form, computed once per distinct value."""
    raw = encode(text)
    found = encode(normal(raw.values, form))
    return Codes(look_up(found.codes, raw.codes), found.values)


class Columns:
    """The columns of a table by name; a column that isn't there is all missing."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def raw(self, name: str) -> pa.ChunkedArray:
        """The column as it is."""
        if name not in self.table.column_names:
            return pa.chunked_array([pa.nulls(len(self.table), pa.string())])
        return self.table.column(name)

    def text(self, name: str) -> pa.ChunkedArray:
        """The column as text."""
        column = self.raw(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        return column.cast(pa.string())

    def named(self, prefix: str) -> dict[str, str]:
        """Columns that begin with the prefix, by the rest of their name, sorted."""
        names = sorted(self.table.column_names)
        return {n.removeprefix(prefix): n for n in names if n.startswith(prefix)}


def read_people(
    table: pa.Table,
    identifiers: pa.Table | None = None,
    aliases: pa.Table | None = None,
    threads: int = 2,
) -> People:
    """Code the columns of a table of people.

    table: the columns of `person_records`, of which only `record_id` is required, and unique; any
    `identifier_<type>` and `attribute_<name>` columns. identifiers: more of them as rows
    `record_id, identifier_type, identifier_value`. aliases: `nickname, name`. Raises `InputError`.
    """
    ids = _record_ids(table)
    columns = Columns(table)
    tasks = {
        "order": lambda: _order(ids),
        "email": lambda: _email(columns),
        "phone": lambda: encode_as(columns.text("phone"), "phone"),
        "street": lambda: _address_lines(columns),
        "birth": lambda: _births(columns),
        "postal": lambda: encode_as(columns.text("postal_code"), "postal"),
        "city": lambda: encode_as(columns.text("city"), "words"),
        "country": lambda: encode_as(columns.text("country_code"), "words"),
        "middle": lambda: encode_as(columns.text("middle_name"), "words"),
        "gender": lambda: encode_as(columns.text("gender"), "gender"),
        "source": lambda: encode(columns.text("source_system")),
        "attributes": lambda: {
            name: encode_as(columns.text(column), "alnum")
            for name, column in columns.named("attribute_").items()
        },
        "identifiers": lambda: _identifiers(columns, ids, identifiers),
    }
    with ThreadPoolExecutor(threads) as pool:
        futures = {name: pool.submit(task) for name, task in tasks.items()}
        done = {name: future.result() for name, future in futures.items()}
    email, email_user = done.pop("email")
    words, given, family = _names(columns, email, aliases)
    street, house = done.pop("street")
    order = done.pop("order")
    people = People(
        record_id=ids,
        words=words,
        given=given,
        family=family,
        email=email,
        email_user=email_user,
        street=street,
        house=house,
        **done,
    )
    return people if order is None else people.take(order)


def _order(ids: pa.Array) -> np.ndarray | None:
    """Rows by record id, or None where they are in order already."""
    if not _ascends(ids):
        order = pc.sort_indices(ids)
        ids = ids.take(order)
        if not _ascends(ids):
            repeated = pc.sum(pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py()
            raise InputError(f"record_id is not unique ({repeated:,} repetitions)")
        return order.to_numpy()
    return None


def _ascends(ids: pa.Array) -> bool:
    return len(ids) < 2 or pc.all(pc.greater(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py()


def _record_ids(table: pa.Table) -> pa.Array:
    if "record_id" not in table.column_names:
        raise InputError("the column record_id is missing")
    ids = table.column("record_id").cast(pa.string()).combine_chunks()
    if ids.null_count:
        raise InputError(f"record_id is empty in {ids.null_count:,} rows")
    return ids


def _names(
    columns: Columns, email: Codes, aliases: pa.Table | None
) -> tuple[Vocabulary, Name, Name]:
    given = encode_as(columns.text("given_name"), "given")
    family = encode_as(columns.text("family_name"), "family")
    given, family = _with_names_in_emails(given, family, email)
    texts = pa.concat_arrays([given.values, family.values])
    forms = [normal(texts, form) for form in ("joined", "first_word", "last_word")]
    words = encode(pa.concat_arrays(forms))
    full, first, last = (part for part in words.codes.reshape(3, -1))
    split = len(given.values)
    names = [
        Name(*(look_up(part, column.codes) for part in parts))
        for column, parts in (
            (given, (full[:split], first[:split], last[:split])),
            (family, (full[split:], first[split:], last[split:])),
        )
    ]
    return _vocabulary(words.values, aliases), *names


def _with_names_in_emails(given: Codes, family: Codes, email: Codes) -> tuple[Codes, Codes]:
    """Names of records that have no family name, as their email spells them: `jan.smit@...`."""
    silent = (family.codes < 0) & (email.codes >= 0)
    if not silent.any():
        return given, family
    used = np.flatnonzero(np.bincount(email.codes[silent], minlength=len(email.values)))
    emails = email.values.take(pa.array(used))
    place = np.full(len(email.values), MISSING, np.int32)
    place[used] = np.arange(len(used))
    found = []
    for column, form in ((given, "email_given"), (family, "email_family")):
        implied = encode(normal(emails, form))
        mine = silent & (column.codes < 0)
        codes = look_up(implied.codes, look_up(place, email.codes))
        values = pa.concat_arrays([column.values, implied.values])
        shifted = np.where(codes >= 0, codes + len(column.values), MISSING)
        found.append(Codes(np.where(mine, shifted, column.codes).astype(np.int32), values))
    return found[0], found[1]


def _vocabulary(values: pa.Array, aliases: pa.Table | None) -> Vocabulary:
    formal = np.arange(len(values), dtype=np.int32)
    if aliases is not None and len(values):
        nick = normal(aliases.column("nickname").combine_chunks(), "given")
        name = normal(aliases.column("name").combine_chunks(), "given")
        place = pc.index_in(values, value_set=nick)
        target = pc.index_in(name.take(place), value_set=values)
        found = pc.fill_null(target, MISSING).to_numpy(zero_copy_only=False)
        formal = np.where(found >= 0, found, formal).astype(np.int32)
    letters = pc.fill_null(pc.match_substring_regex(values, "^[a-z]$"), False)
    return Vocabulary(
        values=values,
        sound=encode(normal(values, "skeleton")).codes,
        initial=encode(normal(values, "initial")).codes,
        formal=formal,
        is_initial=letters.to_numpy(zero_copy_only=False),
    )


DEFAULT_DATES = (19000101, 19010101, 19700101, 18000101, 19990909, 19111111)
CROWDED_DATE = 25
"""A date that so many times more people have than the median date is a default, not a birthday."""


def _births(columns: Columns) -> np.ndarray:
    """Birth dates without the ones that stand for not knowing."""
    birth = dates.numbers(columns.raw("birth_date"))
    known = np.sort(birth[birth >= 0])
    if not len(known):
        return birth
    starts = np.flatnonzero(np.concatenate(([True], known[1:] != known[:-1])))
    counts = np.diff(np.append(starts, len(known)))
    crowded = known[starts[counts > max(CROWDED_DATE * np.median(counts), 50)]]
    return np.where(np.isin(birth, [*DEFAULT_DATES, *crowded]), MISSING, birth).astype(np.int32)


def _email(columns: Columns) -> tuple[Codes, Codes]:
    email = encode_as(columns.text("email"), "email")
    return email, email.derived("email_user")


def _address_lines(columns: Columns) -> tuple[Codes, Codes]:
    """Street and house number; the number may stand in the street's line."""
    street_text = columns.text("street")
    street = encode_as(street_text, "street")
    own = pc.utf8_trim_whitespace(columns.text("house_number").combine_chunks())
    lines = street_text.combine_chunks()
    number = pc.if_else(pc.equal(pc.fill_null(own, ""), ""), lines, own)
    return street, encode_as(number, "number")


def _identifiers(columns: Columns, ids: pa.Array, rows: pa.Table | None) -> dict[str, Identifier]:
    """Identifiers of both forms, the columns and the rows, by type."""
    found: dict[str, list[tuple[np.ndarray, pa.Array]]] = {}
    for kind, column in columns.named("identifier_").items():
        text = columns.text(column).combine_chunks()
        known = np.flatnonzero(pc.is_valid(text).to_numpy(zero_copy_only=False))
        found.setdefault(kind, []).append((known.astype(np.int32), text.drop_null()))
    if rows is not None and len(rows):
        place = pc.index_in(rows.column("record_id").cast(pa.string()), value_set=ids)
        rows = rows.set_column(rows.column_names.index("record_id"), "row", place)
        rows = rows.filter(pc.is_valid(rows.column("row")))
        for kind in sorted(pc.unique(rows.column("identifier_type")).drop_null().to_pylist()):
            part = rows.filter(pc.equal(rows.column("identifier_type"), kind))
            place = part.column("row").to_numpy().astype(np.int32)
            values = part.column("identifier_value").cast(pa.string()).combine_chunks()
            found.setdefault(kind, []).append((place, values))
    return {kind: _slots(parts, len(ids)) for kind, parts in found.items()}


def _slots(parts: list[tuple[np.ndarray, pa.Array]], n: int) -> Identifier:
    row = np.concatenate([rows for rows, _ in parts])
    coded = encode_as(pa.concat_arrays([values for _, values in parts]), "alnum")
    row, code = row[coded.known], coded.codes[coded.known]
    order = np.lexsort((code, row))
    row, code = row[order], code[order]
    new = np.ones(len(row), bool)
    new[1:] = (row[1:] != row[:-1]) | (code[1:] != code[:-1])
    row, code = row[new], code[new]
    first = np.ones(len(row), bool)
    first[1:] = row[1:] != row[:-1]
    starts = np.flatnonzero(first)
    rank = np.arange(len(row)) - np.repeat(starts, np.diff(np.append(starts, len(row))))
    slots = []
    for slot in range(min(int(rank.max(initial=0)) + 1, MOST_VALUES)):
        codes = np.full(n, MISSING, np.int32)
        codes[row[rank == slot]] = code[rank == slot]
        slots.append(codes)
    return Identifier(slots, coded.values)
