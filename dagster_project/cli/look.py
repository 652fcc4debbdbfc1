"""`kindred summary`, `evaluate` and `sources`: looking at what is there.

Belongs here: showing. Does not belong here: counting (dagster_project/summary.py).
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from dagster_project import summary as numbers
from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from ingestion import catalog
from kindred.settings import Settings

WIDTH = console.WIDTH
SHOWN_REASONS = 3
WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""rich's pictures fetch a font from the internet; any monospace font of the machine will do."""

OTHER = "other"
STEP_STAGES = {
    "transform_records": "understand: staging, semantic layer (dbt)",
    "match": "match: who is who (Python)",
    "identity__register_matches": "match: who is who (Python)",
    "transform_customers": "understand: customers, contactability, timeline, marts (dbt)",
    "transform_audiences": "understand: segments, audiences (dbt)",
}
GROUP_STAGES = {
    "ingestion": "collect: sources into the lake (dlt)",
    "ledger": "collect: sources into the lake (dlt)",
    "scoring": "score: propensity (Python)",
    "gold": "publish: Delta tables",
    "segments": "understand: segments, audiences (dbt)",
    "activation": "act: push to destinations",
}
STAGES = (
    GROUP_STAGES["ingestion"],
    STEP_STAGES["transform_records"],
    STEP_STAGES["match"],
    STEP_STAGES["transform_customers"],
    GROUP_STAGES["scoring"],
    STEP_STAGES["transform_audiences"],
    GROUP_STAGES["gold"],
    GROUP_STAGES["activation"],
    OTHER,
)
NEXT = (
    ("make ui", "the asset graph, every run, every check"),
    ("make docs", "every table and column, with its lineage"),
    (".venv/bin/kindred sync NAME --dry-run", "what a sync would change, without sending it"),
    (".venv/bin/kindred new source NAME", "the skeletons of a source of your own"),
    ("make demo", "again: incremental, it reads and sends only what changed"),
)


@app.command()
def summary(json_file: JsonFile = None) -> None:
    """Sum up this home: sources, customers, contactability, segments, destinations, quality."""
    settings = console.settings()
    if numbers.last_run(settings) is None:
        console.fail(f"nothing has run in {settings.home} yet; start with `kindred demo`")
    show_summary(settings)
    console.save_json(_collect(settings), json_file)


@app.command()
def evaluate(json_file: JsonFile = None) -> None:
    """Measure matching, of records and of registers, against the sandbox's truth.

    The truth is never ingested.
    """
    settings = console.settings()
    found = numbers.matching(settings)
    if found is None:
        console.fail("there is nothing to measure: no sandbox truth, or no run yet")
    found |= numbers.registers(settings)
    rows = [{"measure": name.replace("_", " "), "value": value} for name, value in found.items()]
    console.show(rows, "Matching against the truth", json_file)


@app.command()
def sources(json_file: JsonFile = None) -> None:
    """List the enabled sources, their tables and what landed."""
    settings = console.settings()
    try:
        enabled = {source.name: source for source in catalog.enabled(settings)}
    except ValueError as error:
        console.fail(str(error))
    rows = [
        {
            "source": row["source"],
            "tables": len(enabled[row["source"]].tables),
            "rows in the lake": row["rows in the lake"],
            "holds": enabled[row["source"]].description.strip().splitlines()[0],
        }
        for row in numbers.sources(settings)
    ]
    console.show(rows, "Enabled sources (KINDRED_SOURCES)", json_file)


def show_summary(settings: Settings) -> None:
    """Print the summary, and keep it in the home as text and as a picture."""
    content = render(_collect(settings), settings)
    console.out().print(content)
    paper = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False)
    paper.print(content)
    (settings.home / "summary.txt").write_text(paper.export_text(clear=False))
    picture = WEB_FONT.sub("", paper.export_svg(title="kindred summary"))
    (settings.home / "summary.svg").write_text(picture)


def _collect(settings: Settings) -> dict[str, Any]:
    run = numbers.last_run(settings)
    return {
        "run": {name: run[name] for name in ("run_id", "seconds", "checks_passed")},
        "first_run": run["number"] == 1,
        "sources": numbers.sources(settings),
        "customers": numbers.customers(settings),
        "contactability": numbers.contactability(settings),
        "segments": numbers.segments(settings),
        "syncs": numbers.syncs(settings),
        "matching": numbers.matching(settings),
        "model": numbers.model(settings),
        "stages": run["stages"],
    }


def render(found: dict[str, Any], settings: Settings) -> Group:
    """The summary as something rich can print."""
    parts = [
        _headline(found),
        _table("Source records per system", found["sources"], total=True),
        _table("Customers found", found["customers"], total=True),
        _table("Who may be contacted for marketing", [_why(r) for r in found["contactability"]]),
        _table("Top segments", found["segments"][:8]),
        _table("What each destination received (queried = the sum of the others)", _sent(found)),
        _quality(found),
        _table("Time per stage", _stages(found["stages"])),
        _next(settings),
    ]
    return Group(*[part for part in parts if part is not None])


def _headline(found: dict[str, Any]) -> Panel:
    landed = sum(row["landed this run"] for row in found["sources"])
    customers = sum(row["customers"] for row in found["customers"])
    sent = sum(row[n] for row in found["syncs"] for n in ("created", "updated", "deleted"))
    kind = "First run" if found["first_run"] else "Incremental run"
    return Panel(
        f"[bold]{kind}[/] in {found['run']['seconds']:.0f} s: {landed:,} rows landed, "
        f"{customers:,} customers known, {sent:,} changes sent, "
        f"{found['run']['checks_passed']:,} checks passed",
        title="Kindred",
        title_align="left",
        width=WIDTH,
    )


def _table(title: str, rows: list[dict[str, Any]], total: bool = False) -> Table | None:
    if not rows:
        return None
    table = Table(title=title, title_justify="left", header_style="bold", title_style="bold cyan")
    for name, value in rows[0].items():
        numeric = isinstance(value, int | float)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[console.shown(value) for value in row.values()])
    if total and len(rows) > 1:
        table.add_section()
        table.add_row(*_total(rows), style="bold")
    return table


def _total(rows: list[dict[str, Any]]) -> list[Text | str]:
    sums = [
        console.shown(sum(row[name] for row in rows)) if isinstance(value, int) else ""
        for name, value in rows[0].items()
    ]
    return ["total", *sums[1:]]


def _sent(found: dict[str, Any]) -> list[dict[str, Any]]:
    """A sync that didn't succeed says so behind its name."""
    return [
        {
            "sync": row["sync"] + ("" if row["status"] == "succeeded" else f" ({row['status']})"),
            **{name: row[name] for name in numbers.BALANCE},
        }
        for row in found["syncs"]
    ]


def _why(row: dict[str, Any]) -> dict[str, Any]:
    reasons = [f"{name} {count:,}" for name, count in row["why not"].items()]
    more = len(reasons) - SHOWN_REASONS
    text = ", ".join(reasons[:SHOWN_REASONS]) + (f", {more} more reasons" if more > 0 else "")
    return {name: value for name, value in row.items() if name != "why not"} | {
        "why not (a customer can have several reasons)": text
    }


def _quality(found: dict[str, Any]) -> Table | None:
    rows = []
    if found["matching"]:
        match = found["matching"]
        rows += [
            {
                "quality": "Matching against the truth",
                "figure": f"precision {match['pair_precision']:.3f}, "
                f"recall {match['pair_recall']:.3f}, F1 {match['pair_f1']:.3f} (pairs)",
                "means": f"{match['records']:,} records of {match['people']:,} people "
                f"became {match['customers']:,} customers",
            }
        ]
    if found["model"]:
        card = found["model"]
        quality = card.get("quality")
        rows += [
            {
                "quality": "Propensity to order accessories",
                "figure": f"AUC {quality['roc_auc']:.3f}, "
                f"lift of the top tenth {quality['lift_top_decile']:.1f}"
                if quality
                else "base rate for everybody",
                "means": f"{card['kind'].replace('_', ' ')}, judged on a later time"
                if quality
                else card["fallback_reason"],
            }
        ]
    return _table("How good it is", rows)


def _stages(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps added up to the stages of the picture, in the order of the picture."""
    found: dict[str, dict[str, Any]] = {}
    for row in stages:
        name = _stage_of(row)
        stage = found.setdefault(name, {"stage": name, "steps": 0, "assets": 0, "seconds": 0.0})
        stage["steps"] += 1
        stage["assets"] += row["assets"]
        stage["seconds"] += row["seconds"]
    ordered = sorted(found.values(), key=lambda stage: STAGES.index(stage["stage"]))
    return [stage | {"seconds": f"{stage['seconds']:.1f}"} for stage in ordered]


def _stage_of(row: dict[str, Any]) -> str:
    if row["name"] in STEP_STAGES:
        return STEP_STAGES[row["name"]]
    return GROUP_STAGES.get(row["groups"][0], OTHER)


def _next(settings: Settings) -> Table:
    table = Table(title="Where to look next", title_justify="left", title_style="bold cyan")
    table.add_column(no_wrap=True)
    table.add_column()
    for command, what in NEXT:
        table.add_row(f"[bold]{command}[/]", what)
    gold = f"Delta tables for notebooks and BI: {_near(settings.gold)}"
    summary = f"this text: {_near(settings.home / 'summary.txt')}"
    table.add_row("[bold]lake/gold[/]", console.plain(gold))
    table.add_row("[bold]summary[/]", console.plain(summary))
    table.show_header = False
    return table


def _near(path: Path) -> Path:
    """The path as seen from here, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
