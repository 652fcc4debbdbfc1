"""Agreement of addresses: street, house, postal code and city as one comparison.

Belongs here: the level of two addresses, and how likely chance alone brings it about. Does not
belong here: reading addresses (`normal_forms`, `whole_addresses`), the other fields (`agreement`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kindred.identity.codes.columns import People
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.levels import NONE, Address, Value
from kindred.identity.weights.likeness import CLOSE_TEXT, Texts
from kindred.identity.weights.pairwise import equality, in_one_script, where

SIMILAR_CITY = 0.8


def compare_addresses(
    people: People,
    texts: Mapping[str, Texts],
    chance: Frequencies,
    left: np.ndarray,
    right: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The level of each pair, and the logarithm of the chance of what agrees.

    texts: of the columns `street` and `city`.
    """
    p = people
    postal, house = (
        _state(equality(column.codes, left, right)[0]) for column in (p.postal, p.house)
    )
    street, city = (
        _state(in_one_script(texts[name], column.codes, left, right)[0])
        for name, column in (("street", p.street), ("city", p.city))
    )
    same_street, same_postal, same_house = street == 1, postal == 1, house == 1
    check = np.flatnonzero(city == 0)
    alike = texts["city"].of_names(
        p.city.codes[left[check]], p.city.codes[right[check]], SIMILAR_CITY
    )
    city[check[alike >= CLOSE_TEXT]] = 1
    check = np.flatnonzero((street == 0) & (same_house | same_postal))
    ends = p.street.codes[left[check]], p.street.codes[right[check]]
    same_street[check] = texts["street"].similarity(*ends, CLOSE_TEXT) >= CLOSE_TEXT
    # a slip of the pen makes no other street, a number of its own does
    close = check[same_street[check]]
    ends = p.street.codes[left[close]], p.street.codes[right[close]]
    same_street[close] = ~texts["street"].in_two_numbers(*ends)
    other_street = (street == 0) & ~same_street
    level = np.full(len(left), Address.DIFFERENT, np.uint8)
    level[city == 1] = Address.CITY
    level[same_postal | same_street] = Address.AREA
    two = (same_postal & same_street) | (same_street & (city == 1))
    two |= same_house & (same_street | same_postal)
    level[two] = Address.NEAR
    level[same_house & same_postal & ~other_street] = Address.SAME
    level[same_house & same_street & (same_postal | (city == 1))] = Address.SAME
    silent = (postal < 0) & (street < 0) & (city < 0)
    level[silent] = NONE
    found = np.zeros(len(left), np.float32)
    found += where(level == Address.SAME, chance["house"], left, right)
    part = level >= Address.AREA
    part &= level < Address.SAME
    by_postal = where(part & same_postal, chance["postal"], left, right)
    by_street = where(part & same_street, chance["street"], left, right)
    found += np.minimum(by_postal, by_street)
    found += where(level == Address.CITY, chance["city"], left, right)
    return level, found


def _state(level: np.ndarray) -> np.ndarray:
    """1 where both agree, 0 where they differ, -1 where one is missing."""
    return np.where(level == NONE, -1, level == Value.EXACT).astype(np.int8)
