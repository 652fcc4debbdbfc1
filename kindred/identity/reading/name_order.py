"""Name order: which of a record's names is the family name, by how other records use them.

A source may have its two columns the wrong way round, or the whole name in one of them, and so may
a single record; others have a column for full names. Records that have both names in their places
teach what `smith` is.

Belongs here: turning names round, and which names are whole. Does not belong here: parting those
(`whole_names`), names inside emails (`names_in_emails`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.codes.coding import encode
from kindred.identity.codes.columns import Codes, look_up
from kindred.identity.codes.hashing import hashes
from kindred.identity.reading.names_in_emails import Uses
from kindred.identity.reading.whole_names import Parting, are_whole

BOUNDS = (1 / 8, 1 / 2, 2, 8)
"""Twice as often the one as the other, a word probably is it; eight times as often, surely."""
SURELY = 2
FEWEST = 10
"""So many records must show how their source writes names."""
FULL = "full names of "
"""Before the name of a source: its records that have a full name only, as a source of their own."""

Kinds = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class NameOrder:
    """How often a word is which name, and sources that don't write names as the others do.

    turned: sources whose two columns are the wrong way round. whole: sources with the whole name in
    one column; null stands for no source. all_whole: every name that stands alone is one. parting:
    how whole names part, where there are any.
    """

    given: Uses
    family: Uses
    turned: pa.Array
    whole: pa.Array
    all_whole: bool = False
    parting: Parting | None = None

    @staticmethod
    def of(given: Codes, family: Codes, source: Codes) -> tuple[NameOrder, Kinds]:
        """As the records at hand teach it; and of which kind their names are."""
        nobody = pa.array([], pa.string())
        columns = given, family
        words = [hashes(names.values) for names in columns]
        counted = (Uses.of(names, word) for names, word in zip(columns, words, strict=True))
        uses = NameOrder(*counted, nobody, nobody, are_whole(given, family))
        one, other = kinds = uses._by_record(columns, words)
        straight, turned = (one > 0) & (other < 0), (one < 0) & (other > 0)
        order = replace(uses, turned=_mostly(turned, straight, source))
        return order._with_parting(given, family, source), kinds

    def _with_parting(self, given: Codes, family: Codes, source: Codes) -> NameOrder:
        """With the sources that write whole names in one column, and how whole names part."""
        rows = self._are_whole(given, family, source)
        alone = (given.known ^ family.known) & (_several(given) | _several(family))
        alone[rows] = False
        doubtful = np.flatnonzero(alone)
        if not len(rows) and len(doubtful) < FEWEST:
            return self
        both = np.flatnonzero(given.known & family.known)
        columns = given.take(both), family.take(both)

        def learned(rows: np.ndarray) -> Parting:
            return Parting.of(encode(_either(given, family, rows)), source.take(rows), *columns)

        found = replace(self, parting=learned(rows))
        names = encode(_either(given, family, doubtful))
        is_whole = found.parting.are_both(names.values)[names.codes]
        some, others = alone.copy(), alone.copy()
        some[doubtful[~is_whole]] = others[doubtful[is_whole]] = False
        whole = _mostly(some, others, source)
        if len(whole):
            found = replace(found, whole=whole)
            return replace(found, parting=learned(found._are_whole(given, family, source)))
        return found if len(rows) else self

    @property
    def moves_many(self) -> bool:
        """True where all names of a source are elsewhere than those of others."""
        return bool(len(self.turned)) or self.parting is not None

    def settled(
        self, given: Codes, family: Codes, source: Codes, kinds: Kinds | None = None
    ) -> tuple[Codes, Codes]:
        """The names, each in its place; the very same where none is elsewhere.

        kinds: as `kinds` gives them, where that is known already.
        """
        rows = self._are_whole(given, family, source) if self.parting else np.empty(0, np.int64)
        if self.parting and len(rows):
            whole = encode(_either(given, family, rows))
            one, other = self.parting.parted(whole, source.take(rows))
            given, family = _with(given, rows, one), _with(family, rows, other)
            kinds = None
        one, other = kinds or self.kinds(given, family)
        turned = (one == -SURELY) & (other == SURELY)
        if len(self.turned):
            straight = (one == SURELY) & (other == -SURELY)
            turned |= _among(source, self.turned) & ~straight & given.known & family.known
        rows = np.flatnonzero(turned)
        if not len(rows):
            return given, family
        one, other = (_texts(names, rows) for names in (given, family))
        return _with(given, rows, other), _with(family, rows, one)

    def _are_whole(self, given: Codes, family: Codes, source: Codes) -> np.ndarray:
        """Rows of records whose one name is both."""
        alone = given.known ^ family.known
        if self.all_whole:
            return np.flatnonzero(alone)
        found = alone & _are_full(source)
        if len(self.whole):
            several = _several(given) | _several(family)
            found |= alone & several & _among(source, self.whole)
        return np.flatnonzero(found)

    def kinds(self, given: Codes, family: Codes) -> Kinds:
        """Per record how surely each of its names is a given name, or, negative, a family name."""
        columns = given, family
        return self._by_record(columns, [hashes(names.values) for names in columns])

    def _by_record(self, columns: tuple[Codes, Codes], words: list[np.ndarray]) -> Kinds:
        one, other = (
            np.append(self._kinds(word), np.int8(0))[names.codes]
            for names, word in zip(columns, words, strict=True)
        )
        return one, other

    def _kinds(self, word: np.ndarray) -> np.ndarray:
        """The same per word, by its hash."""
        times = (self.given.look_up(word) + 1) / (self.family.look_up(word) + 1)
        return np.searchsorted(BOUNDS, times).astype(np.int8) - np.int8(SURELY)


def in_place(
    given: Codes, family: Codes, source: Codes, known: NameOrder | None = None
) -> tuple[Codes, Codes, NameOrder, tuple[Uses, Uses] | None]:
    """The names, each in its place; what is known of that; their uses, where few moved.

    known: what other records taught.
    """
    if known:
        return *known.settled(given, family, source), known, None
    names, kinds = NameOrder.of(given, family, source)
    uses = None if names.moves_many else (names.given, names.family)
    return *names.settled(given, family, source, kinds), names, uses


def with_full_names(full: Codes, given: Codes, family: Codes, source: Codes) -> tuple[Codes, Codes]:
    """Given names and sources, with the full names of records that have no other name.

    Those are sources of their own: a source may write its full names in another order than others.
    """
    rows = np.flatnonzero(full.known & ~given.known & ~family.known)
    if not len(rows):
        return given, source
    names = pc.binary_join_element_wise(FULL, pc.fill_null(_texts(source, rows), ""), "")
    return _with(given, rows, _texts(full, rows)), _with(source, rows, names)


def _are_full(source: Codes) -> np.ndarray:
    """True per record of which only the full name is known."""
    found = pc.starts_with(source.values, FULL).to_numpy(zero_copy_only=False)
    return np.append(found, False)[source.codes]


def _several(names: Codes) -> np.ndarray:
    """True per record whose name has several words."""
    found = pc.match_substring(names.values, " ").to_numpy(zero_copy_only=False)
    return np.append(found, False)[names.codes]


def _mostly(some: np.ndarray, others: np.ndarray, source: Codes) -> pa.Array:
    """Sources with more of some records than of others, and enough of them."""
    size = len(source.values) + 1
    counts = [np.bincount(source.codes[rows] + 1, minlength=size) for rows in (some, others)]
    codes = np.flatnonzero((counts[0] > counts[1]) & (counts[0] >= FEWEST)) - 1
    return source.values.take(pa.array(codes, mask=codes < 0))


def _among(source: Codes, names: pa.Array) -> np.ndarray:
    """True per record of one of these sources."""
    if not len(names):
        return np.zeros(len(source), bool)
    found = pc.is_in(source.values, names).to_numpy(zero_copy_only=False)
    return np.append(found, names.null_count > 0)[source.codes]


def _texts(names: Codes, rows: np.ndarray) -> pa.Array:
    """The names of some rows."""
    codes = names.codes[rows]
    return names.values.take(pa.array(codes, mask=codes < 0))


def _either(given: Codes, family: Codes, rows: np.ndarray) -> pa.Array:
    """The one name of some rows, in whichever column it is."""
    return pc.coalesce(_texts(given, rows), _texts(family, rows))


def _with(names: Codes, rows: np.ndarray, texts: pa.Array) -> Codes:
    """The column with other texts in some rows."""
    found = encode(pa.concat_arrays([names.values, texts]))
    codes = look_up(found.codes[: len(names.values)], names.codes)
    codes[rows] = found.codes[len(names.values) :]
    return Codes(codes, found.values)
