"""Weights counted on the truth, beside those that were learned."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.identity_told import Told, compared
from kindred.identity.engine import match
from kindred.identity.files import open_people
from kindred.identity.reading.reader import read_people
from kindred.identity.rules.rules_file import load_rules
from kindred.identity.weights.levels import Given


def test_labels_add_little(labelled):
    learned, counted = compared(labelled, threads=1)
    assert learned.pair_f1 > 0.9
    assert abs(counted.pair_f1 - learned.pair_f1) < 0.02


def test_matches_are_counted_where_they_are_one_person(labelled):
    rules = load_rules()
    found = match(read_people(open_people(labelled.records, {}), rules, threads=1), rules)
    same = np.zeros(len(found.pairs), bool)
    same[found.patterns.level("given") == Given.DIFFERENT] = True
    told = Told.of(found, same, len(found.people)).kept()
    assert np.exp2(told.match["given"][Given.DIFFERENT]) > 0.95
    assert told.household is found.model.household
    pairs = len(found.people) * (len(found.people) - 1) / 2
    assert np.exp2(told.priors[0]) * pairs == pytest.approx(same.sum())
