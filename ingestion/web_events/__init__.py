"""Web events: gzipped JSON lines per day in the shape of Segment's spec."""

from ingestion.web_events.connector import SPEC

__all__ = ["SPEC"]
