"""Average linkage: small components all at once and large ones one at a time, with one result."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import RULES, read

from kindred.identity import engine
from kindred.identity.clusters import linkage
from kindred.identity.clusters.linkage import linked
from kindred.identity.codes.pairs import pack


def world(sizes: list[int], seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Components of these sizes, their rows at random; their pairs, sorted, and a vote for each."""
    dice = np.random.default_rng(seed)
    label, pairs = np.empty(sum(sizes), np.int64), []
    rows = dice.permutation(sum(sizes))
    for end, size in zip(np.cumsum(sizes), sizes, strict=True):
        own = np.sort(rows[end - size : end])
        label[own] = own[0]
        left, right = np.triu_indices(size, 1)
        pairs.append(pack(own[left], own[right]))
    pairs = np.sort(np.concatenate(pairs))
    return label, pairs, dice.normal(0.5, 3, len(pairs)).astype(np.float32)


def by_hand(label: np.ndarray, pairs: np.ndarray, vote: np.ndarray) -> np.ndarray:
    """The two nearest of all clusters merge, one after the other."""
    votes = dict(zip(pairs.tolist(), vote.tolist(), strict=True))
    found = label.copy()
    for component in np.unique(label):
        groups = [[row] for row in np.flatnonzero(label == component).tolist()]
        while len(groups) > 1:
            means = {
                (i, j): np.mean([votes[min(a, b) << 32 | max(a, b)] for a in one for b in other])
                for i, one in enumerate(groups)
                for j, other in enumerate(groups)
                if i < j
            }
            (i, j), mean = max(means.items(), key=lambda found: found[1])
            if mean <= 0:
                break
            groups[i] += groups.pop(j)
        for group in groups:
            found[group] = min(group)
    return found


@pytest.mark.parametrize("large", [1, 4, 1_000])
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=6).filter(lambda s: max(s) > 1),
    st.integers(0, 99),
)
def test_the_two_nearest_merge_while_their_mean_is_positive(large, sizes, seed):
    label, pairs, vote = world(sizes, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linkage, "LARGE", large)
        assert linked(label, pairs, vote).tolist() == by_hand(label, pairs, vote).tolist()


@pytest.mark.parametrize("large", [1, 1_000])
def test_a_mean_of_nothing_joins_nobody(monkeypatch, large):
    """0.3 and -0.1 three times add up to a hair more than nothing."""
    monkeypatch.setattr(linkage, "LARGE", large)
    left, right = np.triu_indices(4, 1)
    pairs = pack(left, right)
    vote = np.array([9.0, 9.0, 0.3, 9.0, -0.1, -0.2], np.float32)
    assert vote.astype(float)[[2, 4, 5]].sum() > 0
    assert linked(np.zeros(4, np.int64), pairs, vote).tolist() == [0, 0, 0, 3]


@pytest.mark.parametrize("large", [1, 1_000])
def test_components_that_are_closed_stay(monkeypatch, large):
    monkeypatch.setattr(linkage, "LARGE", large)
    label = np.array([0, 1, 1, 3, 3, 0])
    pairs = pack(np.array([1]), np.array([2]))
    assert linked(label, pairs, np.array([-1.0], np.float32)).tolist() == [0, 1, 2, 3, 3, 0]


@pytest.mark.parametrize(("some", "loads"), [(100, True), (1_000, False)])
def test_what_decides_large_components_is_loaded_where_there_may_be_any(
    monkeypatch: pytest.MonkeyPatch, some: int, loads: bool
) -> None:
    loaded: list[bool] = []
    monkeypatch.setattr(engine, "SOME_ARE_LARGE", some)
    monkeypatch.setattr(engine, "dendrograms", lambda: loaded.append(True))
    engine.prepare(read(family_name=[f"Bakker{n}" for n in range(200)]), RULES)
    assert bool(loaded) == loads
