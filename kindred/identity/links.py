"""Links: the pairs of records that a rule accepts.

Belongs here: gathering candidates (shared identifiers, blocks, the customers that records name),
comparing them and applying the rules. Does not belong here: clusters and ids.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kindred.identity.blocking import (
    NO_KEY,
    candidate_pairs,
    mix,
    pairs_within,
    stars_within,
    union_pairs,
)
from kindred.identity.clusters import Links, components
from kindred.identity.comparison import compare, exact_levels
from kindred.identity.fields import Fields, InputError, encode, row_numbers
from kindred.identity.rules import IDENTIFIER, RULES, SOLE_OWNER, best_rule

KINDRED_ID = "kindred_id"
FULL_PAIRS = 30
"""Blocks of identifiers up to this size are compared pair by pair, larger ones with one hub."""
NAMES_PER_IDENTIFIER = 4
"""An identifier that records with more distinct given names share is no identifier."""
NAMELESS_CAP = 1_000
"""Records without any name that may share one contact point."""


def rule_links(data: Fields) -> Links:
    """Links by the rules over names, dates, contact points and addresses."""
    left, right = candidate_pairs(data)
    rule = best_rule(compare(data, left, right))
    hit = rule >= 0
    return _links(left[hit], right[hit], rule[hit])


def identifier_links(data: Fields, identifiers: pa.Table, known: pa.Table) -> Links:
    """Links between records that share a strong identifier or name a customer's id.

    identifiers: `record_id, identifier_type, identifier_value`; known: `record_id, customer_id`.
    Rows of unknown records are ignored. Raises `InputError` when a column is missing.
    """
    _need(identifiers, "identifiers", ("record_id", "identifier_type", "identifier_value"))
    rows = row_numbers(data.record_id, identifiers.column("record_id").combine_chunks())
    kinds = identifiers.column("identifier_type").combine_chunks()
    values = identifiers.column("identifier_value").combine_chunks()
    is_kindred = np.asarray(pc.fill_null(pc.equal(kinds, KINDRED_ID), False))
    key = mix(encode(kinds).codes, encode(values).codes)
    key[rows < 0] = NO_KEY
    pairs = [_pairs_by_key(data, rows[~is_kindred], key[~is_kindred])]
    named = is_kindred & (rows >= 0)
    pairs.append(_pairs_by_customer(data, rows[named], values.filter(pa.array(named)), known))
    left, right = union_pairs(pairs, len(data))
    fits = IDENTIFIER.applies(compare(data, left, right))
    return _constant(left[fits], right[fits], IDENTIFIER.name, IDENTIFIER.probability)


def owner_links(data: Fields, links: Links) -> Links:
    """Links of records without a given name to the only person who uses their email or phone.

    Ambiguous contact points (a family's email) link nobody.
    """
    found = [_sole_owners(data, links, column.codes) for column in (data.email, data.phone)]
    left, right = union_pairs(found, len(data))
    return _constant(left, right, SOLE_OWNER.name, SOLE_OWNER.probability)


def _sole_owners(data: Fields, links: Links, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    label = components(len(data), links.left, links.right)
    named = np.zeros(len(data), dtype=bool)
    named[label[data.has_given]] = True
    named = named[label]
    size = int(codes.max(initial=-1)) + 1
    first = np.full(size, len(data), dtype=np.int64)
    last = np.full(size, -1, dtype=np.int64)
    owners = np.flatnonzero(named & (codes >= 0))
    np.minimum.at(first, codes[owners], label[owners])
    np.maximum.at(last, codes[owners], label[owners])
    seekers = np.flatnonzero(~named & (codes >= 0))
    wanted = codes[seekers]
    sole = seekers[first[wanted] == last[wanted]]
    owner = _first_row(codes, owners, size)[codes[sole]]
    family_fits = exact_levels(data.family.codes, sole, owner) > 0
    sole, owner = sole[family_fits], owner[family_fits]
    crowd = np.bincount(wanted, minlength=size)
    nameless = seekers[(last[wanted] < 0) & (crowd[wanted] <= NAMELESS_CAP)]
    hub = _first_row(codes, nameless, size)[codes[nameless]]
    left = np.concatenate([np.minimum(sole, owner), hub[hub != nameless]])
    right = np.concatenate([np.maximum(sole, owner), nameless[hub != nameless]])
    return left, right


def _first_row(codes: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    """Per code the first of `rows` that holds it."""
    first = np.full(size, -1, dtype=np.int64)
    first[codes[rows[::-1]]] = rows[::-1]
    return first


def _pairs_by_key(data: Fields, rows: np.ndarray, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left, right = _pairs_or_stars(data, rows, _without_crowds(data, rows, key))
    return _ordered(rows[left], rows[right])


def _without_crowds(data: Fields, rows: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Blank the keys that too many distinct given names share."""
    given = data.given.codes[rows]
    order = np.lexsort((given, key))
    k, g = key[order], given[order]
    new_key = np.concatenate(([True], k[1:] != k[:-1])) if len(k) else np.empty(0, bool)
    new_name = (g >= 0) & (new_key | np.concatenate(([True], g[1:] != g[:-1]))) if len(k) else g
    block = np.cumsum(new_key) - 1
    names = np.bincount(block, weights=new_name)[block] if len(k) else np.empty(0)
    blanked = key.copy()
    blanked[order[names > NAMES_PER_IDENTIFIER]] = NO_KEY
    return blanked


def _pairs_by_customer(
    data: Fields, rows: np.ndarray, ids: pa.Array, known: pa.Table
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of each record that names a customer with records that are known as that customer.

    Where the named id is nobody's any more (it was merged into another), what the record itself
    was known as counts, so that an outdated reference in a system changes nothing.
    """
    known_rows = row_numbers(data.record_id, known.column("record_id").combine_chunks())
    customers = known.column("customer_id").combine_chunks().cast(pa.string())
    both = encode(pa.chunked_array([customers, ids.cast(pa.string())]))
    held, named = both.codes[: len(customers)], both.codes[len(customers) :]
    held, known_rows = held[known_rows >= 0], known_rows[known_rows >= 0]
    own = np.full(len(data), -1, dtype=np.int64)
    own[known_rows] = held
    alive = np.zeros(len(both.values) + 1, dtype=bool)
    alive[held] = True
    target = np.where(alive[named], named, own[rows])
    seeking, target = rows[target >= 0], target[target >= 0]
    key = mix(np.concatenate([held, target]))
    all_rows = np.concatenate([known_rows, seeking])
    is_seeker = np.arange(len(key)) >= len(held)
    left, right = _pairs_or_stars(data, all_rows, key)
    useful = is_seeker[left] | is_seeker[right]
    return _ordered(all_rows[left[useful]], all_rows[right[useful]])


def _pairs_or_stars(
    data: Fields, rows: np.ndarray, key: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of pairs with equal key: all pairs in small blocks, a named hub in large ones."""
    nameless = ~data.has_given[rows]
    small = pairs_within(key, FULL_PAIRS)
    large = stars_within(key, nameless.astype(np.int8), FULL_PAIRS)
    return np.concatenate([small[0], large[0]]), np.concatenate([small[1], large[1]])


def _ordered(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    different = left != right
    left, right = left[different], right[different]
    return np.minimum(left, right), np.maximum(left, right)


def _need(table: pa.Table, name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in table.column_names]
    if missing:
        raise InputError(f"{name}: column {missing[0]} is missing")


def _links(left: np.ndarray, right: np.ndarray, rule: np.ndarray) -> Links:
    names = np.array([r.name for r in RULES], dtype=object)
    probabilities = np.array([r.probability for r in RULES])
    return Links(left, right, names[rule], probabilities[rule])


def _constant(left: np.ndarray, right: np.ndarray, rule: str, probability: float) -> Links:
    names = np.full(len(left), rule, dtype=object)
    return Links(left, right, names, np.full(len(left), probability))
