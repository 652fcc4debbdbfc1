"""Identity resolution on labelled people: ours, Splink, exact rules, stitched codes, in one table.

    python -m benchmarks.identity 100000 1000000 --json results.json
    python -m benchmarks.identity --only febrl,fake --without-splink
    python -m benchmarks.identity --only others

Every engine is a command in a process of its own, from the raw file to `record_id, cluster_id`, as
a user would run it: start-up and training count. The sizes are records of generated people;
FEBRL and Splink need the dependency group `bench`. Ours has one configuration for all sets and a
threshold fixed in advance; Splink is shown at its usual threshold and at the one that the labels
say is best for it (same run, so same time). Stitched codes are what platforms for web and app data
do (`peers.stitching`); sets without any code are spared them.

Belongs here: the engines' commands, scores, the table. Does not belong here: data
(`identity_data`), peers' recipes (`peers`); a claim: docs/performance.md holds the numbers.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks.children import FailedError, measure
from benchmarks.identity_data import sets
from benchmarks.identity_data.public import FEBRL
from benchmarks.identity_data.sets import LabelledSet
from benchmarks.identity_measures import Day, day, stability
from benchmarks.peers.graph import clusters
from benchmarks.peers.stitching import codes_of
from benchmarks.pipeline import machine
from kindred.identity.evaluation import Quality, evaluate

BY_DEFAULT = ("febrl", "fake", "people", "sandbox")
KINDS = (*BY_DEFAULT, "others", "stability", "day")
USUAL = 0.95
LADDER = (0.1, 0.3, 0.5, 0.7, 0.9, USUAL, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
"""Splink's thresholds among which the labels choose."""
KINDRED = "{python} -m dagster_project.cli.main match {people} --out {out} --threads {threads}"
PEER = "{{python}} -m benchmarks.peers.{} {{people}} --out {{out}} --threads {{threads}}"
MEASURES = ("pair_precision", "pair_recall", "pair_f1", "bcubed_f1")
Row = dict[str, Any]


def main() -> None:
    """Measure what the arguments name; print one table. Ends with 1 when an engine failed."""
    options = arguments()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="kindred-identity-") as temporary:
        work = Path(temporary)
        data = options.folder or work
        data.mkdir(parents=True, exist_ok=True)
        bench = Bench(work, options.threads, options.kindred)
        for found in chosen(options, data):
            for row in bench.rows(found, with_splink=not options.without_splink):
                rows.append(row)
                print(line(row), file=sys.stderr)
        changes, days = {}, []
        size = max(options.sizes)
        if "stability" in options.only:
            found = next(sets.generated(data, [size], "A", options.seed))
            changes = stability(found.records, work, bench.match)
        if "day" in options.only:
            found = next(sets.generated(data, [size], "A", options.seed))
            days = [day(found.records, size // 100, options.threads)]
    Console(width=160).print(table(rows))
    for ids, share in changes.items():
        print(f"ids that change when 10 % of {size:,} records are added, {ids}: {share:.2%}")
    for one in days:
        print(said(one))
    if options.json:
        result = {"machine": machine(), "rows": rows, "changed_ids": changes}
        result["days"] = [asdict(one) for one in days]
        options.json.write_text(json.dumps(result, indent=1))
    if any(row.get("failed") for row in rows):
        raise SystemExit(1)


def said(one: Day) -> str:
    """A day in a sentence."""
    return (
        f"{one.changes:,} changes among {one.records:,} records: {one.seconds:.2f} s, "
        f"{one.seconds / one.full_seconds:.0%} of a full run ({one.full_seconds:.1f} s); clusters "
        f"as a full run has them: {one.agreement:.4f}; finding one record: "
        f"{one.find_seconds * 1000:.1f} ms; opening the saved index and finding one: "
        f"{one.open_seconds * 1000:.0f} ms"
    )


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--json", type=Path, help="also write the rows of the table here")
    parser.add_argument("--only", default=",".join(BY_DEFAULT), help=f"some of {','.join(KINDS)}")
    parser.add_argument("--without-splink", action="store_true")
    parser.add_argument("--folder", type=Path, help="keep the data here (default: temporary)")
    parser.add_argument("--sandbox", type=int, nargs="*", default=[5_000], metavar="PEOPLE")
    parser.add_argument("--flavours", default="AB")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kindred", default=KINDRED, help="our command: {people} {out} {threads}")
    options = parser.parse_args()
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(KINDS):
        parser.error(f"--only knows {', '.join(KINDS)}, not {', '.join(sorted(unknown))}")
    if not options.without_splink and importlib.util.find_spec("splink") is None:
        parser.error("Splink isn't installed: uv sync --frozen --inexact --group bench")
    return options


def chosen(options: argparse.Namespace, data: Path) -> Iterator[LabelledSet]:
    """The sets that the arguments name, made as they are needed."""
    if "febrl" in options.only:
        yield from sets.published(data, tuple(FEBRL))
    if "fake" in options.only:
        yield from sets.published(data, ("fake_1000",))
    if "people" in options.only:
        yield from sets.generated(data, options.sizes, options.flavours, options.seed)
    if "sandbox" in options.only:
        yield from sets.sandbox(data, options.sandbox)
    if "others" in options.only:
        yield from sets.others(data, options.seed)


class Bench:
    """Runs engines on labelled sets and scores them."""

    def __init__(self, work: Path, threads: int, kindred: str = KINDRED) -> None:
        self.work = work
        self.threads = threads
        self.kindred = kindred

    def command(self, template: str, records: Path, out: Path) -> list[str]:
        """The template with its places filled; one argument stays one."""
        places = {"python": sys.executable, "people": records, "out": out, "threads": self.threads}
        return [part.format(**places) for part in shlex.split(template)]

    def match(self, records: Path, out: Path) -> None:
        """Our own command on a file."""
        measure(self.command(self.kindred, records, out), self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """An empty home, so that no company's own rules take part."""
        return {"KINDRED_HOME": str(self.work / "home")}

    def rows(self, found: LabelledSet, *, with_splink: bool) -> Iterator[Row]:
        """One row per engine."""
        yield from self.measured(found, "kindred", self.kindred)
        if with_splink:
            pairs = self.work / "pairs.parquet"
            template = f"{PEER.format('splink_people')} --pairs {shlex.quote(str(pairs))}"
            for row in self.measured(found, f"splink {USUAL}", template):
                if not row.get("failed"):
                    yield row | self.best(found, pairs)
                yield row
        yield from self.measured(found, "deterministic rules", PEER.format("deterministic"))
        if codes_of(pq.read_schema(found.records).names):
            stitching = PEER.format("stitching")
            yield from self.measured(found, "any equal code", stitching)
            yield from self.measured(found, "equal codes within limits", f"{stitching} --limits")

    def measured(self, found: LabelledSet, engine: str, template: str) -> Iterator[Row]:
        """One engine on one set: time, memory, scores; or why it failed."""
        out = self.work / "clusters.parquet"
        out.unlink(missing_ok=True)
        row: Row = {"data": found.name, "engine": engine}
        try:
            run = measure(self.command(template, found.records, out), self.environment)
        except FailedError as problem:
            yield row | {"failed": str(problem)}
            return
        quality = score(pq.read_table(out), found)
        yield row | scores(quality) | asdict(run)

    def best(self, found: LabelledSet, pairs: Path) -> Row:
        """Splink's scores at the threshold that the labels say is best by pair F1."""
        records = f"select record_id from '{found.records}'"
        best: tuple[float, float, Quality] | None = None
        with duckdb.connect() as connection:
            for threshold in LADDER:
                edges = f"select one, two from '{pairs}' where probability >= {threshold}"
                quality = score(clusters(connection, records, edges), found)
                if best is None or quality.pair_f1 > best[0]:
                    best = (quality.pair_f1, threshold, quality)
        _, threshold, quality = best
        return {"engine": f"splink, best threshold ({threshold})"} | scores(quality)


def score(found: pa.Table, labelled: LabelledSet) -> Quality:
    """Pair and B-cubed measures of record_id, cluster_id. ValueError if a record is missing."""
    truth = pq.read_table(labelled.truth)
    if len(found) != len(truth):
        raise ValueError(f"{labelled.name}: {len(found):,} clustered of {len(truth):,} records")
    return evaluate(found.rename_columns({"cluster_id": "customer_id"}), truth)


def scores(quality: Quality) -> Row:
    """The measures that the table shows."""
    measures = quality.as_dict()
    return {name: measures[name] for name in ("records", "people", *MEASURES)}


def line(row: Row) -> str:
    """A row as it becomes known."""
    if row.get("failed"):
        return f"{row['data']}, {row['engine']}: failed: {row['failed']}"
    return (
        f"{row['data']}, {row['engine']}: pair F1 {row['pair_f1']:.4f}, "
        f"B-cubed {row['bcubed_f1']:.4f}, {row['seconds']:.1f} s, {row['peak_mib']:,.0f} MiB"
    )


def table(rows: list[Row]) -> Table:
    """All rows as one table."""
    shown = Table(title=f"Identity resolution ({machine()})", title_justify="left")
    for heading in ("data", "engine"):
        shown.add_column(heading)
    for heading in (
        "records",
        "people",
        "pair P",
        "pair R",
        "pair F1",
        "B-cubed F1",
        "s",
        "CPU s",
        "MiB",
    ):
        shown.add_column(heading, justify="right")
    for row in rows:
        if row.get("failed"):
            shown.add_row(row["data"], row["engine"], "failed")
            continue
        shown.add_row(
            row["data"],
            row["engine"],
            f"{row['records']:,}",
            f"{row['people']:,}",
            *(f"{row[name]:.4f}" for name in MEASURES),
            f"{row['seconds']:.1f}",
            f"{row['cpu_seconds']:.1f}",
            f"{row['peak_mib']:,.0f}",
        )
    return shown


if __name__ == "__main__":
    main()
