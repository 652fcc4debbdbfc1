"""What the last run published, laid out for the tables that go on from it.

Who entered and left a segment, and what a measure was yesterday, can't be derived from raw data: it
is what a run saw on its day. The published table is where it is kept.

Belongs here: bringing such a table back to where dbt reads. Does not belong here: how it goes on
(dbt_project/models, `history('<table>')`) and what the ledger holds.
"""

import dagster as dg
from deltalake import DeltaTable

from dagster_project import publishing
from kindred import settings as kindred_settings

KEPT = {
    "segment_history": (
        "segments/fct_segment_history",
        "Who was in which segment, from when to when",
    ),
    "measure_history": ("measures/fct_measure_history", "What each measure was on each day"),
}
"""Name of the table for dbt, to where it is published and what it holds."""


@dg.multi_asset(
    name="history",
    specs=[
        dg.AssetSpec(
            key=["history", name],
            group_name="ledger",
            owners=["team:data"],
            kinds={"python", "deltalake", "parquet"},
            description=f"{holds}, as the last run published it in lake/gold/{place}: today's run "
            "goes on from there.",
        )
        for name, (place, holds) in KEPT.items()
    ],
    can_subset=True,
)
def history(context: dg.AssetExecutionContext):
    """Lay out each published table as Parquet; before the first run there is nothing to lay out."""
    settings = kindred_settings.load()
    for key in sorted(context.selected_asset_keys):
        name = key.path[-1]
        folder = settings.gold / KEPT[name][0]
        rows = 0
        if DeltaTable.is_deltatable(str(folder)):
            table = DeltaTable(str(folder)).to_pyarrow_table()
            publishing.write_derived(settings.derived / name, table)
            rows = table.num_rows
        yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": rows})
