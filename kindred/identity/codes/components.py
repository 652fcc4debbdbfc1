"""Components: records that links join, directly or through others, and names for groups of rows.

Belongs here: what links alone say. Does not belong here: whether these are one person
(`clustering`).
"""

from __future__ import annotations

import numpy as np


def components(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Per record the smallest row of its connected component; left, right: rows that are linked.

    Every link draws the larger of its two labels to the smaller one, and every row takes the label
    of its label, until nothing changes: a few rounds over arrays.
    """
    label = np.arange(n, dtype=np.int32)  # of five million rows half as long as with int64
    while len(left):
        one, other = label[left], label[right]
        apart = np.flatnonzero(one != other)
        left, right, one, other = left[apart], right[apart], one[apart], other[apart]
        np.minimum.at(label, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(label, further := label[label]):
            label = further
    return label.astype(np.int64)


def smallest_rows(label: np.ndarray) -> np.ndarray:
    """Labels by the smallest row that has each."""
    first = np.full(int(label.max(initial=-1)) + 1, len(label), np.int64)
    np.minimum.at(first, label, np.arange(len(label)))
    return first[label]
