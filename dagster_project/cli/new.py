"""`kindred new`: skeletons to fill in.

Belongs here: asking for a skeleton and saying what to do next. Does not belong here: writing it
(dagster_project/scaffold.py).
"""

from __future__ import annotations

from typing import Annotated

import typer

from dagster_project import home, scaffold, transform
from dagster_project.cli import console
from dagster_project.cli.commands import app
from kindred.settings import PROJECT_ROOT

group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="new")


@group.callback()
def new() -> None:
    """Write the skeleton of something new."""


@group.command()
def source(name: Annotated[str, typer.Argument(help="Its name in snake_case.")]) -> None:
    """Write a source's skeletons: connector, staging model, mapping to person records."""
    settings = console.settings()
    try:
        written = scaffold.new_source(name)
        home.prepare(settings)
        with_it = settings.model_copy(update={"sources": (*settings.sources, name)})
        transform.ensure_manifest(with_it)
    except (scaffold.ScaffoldError, transform.TransformError) as error:
        console.fail(str(error))
    shown = console.out()
    for path in written:
        shown.print(f"  {path.relative_to(PROJECT_ROOT)}")
    shown.print(
        f"\nIt parses. Next: put customers*.csv into a folder, then\n"
        f"  export SOURCES__{name.upper()}__FOLDER=/path/to/folder\n"
        f"  export KINDRED_SOURCES={','.join(settings.sources)},{name}\n"
        f"  kindred run --select 'group:ingestion'\n"
        f"and change connector, staging and mapping to what your system holds."
    )
