"""Measurements: each prints one table, with a floor or a peer measured in the same run."""
