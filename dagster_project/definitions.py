"""The code location `kindred`: every definition that lies under `defs/`, and nothing else."""

from pathlib import Path

import dagster as dg


@dg.definitions
def definitions() -> dg.Definitions:
    """Load the whole asset graph, without a connection to any system."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
