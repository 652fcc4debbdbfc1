"""Conduct: the asset graph, its schedules and sensors, and the operator's command line."""
