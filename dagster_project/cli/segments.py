"""`kindred preview` and `kindred segments`: how large, how narrow, how alike.

Belongs here: showing segments. Does not belong here: counting them (kindred/segments and
dbt_project/models/segments).
"""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from dagster_project import reading
from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from kindred import segments as definitions
from kindred.segments.preview import MEMBERS, PROFILE
from kindred.settings import Settings

PURPOSES = ("service", "marketing", "profiling", "third_party")
MOST = 8
CATALOGUE = """
    select segment, members, string_agg(channel || ' ' || contactable, ', ' order by channel)
        as contactable,
        (select count(*) from fct_segment_history h
         where h.segment = sizes.segment and h.entered_on = sizes.as_of) as entered,
        (select count(*) from fct_segment_history h
         where h.segment = sizes.segment and h.left_on = sizes.as_of) as left_it
    from segment_sizes sizes where purpose = $purpose
    group by segment, members, as_of order by members desc, segment
"""
AS_OF = """
    select segment, count(*) as members,
        count(*) filter (entered_on = $day) as entered
    from fct_segment_history
    where entered_on <= $day and (left_on is null or left_on > $day)
    group by segment order by members desc, segment
"""
ALIKE = """
    select other_segment as segment, in_both, share_in_other, similarity from segment_overlap
    where segment = $name and other_segment <> $name order by similarity desc, 1 limit $most
"""
APART = """
    select trait, mean_inside, mean_outside, difference from segment_distinctions
    where segment = $name and difference is not null order by abs(difference) desc, 1 limit $most
"""


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="A segment's SQL, as it would be saved.")],
    purpose: Annotated[str, typer.Option(help=f"One of {', '.join(PURPOSES)}.")] = "marketing",
    *,
    json_file: JsonFile = None,
) -> None:
    """Count a segment that isn't saved yet: size, channels, clause by clause, overlap."""
    settings = console.settings()
    if not file.is_file():
        console.fail(f"there is no file {file}")
    if purpose not in PURPOSES:
        console.fail(f"{purpose} is no purpose; one of {', '.join(PURPOSES)}")
    started = time.perf_counter()
    try:
        day = reading.published_day(settings)
        definition = definitions.Definition.render(file.read_text(), day)
        wanted = dict.fromkeys((PROFILE, MEMBERS, *definition.tables))
        with reading.open_gold(settings, wanted) as connection:
            found = definitions.preview(connection, definition, purpose)
    except (definitions.DefinitionError, reading.NotPublishedError) as error:
        console.fail(str(error))
    seconds = time.perf_counter() - started
    _show_steps(found.steps)
    reach = [
        {"channel": channel, "may be contacted": count, "of the segment": _share(count, found)}
        for channel, count in found.channels.items()
    ]
    console.show(reach, f"For {purpose}", None)
    alike = [
        {"segment": name, "in both": both, "similarity": similarity}
        for name, both, similarity in found.similar[:MOST]
    ]
    if alike:
        console.show(alike, "Saved segments with the same people", None)
    console.out().print(
        f"{found.members:,} of {found.customers:,} customers; answered in {seconds:.2f} s"
    )
    content = {
        "members": found.members,
        "customers": found.customers,
        "seconds": seconds,
        "channels": found.channels,
        "steps": [{"clause": clause, "left": left} for clause, left in found.steps],
        "similar": alike,
    }
    console.save_json(content, json_file)


def _share(count: int, found: definitions.Preview) -> str:
    return f"{count / found.members:.0%}" if found.members else ""


def _show_steps(steps: list[tuple[str, int]]) -> None:
    rows: list[dict[str, Any]] = []
    for place, (clause, left) in enumerate(steps):
        lost = steps[place - 1][1] - left if place else 0
        rows.append({"clause": clause, "left": left, "taken away": lost})
    console.show(rows, "How each clause narrows it", None)


@app.command()
def segments(
    name: Annotated[str | None, typer.Argument(help="Show one segment.")] = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Who was in them on a day."),
    ] = None,
    purpose: Annotated[str, typer.Option(help=f"One of {', '.join(PURPOSES)}.")] = "marketing",
    *,
    json_file: JsonFile = None,
) -> None:
    """List segments with their sizes, on any day; or show one: clauses, likeness, distinctions."""
    settings = console.settings()
    try:
        if name is not None:
            return _one(settings, name, json_file)
        with _opened(settings, "segment_sizes", "fct_segment_history") as connection:
            if as_of is not None:
                rows = _rows(connection, AS_OF, day=as_of.date())
                return console.show(rows, f"Segments on {as_of.date()}", json_file)
            rows = _rows(connection, CATALOGUE, purpose=purpose)
    except reading.NotPublishedError as error:
        console.fail(str(error))
    console.show(rows, f"Segments today, and who may be contacted for {purpose}", json_file)
    return None


def _one(settings: Settings, name: str, json_file: Path | None) -> None:
    tables = ("segment_overlap", "segment_distinctions", "segment_waterfall")
    with _opened(settings, *tables) as connection:
        steps = connection.execute(
            'select clause, "left" from segment_waterfall where segment = $name order by step',
            {"name": name},
        ).fetchall()
        if not steps:
            console.fail(f"there is no segment {name}; `kindred segments` lists them")
        alike = _rows(connection, ALIKE, name=name, most=MOST)
        apart = _rows(connection, APART, name=name, most=MOST)
    _show_steps(steps)
    console.show(alike, "Most alike", None)
    console.show(apart, "What sets it apart (difference in standard deviations)", None)
    left = [{"clause": clause, "left": count} for clause, count in steps]
    console.save_json({"steps": left, "similar": alike, "apart": apart}, json_file)


def _opened(settings: Settings, *tables: str) -> duckdb.DuckDBPyConnection:
    return reading.open_gold(settings, tables)


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, **values: object
) -> list[dict[str, Any]]:
    return connection.sql(query, params=values).to_arrow_table().to_pylist()
