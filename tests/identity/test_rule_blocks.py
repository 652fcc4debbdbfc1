"""Rule blocks: after records came and went, the pairs are those of blocks that are made anew."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from kindred.identity import load_rules
from kindred.identity.candidates.blocking_rules import rules_for
from kindred.identity.candidates.duplicates import Standing
from kindred.identity.clusters import judgement
from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import moved, unpack
from kindred.identity.index import rule_blocks
from kindred.identity.index.rule_blocks import Found, RuleBlocks
from kindred.identity.reading.reader import TableColumns, read_people

ROWS, RULE = 60, "loyalty_card"
FEW, CAP, RULE_CAP = 32, 3, 4


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """All records meet while they are few, and few of them fill a block."""
    monkeypatch.setattr(rule_blocks, "COMPARE_ALL", FEW)
    for module in (judgement, rule_blocks):
        monkeypatch.setattr(module, "RULE_CAP", RULE_CAP)


def people(dice: random.Random) -> People:
    """So many records of a small world, where values meet again and again."""
    rows = [
        {
            "record_id": f"r:{n:03}",
            "given_name": dice.choice(["Anna", "Bram", None]),
            "family_name": dice.choice(["Quaedvlieg", "Ruiter"]),
            "city": dice.choice(["Delft", "Gouda", "Leiden", "Assen", None]),
            "postal_code": dice.choice(["2611", "2801", "2311", "9401", "9402", None]),
            "identifier_loyalty_card": dice.choice(["card 1", "card 2", "card 3", None]),
        }
        for n in range(ROWS)
    ]
    return read_people(TableColumns(pa.Table.from_pylist(rows)), load_rules())


def told(found: Found, rows: np.ndarray) -> dict[str, set]:
    """Pairs of rows, of blocking rules and of the one deterministic rule."""
    own = {"candidates": found.candidates, RULE: found.judged[RULE]}
    return {
        name: set(zip(*(end.tolist() for end in unpack(moved(pairs, rows))), strict=True))
        for name, pairs in own.items()
    }


@pytest.mark.parametrize("seed", range(40))
def test_pairs_are_those_of_blocks_that_are_made_anew(seed):
    dice = random.Random(seed)
    everybody = people(dice)
    caps = {rule.name: dice.choice([0, 2, CAP]) for rule in rules_for(everybody)}
    here, later = set(range(ROWS // 2)), list(range(ROWS // 2, ROWS))

    def standing() -> Standing:
        return Standing(everybody, np.isin(np.arange(ROWS), list(here)), np.arange(ROWS))

    def anew() -> dict[str, set]:
        rows = np.array(sorted(here))
        made = RuleBlocks(everybody.take(rows), rows, load_rules(), caps)
        return told(made.among(standing(), rows), rows)

    every = np.arange(ROWS)
    rows = np.array(sorted(here))
    blocks = RuleBlocks(everybody.take(rows), rows, load_rules(), caps)
    pairs = anew()
    while later:
        gone = set(dice.sample(sorted(here), dice.randint(0, 5)))
        fresh = {later.pop() for _ in range(min(len(later), dice.randint(0, 5)))}
        here = here - gone | fresh
        now = standing()
        came = blocks.move(now, *(np.array(sorted(some), np.int64) for some in (gone, fresh, ())))
        again = gone | fresh | set(came.anew.tolist())
        met = told(came.met.and_also(blocks.with_others(now, came.anew)), every)
        lost = set(zip(*(end.tolist() for end in unpack(came.lost)), strict=True))
        expected = anew()
        for name, own in pairs.items():
            stay = {pair for pair in own if not again.intersection(pair)}
            if name == "candidates":
                stay -= lost - expected[name]
                stay |= set(zip(*(end.tolist() for end in unpack(came.gained)), strict=True))
            pairs[name] = stay | met[name]
        assert pairs == expected
