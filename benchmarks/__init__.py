"""Measurements: each prints one table, with a floor or a peer measured in the same run."""

import kindred  # noqa: F401 - before anything that imports numpy
