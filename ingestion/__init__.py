"""Collect: one folder per source system. Reads a system with dlt and appends to `lake/raw`."""
