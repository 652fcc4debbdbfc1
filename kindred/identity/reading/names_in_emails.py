"""Names in emails: `jan.smit@...` says what a newsletter's record without a name leaves out.

Belongs here: names of records that have no family name, as their email spells them. Does not belong
here: names that a record has (`reading`), and whether a name is evidence (`model`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import MISSING, Codes, look_up
from kindred.identity.codes.hashing import hashes
from kindred.identity.codes.pairs import distinct_partners
from kindred.identity.codes.sorting import distinct, in_order, runs
from kindred.identity.reading.normal_forms import normal

LONGEST = 1 << 16
"""No name has so many letters."""
MOST_GIVEN_NAMES = 5
"""An email with which records give more given names than that is a mailbox, and nobody's name."""
UNKNOWN = 0.1
"""A word that nobody is named by counts a little as either: it may be both."""


@dataclass(frozen=True)
class Uses:
    """How many records use each word as a name, by the word's hash."""

    word: np.ndarray
    count: np.ndarray

    @staticmethod
    def of(names: Codes, word: np.ndarray | None = None) -> Uses:
        """As counted in a column; word: the hashes of its values, where they are known."""
        word = hashes(names.values) if word is None else word
        order, ordered = in_order(word)
        return Uses(ordered, names.counts[order])

    def look_up(self, word: np.ndarray) -> np.ndarray:
        """The number for each hash."""
        place = np.searchsorted(self.word, word)
        place[place == len(self.word)] = 0
        if not len(self.word):
            return np.full(len(word), UNKNOWN)
        return np.where(self.word[place] == word, self.count[place] + UNKNOWN, UNKNOWN)


@dataclass(frozen=True)
class Spelled:
    """What records with both names teach about emails.

    given, family: how often a word is which. glued: hashes, sorted, of the letters of both names of
    somebody, in either order; first: how many letters the first name has; turned: true where that
    is the family name. shared: emails that are mailboxes of many.
    """

    given: Uses
    family: Uses
    glued: np.ndarray
    first: np.ndarray
    turned: np.ndarray
    shared: pa.Array

    @staticmethod
    def of(
        given: Codes, family: Codes, email: Codes, uses: tuple[Uses, Uses] | None = None
    ) -> Spelled:
        """As the records at hand teach it; uses: of the names, where they are counted already."""
        both = np.flatnonzero((given.codes >= 0) & (family.codes >= 0))
        key = distinct(given.codes[both].astype(np.int64) << 32 | family.codes[both])
        letters = [pc.replace_substring(column.values, " ", "") for column in (given, family)]
        one, other = (
            letters[0].take(pa.array(key >> 32)),
            letters[1].take(pa.array(key & 0xFFFFFFFF)),
        )
        straight = pc.binary_join_element_wise(one, other, "")
        turned = pc.binary_join_element_wise(other, one, "")
        glued = hashes(pa.concat_arrays([straight, turned]))
        first = pc.utf8_length(pa.concat_arrays([one, other])).to_numpy()
        is_turned = np.arange(len(glued)) >= len(key)
        parting = is_turned * LONGEST + first
        order, ordered = in_order(glued)
        starts, _ = runs(ordered)
        # of several partings the smallest, so that the order of records can't matter
        parting = np.minimum.reduceat(parting[order], starts) if len(starts) else parting
        turned, first = np.divmod(parting, LONGEST)
        return Spelled(
            *(uses or (Uses.of(given), Uses.of(family))),
            ordered[starts],
            first,
            turned.astype(bool),
            _shared(given, email),
        )

    def words(self, emails: pa.Array) -> tuple[pa.Array, pa.Array]:
        """The two words of each email, whichever is the family name; null where it has none."""
        emails = pc.if_else(pc.is_in(emails, self.shared), None, emails)
        first, last = normal(emails, "email_first"), normal(emails, "email_last")
        letters = normal(emails, "email_letters")
        found = hashes(letters)
        place = np.searchsorted(self.glued, found)
        place[place == len(self.glued)] = 0
        fits = self.glued[place] == found if len(self.glued) else np.zeros(len(found), bool)
        rows = np.flatnonzero(fits & pc.is_null(last).to_numpy(zero_copy_only=False))
        texts = letters.take(pa.array(rows)).to_pylist()
        ends, turned = self.first[place[rows]].tolist(), self.turned[place[rows]].tolist()
        parts = [(text[:end], text[end:]) for text, end in zip(texts, ends, strict=True)]
        named = [(b, a) if back else (a, b) for (a, b), back in zip(parts, turned, strict=True)]
        mask = np.zeros(len(emails), bool)
        mask[rows] = True
        return (
            pc.replace_with_mask(first, mask, pa.array([a for a, _ in named], pa.string())),
            pc.replace_with_mask(last, mask, pa.array([b for _, b in named], pa.string())),
        )


def _shared(given: Codes, email: Codes) -> pa.Array:
    """Emails with which records give many given names."""
    often = np.append(email.counts > MOST_GIVEN_NAMES, False)  # where there is none: not often
    rows = np.flatnonzero(often[email.codes])
    names = distinct_partners(email.codes[rows], given.codes[rows], len(email.values))
    return email.values.take(pa.array(np.flatnonzero(names > MOST_GIVEN_NAMES)))


def with_names_in_emails(
    given: Codes, family: Codes, email: Codes, spelled: Spelled
) -> tuple[Codes, Codes]:
    """The names, with those that emails spell where there is no family name.

    Two words in any order are told apart by the given name, where the record has one, else by what
    the words are in other records; `jansmit` is read by the names of other records, too.
    """
    silent = np.flatnonzero((family.codes < 0) & (email.codes >= 0))
    if not len(silent):
        return given, family
    used = np.flatnonzero(np.bincount(email.codes[silent], minlength=len(email.values)))
    place = np.full(len(email.values), MISSING, np.int32)
    place[used] = np.arange(len(used))
    mine = place[email.codes[silent]]
    first, last = spelled.words(email.values.take(pa.array(used)))
    words = encode(pa.concat_arrays([first, last, given.values]))
    one, other = words.codes[: len(first)], words.codes[len(first) : 2 * len(first)]
    word = np.append(hashes(words.values), MISSING)  # where there is no word, either is as likely
    as_given, as_family = spelled.given.look_up(word), spelled.family.look_up(word)
    usual = as_given[one] * as_family[other] >= as_given[other] * as_family[one]
    own = look_up(words.codes[2 * len(first) :], given.codes[silent])
    one, other, usual = one[mine], other[mine], usual[mine]
    turned = np.where(own >= 0, own == other, ~usual)
    spelled_given = np.where(own >= 0, own, np.where(turned, other, one))
    spelled_family = np.where(turned, one, other)
    return (
        _filled(given, silent, words.values, spelled_given),
        _filled(family, silent, normal(words.values, "family"), spelled_family),
    )


def _filled(column: Codes, rows: np.ndarray, values: pa.Array, codes: np.ndarray) -> Codes:
    """The column with other values in some rows; rows without one stay as they are."""
    known = codes >= 0
    found = column.codes.copy()
    found[rows[known]] = codes[known] + len(column.values)
    return Codes(found, pa.concat_arrays([column.values, values]))
