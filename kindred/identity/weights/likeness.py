"""Likeness: how much two texts resemble each other, for pairs of coded values.

Most pairs that are compared resemble each other not at all. How many letters they share, counted on
whole arrays, says so for most of them (of names four in five), and only the rest is measured.

Belongs here: similarity of texts. Does not belong here: from which likeness on two values agree
(`agreement`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler, Levenshtein

from kindred.identity.codes.columns import Values, taken
from kindred.identity.codes.pairs import unpack
from kindred.identity.codes.queries import answer, few
from kindred.identity.codes.sorting import in_order, runs
from kindred.identity.reading.scripts import are_foreign

SLIP = 0.9
"""What two names are alike at least where a slip of the hand is all that differs."""
CLOSE_TEXT = 0.92
"""What two other texts are alike at least that are meant to be one."""
ENOUGH = 4
"""Letters are counted per value as soon as there were pairs for one of so many values."""
AT_ONCE = 1 << 15
"""Texts whose letters are counted at once: what belongs to them stays in the processor's cache."""
HEAD = 4
"""Jaro-Winkler looks at so many first bytes twice, ..."""
SCALE = 0.1
"""... and each that is the same closes this part of what is missing."""
ROUNDING = 1e-6


@dataclass(frozen=True)
class Measure:
    """sql: a query that gives `r` and the likeness of `a` and `b`; plain: the same of two texts.

    plain is for texts in ASCII: of others an engine compares the bytes.
    """

    sql: str
    plain: Callable[[str, str], float]


def _name_likeness(a: str, b: str) -> float:
    found = JaroWinkler.similarity(a, b)
    least = min(len(a), len(b))
    if found >= SLIP or least < 3:
        return found
    edits = Levenshtein.distance(a, b, score_cutoff=2)
    slip = (edits == 1 and least >= 4) or (edits == 2 and least >= 8)
    slip = slip or (edits == 2 and least <= 7 and DamerauLevenshtein.distance(a, b) == 1)
    return SLIP if slip else found


SIMILARITY = Measure(
    "select r, jaro_winkler_similarity(a, b)::float as s from t", JaroWinkler.similarity
)
OF_NAMES = Measure(
    f"""
    with measured as (
        select
            r, a, b, jaro_winkler_similarity(a, b)::float as s, least(length(a), length(b)) as n
        from t
    ), edited as (
        select *, if(s < {SLIP} and n >= 3, levenshtein(a, b), 9) as edits from measured
    )
    select
        r,
        case
            when edits = 1 and n >= 4 or edits = 2 and n >= 8 then greatest(s, {SLIP})
            when edits = 2 and n <= 7 and damerau_levenshtein(a, b) = 1 then greatest(s, {SLIP})
            else s
        end::float as s
    from edited
    """,  # noqa: S608 (built from constants)
    _name_likeness,
)


class Texts:
    """Distinct texts by code, to be compared with each other."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._counted: Letters | None = None
        self._scripts: np.ndarray | None = None
        self._asked = 0
        self._lock = Lock()

    def similarity(self, a: np.ndarray, b: np.ndarray, least: float) -> np.ndarray:
        """Jaro-Winkler similarity of the texts with codes `a[i]` and `b[i]`, 0 to 1, as float32.

        It is 0 where it can't be seen to reach `least`.
        """
        return self._measured(SIMILARITY, a, b, least)

    def of_names(self, a: np.ndarray, b: np.ndarray, least: float) -> np.ndarray:
        """As `similarity`, and at least `SLIP` where a slip of the hand is all that differs.

        Jaro-Winkler misses a wrong letter near the beginning, and letters that swapped in short
        names. least: 0.83 at most, for one letter of four may be wrong.
        """
        return self._measured(OF_NAMES, a, b, least)

    def in_two_scripts(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """True per pair of codes of which one text only is in letters of ours."""
        if self._are_many(len(a)):
            foreign = self._foreign
            return foreign.take(a) != foreign.take(b)
        return are_foreign(taken(self.values, a)) != are_foreign(taken(self.values, b))

    def in_two_numbers(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """True per pair of codes of texts with digits in both, which aren't the same."""
        found = np.zeros(len(a), bool)
        rows = np.arange(len(a))
        for codes in (a, b):
            some = pc.match_substring_regex(taken(self.values, codes[rows]), "[0-9]")
            rows = rows[some.to_numpy(zero_copy_only=False)]
        one, other = (
            pc.replace_substring_regex(taken(self.values, codes[rows]), "[^0-9]+", "")
            for codes in (a, b)
        )
        found[rows] = pc.not_equal(one, other).to_numpy(zero_copy_only=False)
        return found

    def _measured(self, how: Measure, a: np.ndarray, b: np.ndarray, least: float) -> np.ndarray:
        found = np.zeros(len(a), np.float32)
        if not len(a):
            return found
        rows = np.arange(len(a))
        if self._are_many(len(a)):
            rows = np.flatnonzero(self._letters.most_alike(a, b) >= least - ROUNDING)
        order, pair = in_order(a[rows].astype(np.int64) << 32 | b[rows])
        starts, times = runs(pair)  # of names, each pair is there twice
        one, other = (taken(self.values, end) for end in unpack(pair[starts]))
        found[rows[order]] = np.repeat(measured(how, one, other), times)
        return found

    def _are_many(self, pairs: int) -> bool:
        """Whether it is cheaper to look at all values once than at those of each pair."""
        self._asked += pairs  # another thread's may get lost
        return self._asked * ENOUGH > len(self.values)

    @property
    def _foreign(self) -> np.ndarray:
        with self._lock:
            if self._scripts is None:
                chunks = self.values.chunks if isinstance(self.values, pa.ChunkedArray) else None
                self._scripts = are_foreign(pa.concat_arrays(chunks) if chunks else self.values)
        return self._scripts

    @property
    def _letters(self) -> Letters:
        with self._lock:
            if self._counted is None:
                self._counted = Letters.of(self.values)
        return self._counted


def measured(how: Measure, a: pa.Array, b: pa.Array) -> np.ndarray:
    """The likeness of the texts `a[i]` and `b[i]`, as float32."""
    one, other = few(a), few(b)
    if one is not None and other is not None:
        pairs = zip(one, other, strict=True)
        return np.array([how.plain(*pair) for pair in pairs], np.float32)
    given = pa.table({"r": np.arange(len(a), dtype=np.int32), "a": a, "b": b})
    return answer(given, how.sql, pa.float32()).to_numpy()


@dataclass(frozen=True)
class Letters:
    """What bounds the likeness of texts, per text: how many bytes it has, which, and the first.

    kinds: a bit for each kind of byte in it, of 64; repeated: bytes beyond the first of each kind.
    head: the first bytes as one number.
    """

    length: np.ndarray
    kinds: np.ndarray
    repeated: np.ndarray
    head: np.ndarray

    @staticmethod
    def of(values: Values) -> Letters:
        """Counted over many texts at once."""
        chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
        size = sum(map(len, chunks))
        values = pa.concat_arrays([*chunks, pa.array(["."], pa.string())])  # so none is at the end
        offsets = np.frombuffer(values.buffers()[1], np.int32)[: size + 1]
        text = np.frombuffer(values.buffers()[2], np.uint8)
        start, length = offsets[:-1].astype(np.int64), np.diff(offsets)
        bits = np.uint64(1) << np.arange(256, dtype=np.uint64) % np.uint64(64)
        kinds = np.zeros(size, np.uint64)
        for at in range(0, size, AT_ONCE):
            ends = offsets[at : at + AT_ONCE + 1]
            of_bytes = bits[text[ends[0] : ends[-1] + 1]]
            kinds[at : at + AT_ONCE] = np.bitwise_or.reduceat(of_bytes, ends - ends[0])[:-1]
        kinds[length == 0] = 0
        head = np.zeros(len(length), np.uint32)
        for place in range(HEAD):
            there = length > place
            head[there] |= text[start[there] + place].astype(np.uint32) << np.uint32(8 * place)
        repeated = length - np.bitwise_count(kinds)
        length = np.maximum(length, 1)
        return Letters(length.astype(np.float32), kinds, repeated.astype(np.float32), head)

    def most_alike(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """What Jaro-Winkler's similarity can be at most, for bytes of one kind may be the same."""
        a, b = a.astype(np.int64), b.astype(np.int64)
        shared = np.bitwise_count(self.kinds.take(a) & self.kinds.take(b)).astype(np.float32)
        common = shared + np.minimum(self.repeated.take(a), self.repeated.take(b))
        jaro = (common / self.length.take(a) + common / self.length.take(b) + 1) / 3
        jaro = np.minimum(jaro, 1)
        differs = self.head.take(a) ^ self.head.take(b)
        same = np.bitwise_count((differs & -differs) - np.uint32(1)) >> 3  # bytes before the first
        return np.where(shared > 0, jaro + same * np.float32(SCALE) * (1 - jaro), 0)
