"""Columns of text, times and keys, built a whole column at a time.

Belongs here: building Arrow arrays out of numpy arrays without touching single rows.
Does not belong here: what the columns mean.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
BASE62 = np.frombuffer(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype=np.uint8
)
CHECK = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", dtype=np.uint8)
DASHES = (8, 13, 18, 23)


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one part of the company: its own stream, so parts do not disturb others."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def from_bytes(matrix: np.ndarray) -> pa.StringArray:
    """Rows of a (n, width) uint8 matrix as strings. The matrix must stay below 2 GiB."""
    rows, width = matrix.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(matrix)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def _digits(values: np.ndarray, width: int, alphabet: np.ndarray) -> np.ndarray:
    base = len(alphabet)
    rest = np.asarray(values, dtype=np.int64).copy()
    out = np.empty((len(rest), width), dtype=np.uint8)
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, base)
        out[:, place] = alphabet[digit]
    return out


def numbered(prefix: str, values: np.ndarray, width: int, suffix: str = "") -> pa.StringArray:
    """`prefix` + zero-padded decimal of each value (n,) + `suffix`."""
    body = _digits(values, width, HEX[:10])
    return from_bytes(_framed(prefix, body, suffix))


def _framed(prefix: str, body: np.ndarray, suffix: str = "") -> np.ndarray:
    front, back = prefix.encode(), suffix.encode()
    out = np.empty((len(body), len(front) + body.shape[1] + len(back)), dtype=np.uint8)
    out[:, : len(front)] = np.frombuffer(front, dtype=np.uint8)
    out[:, len(front) : len(front) + body.shape[1]] = body
    if back:
        out[:, len(front) + body.shape[1] :] = np.frombuffer(back, dtype=np.uint8)
    return out


def hex_keys(rng: np.random.Generator, count: int, width: int, prefix: str = "") -> pa.StringArray:
    """Random lower-case hex keys with a prefix."""
    return from_bytes(_framed(prefix, HEX[rng.integers(0, 16, (count, width), dtype=np.uint8)]))


def guids(rng: np.random.Generator, count: int) -> pa.StringArray:
    """Random version-4 GUIDs in lower case."""
    digits = HEX[rng.integers(0, 16, (count, 32), dtype=np.uint8)]
    digits[:, 12] = ord("4")
    digits[:, 16] = HEX[8 + digits[:, 16] % 4]
    out = np.full((count, 36), ord("-"), dtype=np.uint8)
    places = [place for place in range(36) if place not in DASHES]
    out[:, places] = digits
    return from_bytes(out)


def salesforce_ids(prefix: str, values: np.ndarray) -> pa.StringArray:
    """18-character Salesforce ids: key prefix, pod, base-62 number, and the case checksum."""
    body = _framed(prefix + "8d0", _digits(values, 9, BASE62))
    upper = ((body >= ord("A")) & (body <= ord("Z"))).reshape(len(body), 3, 5)
    check = CHECK[(upper * (1 << np.arange(5))).sum(axis=2)]
    return from_bytes(np.hstack([body, check]))


def take(values: Sequence[str | None] | pa.Array, index: np.ndarray) -> pa.Array:
    """`values` at `index` (n,); a negative index gives null."""
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    index = np.asarray(index)
    if index.size and index.min() < 0:
        return array.take(pa.array(index, mask=index < 0))
    return array.take(pa.array(index))


def join(*parts: pa.Array | str) -> pa.Array:
    """Element-wise concatenation; null where any part is null."""
    return pc.binary_join_element_wise(*parts, "")


def where(mask: np.ndarray, yes: pa.Array | str | None, no: pa.Array | str | None) -> pa.Array:
    """`yes` where the mask (n,) holds, else `no`."""
    if yes is None:
        yes = pa.scalar(None, pa.string())
    if no is None:
        no = pa.scalar(None, pa.string())
    return pc.if_else(pa.array(mask), yes, no)


def known(array: pa.Array) -> np.ndarray:
    """Which rows are not null, as a mask (n,)."""
    return np.asarray(pc.is_valid(array))


def repeated(array: pa.Array) -> np.ndarray:
    """Which rows hold a value that an earlier row already holds, as a mask (n,)."""
    codes = array.dictionary_encode().indices.to_numpy()
    highest = np.maximum.accumulate(codes)
    new = np.ones(len(codes), dtype=bool)
    new[1:] = highest[1:] > highest[:-1]
    return ~new


def days(values: np.ndarray) -> pa.Array:
    """datetime64 (n,) as dates; NaT is null."""
    return pa.array(np.asarray(values).astype("datetime64[D]"))


def instants(values: np.ndarray) -> pa.Array:
    """datetime64 (n,) as UTC timestamps in milliseconds; NaT is null."""
    return pa.array(np.asarray(values).astype("datetime64[ms]")).cast(pa.timestamp("ms", "UTC"))


def iso_millis(values: np.ndarray) -> pa.StringArray:
    """datetime64 (n,) without NaT as `2026-01-31T09:15:00.000Z`."""
    text = pa.array(np.asarray(values).astype("datetime64[ms]")).cast(pa.string())
    if not len(text):
        return text
    data = np.frombuffer(text.buffers()[2], dtype=np.uint8)[: len(text) * 23]
    out = np.full((len(text), 24), ord("Z"), dtype=np.uint8)
    out[:, :23] = data.reshape(len(text), 23)
    out[:, 10] = ord("T")
    return from_bytes(out)


def daytime(values: np.ndarray, first_hour: int, last_hour: int) -> np.ndarray:
    """datetime64 (n,) pressed into the hours between; the day, the order and NaT stay."""
    day = np.asarray(values).astype("datetime64[D]").astype("datetime64[s]")
    second = (np.asarray(values).astype("datetime64[s]") - day).astype(np.int64)
    pressed = first_hour * 3600 + second * (last_hour - first_hour) // 24
    return day + pressed.astype("timedelta64[s]")


def written_times(values: np.ndarray) -> pa.Array:
    """datetime64 (n,) as `2026-01-31 09:15:00`; NaT is null."""
    return pa.array(np.asarray(values).astype("datetime64[s]")).cast(pa.string())


def written_days(values: np.ndarray) -> pa.Array:
    """datetime64 (n,) as `2026-01-31`; NaT is null."""
    return days(values).cast(pa.string())


def amounts(values: np.ndarray) -> np.ndarray:
    """Money rounded to cents."""
    return np.round(np.asarray(values, dtype=np.float64), 2)


def no_values(count: int, kind: pa.DataType | None = None) -> pa.Array:
    """A column of nulls."""
    return pa.nulls(count, kind or pa.string())


def runs(lengths: np.ndarray) -> np.ndarray:
    """0..length-1 for each length, one after the other: [2, 3] -> [0, 1, 0, 1, 2]."""
    lengths = np.asarray(lengths, dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum(), dtype=np.int64) - np.repeat(starts, lengths)


def weighted(
    rng: np.random.Generator, weights: Sequence[float] | np.ndarray, count: int
) -> np.ndarray:
    """`count` draws of an index with the given weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], rng.random(count), side="right").astype(np.int64)


def chance(rng: np.random.Generator, share: float | np.ndarray, count: int) -> np.ndarray:
    """A mask (count,) that holds with probability `share`."""
    return rng.random(count) < share
