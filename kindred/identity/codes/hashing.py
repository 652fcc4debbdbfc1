"""Hashes: a number for each text or list of numbers, so that finding them again is finding numbers.

Belongs here: hashing texts, many at once or a few, and mixing numbers, alike on every machine and
for ever. Does not belong here: what is hashed (`normal_forms`, `candidates`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

WORD = 8
"""Bytes that are mixed in at once."""
AT_ONCE = 1 << 16
"""Texts that are hashed at once: what belongs to them stays in the processor's cache."""
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX, _MIX_AGAIN = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_FIRST = np.append(
    np.uint64(0), ~np.uint64(0) >> (np.uint64(64) - np.uint64(8) * np.arange(1, 9, dtype=np.uint64))
)
"""Masks that leave the first so many bytes of a word."""


def hashes(texts: pa.Array) -> np.ndarray:
    """A 62-bit number for each text, the same wherever it stands; -1 for null and for no text.

    Among five million different texts any two have one number with a chance of 3 in a million; it
    is no secret how to find such texts, though. One million emails take 0.05 s. Eight bytes are
    mixed in at a time.
    """
    if not len(texts):
        return np.empty(0, np.int64)
    ends, own = bytes_of(texts)
    bytes_ = np.zeros(len(own) + WORD, np.uint8)  # so that there is a whole word from any byte on
    bytes_[: len(own)] = own
    words = np.ndarray((len(own) + 1,), np.uint64, bytes_, 0, (1,))
    start, length = ends[:-1], np.diff(ends)
    number = length.astype(np.uint64) * GOLDEN
    with np.errstate(over="ignore"):
        for at in range(0, len(texts), AT_ONCE):
            some = slice(at, at + AT_ONCE)
            _mix_in(words, start[some], length[some], number[some])
        found = (_stirred(number) >> np.uint64(2)).view(np.int64)
    found[length == 0] = -1
    if texts.null_count:
        found[texts.is_null().to_numpy(zero_copy_only=False)] = -1
    return found


def bytes_of(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Where each text begins, and the last one ends, among the bytes of all; and these."""
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    if ends[-1] == ends[0]:
        return np.zeros(len(ends), np.int32), np.empty(0, np.uint8)
    return ends - ends[0], np.frombuffer(texts.buffers()[2], np.uint8)[ends[0] : ends[-1]]


def _mix_in(words: np.ndarray, start: np.ndarray, left: np.ndarray, number: np.ndarray) -> None:
    """Mix the bytes of each text into its number, word by word.

    words: the word that begins at each byte. start, left: of each text, where and how many bytes.
    """
    rows = slice(None)
    while len(start):
        word = words[start]
        word &= _FIRST[np.minimum(left, WORD)]
        word ^= number[rows]
        # every bit goes everywhere before the next word comes: else some differences of two words
        # undo each other, and of three million ids as member:812365676 two hundred are equal
        word ^= word >> np.uint64(32)
        word *= _MIX
        word ^= word >> np.uint64(29)
        word *= _MIX_AGAIN
        word ^= word >> np.uint64(32)
        number[rows] = word
        more = np.flatnonzero(left > WORD)
        rows = more if isinstance(rows, slice) else rows[more]
        start, left = start[more] + WORD, left[more] - WORD


def mixed(key: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A 62-bit hash of two numbers."""
    with np.errstate(over="ignore"):
        found = _stirred(key.astype(np.uint64) * GOLDEN + values.astype(np.uint64))
    return (found >> np.uint64(2)).view(np.int64)


def _stirred(number: np.ndarray) -> np.ndarray:
    """Numbers of which every bit depends on every bit of these: the steps of splitmix64."""
    number = number ^ (number >> np.uint64(30))
    number *= _MIX
    number ^= number >> np.uint64(27)
    number *= _MIX_AGAIN
    number ^= number >> np.uint64(31)
    return number
