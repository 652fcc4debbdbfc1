"""Clusters: what a pair counts in a mean, and what the mean decides."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.identity.clusters import clustering
from kindred.identity.clusters.clustering import (
    ALWAYS,
    BEYOND,
    COMPONENT_CAP,
    MOST_WEIGHT,
    NEVER,
    STRANGE,
    _capped,
    cluster,
    votes,
)
from kindred.identity.codes.components import components
from kindred.identity.codes.pairs import pack

FATHER, SON = (0, 1), (2, 3)


@pytest.mark.parametrize(
    ("weight", "against", "vote"),
    [
        (3.0, -9.0, 3.0),
        (40.0, -60.0, MOST_WEIGHT + 30 * BEYOND),
        (-0.5, -9.0, -0.5),
        (-30.0, -9.0, -STRANGE),
        (-8.0, 6.0, -6.0),
        (-40.0, 35.0, -MOST_WEIGHT - 25 * BEYOND),
        (ALWAYS, 35.0, ALWAYS),
        (NEVER, -9.0, NEVER),
    ],
)
def test_a_pair_counts_against_by_what_speaks_for_two_people(weight, against, vote):
    found = votes(np.array([weight], np.float32), np.array([against], np.float32))
    assert found.tolist() == [np.float32(vote)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_two_that_are_sure_of_a_record_the_surer_has_it(order: tuple[int, ...]) -> None:
    """Wherever they stand: 12 and 25 bits both count as many as a pair may, and nearly alike."""
    visit, his, hers = order
    pairs, weight = [], []
    for one, other, bits in ((visit, his, 25.0), (visit, hers, 12.0), (his, hers, -30.0)):
        pairs.append(pack(np.array([min(one, other)]), np.array([max(one, other)]))[0])
        weight.append(bits)
    sort = np.argsort(pairs)
    pairs, weight = np.array(pairs)[sort], np.array(weight, np.float32)[sort]

    def vote(some: np.ndarray) -> np.ndarray:
        return votes(weight[np.searchsorted(pairs, some)], 30.0)

    label = cluster(3, pairs, weight, vote)
    assert label[visit] == label[his] != label[hers]


@pytest.mark.parametrize(("kin", "clusters"), [(-9.0, 1), (9.0, 2)])
def test_records_that_say_little_join_two_people_only_if_they_may_be_strangers(kin, clusters):
    """One record each has a birth date, and these contradict; the others agree with all."""
    left, right = np.triu_indices(4, 1)
    pairs = pack(left, right)
    weight = np.full(len(pairs), 2.0, np.float32)
    odds = np.full(len(pairs), -9.0)
    for one in (FATHER, SON):
        weight[pairs == pack(*(np.array([end]) for end in one))] = 8.0
    contradiction = pairs == pack(np.array([FATHER[0]]), np.array([SON[0]]))
    weight[contradiction], odds[contradiction] = -12.0, kin

    def vote(some: np.ndarray) -> np.ndarray:
        place = np.searchsorted(pairs, some)
        return votes(weight[place], odds[place])

    assert len(np.unique(cluster(4, pairs, weight, vote))) == clusters


def test_a_pair_that_tells_nothing_counts_nothing():
    weight, against = np.array([-12.0, -12.0, 3.0], np.float32), np.full(3, -9.0)
    telling = np.array([True, False, False])
    assert votes(weight, against, telling).tolist() == [-STRANGE, 0.0, 3.0]


def test_components_are_decided_alike_together_and_a_few_at_once(monkeypatch):
    dice = np.random.default_rng(7)
    n = 300
    left, right = np.triu_indices(n, 1)
    near = (right - left < 6) & (dice.random(len(left)) < 0.15)
    pairs = pack(left[near], right[near])
    weight = dice.normal(1.0, 2.0, len(pairs)).astype(np.float32)

    def vote(some: np.ndarray) -> np.ndarray:
        return -((some % 7) / 4).astype(np.float32)

    together = cluster(n, pairs, weight, vote)
    monkeypatch.setattr(clustering, "OPEN", 50)
    assert cluster(n, pairs, weight, vote).tolist() == together.tolist()
    assert 1 < len(np.unique(together)) < n


ROWS = st.integers(0, 29)


@given(st.lists(st.tuples(ROWS, ROWS), max_size=40))
def test_components_are_named_after_their_smallest_row(links):
    n = 30
    label = list(range(n))
    for _ in range(n):
        for a, b in links:
            label[a] = label[b] = min(label[a], label[b])
    left, right = (np.array([link[end] for link in links], np.int32) for end in (0, 1))
    assert components(n, left, right).tolist() == label


def test_a_long_chain_is_one_component():
    order = np.random.default_rng(1).permutation(20_000)
    assert not components(len(order), order[:-1], order[1:]).any()


def test_a_component_over_the_cap_is_cut_at_higher_weights_and_the_others_stay():
    """Three groups that weak links join, beside a couple that one weak link makes."""
    size, weak = COMPONENT_CAP * 3 // 5, 1.0
    chain = np.arange(3 * size - 1)
    left, right = np.append(chain, 3 * size), np.append(chain + 1, 3 * size + 1)
    weight = np.full(len(left), 8.0, np.float32)
    weight[[size - 1, 2 * size - 1, -1]] = weak
    label = _capped(3 * size + 2, left, right, weight)
    assert label.tolist() == [0] * size + [size] * size + [2 * size] * size + [3 * size] * 2


def test_a_component_that_no_weight_cuts_stays_whole_and_is_not_opened():
    """Of 501 records of one man none was left with another: the guards had nothing to show."""
    n = COMPONENT_CAP + 1
    pairs = pack(np.arange(n - 1), np.arange(1, n))
    weight = np.full(n - 1, 30.0, np.float32)

    def vote(_: np.ndarray) -> np.ndarray:
        raise AssertionError("so many pairs are never weighed")

    assert not cluster(n, pairs, weight, vote).any()
    split = np.append(pairs, pack(np.array([0]), np.array([n - 1])))
    order = np.argsort(split)
    parted = np.append(weight, NEVER)[order]
    assert cluster(n, split[order], parted, vote).tolist() == list(range(n))
