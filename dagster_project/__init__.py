"""Conduct: the asset graph, its schedules and sensors, and the operator's command line."""

import kindred  # noqa: F401 - before anything that imports numpy
