"""What there is to say about this home after a run: numbers, read from what was published.

Belongs here: counting, from the lake, the ledger, the model's card and the last run's record. Does
not belong here: showing the numbers (cli/look.py) and deciding anything.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from deltalake import DeltaTable

from dagster_project import matching as matching_inputs
from dagster_project import register_matching
from kindred import identity
from kindred.ledger import Ledger
from kindred.settings import Settings

BALANCE = ("queried", "created", "updated", "deleted", "unchanged", "suppressed", "rejected")
MODEL = "propensity_accessories"
SHOWN_REASONS = 4


def last_run(settings: Settings) -> dict[str, Any] | None:
    """The record of the last run (see `running.Outcome`), or None before the first."""
    path = settings.home / "last_run.json"
    return json.loads(path.read_text()) if path.exists() else None


def sources(settings: Settings) -> list[dict[str, Any]]:
    """Per source: rows in the lake, rows landed and quarantined by the last run, person records."""
    run = last_run(settings) or {"assets": {}}
    people = _person_records(settings)
    found = []
    for name in settings.sources:
        facts = [v for k, v in run["assets"].items() if k.startswith(f"{name}/")]
        found.append(
            {
                "source": name,
                "rows in the lake": _rows(settings.raw / name),
                "person records": people.get(name, 0),
                "landed this run": sum(fact.get("rows landed", 0) for fact in facts),
                "quarantined this run": sum(fact.get("rows quarantined", 0) for fact in facts),
            }
        )
    return found


def _rows(folder: Path) -> int:
    tables = (path for path in folder.glob("*") if not path.name.startswith(("_", ".")))
    return sum(pq.read_metadata(file).num_rows for t in tables for file in t.glob("*.parquet"))


def _person_records(settings: Settings) -> dict[str, int]:
    person_map = settings.derived / "person_map" / "part-0.parquet"
    if not person_map.exists():
        return {}
    query = "select split_part(record_id, ':', 1), count(*) from read_parquet(?) group by 1"
    with duckdb.connect() as connection:
        return dict(connection.execute(query, [str(person_map)]).fetchall())


def customers(settings: Settings) -> list[dict[str, Any]]:
    """Customers by lifecycle, with how many source records they are made of."""
    return _gold(
        settings,
        "customers/dim_customers",
        """select lifecycle, count(*) as customers, sum(record_count)::bigint as records
           from gold group by 1 order by 2 desc, 1""",
    )


def contactability(settings: Settings, purpose: str = "marketing") -> list[dict[str, Any]]:
    """Per channel: how many may be contacted for a purpose, and why the others may not."""
    counts = _gold(
        settings,
        "contactability/fct_contactability",
        """select channel, count(*) filter (allowed) as contactable,
                  count(*) filter (not allowed) as "not contactable"
           from gold where purpose = $purpose group by 1 order by 2 desc, 1""",
        purpose=purpose,
    )
    reasons = _gold(
        settings,
        "contactability/fct_contactability",
        """select channel, trim(reason) as reason, count(*) as customers
           from (select channel, unnest(string_split(reasons, ',')) as reason
                 from gold where purpose = $purpose and not allowed)
           where trim(reason) <> '' group by 1, 2 order by 3 desc, 2""",
        purpose=purpose,
    )
    for row in counts:
        row["why not"] = {
            found["reason"]: found["customers"]
            for found in reasons
            if found["channel"] == row["channel"]
        }
    return counts


def segments(settings: Settings) -> list[dict[str, Any]]:
    """Segments by size."""
    return _gold(
        settings,
        "segments/fct_segment_members",
        "select segment, count(*) as members from gold group by 1 order by 2 desc, 1",
    )


def _gold(settings: Settings, table: str, query: str, **values: Any) -> list[dict[str, Any]]:
    """Rows of a query over one published table (as `gold`); no rows when it isn't published."""
    folder = settings.gold / table
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    with duckdb.connect() as connection:
        connection.register("gold", DeltaTable(str(folder)).to_pyarrow_dataset())
        return connection.sql(query, params=values or None).to_arrow_table().to_pylist()


def syncs(settings: Settings) -> list[dict[str, Any]]:
    """The newest run of each sync: destination, status and balance."""
    with Ledger.open(settings.ledger) as ledger:
        runs = ledger.runs(limit=500)
    newest: dict[str, dict[str, Any]] = {}
    for run in runs:
        newest.setdefault(run["sync"], run)
    return [
        {
            "sync": name,
            "destination": newest[name]["destination"],
            "status": newest[name]["status"],
            **{count: newest[name].get(count) or 0 for count in BALANCE},
        }
        for name in sorted(newest)
    ]


def matching(settings: Settings) -> dict[str, Any] | None:
    """How good matching was against the truth; None where no truth is known (a real company)."""
    truth, person_map = matching_inputs.truth(settings), matching_inputs.published_map(settings)
    if truth is None or person_map is None:
        return None
    return identity.evaluate(person_map, truth).as_dict()


def registers(settings: Settings) -> dict[str, float]:
    """How good the matching of register entries was; empty where no truth or no match is there."""
    path = settings.derived / register_matching.FOLDER / "part-0.parquet"
    if not path.exists():
        return {}
    measured = register_matching.quality(settings, pq.read_table(path))
    return {
        f"{name} {what}": value
        for name, one in measured.items()
        for what, value in (
            ("entries precision", one.precision),
            ("entries recall of the identifiable", one.recall),
            ("entries recall of all held", one.recall_of_held),
        )
    }


def model(settings: Settings) -> dict[str, Any] | None:
    """The card of the newest propensity model, or None."""
    from kindred.scoring import shelf  # noqa: PLC0415 - scikit-learn is slow to import

    return shelf.latest_card(settings.models / MODEL)
