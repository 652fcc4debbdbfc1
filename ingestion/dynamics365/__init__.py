"""Dynamics 365 Sales: contacts, accounts, leads, opportunities, tasks and phone calls.

Read through the Dataverse Web API with change tracking, so that deletes arrive too.
"""

from ingestion.dynamics365.connector import SPEC

__all__ = ["SPEC"]
