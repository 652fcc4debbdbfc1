"""Every sync as an asset: what a destination received, and whether the counts add up.

Belongs here: what a sync depends on and what it shows. Does not belong here: planning and sending
(activation/engine) and what is sent where (activation/syncs).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from activation import syncs
from activation.engine import run as engine
from activation.engine.report import OUTCOMES, SyncReport
from dagster_project import transform
from kindred import settings as kindred_settings

CHECK = "balance"
CONTACTABILITY = dg.AssetKey(["gold", "contactability", "fct_contactability"])


@dg.definitions
def activation_definitions() -> dg.Definitions:
    """One asset per sync whose destination is on and whose audience is published."""
    settings = kindred_settings.load()
    published = {
        model["name"]: dg.AssetKey(["gold", model["schema"], model["name"]])
        for model in transform.gold_models(transform.manifest_of(settings))
    }
    return dg.Definitions(
        assets=[
            _sync_asset(sync, published[sync.audience])
            for sync in syncs.load_all(settings)
            if sync.audience in published
        ]
    )


def _sync_asset(sync: syncs.Sync, audience: dg.AssetKey) -> dg.AssetsDefinition:
    key = dg.AssetKey(["activation", sync.name])

    @dg.asset(
        key=key,
        deps=[audience, CONTACTABILITY],
        group_name="activation",
        owners=[sync.owner],
        kinds={"python", sync.destination},
        automation_condition=dg.AutomationCondition.eager(),
        description=f"{sync.description} Mode {sync.mode.value} into {sync.destination} "
        f"{sync.object}, for {sync.purpose} on channel {sync.channel}.",
        check_specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=key,
                description="queried = created + updated + deleted + unchanged + suppressed "
                "+ rejected",
            )
        ],
    )
    def push() -> Iterator[Any]:
        report = engine.run(syncs.load(sync.name), kindred_settings.load())
        yield dg.MaterializeResult(metadata=_facts(report))
        yield dg.AssetCheckResult(
            check_name=CHECK,
            asset_key=key,
            passed=report.queried == sum(getattr(report, name) for name in OUTCOMES),
            metadata=report.counts,
        )

    return push


def _facts(report: SyncReport) -> dict[str, Any]:
    """The balance, and what it doesn't say: how long, which fields, why rows were refused."""
    return {
        **report.counts,
        "left the audience": report.left,
        "waiting for their next attempt": report.waiting,
        "seconds": round(report.seconds, 3),
        "field changes": dg.MetadataValue.json(report.field_changes),
        "sample": dg.MetadataValue.json(report.sample),
        "rejections": dg.MetadataValue.json(report.rejections),
    }
