"""Links that last: what goes, what comes, and at which rows that changes something."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kindred.identity.codes.pairs import pack, unpack
from kindred.identity.index.links import Links

ROWS = 8
WEIGHT = st.sampled_from([0.5, 2.0])
PAIR = st.tuples(st.integers(0, ROWS - 1), st.integers(0, ROWS - 1)).filter(lambda p: p[0] < p[1])
WORLD = st.dictionaries(PAIR, WEIGHT, max_size=12)


def links(world: dict[tuple[int, int], float]) -> Links:
    ends = np.array(sorted(world), np.int64).reshape(-1, 2)
    weight = np.array([world[pair] for pair in sorted(world)], np.float32)
    return Links(pack(ends[:, 0], ends[:, 1]), weight)


def told(some: Links) -> dict[tuple[int, int], float]:
    left, right = unpack(some.pairs)
    return dict(zip(zip(left.tolist(), right.tolist(), strict=True), some.weight, strict=True))


@given(WORLD, WORLD, st.sets(st.integers(0, ROWS - 1)), st.sets(PAIR))
def test_an_exchange_tells_at_which_rows_links_change(before, come, anew, gone):
    found = links(before)
    stay = {p: w for p, w in before.items() if not anew & set(p) and p not in gone}
    expected = stay | come
    changed = {
        row
        for pair in before.keys() | expected.keys()
        if before.get(pair) != expected.get(pair)
        for row in pair
    }
    mask = np.isin(np.arange(ROWS), list(anew))
    rows = found.exchange(mask, links(dict.fromkeys(gone, 0.0)).pairs, links(come))
    assert told(found) == expected
    assert set(rows.tolist()) == changed
    assert (np.diff(found.pairs) > 0).all()


@given(WORLD, st.sets(st.integers(0, ROWS - 1)))
def test_links_among_some_rows_have_both_ends_there(world, rows):
    found = links(world).among(np.isin(np.arange(ROWS), list(rows)))
    assert told(found) == {p: w for p, w in world.items() if rows.issuperset(p)}
