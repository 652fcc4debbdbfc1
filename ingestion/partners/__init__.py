"""Partners: an insurer's policy holders (second party), licensed postal-code data (third party)."""

from ingestion.partners.connector import SPEC

__all__ = ["SPEC"]
