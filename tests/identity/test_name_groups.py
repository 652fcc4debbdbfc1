"""Groups of names where no record names a country."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kindred.identity import load_rules
from kindred.identity.codes.columns import People
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.name_groups import name_groups
from kindred.identity.weights.origins import Origins

SYLLABLES = ["ba", "do", "fi", "ku", "me", "ro", "sa", "ti", "vo", "zu"]


def words(end: str, number: int) -> list[str]:
    """Names that sound and look different, of one language by their end."""
    return [f"{SYLLABLES[n // 10]}{SYLLABLES[n % 10]}{end}" for n in range(number)]


def people(groups: int, order: np.ndarray | None = None) -> People:
    """Two thousand records without a country, of one or several languages."""
    random = np.random.default_rng(1)
    rows = []
    for end in ("man", "eau", "ski")[:groups]:
        given, family = words(f"{end[0]}o", 20), words(end, 60)
        picked = random.integers(0, (20, 60), (2_000 // groups, 2))
        rows += [(given[one], family[other]) for one, other in picked]
    names = pa.table({"given_name": [a for a, _ in rows], "family_name": [b for _, b in rows]})
    table = names.append_column("record_id", pa.array([f"r{n:04d}" for n in range(len(rows))]))
    if order is not None:
        table = table.take(pa.array(order[: len(table)]))
    return read_people(TableColumns(table), load_rules())


def test_names_of_several_languages_fall_into_groups() -> None:
    found = people(2)
    lift = Origins.of(found).lift(found.given.full, found.family.full)
    assert lift.mean() == pytest.approx(1.0, abs=0.2)  # half of all are of each: one bit


def test_names_of_one_language_fall_into_none() -> None:
    assert name_groups(people(1)) is None


def test_a_family_name_is_as_frequent_as_beside_its_given_name() -> None:
    one, two = (Frequencies(people(number))["family"].mean() for number in (1, 2))
    assert two - one == pytest.approx(0.0, abs=0.3)  # twice as many names, each beside its own


def test_groups_are_the_same_in_any_order_of_records() -> None:
    order = np.random.default_rng(2).permutation(2_000)
    one, other = people(2), people(2, order)
    assert np.array_equal(Frequencies(one)["family"], Frequencies(other)["family"])


def test_later_records_get_the_chance_that_earlier_ones_have() -> None:
    found = people(3)
    counted = Frequencies(found)
    again = Frequencies(found, counted.to_keep())
    np.testing.assert_allclose(again["family"], counted["family"], rtol=1e-5)
