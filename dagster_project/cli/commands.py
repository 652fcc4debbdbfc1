"""Which commands there are, and in which module: a module is imported when its command is called.

Belongs here: the app and the list. Does not belong here: any command. So `kindred --help` and
`kindred match` wait for no Dagster, dbt or dlt.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "run": "run",
    "demo": "demo",
    "summary": "look",
    "sources": "look",
    "evaluate": "look",
    "match": "match",
    "explain": "explain",
    "why": "why",
    "review": "review",
    "link": "steward",
    "split": "steward",
    "unlink": "steward",
    "decisions": "steward",
    "pin": "pin",
    "unpin": "pin",
    "pins": "pin",
    "timeline": "timeline",
    "segments": "segments",
    "preview": "segments",
    "sync": "act",
    "ui": "serve",
    "docs": "serve",
    "new": "new",
    "sandbox": "sandbox",
    "migrate": "act",
}
"""Command, or group of commands, to the module beside this one that registers it with `app`.

The function bears the command's name, and the first line of its docstring is what the list says.
"""


class LazyGroup(TyperGroup):
    """Lists every command from its docstring, and imports the module of the one that is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        registered = self.commands
        self.commands = {
            name: registered.get(name) or TyperCommand(name, callback=None) for name in COMMANDS
        }

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of `COMMANDS`, for the list that help prints."""
        for name, module in COMMANDS.items():
            self.commands[name].short_help = _first_line(module, name)
        return list(COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """The command to run, of its own module."""
        name, listed, rest = super().resolve_command(ctx, args)
        if listed is None:  # a shell completes a word that is no command yet
            return name, listed, rest
        importlib.import_module(f"dagster_project.cli.{COMMANDS[name]}")
        return name, typer.main.get_group(app).commands[name], rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what goes wrong below any of them is one message, too."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from dagster_project.cli import console, troubles  # noqa: PLC0415 (help is quick)

            said = troubles.in_words(error)
            if said is None:
                raise
            console.fail(said)


def _first_line(module: str, name: str) -> str:
    """What the function `name` says about itself, read without importing its module."""
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    raise LookupError(f"dagster_project/cli/{module}.py has no function {name}")


app = typer.Typer(
    name="kindred",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def kindred() -> None:
    """Kindred, an open customer data platform.

    From source systems to one profile per person, and on to the tools that talk to that person.
    """
