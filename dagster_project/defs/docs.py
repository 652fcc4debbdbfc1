"""dbt's documentation as an asset.

Belongs here: the asset. Does not belong here: how the page is made (dagster_project/dbt_build.py)
and what it says (dbt_project).
"""

import dagster as dg

from dagster_project import dbt_build
from kindred import settings as kindred_settings

KEY = dg.AssetKey(["gold", "dbt_docs"])


@dg.asset(
    key=KEY,
    group_name="gold",
    owners=["team:data"],
    kinds={"dbt", "html"},
    automation_condition=dg.AutomationCondition.on_cron("0 6 * * *"),
    pool="warehouse",
    description="One page that describes every table, column, metric and exposure, with lineage. "
    "`make docs` writes and serves it; here it is written every morning. No run waits for it.",
)
def dbt_docs() -> dg.MaterializeResult:
    """Write the page."""
    settings = kindred_settings.load()
    page = dbt_build.document(settings, settings.docs)
    return dg.MaterializeResult(
        metadata={"page": dg.MetadataValue.path(page), "bytes": page.stat().st_size}
    )
