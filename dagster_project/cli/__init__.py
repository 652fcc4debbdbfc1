"""The operator's tool, `kindred`: one module per family of commands, listed in `commands`."""

import gc

from dagster_project.cli.commands import app

__all__ = ["app", "fewer_collections"]


def fewer_collections() -> None:
    """Look for garbage after 100,000 new objects, not after each 700.

    dbt's project and Dagster's graph are a million objects that stay. Of the 70 CPU seconds of a
    run of 150 people, 6 went into looking through them; now less than 3.
    """
    gc.set_threshold(100_000, 50, 50)


fewer_collections()
