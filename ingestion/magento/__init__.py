"""Magento: the old shop's CSV exports (customers, addresses, orders, order items).

The customer export holds `password_hash` and `rp_token`; they are dropped as the file is read.
"""

from ingestion.magento.connector import SPEC

__all__ = ["SPEC"]
