"""Who is who: `kindred.identity` as assets, and the ledger's part that dbt reads.

Belongs here: reading what matching needs, calling it, keeping its decisions. Does not belong here:
any rule of matching (kindred/identity) or of cleaning (dbt_project/models/identity).
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project import match_quality, matching, publishing
from kindred import identity
from kindred import settings as kindred_settings
from kindred.ledger import Ledger

POOL = "warehouse"
OWNERS = ["team:data"]
KINDS = {"python", "parquet"}
EAGER = dg.AutomationCondition.eager()
RECORDS = dg.AssetKey(["identity", "int_identity__records"])
IDENTIFIERS = dg.AssetKey(["identity", "int_identity__identifiers"])

CHANGED_SHARE_LIMIT = 0.05
"""Share of known records that may change customer in one run before the check warns."""

DESCRIPTIONS = {
    "person_map": "Which customer each record belongs to: one row per record, with the permanent "
    "customer id that a rebuild doesn't change.",
    "identity_links": "The evidence: which two records were linked, by which rule, how surely. "
    "Those of a cluster that is held are there, too.",
    "identity_reviews": "What a steward may look at: pairs that nearly match, and clusters that "
    "broke a limit and are held at their last good state.",
    "identity_events": "What became of customer ids since the beginning: minted, merged, revived, "
    "split, moved. Comes from the ledger.",
}


@dg.multi_asset(
    name="match",
    specs=[
        dg.AssetSpec(
            key=["identity", name],
            deps=[RECORDS, IDENTIFIERS],
            description=text,
            group_name="identity",
            owners=OWNERS,
            kinds=KINDS,
            automation_condition=EAGER,
        )
        for name, text in DESCRIPTIONS.items()
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "few_records_changed_customer",
            asset=["identity", "person_map"],
            description="Warns when a run gives many known records another customer id: a rule or "
            "a source has changed, and destinations will hear of it.",
        ),
        dg.AssetCheckSpec(
            "merged_share_is_steady",
            asset=["identity", "person_map"],
            blocking=True,
            description="Stops a run that would merge, or take apart, far more of the records than "
            "the last one did. Then no id changes, and what was published stays.",
        ),
        dg.AssetCheckSpec(
            "clusters_keep_their_limits",
            asset=["identity", "identity_reviews"],
            description="Warns when clusters break a limit: too many records, birth dates far "
            "apart, more values of an identifier than a person has. Each is held at its last good "
            "state, whatever else the run does, until a steward has looked: `kindred review`.",
        ),
    ],
    pool=POOL,
)
def match(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Resolve identities, keep them in the ledger, and publish the map for dbt."""
    settings = kindred_settings.load()
    before = matching.published_map(settings)
    with Ledger.open(settings.ledger) as ledger:
        inputs = matching.read(settings, ledger)
        rules = identity.load_rules(settings.identity_rules)
        weights = matching.model_file(settings)
        found = matching.resolve(inputs, rules, weights)
        steadiness = match_quality.steadiness(found.person_map, before)
        is_accepted = context.run.tags.get(match_quality.ACCEPT_TAG) == "true"
        yield _steady_check(steadiness, is_accepted)
        if not (steadiness.is_steady or is_accepted):
            raise dg.Failure(_jump(steadiness), allow_retries=False)
        now = dt.datetime.now(dt.UTC)
        ledger.save_identity(found.person_map, found.events, now, found.moved)
        found.matched.keep_model(weights)
        history = ledger.identity_events()
    tables = {
        "identity_links": found.links,
        "identity_events": history,
        "identity_reviews": found.reviews,
        "person_map": found.person_map,  # last: till then the next run sees what is new
    }
    facts = match_quality.facts(found, history, matching.truth(settings))
    charts = match_quality.charts(found)
    for name, table in tables.items():
        publishing.write_derived(settings.derived / name, table)
        yield dg.MaterializeResult(
            asset_key=["identity", name],
            metadata={
                "dagster/row_count": table.num_rows,
                **facts[name],
                **{k: dg.MetadataValue.md(v) for k, v in charts.get(name, {}).items()},
            },
        )
    yield _change_check(found.person_map, inputs.ledger.known if before is None else before)
    yield _limits_check(found.reviews)


def _steady_check(found: match_quality.Steadiness, is_accepted: bool) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name="merged_share_is_steady",
        asset_key=["identity", "person_map"],
        passed=found.is_steady or is_accepted,
        metadata={
            "records of both runs": found.records,
            "share merged": round(found.share, 4),
            "share merged before": round(found.share_before, 4),
            "accepted by the operator": is_accepted,
        },
    )


def _jump(found: match_quality.Steadiness) -> str:
    return (
        f"matching would move the share of merged records from {found.share_before:.1%} to "
        f"{found.share:.1%}; nothing was changed. `kindred match --plan` shows what would be. If "
        "it is meant, run once with `kindred run --accept-merges` (in the UI: tag "
        f"{match_quality.ACCEPT_TAG}=true)"
    )


def _change_check(person_map: pa.Table, before: pa.Table) -> dg.AssetCheckResult:
    """Compare the ids of records that had one with what they have now.

    before: what was published last. The ledger may know more: a run that was killed when it had
    saved the ids has warned nobody.
    """
    joined = person_map.select(["record_id", "customer_id"]).join(
        before.select(["record_id", "customer_id"]).rename_columns(["record_id", "known_id"]),
        "record_id",
        join_type="inner",
    )
    changed = pc.sum(pc.not_equal(joined["customer_id"], joined["known_id"])).as_py() or 0
    share = changed / joined.num_rows if joined.num_rows else 0.0
    return dg.AssetCheckResult(
        check_name="few_records_changed_customer",
        asset_key=["identity", "person_map"],
        passed=share <= CHANGED_SHARE_LIMIT,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"known records": joined.num_rows, "changed customer": changed, "share": share},
    )


def _limits_check(reviews: pa.Table) -> dg.AssetCheckResult:
    """Count the clusters that are held, by the limit that they break."""
    held = reviews.filter(pc.equal(reviews["kind"], "cluster"))
    return dg.AssetCheckResult(
        check_name="clusters_keep_their_limits",
        asset_key=["identity", "identity_reviews"],
        passed=held.num_rows == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"clusters held": held.num_rows} | match_quality.counts(held, "reason"),
    )


@dg.asset(
    key=["ledger", "sync_outcomes"],
    group_name="ledger",
    owners=OWNERS,
    kinds=KINDS,
    description="What happened to whom at which destination: one row per answer that the ledger "
    "holds, as of the start of this run. Comes back into the timeline as activities.",
)
def sync_outcomes() -> dg.MaterializeResult:
    """Snapshot the ledger's outcomes for dbt."""
    settings = kindred_settings.load()
    with Ledger.open(settings.ledger) as ledger:
        outcomes = ledger.sync_outcomes()
    publishing.write_derived(settings.derived / "sync_outcomes", outcomes)
    return dg.MaterializeResult(
        metadata={"dagster/row_count": outcomes.num_rows} | match_quality.counts(outcomes, "action")
    )
