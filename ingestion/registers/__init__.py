"""Registers: who died, who moved, who must not be contacted. CSV files dropped into a folder."""

from ingestion.registers.connector import SPEC

__all__ = ["SPEC"]
