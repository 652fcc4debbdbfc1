"""SAP Commerce: the accessories web shop: customers, orders, carts, products, stock."""

from ingestion.sap_commerce.connector import SPEC

__all__ = ["SPEC"]
