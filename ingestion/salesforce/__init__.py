"""Salesforce: the dealers' own CRM: contacts, leads, opportunities, tasks.

Read by SOQL over rows changed since the last run, deleted ones included.
"""

from ingestion.salesforce.connector import SPEC

__all__ = ["SPEC"]
