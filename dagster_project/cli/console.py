"""The command line's frame: where it prints, how an error looks, tables as JSON.

Belongs here: what every command shares. Does not belong here: any command.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kindred import settings as kindred_settings
from kindred.outputs import OutputError, check_apart, check_place, written

KEPT_LOGS = 20
LONGEST_WORD, SHORT, LONGEST = 400, 60, 4_000
"""Characters of a word in a message, of one that is cut, and of a whole message."""
WIDTH = 110
LOOSE = (".json", ".csv", ".parquet", ".svg", ".png")
"""What may lie beside Kindred's own files, directly in its home: none of them ends so."""


def out() -> Console:
    """A console on standard output; in a file or a pipe its lines are wide enough for tables."""
    found = Console(highlight=False, emoji=False)
    return found if found.is_terminal else Console(highlight=False, emoji=False, width=WIDTH)


def fail(message: str) -> NoReturn:
    """End the command with one clear message on standard error, and exit code 1."""
    shown = Console(stderr=True, highlight=False)
    shown.print(Text.assemble(("Error:", "bold red"), " ", plain(_shortened(message))))
    raise typer.Exit(1)


def _shortened(message: str) -> str:
    """What somebody named may be of any length; a message isn't."""
    words = re.sub(rf"\S{{{LONGEST_WORD},}}", lambda word: f"{word[0][:SHORT]}…", message)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def plain(said: object) -> Text:
    """What comes from outside, as it is: no bracket in it is markup, every byte can be shown."""
    return Text(str(said).encode(errors="backslashreplace").decode())


def end_on_sigterm() -> None:
    """Let SIGTERM end the command as Ctrl-C does: what it started is stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def place(path: Path | None) -> Path | None:
    """A file that an option names to be written; one that mustn't be ends the command at once."""
    if path is not None:
        try:
            _check_kept(path)
            check_place(path)
        except OutputError as error:
            fail(str(error))
    return path


def json_place(path: Path | None) -> Path | None:
    """The same of a table as JSON: what is there already must be JSON too."""
    if path is None or _is_stream(path):
        return path
    place(path)
    try:
        if path.exists() and path.stat().st_size:
            json.loads(path.read_bytes())
    except OSError as error:
        fail(f"{path} can't be read: {error.strerror}")
    except (ValueError, RecursionError):
        fail(f"{path} is there already and is no JSON: name another file")
    return path


JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        help="Also write the table to FILE as JSON.",
        callback=json_place,
    ),
]


def check_files(
    outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None] | None = None
) -> None:
    """End the command where one file is named twice to be written, or to be read and written."""
    try:
        check_apart(outputs, inputs)
    except OutputError as error:
        fail(str(error))


def _check_kept(path: Path) -> None:
    """Kindred's own files, and those that it reads, are no place for an answer."""
    known = settings()
    real, home = (Path(os.path.realpath(each)) for each in (path, known.home))
    is_loose = real.parent == home and real.suffix.lower() in LOOSE
    if real.is_relative_to(home) and not is_loose:
        raise OutputError(f"{path} is where Kindred keeps its own data: name a file elsewhere")
    sources = [Path(os.path.realpath(source)) for source in known.files.values()]
    if any(real.is_relative_to(source) for source in sources):
        raise OutputError(f"{path} is where a source's files lie: name a file elsewhere")
    check_apart({"the answer": path}, {"the rules": known.identity_rules})


def _is_stream(path: Path) -> bool:
    """Whether it is written without taking anything's place: a terminal, a pipe, /dev/null."""
    try:
        return path.is_char_device() or path.is_fifo()
    except OSError:
        return False


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
    table = Table(title=plain(title), title_justify="left", header_style="bold")
    for name in rows[0] if rows else []:
        numeric = all(isinstance(row[name], int | float) for row in rows)
        table.add_column(plain(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[shown(value) for value in row.values()])
    out().print(table)
    save_json(rows, json_file)


def shown(value: Any) -> Text:
    """A cell's text."""
    if value is None:
        return Text()
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, int):
        return Text(f"{value:,}")
    return Text(f"{value:,.3f}") if isinstance(value, float) else plain(value)


def save_json(content: Any, json_file: Path | None) -> None:
    """Write `content` to `json_file`, if one is given."""
    if json_file is None:
        return
    text = json.dumps(content, indent=2, default=str) + "\n"
    try:
        if _is_stream(json_file):
            json_file.write_text(text)
            return
        with written(json_file) as draft:
            draft.write_text(text)
    except OutputError as error:
        fail(str(error))
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
