"""Words of names: what two names of several words have in common.

Belongs here: which words of two names are the same. Does not belong here: how alike names are as a
whole (`agreement`), and the words themselves (`reading.words`).
"""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from kindred.identity.codes.columns import Name, People, Vocabulary, taken
from kindred.identity.weights.levels import Given
from kindred.identity.weights.likeness import Texts

SIMILAR_NAME = 0.8
INITIALS, LETTERS_OF_INITIALS = "^[a-z][^aeiou]{1,2}$", 5
"""What may be initials, beside a name with more letters than that."""


def by_later_names(
    words: Vocabulary, name: Name, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """The level of given names that begin otherwise, as uint8.

    Similar where both are the same two in another order (Thi Anh, Anh Thi, but also María José and
    her brother José María), or one is the other's later one: Hans-Peter is called Peter.
    """
    a, b = name.full[left], name.full[right]
    later_a, later_b = name.last[left], name.last[right]
    called = words.one_name(a, later_b) & ~words.is_initial[a]
    called |= words.one_name(b, later_a) & ~words.is_initial[b]
    turned = (name.first[left] == later_b) & (name.first[right] == later_a)
    return np.where(called | turned, Given.SIMILAR, Given.DIFFERENT).astype(np.uint8)


def by_middle_name(people: People, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """True per pair where one is called by what is the other's middle name."""
    given, words, middle = people.given.first, people.words, people.middle
    found = np.zeros(len(left), bool)
    for one, other in ((left, right), (right, left)):
        name, its = given[one], middle.codes[other]
        rows = np.flatnonzero((name >= 0) & (its >= 0))
        rows = rows[~words.is_initial[name[rows]]]
        if not len(rows):
            continue
        text = taken(middle.values, its[rows])
        for called in (name[rows], words.formal[name[rows]]):
            same = pc.equal(taken(words.values, called), text)
            found[rows] |= same.to_numpy(zero_copy_only=False)
    return found


def are_initials(words: Vocabulary, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """True per pair of later names of which one may be initials: Ville A. K. beside Ville Antero
    Kalevi. With a vowel behind the first letter it is a name, as Ana."""
    found = np.zeros(len(a), bool)
    rows = np.flatnonzero((a >= 0) & (b >= 0))
    rows = rows[words.initial.codes[a[rows]] == words.initial.codes[b[rows]]]
    if not len(rows):
        return found
    one, other = (taken(words.values, end[rows]) for end in (a, b))
    for few, many in ((one, other), (other, one)):
        fits = pc.and_(
            pc.match_substring_regex(few, INITIALS),
            pc.greater(pc.utf8_length(many), LETTERS_OF_INITIALS),
        )
        found[rows] |= fits.to_numpy(zero_copy_only=False)
    return found


def word_in_common(name: Name, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """One name is a word of the other, as `garcia` is of `garcia lopez`, or both share a word."""
    a, b = (name.first[left], name.last[left]), (name.first[right], name.last[right])
    return (a[0] == b[0]) | (a[0] == b[1]) | (a[1] == b[0]) | (a[1] == b[1])


def one_of_two(
    words: Vocabulary, texts: Texts, name: Name, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """True per pair with two family names each, of which one is the same and the other isn't.

    So have father and child where each parent gives one: García López and García Pérez.
    """
    (fa, la), (fb, lb) = ((name.first[rows], name.last[rows]) for rows in (left, right))
    found = np.zeros(len(left), bool)
    some = np.flatnonzero(word_in_common(name, left, right) & (fa != la) & (fb != lb))
    for ends in (left, right):
        some = some[_are_two(words, name, ends[some])]
    ways = ((fa, fb, la, lb), (la, lb, fa, fb), (fa, lb, la, fb), (la, fb, fa, lb))
    for one, other, rest, its in ways if len(some) else ():
        rows = some[one[some] == other[some]]
        a, b = rest[rows], its[rows]
        starts = words.initial.codes[a] == words.initial.codes[b]
        initial = (words.is_initial[a] | words.is_initial[b]) & starts
        found[rows] |= ~initial & (texts.of_names(a, b, SIMILAR_NAME) < SIMILAR_NAME)
    return found


def _are_two(words: Vocabulary, name: Name, rows: np.ndarray) -> np.ndarray:
    """True per row whose name has no word between its first and its last."""
    codes = (name.full[rows], name.first[rows], name.last[rows])
    whole, first, last = (pc.utf8_length(taken(words.values, word)) for word in codes)
    return pc.equal(whole, pc.add(first, last)).to_numpy(zero_copy_only=False)
