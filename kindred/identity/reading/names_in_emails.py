"""Names in emails: `jan.smit@...` says what a newsletter's record without a name leaves out.

Belongs here: names that a record lacks, as its email spells them. Does not belong here: names that
a record has (`reading`), and whether a name is evidence (`model`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
SHORTEST = 3
"""Letters of a family name that an email must hold for the rest of it to be a given name."""
ALIKE = 3
"""Given names that begin with so many equal letters, or all they have, may be one."""
MAILBOXES = (
    "info", "fam", "familie", "famille", "family", "kantoor", "office", "team", "contact", "sales",
)  # fmt: skip
"""What stands before a family name and is nobody's given name."""
UNKNOWN = 0.1
"""A word that nobody is named by counts a little as either: it may be both."""
_GLUED = "^(.+?)(?:van|von|vom|der|den|de|het|ten|ter|te|la|le|los|las|du|des|di|da|del|zu)+$"
"""A given name, or its first letter, with particles of the family name behind it: `jvander`. Not
all that names are read without (`normal_forms`): many given names end with al, el, do or et."""

NOBODY = dict.fromkeys(("contested", "others"), pa.nulls(0, pa.string()))
"""What nobody's email teaches of whose they are. (Arrow loads pandas to make an array of a list,
which takes 0.15 s: that is for when it is needed.)"""

Words = tuple[pa.Array, pa.Array, pa.Array]
"""The letters of each email and its two words; null where it has none."""


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
    is the family name. shared: emails that are mailboxes of many. contested: emails that people
    of other names use, too; others: those that only such people use. None before any was read.
    """

    given: Uses
    family: Uses
    glued: np.ndarray
    first: np.ndarray
    turned: np.ndarray
    shared: pa.Array
    contested: pa.Array | None = None
    others: pa.Array | None = None

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

    def words(self, emails: pa.Array) -> Words:
        """The letters of each email and its two words, whichever is the family name."""
        emails = pc.if_else(pc.is_in(emails, self.shared), None, emails)
        first, last = normal(emails, "email_first"), normal(emails, "email_last")
        letters = normal(emails, "email_letters")
        found = hashes(letters)
        place = np.searchsorted(self.glued, found)
        place[place == len(self.glued)] = 0
        fits = self.glued[place] == found if len(self.glued) else np.zeros(len(found), bool)
        rows = np.flatnonzero(fits & pc.is_null(last).to_numpy(zero_copy_only=False))
        texts = letters.take(pa.array(rows)).to_pylist()
        ends, turned = self.first[place[rows]].tolist(), pa.array(self.turned[place[rows]])
        front = pa.array([text[:end] for text, end in zip(texts, ends, strict=True)], pa.string())
        rest = pa.array([text[end:] for text, end in zip(texts, ends, strict=True)], pa.string())
        first = _replaced(first, rows, pc.if_else(turned, rest, front))
        last = _replaced(last, rows, pc.if_else(turned, front, rest))
        rows, name = self._behind_initial(letters, last, found)
        initial = pc.utf8_slice_codeunits(letters.take(pa.array(rows)), 0, 1)
        return letters, _replaced(first, rows, initial), _replaced(last, rows, name)

    def _behind_initial(
        self, letters: pa.Array, last: pa.Array, found: np.ndarray
    ) -> tuple[np.ndarray, pa.Array]:
        """Rows that are one word, of which all but the first letter is rather a family name than
        the whole is a name; and that family name. found: hashes of the letters."""
        is_one = pc.and_(pc.is_null(last), pc.greater(pc.utf8_length(letters), SHORTEST))
        rows = np.flatnonzero(pc.fill_null(is_one, False).to_numpy(zero_copy_only=False))
        behind = pc.utf8_slice_codeunits(letters.take(pa.array(rows)), 1)
        name = hashes(normal(behind, "family"))
        whole = self.given.look_up(found[rows]) + self.family.look_up(found[rows])
        often = self.family.look_up(name)
        likely = (often >= 1) & (often > whole)
        return rows[likely], behind.filter(pa.array(likely))


def _replaced(column: pa.Array, rows: np.ndarray, values: pa.Array) -> pa.Array:
    """The column with other values in some rows."""
    mask = np.zeros(len(column), bool)
    mask[rows] = True
    return pc.replace_with_mask(column, mask, values)


def _shared(given: Codes, email: Codes) -> pa.Array:
    """Emails with which records give many given names."""
    often = np.append(email.counts > MOST_GIVEN_NAMES, False)  # where there is none: not often
    rows = np.flatnonzero(often[email.codes])
    names = distinct_partners(email.codes[rows], given.codes[rows], len(email.values))
    return email.values.take(pa.array(np.flatnonzero(names > MOST_GIVEN_NAMES)))


def with_names_in_emails(
    given: Codes, family: Codes, email: Codes, spelled: Spelled, is_told: np.ndarray
) -> tuple[Codes, Codes, Spelled]:
    """The names, with those that emails spell where there are none, and who uses others' emails.

    An email that only people of other names use spells somebody else, as a partner: it is read for
    nobody. One that they use, too, is read for nobody who has an identifier, which says better
    whose the record is. is_told: true per record that has one.
    """
    silent = np.flatnonzero(((family.codes < 0) | (given.codes < 0)) & (email.codes >= 0))
    if not len(silent):
        return given, family, spelled if spelled.others is not None else replace(spelled, **NOBODY)
    used = np.flatnonzero(np.bincount(email.codes[silent], minlength=len(email.values)))
    place = np.full(len(email.values), MISSING, np.int32)
    place[used] = np.arange(len(used))
    place = look_up(place, email.codes)
    emails = email.values.take(pa.array(used))
    words = spelled.words(emails)
    if spelled.others is None:
        spelled = replace(spelled, **_of_others(given, place, emails, words))
    contested, others = (
        pc.is_in(emails, some).to_numpy(zero_copy_only=False)
        for some in (spelled.contested, spelled.others)
    )
    theirs = np.where(is_told[silent], contested[place[silent]], others[place[silent]])
    silent = silent[~theirs]
    named = family.codes[silent] >= 0
    nameless, silent = silent[~named], silent[named]
    own = Codes(family.codes[silent], family.values)
    called = _beside_family(words, place[silent], own, spelled)
    given = _filled(given, silent, called.values, called.codes)
    own = Codes(given.codes[nameless], given.values)
    read, both = _of_both(words, place[nameless], own, spelled)
    given = _filled(given, nameless, read, both[0])
    return given, _filled(family, nameless, normal(read, "family"), both[1]), spelled


def years_of_birth(email: Codes, spelled: Spelled) -> np.ndarray:
    """The year that each record's email may name, four digits or two, or `MISSING`.

    None of a mailbox, nor of an email of others.
    """
    theirs = pc.or_(*(pc.is_in(email.values, some) for some in (spelled.shared, spelled.others)))
    years = normal(pc.if_else(theirs, None, email.values), "email_year").cast(pa.int32())
    years = pc.fill_null(years, MISSING).to_numpy(zero_copy_only=False)
    return look_up(years, email.codes)


def _of_both(
    words: Words, mine: np.ndarray, given: Codes, spelled: Spelled
) -> tuple[pa.Array, np.ndarray]:
    """Words, and codes of given and family names, for records without a family name.

    Two words in any order are told apart by the given name, where the record has one, else by what
    the words are in other records. mine: the place of each record's words.
    """
    _, first, last = words
    words = encode(pa.concat_arrays([first, last, given.values]))
    one, other = words.codes[: len(first)], words.codes[len(first) : 2 * len(first)]
    word = np.append(hashes(words.values), MISSING)  # where there is no word, either is as likely
    as_given, as_family = spelled.given.look_up(word), spelled.family.look_up(word)
    usual = as_given[one] * as_family[other] >= as_given[other] * as_family[one]
    own = look_up(words.codes[2 * len(first) :], given.codes)
    one, other, usual = one[mine], other[mine], usual[mine]
    turned = np.where(own >= 0, own == other, ~usual)
    spelled_given = np.where(own >= 0, own, np.where(turned, other, one))
    return words.values, np.stack([spelled_given, np.where(turned, one, other)])


def _beside_family(words: Words, mine: np.ndarray, family: Codes, spelled: Spelled) -> Codes:
    """What emails say besides the family name of their records: a given name, or its first letter.

    mine: the place of each record's email.
    """
    key = mine.astype(np.int64) << 32 | family.codes
    pairs = distinct(key)
    texts = [column.take(pa.array(pairs >> 32)).to_pylist() for column in words]
    names = pc.replace_substring(family.values, " ", "").take(pa.array(pairs & 0xFFFFFFFF))
    read = [_rest(*each) for each in zip(*texts, names.to_pylist(), strict=True)]
    rest = encode(pa.array([text for text, _ in read], pa.string()))
    bare = pc.replace_substring_regex(rest.values, _GLUED, "\\1")
    values = pa.concat_arrays([rest.values, bare])
    known = spelled.given.look_up(hashes(values)) >= 1
    known |= pc.equal(pc.utf8_length(values), 1).to_numpy(zero_copy_only=False)
    whole = np.arange(len(bare), dtype=np.int32)
    without = np.where(known[len(bare) :], whole + len(bare), MISSING)
    name = look_up(np.where(known[: len(bare)], whole, without), rest.codes)
    codes = np.where([is_word for _, is_word in read], rest.codes, name)
    return Codes(codes[np.searchsorted(pairs, key)].astype(np.int32), values)


def _rest(
    letters: str | None, first: str | None, last: str | None, family: str
) -> tuple[str | None, bool]:
    """What an email says besides a family name, and whether that is a word of its own."""
    if not letters or len(family) < SHORTEST:
        return None, False
    for word, other in ((last, first), (first, last)):
        if word and word.endswith(family):
            return None if other in MAILBOXES else other, True
    if letters.endswith(family):
        return letters[: -len(family)], False
    return letters[len(family) :] if letters.startswith(family) else None, False


def _of_others(
    given: Codes, place: np.ndarray, emails: pa.Array, words: Words
) -> dict[str, pa.Array]:
    """The emails that are `contested`, and those of `others` (`Spelled`).

    They are such as records use whose given names can be none of their words. place: of each
    record's email among these.
    """
    rows = np.flatnonzero((given.codes >= 0) & (place >= 0))
    pairs = distinct(place[rows].astype(np.int64) << 32 | given.codes[rows])
    name = given.values.take(pa.array(pairs & 0xFFFFFFFF))
    fits = np.zeros(len(pairs), bool)
    for column in words[1:]:
        word = column.take(pa.array(pairs >> 32))
        shorter = pc.min_element_wise(*(pc.utf8_length(text) for text in (name, word)))
        for letters in range(1, ALIKE + 1):
            begin = pc.equal(*(pc.utf8_slice_codeunits(text, 0, letters) for text in (name, word)))
            far = pc.equal(shorter, letters) if letters < ALIKE else True
            fits |= pc.fill_null(pc.and_(begin, far), False).to_numpy(zero_copy_only=False)
    used, fit = (np.bincount(some >> 32, minlength=len(words[0])) for some in (pairs, pairs[fits]))
    spells = pc.is_valid(words[1]).to_numpy(zero_copy_only=False)
    contested, others = spells & (fit < used), spells & (used > 0) & (fit == 0)
    found = (emails.filter(pa.array(some)) for some in (contested, others))
    return dict(zip(NOBODY, found, strict=True))


def _filled(column: Codes, rows: np.ndarray, values: pa.Array, codes: np.ndarray) -> Codes:
    """The column with other values in some rows; rows without one stay as they are."""
    known = codes >= 0
    found = column.codes.copy()
    found[rows[known]] = codes[known] + len(column.values)
    return Codes(found, pa.concat_arrays([column.values, values]))
