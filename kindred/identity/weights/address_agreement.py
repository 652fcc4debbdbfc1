"""Agreement of addresses: street, house, postal code and city as one comparison.

Belongs here: the level of two addresses, and how likely chance alone brings it about. Does not
belong here: reading addresses (`normal_forms`, `whole_addresses`), the other fields (`agreement`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kindred.identity.codes.columns import People
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.levels import NONE, Address, Same, Value
from kindred.identity.weights.likeness import CLOSE_TEXT, Texts
from kindred.identity.weights.pairwise import highest, in_one_script, same, where

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
    postal, house = (same(column.codes, left, right) for column in (p.postal, p.house))
    (street, streets), (city, cities) = (
        in_one_script(texts[name], column.codes, left, right)
        for name, column in (("street", p.street), ("city", p.city))
    )
    same_postal, same_house = postal == Same.EXACT, house == Same.EXACT
    same_street, same_city = street == Value.EXACT, city == Value.EXACT
    ends = p.city.codes[left[cities]], p.city.codes[right[cities]]
    same_city[cities] = texts["city"].of_names(*ends, SIMILAR_CITY) >= CLOSE_TEXT
    check = streets[(same_house | same_postal)[streets]]
    ends = p.street.codes[left[check]], p.street.codes[right[check]]
    same_street[check] = texts["street"].similarity(*ends, CLOSE_TEXT) >= CLOSE_TEXT
    # a slip of the pen makes no other street, a number of its own does
    close = check[same_street[check]]
    ends = p.street.codes[left[close]], p.street.codes[right[close]]
    same_street[close] = ~texts["street"].in_two_numbers(*ends)
    same_area = same_postal | same_street
    two = (same_street & (same_postal | same_city)) | (same_house & same_area)
    other_street = (street == Value.DIFFERENT) & ~same_street
    whole = same_house & same_street & (same_postal | same_city)
    whole |= same_house & same_postal & ~other_street
    level = highest(
        Address.DIFFERENT,
        (same_city, Address.CITY),
        (same_area, Address.AREA),
        (two, Address.NEAR),
        (whole, Address.SAME),
    )
    level *= (postal | street | city) > NONE
    found = np.zeros(len(left), np.float32)
    found += where(level == Address.SAME, chance["house"], left, right)
    part = level >= Address.AREA
    part &= level < Address.SAME
    by_postal = where(part & same_postal, chance["postal"], left, right)
    by_street = where(part & same_street, chance["street"], left, right)
    found += np.minimum(by_postal, by_street)
    found += where(level == Address.CITY, chance["city"], left, right)
    return level, found
