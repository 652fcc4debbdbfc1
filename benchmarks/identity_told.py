"""What labels would add: the same engine, with the weights of matches counted on the truth.

    python -m benchmarks.identity_told 100000 --only fake,people,others

Nobody tells the engine which pairs are one person. Here somebody does: how matches agree, and how
many there are, is counted over all candidates, and everything else stays as it was learned. What
that adds is all that labels could, without another kind of model.

Belongs here: counting, and both results side by side. Does not belong here: other engines
(`identity`), whether probabilities hold (`identity_calibration`).
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks.identity import chosen
from benchmarks.identity_data.sets import LabelledSet
from benchmarks.pipeline import machine
from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import Matched, match_prepared, prepare
from kindred.identity.evaluation import Quality, evaluate
from kindred.identity.files import open_people
from kindred.identity.reading.reader import read_people
from kindred.identity.rules.rules_file import load_rules
from kindred.identity.weights.levels import Field
from kindred.identity.weights.model import Model

KINDS = "fake,people,others"
EXPECTED_PAIRS = 5.0
"""Labels are trusted: what one expects beforehand counts for so few pairs."""


@dataclass(frozen=True)
class Told:
    """A model file that holds a given model."""

    model: Model

    def kept(self, *_: object) -> Model:
        """The model, whatever the records are."""
        return self.model

    @classmethod
    def of(cls, learned: Matched, same: np.ndarray, records: int) -> Self:
        """The learned model with matches counted: same: true per candidate that is one person."""
        patterns = learned.patterns.take(np.flatnonzero(same))
        match = {
            field.name: _counted(field, patterns.level(field.name))
            for field in learned.model.fields
        }
        share = max(same.sum(), 1) / (records * (records - 1) / 2)
        priors = (float(np.log2(share)), *learned.model.priors[1:])
        return cls(replace(learned.model, match=match, priors=priors))


def _counted(field: Field, level: np.ndarray) -> np.ndarray:
    counts = np.bincount(level, minlength=field.states)[1:] + np.array(field.match) * EXPECTED_PAIRS
    return np.concatenate(([0.0], np.log2(np.maximum(counts / counts.sum(), 1e-6))))


def compared(found: LabelledSet, threads: int = 2) -> tuple[Quality, Quality]:
    """Quality with weights that were learned, and with weights counted on the truth."""
    rules = load_rules()
    people = read_people(open_people(found.records, {}), rules, threads=threads, by_hash=True)
    truth = pq.read_table(found.truth)
    prepared = prepare(people, rules, threads=threads)
    learned = match_prepared(prepared, rules)
    person = _persons(truth, people.record_id)[prepared.rows]
    left, right = unpack(learned.pairs)
    world = prepared.engine.comparer.chance.world
    told = Told.of(learned, person[left] == person[right], world)
    again = match_prepared(prepared, rules, told)
    return tuple(_quality(people.record_id, one, truth) for one in (learned, again))


def _persons(truth: pa.Table, record_id: pa.Array) -> np.ndarray:
    """A number per record that those of one person share."""
    place = pc.index_in(record_id, value_set=truth["record_id"].combine_chunks())
    return truth["person_id"].combine_chunks().dictionary_encode().indices.take(place).to_numpy()


def _quality(record_id: pa.Array, matched: Matched, truth: pa.Table) -> Quality:
    cluster = record_id.take(pa.array(matched.label))
    return evaluate(pa.table({"record_id": record_id, "customer_id": cluster}), truth)


def main() -> None:
    """Compare on what the arguments name; print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[100_000])
    parser.add_argument("--only", default=KINDS, help=f"default: {KINDS}")
    parser.add_argument("--folder", type=Path, help="keep the data here (default: temporary)")
    parser.add_argument("--sandbox", type=int, nargs="*", default=[5_000], metavar="PEOPLE")
    parser.add_argument("--flavours", default="AB")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.only = options.only.split(",")
    shown = Table(title=f"Weights learned, and counted on the truth ({machine()})")
    for heading in ("data", "learned: pair F1", "B-cubed", "counted: pair F1", "B-cubed"):
        shown.add_column(heading, justify="left" if heading == "data" else "right")
    with tempfile.TemporaryDirectory(prefix="kindred-told-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for found in chosen(options, folder):
            both = compared(found)
            shown.add_row(
                found.name, *(f"{n:.4f}" for one in both for n in (one.pair_f1, one.bcubed_f1))
            )
    Console(width=120).print(shown)


if __name__ == "__main__":
    main()
