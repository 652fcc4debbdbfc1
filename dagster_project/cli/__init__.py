"""The operator's tool, `kindred`: one module per family of commands, listed in `commands`."""

from dagster_project.cli.commands import app

__all__ = ["app"]
