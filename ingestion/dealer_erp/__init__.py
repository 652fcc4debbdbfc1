"""The dealer ERP: a SQL database with dealers, vehicles, orders, deliveries, service, surveys."""

from ingestion.dealer_erp.connector import SPEC

__all__ = ["SPEC"]
