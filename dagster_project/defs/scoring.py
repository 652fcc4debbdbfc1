"""How likely is a customer to buy: `kindred.scoring` as an asset.

Belongs here: reading the features, calling the model, showing its quality. Does not belong here:
the model (kindred/scoring) and the features (dbt_project/models/features).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project import publishing
from kindred import settings as kindred_settings

KEY = dg.AssetKey(["scoring", "propensity_scores"])
FEATURES = dg.AssetKey(["features", "fct_propensity_features"])
CHECK = "better_than_chance"
LEAST_AUC = 0.55


@dg.asset(
    key=KEY,
    deps=[FEATURES],
    group_name="scoring",
    owners=["team:data"],
    kinds={"python", "scikitlearn", "parquet"},
    automation_condition=dg.AutomationCondition.eager(),
    pool="warehouse",
    description="How likely each customer is to order accessories in the next 90 days, and the "
    "decile among all customers. The model learns from the past and is judged on a later time.",
    check_specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset=KEY,
            description=f"Warns when the ROC AUC on a later time is below {LEAST_AUC}, or when "
            "the data can't carry a model and everybody gets the base rate.",
        )
    ],
)
def propensity_scores() -> Iterator[Any]:
    """Train or reuse the model, score every customer, and show the model's card."""
    from kindred import scoring  # noqa: PLC0415 - scikit-learn is slow to import, the graph isn't

    settings = kindred_settings.load()
    features = publishing.read_warehouse(settings.warehouse, "features.fct_propensity_features")
    scores, card = scoring.run(features, settings.models)
    publishing.write_derived(settings.derived / "propensity_scores", scores)
    auc = card.get("quality", {}).get("roc_auc")
    yield dg.MaterializeResult(
        metadata={
            "dagster/row_count": scores.num_rows,
            "model version": card["version"],
            "kind of model": card["kind"],
            **({"ROC AUC": auc} if auc is not None else {}),
            "card": dg.MetadataValue.json(card),
        },
    )
    yield dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=KEY,
        passed=auc is not None and auc >= LEAST_AUC,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"ROC AUC": auc} if auc is not None else {"reason": card["fallback_reason"]},
    )
