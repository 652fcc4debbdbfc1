"""What stewards pinned, for dbt to read.

Belongs here: the asset. Does not belong here: keeping pins (kindred/ledger) and honouring them
(dbt_project/models/customers).
"""

import dagster as dg

from dagster_project import match_quality, publishing
from kindred import settings as kindred_settings
from kindred.ledger import Ledger


@dg.asset(
    key=["identity", "pins"],
    deps=[dg.AssetKey(["identity", "person_map"])],
    group_name="identity",
    owners=["team:data"],
    kinds={"python", "parquet"},
    automation_condition=dg.AutomationCondition.eager(),
    description="The values that stewards pinned, one row per customer and attribute group, under "
    "the customer ids of this run: when customers merge, the one that stays has the pin.",
)
def pins() -> dg.MaterializeResult:
    """Snapshot the ledger's standing pins for dbt."""
    settings = kindred_settings.load()
    with Ledger.open(settings.ledger) as ledger:
        found = ledger.pins()
    publishing.write_derived(settings.derived / "pins", found)
    counted = match_quality.counts(found, "attribute_group")
    return dg.MaterializeResult(metadata={"dagster/row_count": found.num_rows} | counted)
