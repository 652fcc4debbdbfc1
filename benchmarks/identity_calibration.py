"""Calibration: whether a probability of 0.9 is right nine times in ten, ours and Splink's.

    python -m benchmarks.identity_calibration 100000 --picture docs/images/calibration.svg

Every pair that an engine gives a chance of one in twenty or more is held against the truth. Nobody
tells either engine the truth: both learn from the same raw file without labels.

Belongs here: claimed against true shares, the picture of them. Does not belong here: scores of
clusters (`identity`), data (`identity_data`), peers' recipes (`peers`).
"""

from __future__ import annotations

import argparse
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from benchmarks.children import measure
from benchmarks.identity import PEER, Bench
from benchmarks.identity_data import sets
from benchmarks.identity_data.sets import LabelledSet
from benchmarks.pipeline import machine
from dagster_project import pictures
from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import match
from kindred.identity.evidence import probability
from kindred.identity.files import open_people
from kindred.identity.reading.reader import read_people
from kindred.identity.rules.rules_file import load_rules

KINDRED, SPLINK = "kindred", "splink"
LEAST = 0.05
"""Both engines' pairs are looked at from this probability on."""
EDGES = (LEAST, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)
FEWEST = 50
"""Fewer pairs are no share worth drawing."""
TICKS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
LINES = {KINDRED: "-", SPLINK: ":"}
COLOURS = ("#2a7f62", "#44546a", "#b5433a", "#c98a1b", "#6a4c93")


@dataclass(frozen=True)
class Reliability:
    """Claimed and true shares, and the number of pairs, per step of `EDGES` that has any; gap: the
    mean distance of the two over all pairs."""

    data: str
    engine: str
    claimed: np.ndarray
    true: np.ndarray
    pairs: np.ndarray

    @staticmethod
    def of(data: str, engine: str, probabilities: np.ndarray, same: np.ndarray) -> Reliability:
        """probabilities: what the engine said of each pair; same: whether it is one person."""
        seen = probabilities >= LEAST
        probabilities, same = probabilities[seen], same[seen]
        step = np.searchsorted(EDGES[1:-1], probabilities, side="right")
        pairs = np.bincount(step, minlength=len(EDGES) - 1)
        claimed = np.bincount(step, probabilities, len(pairs))[pairs > 0] / pairs[pairs > 0]
        true = np.bincount(step, same, len(pairs))[pairs > 0] / pairs[pairs > 0]
        return Reliability(data, engine, claimed, true, pairs[pairs > 0])

    @property
    def gap(self) -> float:
        """The mean distance of what is claimed and what is true."""
        return float(np.average(np.abs(self.claimed - self.true), weights=self.pairs))


def main() -> None:
    """Measure what the arguments name; print a table and draw a picture."""
    options = arguments()
    found: list[Reliability] = []
    with tempfile.TemporaryDirectory(prefix="kindred-calibration-") as temporary:
        data = options.folder or Path(temporary)
        data.mkdir(parents=True, exist_ok=True)
        bench = Bench(Path(temporary), options.threads)
        for labelled in chosen(options, data):
            found.append(ours(labelled, options.threads))
            if not options.without_splink:
                found.append(splinks(labelled, bench))
    Console(width=120).print(table(found))
    if options.picture:
        pictures.save(picture(found), options.picture)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[100_000])
    parser.add_argument("--flavours", default="AB")
    parser.add_argument("--sandbox", type=int, nargs="*", default=[5_000], metavar="PEOPLE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without-splink", action="store_true")
    parser.add_argument("--folder", type=Path, help="keep the data here (default: temporary)")
    parser.add_argument("--picture", type=Path, help="also draw the shares into this .svg or .png")
    return parser.parse_args()


def chosen(options: argparse.Namespace, data: Path) -> Iterator[LabelledSet]:
    """The sets that the arguments name, made as they are needed."""
    yield from sets.generated(data, options.sizes, options.flavours, options.seed)
    yield from sets.sandbox(data, options.sandbox)


def ours(labelled: LabelledSet, threads: int) -> Reliability:
    """What Kindred says of its candidates, before it decides on clusters."""
    rules = load_rules()
    people = read_people(open_people(labelled.records, {}), rules, threads=threads)
    found = match(people, rules, threads=threads)
    ids = found.people.record_id
    one, two = (ids.take(pa.array(rows)) for rows in unpack(found.pairs))
    pairs = pa.table({"one": one, "two": two, "probability": probability(found.weight)})
    return held_against(pairs, labelled, KINDRED)


def splinks(labelled: LabelledSet, bench: Bench) -> Reliability:
    """What Splink predicts."""
    pairs = bench.work / "pairs.parquet"
    template = f"{PEER.format('splink_people')} --pairs {shlex.quote(str(pairs))}"
    measure(bench.command(template, labelled.records, bench.work / "clusters.parquet"))
    return held_against(pq.read_table(pairs), labelled, SPLINK)


def held_against(pairs: pa.Table, labelled: LabelledSet, engine: str) -> Reliability:
    """pairs: `one, two` (record ids) and `probability`."""
    with duckdb.connect() as connection:
        connection.register("pairs", pairs)
        connection.execute(
            "create temp table truth as from read_parquet($1)", [str(labelled.truth)]
        )
        known = connection.execute(
            "select probability, l.person_id = r.person_id as same from pairs "
            "join truth as l on l.record_id = one join truth as r on r.record_id = two"
        ).fetchnumpy()
    return Reliability.of(labelled.name, engine, known["probability"], known["same"])


def table(found: list[Reliability]) -> Table:
    """Per set and engine the mean gap, and the true share of what it calls nearly sure."""
    shown = Table(title=f"Claimed and true shares ({machine()})", title_justify="left")
    for heading in ("data", "engine", "pairs", "mean gap", "claimed: true ..."):
        shown.add_column(heading, justify="left" if heading in ("data", "engine") else "right")
    for one in found:
        shares = zip(one.claimed, one.true, strict=True)
        shown.add_row(
            one.data,
            one.engine,
            f"{one.pairs.sum():,}",
            f"{one.gap:.4f}",
            ", ".join(f"{claimed:.2f}: {true:.2f}" for claimed, true in shares),
        )
    return shown


def picture(found: list[Reliability]) -> Figure:
    """True shares over claimed ones, on scales of odds: what is right lies on the diagonal."""
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    colours = dict(zip(dict.fromkeys(one.data for one in found), COLOURS, strict=False))
    ends = odds(np.array([TICKS[0], TICKS[-1]]))
    axes.plot(ends, ends, color="black", linewidth=0.8, label="as claimed")
    for one in found:
        many = one.pairs >= FEWEST
        axes.plot(
            odds(one.claimed[many]),
            odds(one.true[many]),
            LINES[one.engine],
            marker="o",
            markersize=4,
            color=colours[one.data],
            label=f"{one.engine}, {one.data} (gap {one.gap:.3f})",
        )
    ticks = odds(np.array(TICKS))
    axes.set_xticks(ticks, [f"{tick:g}" for tick in TICKS], fontsize=8)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in TICKS], fontsize=8)
    axes.set_xlim(ends)
    axes.set_ylim(ends)
    axes.set_xlabel("probability that the engine claims", size=9)
    axes.set_ylabel("share of these pairs that are one person", size=9)
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def odds(share: np.ndarray) -> np.ndarray:
    """log2 of the odds, within the scale that is drawn."""
    share = np.clip(share, 1 - TICKS[-1], TICKS[-1])
    return np.log2(share / (1 - share))


if __name__ == "__main__":
    main()
