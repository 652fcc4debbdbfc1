"""Whom register entries mean: `kindred.identity.registers` as an asset.

Belongs here: wiring, and the check that stops a run whose matches are not good enough. Does not
belong here: matching (kindred/identity) and reading (dagster_project/register_matching.py).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project import publishing, register_matching
from kindred import settings as kindred_settings
from kindred.ledger import Ledger

KEY = dg.AssetKey(["identity", register_matching.FOLDER])
CHECK = "deaths_are_the_right_peoples"
NO_TRUTH = "only the sandbox knows the truth; here nobody does"


@dg.asset(
    key=KEY,
    deps=[
        dg.AssetKey(["identity", "person_map"]),
        dg.AssetKey(["identity", "int_identity__records"]),
        dg.AssetKey(["semantic", "register_entries"]),
        dg.AssetKey(["contactability", "int_contactability__last_seen"]),
    ],
    group_name="identity",
    owners=["team:data"],
    kinds={"python", "parquet"},
    automation_condition=dg.AutomationCondition.eager(),
    pool="warehouse",
    description="Which customer each register entry is about, by the weights of matching: matched, "
    "to be reviewed by a steward, or not found. A register merges nobody.",
    check_specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset=KEY,
            blocking=True,
            description="Against the sandbox's truth: at least 99 % of the matched deaths are of "
            "the right person, and at least 95 % of the identifiable ones are matched, give or "
            "take one entry. Identifiable: a record has the person's name and birth date or "
            "address. A register says no more than these of anybody; who is known by a name and an "
            "email address only can't be told from a namesake, and counts in `recall of all held`, "
            "which has no goal.",
        )
    ],
)
def register_matches() -> Iterator[Any]:
    """Match the standing entries, publish them for dbt, and measure them where truth is known."""
    settings = kindred_settings.load()
    with Ledger.open(settings.ledger) as ledger:
        found = register_matching.matches(settings, ledger)
    publishing.write_derived(settings.derived / register_matching.FOLDER, found)
    measured = register_matching.quality(settings, found)
    yield dg.MaterializeResult(
        asset_key=KEY,
        metadata={
            "dagster/row_count": found.num_rows,
            **register_matching.facts(found, measured),
            "pairs by weight": dg.MetadataValue.md(register_matching.chart(found)),
        },
    )
    yield _check(measured.get("deceased"))


def _check(deaths: register_matching.Quality | None) -> dg.AssetCheckResult:
    if deaths is None:
        return dg.AssetCheckResult(
            check_name=CHECK, asset_key=KEY, passed=True, metadata={"note": NO_TRUTH}
        )
    return dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=KEY,
        passed=deaths.is_good,
        metadata={
            "precision": round(deaths.precision, 4),
            "recall of the identifiable": round(deaths.recall, 4),
            "recall of all held": round(deaths.recall_of_held, 4),
            "deaths of people that Kindred holds": deaths.held,
            "of them identifiable": deaths.identifiable,
            "matched rightly": deaths.right,
            "matched wrongly": deaths.wrong,
            "identifiable, to be reviewed": deaths.reviewed,
            "held, to be reviewed": deaths.reviewed_of_held,
        },
    )
