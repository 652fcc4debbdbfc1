"""`kindred match`: the matching engine on any file of people.

Belongs here: options, progress, messages. Does not belong here: matching (kindred/identity), the
plan (`plan`), nor matching the graph's own records, which `kindred run` does.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile


@app.command()
def match(
    people: Annotated[
        Path | None, typer.Argument(help="Parquet or CSV file of people.", show_default=False)
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where `record_id, cluster_id` go (.parquet, .csv).", callback=console.place
        ),
    ] = None,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan", help="No file: what the next run would change here. Writes nothing."
        ),
    ] = False,
    links: Annotated[
        Path | None,
        typer.Option(
            help="Where the links go: both ids, probability, rule.", callback=console.place
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="OURS=YOURS",
            help="Name of a column in the file, as birth_date=dob. Repeatable.",
        ),
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Rules that override the defaults.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads to use.")] = os.cpu_count() or 1,
    json_file: JsonFile = None,
) -> None:
    """Find which records of a file are one person; with --plan, what the next run would change.

    The file needs a column record_id; the other columns of person_records (given_name, family_name,
    birth_date, email, phone, street, house_number, postal_code, city, country_code, ...) may be
    missing. Columns identifier_<type> are near-proof, columns attribute_<name> support.
    """
    console.check_files(
        {"the clusters": out, "the links": links, "the table": json_file},
        {"the people": people, "the rules": rules},
    )
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    if plan:
        from dagster_project.cli.plan import show_plan  # noqa: PLC0415 (reads the ledger)

        if people or out or links or column:
            console.fail("--plan looks at what has landed here: leave out the file and its options")
        show_plan(rules, threads, json_file)
        return
    if people is None or out is None:
        console.fail("name a file of people and --out FILE, or ask for --plan")
    from kindred.identity.codes.columns import InputError  # noqa: PLC0415 (help needs no Arrow)
    from kindred.identity.files import match_file  # noqa: PLC0415
    from kindred.identity.rules.rules_file import RulesError, load_rules  # noqa: PLC0415

    started = time.monotonic()
    with _warnings() as warnings, console.out().status("starting") as status:
        try:
            counts = match_file(
                people,
                out,
                load_rules(rules),
                links_path=links,
                names=_names(column or []),
                threads=threads,
                say=status.update,
            )
        except (InputError, RulesError, OSError) as error:
            console.fail(str(error))
    row = {
        "records": counts.records,
        "people": counts.clusters,
        "records merged": counts.merged,
        "links": counts.links,
        "largest cluster": counts.largest,
        "seconds": round(time.monotonic() - started, 2),
    }
    console.show([row], f"Clusters in {out}", json_file)
    for warning in warnings:
        console.out().print(warning)
    if counts.unused:
        unused = ", ".join(counts.unused)
        said = f"Not used: {unused}. --map OURS=YOURS names a column."
        console.out().print(console.plain(said))


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What matching warns of meanwhile, instead of standard error."""
    found: list[str] = []
    handler, log = logging.Handler(logging.WARNING), logging.getLogger("kindred.identity")
    handler.emit = lambda record: found.append(record.getMessage())
    log.addHandler(handler)
    try:
        yield found
    finally:
        log.removeHandler(handler)


def _names(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        ours, equals, own = pair.partition("=")
        if not (ours and equals and own):
            console.fail(f"--map {pair}: write it as OURS=YOURS, for example birth_date=dob")
        if ours in found:
            console.fail(f"--map {pair}: {ours} is mapped to {found[ours]} already")
        found[ours] = own
    return found
