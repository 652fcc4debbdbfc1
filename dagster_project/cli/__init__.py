"""The operator's tool, `kindred`: one module per family of commands, gathered here."""

from dagster_project.cli import act, demo, look, new, run, sandbox, serve
from dagster_project.cli.console import app

__all__ = ["act", "app", "demo", "look", "new", "run", "sandbox", "serve"]
