"""Names in emails: `jan.smit@...` says what a newsletter's record without a name leaves out.

Belongs here: names of records that have no family name, as their email spells them. Does not belong
here: names that a record has (`reading`), and whether a name is evidence (`model`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.columns import MISSING, Codes, encode, look_up
from kindred.identity.normal_forms import normal


def with_names_in_emails(given: Codes, family: Codes, email: Codes) -> tuple[Codes, Codes]:
    """The names, with those that emails spell where there is no family name.

    Two words in any order are told apart by the given name, where the record has one, else by what
    the words are in other records; `jansmit` is read by the names of other records, too.
    """
    silent = np.flatnonzero((family.codes < 0) & (email.codes >= 0))
    if not len(silent):
        return given, family
    used = np.flatnonzero(np.bincount(email.codes[silent], minlength=len(email.values)))
    emails = email.values.take(pa.array(used))
    place = np.full(len(email.values), MISSING, np.int32)
    place[used] = np.arange(len(used))
    mine = place[email.codes[silent]]
    first, last = normal(emails, "email_first"), normal(emails, "email_last")
    first, last = _glued(emails, first, last, given, family)
    words = encode(pa.concat_arrays([given.values, family.values, first, last]))
    parts = np.split(words.codes, np.cumsum([len(given.values), len(family.values), len(first)]))
    as_given = _uses(parts[0], given, len(words.values))
    as_family = _uses(parts[1], family, len(words.values))
    one, other = parts[2], parts[3]
    usual = as_given[one] * as_family[other] >= as_given[other] * as_family[one]
    own = look_up(parts[0], given.codes[silent])
    one, other, usual = one[mine], other[mine], usual[mine]
    turned = np.where(own >= 0, own == other, ~usual)
    spelled_given = np.where(own >= 0, own, np.where(turned, other, one))
    spelled_family = np.where(turned, one, other)
    return (
        _filled(given, silent, words.values, spelled_given),
        _filled(family, silent, normal(words.values, "family"), spelled_family),
    )


def _uses(codes: np.ndarray, column: Codes, size: int) -> np.ndarray:
    """How many records use each word in a column, and a little: an unknown word may be both."""
    found = np.full(size + 1, 0.1)
    np.add.at(found, codes[codes >= 0], column.counts[codes >= 0])
    return found


def _filled(column: Codes, rows: np.ndarray, values: pa.Array, codes: np.ndarray) -> Codes:
    """The column with other values in some rows; rows without one stay as they are."""
    known = codes >= 0
    found = column.codes.copy()
    found[rows[known]] = codes[known] + len(column.values)
    return Codes(found, pa.concat_arrays([column.values, values]))


def _glued(
    emails: pa.Array, first: pa.Array, last: pa.Array, given: Codes, family: Codes
) -> tuple[pa.Array, pa.Array]:
    """The two words of `jansmit@...`, where some record is named so."""
    both = np.flatnonzero((given.codes >= 0) & (family.codes >= 0))
    key = np.sort(given.codes[both].astype(np.int64) << 32 | family.codes[both])
    key = key[np.concatenate(([True], key[1:] != key[:-1]))[: len(key)]]
    one = given.values.take(pa.array(key >> 32))
    other = family.values.take(pa.array(key & 0xFFFFFFFF))
    letters = normal(emails, "email_letters")
    for ahead, behind, turned in ((one, other, False), (other, one, True)):
        together = pc.replace_substring(pc.binary_join_element_wise(ahead, behind, ""), " ", "")
        found = pc.index_in(letters, value_set=together)
        fits = pc.and_(pc.is_valid(found), pc.is_null(last))
        a, b = ahead.take(found), behind.take(found)
        first = pc.if_else(fits, b if turned else a, first)
        last = pc.if_else(fits, a if turned else b, last)
    return first, last
