"""Floors of accuracy on data with known truth: what the engine reaches, it keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from people import RULES

from benchmarks.identity_data import public
from benchmarks.identity_data.others import recipes
from kindred.identity import Quality, evaluate, match_file


@pytest.fixture
def quality(tmp_path: Path) -> Callable[[pa.Table, pa.Table], Quality]:
    """Matches records through the file door and measures against the truth."""

    def measured(records: pa.Table, truth: pa.Table) -> Quality:
        people, out = tmp_path / "people.parquet", tmp_path / "clusters.parquet"
        pq.write_table(records, people)
        match_file(people, out, RULES)
        return evaluate(pq.read_table(out).rename_columns(["record_id", "customer_id"]), truth)

    return measured


def labelled(read: Callable[[], public.Labelled]) -> public.Labelled:
    try:
        return read()
    except LookupError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", public.FEBRL)
def test_febrl(quality, name: str) -> None:
    found = quality(*labelled(lambda: public.febrl(name)))
    assert found.pair_f1 >= 0.998
    assert found.bcubed_f1 >= 0.998


def test_fake_1000(quality) -> None:
    found = quality(*labelled(public.fake_1000))
    assert found.pair_f1 >= 0.93
    assert found.bcubed_f1 >= 0.95


def test_people_of_several_systems(quality, generated) -> None:
    found = quality(*map(pq.read_table, generated(5_000)))
    assert found.pair_precision >= 0.95
    assert found.pair_f1 >= 0.945
    assert found.bcubed_f1 >= 0.97


@pytest.mark.parametrize(("name", "f1"), [("voters", 0.975), ("voters, year as birth date", 0.985)])
def test_fathers_and_sons_of_one_name(quality, name: str, f1: float) -> None:
    """Each learned weight that forgets them takes one to four hundredths."""
    found = quality(*recipes.labelled(name, 3, 5_000))
    assert found.pair_f1 >= f1


def test_visitors_of_a_shop_who_are_codes_first(quality) -> None:
    """Records of one person often have nothing in common but that a third record has of both."""
    found = quality(*recipes.labelled("visitors", 3, 5_000))
    assert found.pair_precision >= 0.95
    assert found.pair_f1 >= 0.85
    assert found.bcubed_f1 >= 0.82


def test_owners_of_one_car_in_turn(quality) -> None:
    """Two identifiers agree, as they go with the car: without successors pair F1 is below 0.2."""
    found = quality(*recipes.labelled("owners", 3, 5_000))
    assert found.pair_precision >= 0.97
    assert found.pair_f1 >= 0.96
