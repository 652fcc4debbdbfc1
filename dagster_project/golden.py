"""One customer's golden record and where each value comes from, as the last run built them.

Belongs here: reading them for whoever asks about one customer. Does not belong here: the rules
(dbt_project/models/customers) and showing (cli).
"""

from __future__ import annotations

from typing import Any

import duckdb

from dagster_project import matching
from kindred.settings import Settings

RECORD = "select * from customers.dim_customers where customer_id = $customer"
PROVENANCE = """
    select * from customers.customer_attribute_provenance
    where customer_id = $customer order by attribute_group
"""
LOSERS = """
    select places.attribute_group, places.value, places.record_id, places.source_system,
        places.source_rank, places.issue, places.is_stale, places.updated_at,
        places.value_key is distinct from best.value_key as is_another_value
    from customers.int_customers__winners as places
    inner join customers.customer_attribute_provenance as won
        on places.customer_id = won.customer_id and places.attribute_group = won.attribute_group
    left join customers.int_customers__winners as best -- a forwarding address is no record's
        on won.customer_id = best.customer_id and won.attribute_group = best.attribute_group
            and won.record_id = best.record_id
    where places.customer_id = $customer and places.record_id <> won.record_id
    order by places.attribute_group, places.place
"""


def record(settings: Settings, customer_id: str) -> dict[str, Any] | None:
    """The customer's row of `dim_customers`; None when no run has made one yet.

    Raises `matching.NotReadyError` before the first run and during one.
    """
    return next(iter(_rows(settings, RECORD, customer_id)), None)


def provenance(settings: Settings, customer_id: str) -> list[dict[str, Any]]:
    """Each golden value of a customer with its record, rule and rank, and in `lost` who lost to it.

    Raises as `record` does.
    """
    lost: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(settings, LOSERS, customer_id):
        lost.setdefault(row.pop("attribute_group"), []).append(row)
    return [
        {**row, "lost": lost.get(row["attribute_group"], [])}
        for row in _rows(settings, PROVENANCE, customer_id)
    ]


def _rows(settings: Settings, query: str, customer_id: str) -> list[dict[str, Any]]:
    if not settings.warehouse.exists():
        raise matching.NotReadyError(
            f"nothing has run in {settings.home} yet; start with `kindred demo` or `run`"
        )
    try:
        with duckdb.connect(settings.warehouse, read_only=True) as connection:
            found = connection.sql(query, params={"customer": customer_id})
            return found.to_arrow_table().to_pylist()
    except duckdb.IOException as error:
        raise matching.NotReadyError(
            "a run is writing the warehouse; try again when it has ended"
        ) from error
    except duckdb.CatalogException:  # the run has not come as far as the golden customers
        return []
