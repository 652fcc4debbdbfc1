"""How far a step has come, told while it runs.

Dagster hears of a step's assets when the step yields them; a person wants to see more than that.
Belongs here: passing such news to whoever listens in this process. Does not belong here: showing
it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

Listener = Callable[[str, int, int], None]
"""Called with what is being done, how many parts are done, and how many there are."""

_listeners: list[Listener] = []


def tell(what: str, done: int, total: int) -> None:
    """Tell every listener of this process; nobody listening is fine."""
    for listener in tuple(_listeners):
        listener(what, done, total)


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let `listener` hear what is told inside the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
