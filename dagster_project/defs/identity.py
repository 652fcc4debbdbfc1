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

from dagster_project import publishing
from kindred import identity
from kindred import settings as kindred_settings
from kindred.identity.model_file import ModelFile
from kindred.ledger import Ledger

POOL = "warehouse"
OWNERS = ["team:data"]
KINDS = {"python", "parquet"}
EAGER = dg.AutomationCondition.eager()
RECORDS = dg.AssetKey(["identity", "int_identity__records"])
IDENTIFIERS = dg.AssetKey(["identity", "int_identity__identifiers"])

MERGED_SHARE_LIMIT = 0.05
"""Share of known records that may change customer in one run before the check warns."""

DESCRIPTIONS = {
    "person_map": "Which customer each record belongs to: one row per record, with the permanent "
    "customer id that a rebuild doesn't change.",
    "identity_links": "The evidence: which two records were linked, by which rule, how surely.",
    "identity_reviews": "What a steward may look at: pairs that nearly match, and clusters that "
    "broke a limit and are held at their last good state.",
    "identity_events": "What became of customer ids since the beginning: minted, merged, split, "
    "moved. Comes from the ledger.",
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
        )
    ],
    pool=POOL,
)
def match(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Resolve identities, keep them in the ledger, and publish the map for dbt."""
    settings = kindred_settings.load()
    records = publishing.read_warehouse(settings.warehouse, "identity.int_identity__records")
    identifiers = publishing.read_warehouse(
        settings.warehouse, "identity.int_identity__identifiers"
    )
    with Ledger.open(settings.ledger) as ledger:
        known = ledger.known_ids()
        found = identity.resolve(
            records,
            identifiers,
            known,
            rules=identity.load_rules(settings.identity_rules),
            decisions=ledger.decisions(),
            model_file=ModelFile(settings.models / "identity.json", settings.today),
            retired=ledger.retired_ids(),
            former=ledger.former_ids(),
        )
        ledger.save_identity(found.person_map, found.events, dt.datetime.now(dt.UTC))
        history = ledger.identity_events()
    tables = {
        "person_map": found.person_map,
        "identity_links": found.links,
        "identity_events": history,
        "identity_reviews": found.reviews,
    }
    facts = _facts(found, history)
    for name, table in tables.items():
        publishing.write_derived(settings.derived / name, table)
        yield dg.MaterializeResult(
            asset_key=["identity", name],
            metadata={"dagster/row_count": table.num_rows} | facts[name],
        )
    yield _change_check(found, known)


def _facts(found: identity.Resolution, history: pa.Table) -> dict[str, dict[str, Any]]:
    """What a person wants to see of each table."""
    return {
        "person_map": {
            "records": found.person_map.num_rows,
            "customers": pc.count_distinct(found.person_map["customer_id"]).as_py(),
            "largest customer (records)": pc.max(found.person_map["cluster_size"]).as_py() or 0,
        },
        "identity_links": {f"links by {k}": v for k, v in _counts(found.links, "rule").items()},
        "identity_reviews": {
            f"{k}s to review": v for k, v in _counts(found.reviews, "kind").items()
        },
        "identity_events": {
            "events this run": found.events.num_rows,
            **{f"ever {k}": v for k, v in _counts(history, "event_type").items()},
        },
    }


def _counts(table: pa.Table, column: str) -> dict[str, int]:
    return {str(row["values"]): row["counts"] for row in pc.value_counts(table[column]).to_pylist()}


def _change_check(found: identity.Resolution, known: pa.Table) -> dg.AssetCheckResult:
    """Compare the ids of records that had one with what they have now."""
    joined = found.person_map.select(["record_id", "customer_id"]).join(
        known.select(["record_id", "customer_id"]).rename_columns(["record_id", "known_id"]),
        "record_id",
        join_type="inner",
    )
    changed = pc.sum(pc.not_equal(joined["customer_id"], joined["known_id"])).as_py() or 0
    share = changed / joined.num_rows if joined.num_rows else 0.0
    return dg.AssetCheckResult(
        check_name="few_records_changed_customer",
        asset_key=["identity", "person_map"],
        passed=share <= MERGED_SHARE_LIMIT,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"known records": joined.num_rows, "changed customer": changed, "share": share},
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
        metadata={"dagster/row_count": outcomes.num_rows} | _counts(outcomes, "action")
    )
