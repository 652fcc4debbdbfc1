"""`kindred demo`: the sandbox company through the whole graph, with a summary at the end.

Belongs here: the order of a demo. Does not belong here: any of its parts.
"""

from __future__ import annotations

import time
from typing import Annotated

import typer

from dagster_project.cli import console, look, sandbox
from dagster_project.cli.commands import app
from dagster_project.cli.run import execute


@app.command()
def demo(
    people: Annotated[
        int | None, typer.Option(min=10, help="Size of the company when it is created [5000].")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the company when it is created.")
    ] = None,
) -> None:
    """Create the sandbox company, run the whole graph, push to its systems, and sum up.

    A second run is incremental: it reads what changed since the first one.
    """
    console.end_on_sigterm()
    settings, shown = console.settings(), console.out()
    company = sandbox.describe(settings)
    if company is None:
        people, seed = people or sandbox.DEFAULT_PEOPLE, seed or sandbox.DEFAULT_SEED
        started = time.monotonic()
        with shown.status(f"Creating a company that knows {people:,} people"):
            sandbox.make(settings, people, seed)
        shown.print(
            f"[green]✓[/] Created a company that knows {people:,} people "
            f"({time.monotonic() - started:.1f} s)"
        )
    else:
        _greet_again(company, people, seed, (settings.home / "last_run.json").exists())
    try:
        with sandbox.session(settings) as ports:
            shown.print(f"[green]✓[/] Its systems answer on ports {_span(ports)}")
            settings = console.settings()
            outcome = execute(settings)
    except RuntimeError as error:
        console.fail(str(error))
    except KeyboardInterrupt:
        console.fail("interrupted; run it again and it carries on")
    shown.print("[green]✓[/] The sandbox's systems are stopped")
    if not outcome.success:
        raise typer.Exit(1)
    look.show_summary(settings)


def _greet_again(
    company: dict[str, object], people: int | None, seed: int | None, has_run: bool
) -> None:
    """Say that the company is there already, and refuse to pretend that it is another one."""
    for name, wanted in (("people", people), ("seed", seed)):
        if wanted is not None and wanted != company[name]:
            console.fail(
                f"the company in this home has {name} {company[name]}, not {wanted}; "
                "delete the home's folder, or set KINDRED_HOME to another one"
            )
    what = (
        "this run is incremental: it reads only what changed since the last one"
        if has_run
        else "carrying on"
    )
    console.out().print(f"[green]✓[/] The company ({company['people']:,} people) exists; {what}")


def _span(ports: dict[str, int]) -> str:
    return f"{min(ports.values())} to {max(ports.values())}"
