"""Finished tables published for everyone outside the build, as Delta in `lake/gold`.

Belongs here: which assets publish what. Does not belong here: how a table is published
(dagster_project/publishing.py) and what it says (dbt).
"""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import dagster as dg

from dagster_project import publishing, transform
from dagster_project.defs import history, segments
from kindred import settings as kindred_settings

FRESH = dg.FreshnessPolicy.time_window(
    fail_window=dt.timedelta(hours=50), warn_window=dt.timedelta(hours=26)
)
"""A daily run may be late by two hours, and fail once."""
NEVER_DROPPED = {place for place, _ in history.KEPT.values()} | {segments.WATERFALL_TABLE}
"""Below lake/gold: what can't be derived again, and what another asset publishes."""


@dg.definitions
def gold_definitions() -> dg.Definitions:
    """One multi-asset per product (schema), one asset per published table.

    A product also removes its tables that are models no longer, so that nobody reads on in a table
    that stands still. Nothing removes the last tables of a product that is gone as a whole.
    """
    manifest = transform.manifest_of(kindred_settings.load())
    models = transform.gold_models(manifest)
    return dg.Definitions(
        assets=[
            _publisher(schema, list(tables))
            for schema, tables in groupby(models, key=lambda model: model["schema"])
        ]
    )


def _publisher(schema: str, models: list[dict[str, Any]]) -> dg.AssetsDefinition:
    partitions = {model["name"]: model["config"]["meta"].get("months_of") for model in models}
    kept = {place.partition("/")[2] for place in NEVER_DROPPED if place.startswith(f"{schema}/")}

    @dg.multi_asset(
        name=f"publish_{schema}",
        specs=[_spec(schema, model) for model in models],
        can_subset=True,
        pool="warehouse",
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        settings = kindred_settings.load()
        for name in publishing.drop_others(settings.gold / schema, partitions.keys() | kept):
            context.log.warning(f"lake/gold/{schema}/{name} is published no longer: removed")
        for key in sorted(context.selected_asset_keys):
            table = key.path[-1]
            facts = publishing.publish_delta(
                settings.warehouse,
                f"{schema}.{table}",
                settings.gold / schema / table,
                months_of=partitions.get(table),
            )
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "dagster/row_count": facts["rows"],
                    "written": facts["written"],
                    "delta version": facts["delta_version"],
                },
            )

    return publish


def _spec(schema: str, model: dict[str, Any]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=["gold", schema, model["name"]],
        deps=[dg.AssetKey([schema, model["name"]])],
        group_name="gold",
        owners=model["config"]["meta"].get("dagster", {}).get("owners") or ["team:data"],
        kinds={"python", "deltalake"},
        automation_condition=dg.AutomationCondition.eager(),
        freshness_policy=FRESH,
        description=f"Published copy of {schema}.{model['name']} for readers outside the build. "
        + model["description"].strip(),
        metadata={"path": f"lake/gold/{schema}/{model['name']}"},
    )
