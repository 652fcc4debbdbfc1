"""Records as columns of integer codes: what every later step of identity works on.

Belongs here: reading the Arrow tables of records and identifiers, checking them, and turning each
column into codes, once. Does not belong here: any judgement about who is who.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MISSING_CODE = -1
EXACT_COLUMNS = {
    "initial": "initial",
    "email": "email_key",
    "phone": "phone_key",
    "postal": "postal_key",
    "house": "house_key",
    "country": "country_code",
}


ECHO_COLUMN = "is_echo"
"""True on a record that only repeats what the platform itself wrote: no evidence of anything."""


class InputError(ValueError):
    """A table that identity can't work with; the message names columns and counts, no values."""


@dataclass(frozen=True)
class Column:
    """One column: a code per row (`MISSING_CODE` where there is no value) and what codes mean."""

    codes: np.ndarray
    values: pa.Array

    @property
    def known(self) -> np.ndarray:
        """True per row that holds a value."""
        return self.codes >= 0


@dataclass(frozen=True)
class Fields:
    """All records, sorted by `record_id`, so that the order of the input can't matter."""

    record_id: pa.Array
    given: Column
    """Given and family names share one coding, so that swapped names can be seen."""
    family: Column
    initial: Column
    email: Column
    email_user: Column
    """The part before the @, letters and digits only."""
    email_domain: Column
    email_number: Column
    """The digits in the part before the @, two or more: often a birth year."""
    phone: Column
    postal: Column
    house: Column
    country: Column
    birth: np.ndarray
    """The birth date as the number yyyymmdd, or -1."""
    name_chance: np.ndarray
    """How many records would bear the same full name if given and family names met by chance.

    Far below one, two records with this name hardly are two people. Missing names count as common.
    """

    def __len__(self) -> int:
        return len(self.record_id)

    @property
    def has_given(self) -> np.ndarray:
        """True per record that says anything about the given name."""
        return self.given.known | self.initial.known


def encode(column: pa.Array | pa.ChunkedArray) -> Column:
    """Codes of a text column; nulls and empty strings are missing. Equal texts, equal codes."""
    text = column.cast(pa.string())
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    encoded = text.dictionary_encode()
    codes = pc.fill_null(encoded.indices, MISSING_CODE).to_numpy(zero_copy_only=False)
    return Column(codes.astype(np.int64), encoded.dictionary)


def read_fields(records: pa.Table) -> Fields:
    """The records as `Fields`. Any column but `record_id` may be missing.

    A record whose `is_echo` is true keeps its place but none of its values: identifiers alone link
    it. Counting it would make names and addresses look more common with every push.

    Raises `InputError` when `record_id` is missing, null or not unique, or a birth date is no date.
    """
    ids = _record_ids(records, "records")
    order = pc.sort_indices(ids)
    records, ids = records.take(order), ids.take(order)
    if len(ids) > 1:
        repeated = pc.sum(pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py()
        if repeated:
            raise InputError(f"records: record_id is not unique ({repeated} repetitions)")
    records = _without_echoes(records)
    given, family = _encode_together(_column(records, "given_key"), _column(records, "family_key"))
    email = _column(records, "email_key")
    return Fields(
        record_id=ids,
        given=given,
        family=family,
        birth=_birth_numbers(_column(records, "birth_date")),
        name_chance=_name_chances(given, family),
        **_email_parts(email),
        **{field: encode(_column(records, name)) for field, name in EXACT_COLUMNS.items()},
    )


def _without_echoes(records: pa.Table) -> pa.Table:
    if ECHO_COLUMN not in records.column_names:
        return records
    echo = pc.fill_null(records[ECHO_COLUMN].cast(pa.bool_()), False)
    for number, field in enumerate(records.schema):
        if field.name not in ("record_id", ECHO_COLUMN):
            blank = pa.scalar(None, field.type)
            records = records.set_column(
                number, field.name, pc.if_else(echo, blank, records.column(number))
            )
    return records


def _encode_together(first: pa.ChunkedArray, second: pa.ChunkedArray) -> tuple[Column, Column]:
    both = encode(pa.chunked_array([*_chunks(first), *_chunks(second)], pa.string()))
    n = len(first)
    return Column(both.codes[:n], both.values), Column(both.codes[n:], both.values)


def _chunks(column: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    text = column.cast(pa.string())
    return text.chunks if isinstance(text, pa.ChunkedArray) else [text]


def occurrences(codes: np.ndarray) -> np.ndarray:
    """Per row, how many rows hold its code."""
    order = np.argsort(codes)
    ordered = codes[order]
    new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(codes) else ordered > 0
    block = np.cumsum(new) - 1
    counts = np.empty(len(codes), dtype=np.int64)
    counts[order] = np.bincount(block)[block]
    return counts


def _name_chances(given: Column, family: Column) -> np.ndarray:
    known = given.known & family.known
    both = occurrences(given.codes).astype(float) * occurrences(family.codes)
    return np.where(known, both / max(int(known.sum()), 1), np.inf)


def _email_parts(email: pa.ChunkedArray | pa.Array) -> dict[str, Column]:
    text = email.cast(pa.string())
    user = pc.replace_substring_regex(pc.replace_substring_regex(text, "@.*$", ""), "[^0-9a-z]", "")
    digits = pc.replace_substring_regex(user, "[^0-9]", "")
    return {
        "email_user": encode(user),
        "email_domain": encode(pc.replace_substring_regex(text, "^.*@", "")),
        "email_number": encode(pc.if_else(pc.greater(pc.utf8_length(digits), 1), digits, None)),
    }


def row_numbers(record_ids: pa.Array, wanted: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Row of each wanted id in the sorted `record_ids`; -1 where the id is unknown."""
    found = pc.index_in(wanted.cast(pa.string()), value_set=record_ids)
    return pc.fill_null(found, -1).to_numpy().astype(np.int64)


def _record_ids(table: pa.Table, name: str) -> pa.Array:
    if "record_id" not in table.column_names:
        raise InputError(f"{name}: column record_id is missing")
    ids = table.column("record_id").cast(pa.string()).combine_chunks()
    if ids.null_count:
        raise InputError(f"{name}: record_id is null in {ids.null_count} rows")
    return ids


def _column(table: pa.Table, name: str) -> pa.ChunkedArray | pa.Array:
    if name in table.column_names:
        return table.column(name)
    return pa.nulls(len(table), pa.string())


def _birth_numbers(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    try:
        dates = column.cast(pa.date32())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError("records: birth_date holds values that are no dates") from error
    year, month, day = pc.year(dates), pc.month(dates), pc.day(dates)
    number = pc.add(pc.multiply(year, 10_000), pc.add(pc.multiply(month, 100), day))
    return pc.fill_null(number, -1).to_numpy().astype(np.int64)
