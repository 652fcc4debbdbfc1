"""The email platform: contacts, consents, campaigns, and what happened to each message."""

from ingestion.email_platform.connector import SPEC

__all__ = ["SPEC"]
