"""Files: any folder of CSV, Parquet or JSON lines becomes a source, by configuration alone."""

from ingestion.files.connector import spec

__all__ = ["spec"]
