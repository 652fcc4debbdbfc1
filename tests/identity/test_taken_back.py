"""A decision that is taken back leaves exactly what was before, whatever days and rules passed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from worlds import World

from kindred.ledger import Ledger

TRACELESS = ("person_map", "links", "reviews")
DAYS = 1


@pytest.fixture
def world(tmp_path: Path):
    """Opens the world of a seed."""
    ledgers = []

    def opened(seed: int) -> World:
        folder = tmp_path / str(seed)
        ledgers.append(Ledger.open(f"sqlite:///{folder / 'ledger.db'}"))
        return World(ledgers[-1], folder, seed)

    yield opened
    for ledger in ledgers:
        ledger.close()


def lives(world: World, decisions: int, *, during_runs: bool = False) -> bool:
    """Whether each day's decisions, taken back in any order, left what was before them.

    during_runs: each ends when a run has read the ledger, so that the run after it undoes it.
    """
    world.run()
    for _ in range(DAYS):
        world.live()
        before, members = world.run(), members_of(world)
        pairs = []
        for _ in range(decisions):
            if pair := world.decide():
                pairs.append(pair)
                world.run()
        world.chance.shuffle(pairs)
        after = before
        for pair in pairs:
            if during_runs:
                world.run(meanwhile=partial(world.take_back, pair))
            else:
                world.take_back(pair)
                after = world.run()
        if during_runs:
            after = world.run()
        same = all(getattr(after, name).equals(getattr(before, name)) for name in TRACELESS)
        if not same or members_of(world) != members:
            return False
    return len(world.run().events) == 0


def members_of(world: World) -> list[dict]:
    """What the ledger knows of all records, those that are gone too."""
    return world.ledger.known_ids().sort_by("record_id").to_pylist()


@pytest.mark.parametrize("seed", [0, 6, 7, 10])
def test_one_decision(world: Callable[[int], World], seed: int) -> None:
    """In each of these worlds something was left before the ledger kept whom a decision moved."""
    assert lives(world(seed), 1)


@pytest.mark.parametrize("seed", [7, 12, 3068])
def test_several_in_any_order(world: Callable[[int], World], seed: int) -> None:
    """In each of these worlds a decision hides what another one moved."""
    assert lives(world(seed), 3)


@pytest.mark.parametrize("seed", [60040])
def test_many_in_any_order(world: Callable[[int], World], seed: int) -> None:
    """In this world an earlier one keeps from going back whom a later one that ended had moved."""
    assert lives(world(seed), 5)


@pytest.mark.parametrize("seed", [35, 53])
def test_several_while_runs_are_under_way(world: Callable[[int], World], seed: int) -> None:
    """In each of these worlds one ends while a run undoes another one, which it inherits."""
    assert lives(world(seed), 2, during_runs=True)
