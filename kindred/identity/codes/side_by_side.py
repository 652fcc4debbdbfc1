"""The same work on several things, side by side.

Belongs here: how work is spread over threads; numpy, Arrow and DuckDB let go of Python's lock while
they work. Does not belong here: the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Thing], Result], things: Iterable[Thing], threads: int
) -> list[Result]:
    """What the work gives for each thing, in their order.

    With one thread, or one thing, no thread is started: that takes longer than reading a record.
    """
    things = list(things)
    if threads == 1 or len(things) < 2:
        return [work(thing) for thing in things]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, things))


def each_done(tasks: Iterable[Callable[[], Result]], threads: int) -> list[Result]:
    """What each of several tasks gives, none of which needs what another does."""
    return side_by_side(lambda task: task(), tasks, threads)
