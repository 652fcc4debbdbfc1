"""The command line's frame: where it prints, how an error looks, tables as JSON.

Belongs here: what every command shares. Does not belong here: any command.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from kindred import settings as kindred_settings

KEPT_LOGS = 20
WIDTH = 110

JsonFile = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Also write the table to FILE as JSON."),
]


def out() -> Console:
    """A console on standard output; in a file or a pipe its lines are wide enough for tables."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH)


def fail(message: str) -> NoReturn:
    """End the command with one clear message on standard error, and exit code 1."""
    Console(stderr=True, highlight=False).print(f"[bold red]Error:[/] {_plain(message)}")
    raise typer.Exit(1)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def end_on_sigterm() -> None:
    """Let SIGTERM end the command as Ctrl-C does: what it started is stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def settings() -> kindred_settings.Settings:
    """The settings, or a clear message about the one that is wrong."""
    try:
        return kindred_settings.load()
    except ValidationError as error:
        problems = "; ".join(
            f"KINDRED_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}"
            for item in error.errors()
        )
        fail(f"a setting is wrong: {problems}")


def show(rows: list[dict[str, Any]], title: str, json_file: Path | None) -> None:
    """Print rows as a table; with `json_file`, write them there too."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in rows[0] if rows else []:
        numeric = all(isinstance(row[name], int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[shown(value) for value in row.values()])
    out().print(table)
    save_json(rows, json_file)


def shown(value: Any) -> str:
    """A cell's text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.3f}" if isinstance(value, float) else _plain(str(value))


def save_json(content: Any, json_file: Path | None) -> None:
    """Write `content` to `json_file`, if one is given."""
    if json_file is not None:
        try:
            json_file.parent.mkdir(parents=True, exist_ok=True)
            json_file.write_text(json.dumps(content, indent=2, default=str) + "\n")
        except OSError as error:
            fail(f"{json_file} can't be written: {error.strerror}")


@contextlib.contextmanager
def output_in_file(path: Path) -> Iterator[Console]:
    """Send everything that this process and its children print to `path`.

    Yields a console that still writes to the terminal: dbt, dlt and Dagster print a lot.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in sorted(path.parent.glob("*.log"))[: -KEPT_LOGS or None]:
        old.unlink(missing_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    terminal = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    try:
        with path.open("a") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        yield Console(file=terminal, highlight=False)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, number)
            os.close(copy)
        terminal.close()
