"""Words of names: what two names of several words have in common.

Belongs here: which words of two names are the same. Does not belong here: how alike names are as a
whole (`agreement`), and the words themselves (`reading.words`).
"""

from __future__ import annotations

import numpy as np

from kindred.identity.codes.columns import Name, Vocabulary
from kindred.identity.weights.levels import Given


def by_later_names(
    words: Vocabulary, name: Name, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """The level of given names that begin otherwise, as uint8.

    Similar where both are the same two in another order (Thi Anh, Anh Thi, but also María José and
    her brother José María), or one is the other's later one: Hans-Peter is called Peter.
    """
    a, b = name.full[left], name.full[right]
    later_a, later_b = name.last[left], name.last[right]
    called = (words.formal[a] == words.formal[later_b]) & ~words.is_initial[a]
    called |= (words.formal[b] == words.formal[later_a]) & ~words.is_initial[b]
    turned = (name.first[left] == later_b) & (name.first[right] == later_a)
    return np.where(called | turned, Given.SIMILAR, Given.DIFFERENT).astype(np.uint8)


def word_in_common(name: Name, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """One name is a word of the other, as `garcia` is of `garcia lopez`, or both share a word."""
    a, b = (name.first[left], name.last[left]), (name.first[right], name.last[right])
    return (a[0] == b[0]) | (a[0] == b[1]) | (a[1] == b[0]) | (a[1] == b[1])
