"""Duplicates: records that say the very same, and enough to be one person.

Belongs here: finding them before anything is compared, so that a million copies of one record cost
no more than one. Does not belong here: records that merely resemble each other (`candidates`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kindred.identity.candidates import mixed
from kindred.identity.columns import MISSING, People

KEYS = 7
"""So many columns tell most records apart; the others are compared where these agree."""


def originals(people: People, apart: Sequence[int] = ()) -> np.ndarray:
    """Per record the first one that says the same; itself where it says too little to tell.

    Enough is both names and one of birth date, email, phone, street with house number, or an
    identifier. apart: rows that stand for themselves whatever they say.
    """
    columns = _columns(people)
    key = np.zeros(len(people), np.int64)
    for column in columns[:KEYS]:
        key = mixed(key, column.astype(np.int64) + 1)
    enough = (people.given.full >= 0) & (people.family.full >= 0) & _telling(people)
    enough[list(apart)] = False
    rows = np.flatnonzero(enough)
    rows = rows[np.argsort(key[rows], kind="stable")]
    ordered = key[rows]
    found = np.arange(len(people))
    if not len(rows):
        return found
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sizes = np.diff(np.append(starts, len(rows)))
    first, several = np.repeat(rows[starts], sizes), np.repeat(sizes > 1, sizes)
    rows, first = rows[several], first[several]
    same = np.ones(len(rows), bool)
    for column in columns:
        same &= column[rows] == column[first]
    found[rows[same]] = first[same]
    return found


def _telling(people: People) -> np.ndarray:
    at_home = people.street.known & people.house.known
    known = (people.birth != MISSING) | people.email.known | people.phone.known | at_home
    for identifier in people.identifiers.values():
        known |= identifier.slots[0] >= 0
    return known


def _columns(people: People) -> list[np.ndarray]:
    codes = (
        people.email, people.phone, people.house, people.street, people.postal, people.city,
        people.middle, people.gender, people.country, people.source,
    )  # fmt: skip
    return [
        people.given.full,
        people.family.full,
        people.birth,
        *(column.codes for column in codes),
        *(slot for identifier in people.identifiers.values() for slot in identifier.slots),
        *(column.codes for column in people.attributes.values()),
    ]
