"""Columns of which little can be read, as a birth date column that holds something else.

Belongs here: counting what could be read and saying so, in counts, never with a value. Does not
belong here: the reading itself (`dates`, `normal_forms`), and showing it (the command line).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.columns import Columns, People, readable
from kindred.identity.reading import dates
from kindred.identity.reading.normal_forms import normal

LOG = logging.getLogger(__name__)
_READ: dict[str, tuple[str, str, Callable[[pa.Array], int]]] = {
    "birth_date": ("a date", "dates", lambda v: int((dates.numbers(v)[0] >= 0).sum())),
    "email": ("an email", "emails", lambda v: len(v) - normal(v, "email").null_count),
    "phone": ("a phone number", "phone numbers", lambda v: len(v) - normal(v, "phone").null_count),
}
"""Per column what its values should be, and how many of some values can be read as that."""


def note_unread(columns: Columns, people: People) -> None:
    """Warn of each column of which fewer than half of the values could be read.

    columns: what the people were read from. A column is looked at again only where less than half
    of all people have something in it; what the rules' bypass takes away was read.
    """
    known = {"birth_date": people.birth, "email": people.email.codes, "phone": people.phone.codes}
    for name, codes in known.items():
        count = np.count_nonzero(codes >= 0)
        if name in columns.names and count * 2 < len(codes):
            column = columns.raw(name)
            if count * 2 < len(column) - column.null_count:
                _look_again(name, column)


def _look_again(name: str, column: pa.ChunkedArray) -> None:
    values = column.combine_chunks().drop_null()
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if not pa.types.is_temporal(values.type):
        texts = readable(pa.chunked_array([values.cast(pa.string(), safe=False)]))
        values = texts.combine_chunks()
        values = values.filter(pc.not_equal(pc.utf8_trim_whitespace(values), ""))
    one, several, count = _READ[name]
    read = count(values)
    if read * 2 >= len(values):
        return
    found = f"only {read:,} of {len(values):,} values are {several}"
    LOG.warning("%s: %s", name, found if read else f"none of {len(values):,} values is {one}")
