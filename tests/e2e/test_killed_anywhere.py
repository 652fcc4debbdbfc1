"""A first run killed again and again, at moments all over it, comes to the same result.

Slow: six killed runs and two whole ones. `make soak` runs it.
"""

from __future__ import annotations

import time

import pytest

MOMENTS = (0.2, 0.35, 0.5, 0.65, 0.8, 0.92)
"""Shares of the time that a whole run took."""
pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def whole(home):
    """What an uninterrupted first run came to, and how long it took."""
    started = time.monotonic()
    home.demo()
    return home.result(), time.monotonic() - started


def test_a_first_run_killed_again_and_again_comes_to_the_same_result(whole, another_home):
    expected, seconds = whole
    killed = [another_home.demo_killed_at(share * seconds) for share in MOMENTS]
    assert all(killed[:-1])  # the first run also parses the project: the last may end before
    another_home.demo()
    found = another_home.result()
    for part in expected:
        assert found[part] == expected[part], part
