"""Records that linkage leaves alone: what that is worth, and whom they join."""

from __future__ import annotations

import numpy as np
import pytest

from kindred.identity.clusters.clustering import NEVER
from kindred.identity.clusters.left_alone import LARGEST, MOST_BITS, Joined, take_in, worth
from kindred.identity.codes.pairs import pack


def labels(*sizes: int) -> np.ndarray:
    """Labels of clusters of so many records, one after the other."""
    ends = np.cumsum(sizes)
    return np.repeat(ends - sizes, sizes)


Weights = dict[tuple[int, int], float]


def by_pair(weights: Weights) -> dict[int, float]:
    return {int(pack(np.array(a), np.array(b))): weight for (a, b), weight in weights.items()}


def taken(
    label: np.ndarray,
    weights: Weights,
    bits: tuple[float, ...] = (2.0,) * LARGEST,
    *,
    source: Weights | None = None,
    household: float = 0.0,
    merge: float = 0.0,
    too_many: int = 1_000,
) -> Joined:
    """Who joins whom; weights: of pairs that were compared, any other pair weighs -4.

    Weights are over the threshold `merge`; clusters of `too_many` records break a limit.
    """
    known, of_source = by_pair(weights), by_pair(source or {})
    pairs = np.array(sorted(known), np.int64)

    def weigh(some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert (np.diff(some) > 0).all()
        found = [-4.0 for _ in some]  # what is known isn't asked for
        return np.array(found, np.float32), np.full(len(some), household, np.float32)

    return take_in(
        label,
        pairs,
        np.array([known[pair] for pair in pairs.tolist()], np.float32),
        bits,
        merge=merge,
        weigh=weigh,
        breaking=lambda after, some: some[np.bincount(after)[some] >= too_many],
        of_source=lambda some: np.array([of_source.get(pair, 0.0) for pair in some.tolist()]),
    )


def test_worth_is_what_the_sizes_of_clusters_say() -> None:
    sizes = [1] * 600 + [2] * 300 + [3] * 100
    n, partners = 1_500, 300 * 2 + 100 * 6
    bits = worth(labels(*sizes))
    prior = np.log2(partners / n / n)
    assert bits[0] == pytest.approx(np.log2(300 * 2 / (600 * 600)) - prior)
    assert bits[1] == pytest.approx((np.log2(100 * 3 / (600 * 300)) - prior) / 2)
    assert len(bits) == LARGEST


def test_where_nobody_is_there_twice_being_alone_is_worth_nothing() -> None:
    assert worth(labels(*[1] * 50)) == ()
    assert worth(np.empty(0, np.int64)) == ()
    nobody = taken(labels(1, 1), {(0, 1): -0.1}, bits=())
    assert nobody.label.tolist() == [0, 1]


def test_partners_in_the_largest_clusters_are_partners() -> None:
    """Beside one of 60 all others are strangers rather, beside one of 51 less so."""
    few, many = (worth(labels(*[1] * 300, *[2] * 40, large))[0] for large in (51, 60))
    n, partners = 440, 40 * 2 + 60 * 59
    assert many == pytest.approx(np.log2(40 * 2 / 300**2 * n * n / partners))
    assert many < few < worth(labels(*[1] * 300, *[2] * 40))[0]


def test_weights_of_who_was_never_there_twice_take_nobody_in() -> None:
    """They were learned when nobody was; now somebody is, and a third one near."""
    found = taken(labels(2, 1), {(0, 1): 5, (0, 2): 4, (1, 2): -9}, bits=())
    assert found.label.tolist() == [0, 0, 2]


def test_a_threshold_takes_nothing_off_the_odds_of_rivals() -> None:
    """Offers of 2.5 bits and 1 bit: the better one is of 3 to 1, which isn't 5 bits."""
    rivals = {(0, 1): 5, (2, 3): 5, (0, 4): 0.5, (1, 4): 0.5, (2, 4): -1, (3, 4): -1}
    assert taken(labels(2, 2, 1), rivals, merge=0).label.tolist() == [0, 0, 2, 2, 0]
    assert taken(labels(2, 2, 1), rivals, merge=5).label.tolist() == [0, 0, 2, 2, 4]
    assert taken(labels(2, 2, 1), rivals, merge=-5).label.tolist() == [0, 0, 2, 2, 0]


def test_nobody_is_taken_in_who_makes_a_cluster_break_a_limit() -> None:
    weights = {(0, 1): 5, (0, 2): 0, (1, 2): 0}
    assert taken(labels(2, 1), weights).label.tolist() == [0, 0, 0]
    held_back = taken(labels(2, 1), weights, too_many=3)
    assert held_back.label.tolist() == [0, 0, 2]
    assert not len(held_back.place)


def test_a_few_clusters_say_little() -> None:
    """Sizes that hardly any cluster has are told from the larger part of the others."""
    bits = worth(labels(*[1] * 100, *[2] * 60, 40))
    assert np.all(np.abs(bits) <= MOST_BITS)
    assert np.all(
        np.diff(bits[1:]) >= 0
    )  # of ever fewer clusters, each has more ways to have lost one


def test_one_who_is_alone_joins_who_is_near_enough() -> None:
    assert taken(labels(2, 1, 1), {(0, 1): 5, (0, 2): 0, (1, 2): -3}).label.tolist() == [0, 0, 0, 3]
    assert taken(labels(2, 1), {(0, 1): 5, (0, 2): -1}).label.tolist() == [
        0,
        0,
        2,
    ]  # -4 for the other
    assert taken(labels(1, 1), {(0, 1): -1.9}).label.tolist() == [0, 0]
    assert taken(labels(1, 1), {(0, 1): -2.1}).label.tolist() == [0, 1]


def test_sizes_that_few_clusters_have_fall_as_the_last_that_many_have() -> None:
    """Of four records there are ten clusters, too few: for five and a third of what forty are."""
    bits = worth(labels(*[1] * 600, *[2] * 300, *[3] * 40, *[4] * 10))
    n, partners = 1_360, 300 * 2 + 40 * 6 + 10 * 12
    of_four = 40 * 40 / 300
    expected = np.log2(of_four * 4 / (600 * 40) * n * n / partners) / 2
    assert bits[2] == pytest.approx(expected)


def test_being_alone_is_worth_no_more_than_it_may_be() -> None:
    assert worth(labels(*[1] * 40, *[2] * 2_000))[0] == MOST_BITS


def test_who_is_not_alone_stays() -> None:
    near = {(a, b): 0.5 for a in (0, 1) for b in (2, 3)}
    assert taken(labels(2, 2), {(0, 1): 5, (2, 3): 5} | near).label.tolist() == [0, 0, 2, 2]


def test_the_pair_that_ties_them_best_stands_for_them() -> None:
    found = taken(labels(2, 1), {(0, 1): 5, (0, 2): -1, (1, 2): 0.5})
    assert found.place.tolist() == [2]
    assert found.weight.tolist() == [pytest.approx(-0.25 + 2)]


def test_of_two_that_fit_as_well_neither_is_sure() -> None:
    """Odds of 2 to 1 for each of two, and of one that nobody doubts."""
    rivals = {(0, 1): 5, (2, 3): 5, (0, 4): -1, (1, 4): -1, (2, 4): -1, (3, 4): -1}
    assert taken(labels(2, 2, 1), rivals).label.tolist() == [0, 0, 2, 2, 4]
    sure = {pair: weight for pair, weight in rivals.items() if pair[0] < 2}
    assert taken(labels(2, 2, 1), sure).label.tolist() == [0, 0, 2, 2, 0]


def test_of_three_who_are_alone_the_one_in_the_middle_is_nobody_s() -> None:
    assert taken(labels(1, 1, 1), {(0, 1): 0, (1, 2): 0}).label.tolist() == [0, 1, 2]
    assert taken(labels(1, 1, 1), {(0, 1): 0}).label.tolist() == [0, 0, 2]


def test_a_cluster_takes_in_one_at_most_the_best() -> None:
    weights = {(0, 1): 5, (0, 2): -1, (1, 2): -1, (0, 3): 0, (1, 3): 0}
    assert taken(labels(2, 1, 1), weights).label.tolist() == [0, 0, 2, 0]


def test_who_is_decided_to_be_somebody_else_is() -> None:
    weights = {(0, 1): 5, (0, 2): 4, (1, 2): float(NEVER)}
    assert taken(labels(2, 1), weights).label.tolist() == [0, 0, 2]


def test_a_source_speaks_once() -> None:
    """Of one source with one of three records: as if it were of one source with all."""
    weights = {(0, 3): -1.0, (1, 3): -1.0, (2, 3): -1.0}
    found = taken(labels(3, 1), weights, source={(0, 3): -0.5, (1, 3): 0.3, (2, 3): 0.3})
    mean = (-3.0 - (-0.5 + 0.3 + 0.3)) / 3 - 0.5
    assert found.weight.tolist() == [pytest.approx(mean + 2, abs=1e-6)]


def test_who_may_be_of_one_household_gains_less() -> None:
    """Twins who are alone but for each other: half of it says that there are two."""
    assert taken(labels(1, 1), {(0, 1): -1.5}).label.tolist() == [0, 0]
    assert taken(labels(1, 1), {(0, 1): -1.5}, household=1.0).label.tolist() == [0, 1]
    assert taken(labels(1, 1), {(0, 1): -0.5}, household=1.0).label.tolist() == [0, 0]


def test_large_clusters_take_nobody_in() -> None:
    label = labels(LARGEST + 1, 1)
    assert taken(label, {(0, LARGEST + 1): 5}).label[-1] == LARGEST + 1
