"""Calibration: claimed shares held against true ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.identity_calibration import (
    KINDRED,
    SPLINK,
    Reliability,
    held_against,
    ours,
    picture,
    table,
)
from dagster_project import pictures


def test_shares_that_are_as_claimed_have_no_gap():
    claimed = np.repeat([0.3, 0.7, 0.96], 1_000)
    true = np.tile(np.arange(1_000), 3) < claimed * 1_000
    found = Reliability.of("drawn", KINDRED, claimed, true)
    assert found.pairs.tolist() == [1_000, 1_000, 1_000]
    np.testing.assert_allclose(found.true, [0.3, 0.7, 0.96])
    assert found.gap == pytest.approx(0.0)


def test_the_gap_is_how_far_off_the_claims_are_over_all_pairs():
    claimed = np.array([0.9] * 100 + [0.01] * 1_000)  # the unlikely ones aren't looked at
    found = Reliability.of("drawn", KINDRED, claimed, np.arange(1_100) < 60)
    assert found.pairs.tolist() == [100]
    assert found.gap == pytest.approx(0.3)


def test_pairs_are_held_against_the_truth(labelled):
    truth = pq.read_table(labelled.truth).sort_by("person_id").slice(0, 40).to_pylist()
    one, two = truth[0], next(r for r in truth if r["person_id"] != truth[0]["person_id"])
    pairs = pa.table(
        {
            "one": [one["record_id"]] * 2,
            "two": [one["record_id"], two["record_id"]],
            "probability": [0.9, 0.92],
        }
    )
    assert held_against(pairs, labelled, SPLINK).true.tolist() == [0.5]


def test_our_probabilities_mean_what_they_say(labelled, tmp_path):
    found = ours(labelled, 1)
    assert found.pairs.sum() > 1_000
    assert found.gap < 0.06
    table([found])
    pictures.save(picture([found]), tmp_path / "calibration.svg")
    assert (tmp_path / "calibration.svg").stat().st_size > 1_000
