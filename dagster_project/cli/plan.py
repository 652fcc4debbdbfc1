"""`kindred match --plan`: what the next run would change, by the rules of now or of a file.

Belongs here: counting and showing. Does not belong here: matching (kindred/identity). Nothing is
written: no id, no event, no weight.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from dagster_project import match_quality, matching
from dagster_project.cli import console
from kindred.identity import InputError, Resolution, RulesError, load_rules
from kindred.ledger import Ledger

SAMPLE = 10
SHOWN = ("merged", "split", "moved")
"""What is sampled: a customer that is new or back has nothing to compare with."""
MEANING = {
    "merged": "customers that end in another one",
    "split": "customers that lose records to a customer that is new, or back",
    "moved": "customers that lose records to one that existed",
    "minted": "customers that are new",
    "revived": "customers that are back, after a merge had ended them",
}
"""Types of events, in the order in which they are shown."""


def show_plan(rules: Path | None, threads: int, json_file: Path | None) -> None:
    """Show what the next run would do to customer ids if the sources said what they last said.

    rules: a file instead of the one in the settings, to try it.
    """
    settings = console.settings()
    try:
        with Ledger.open(settings.ledger) as ledger:
            inputs = matching.read(settings, ledger)
        with console.out().status(f"matching {len(inputs.records):,} records"):
            weights = matching.model_file(settings)
            chosen = load_rules(rules or settings.identity_rules)
            found = matching.resolve(inputs, chosen, weights, threads)
    except (matching.NotReadyError, InputError, RulesError, OSError) as error:
        console.fail(str(error))
    events = found.events.to_pylist()
    changes = _counted(events, found)
    console.show(changes, "What the next run would change", None)
    sample = [row for kind in SHOWN for row in _of_type(events, kind)[:SAMPLE]]
    if sample:
        console.show([_shown(row) for row in sample], f"Up to {SAMPLE} of each", None)
    _say_whether_it_stops(found, matching.published_map(settings))
    console.save_json({"changes": changes, "events": events}, json_file)


def _say_whether_it_stops(found: Resolution, before: pa.Table | None) -> None:
    steadiness = match_quality.steadiness(found.person_map, before)
    console.out().print("Nothing was written; `kindred run` does it.")
    if not steadiness.is_steady:
        console.out().print(
            f"It stops before, though: the share of merged records would go from "
            f"{steadiness.share_before:.1%} to {steadiness.share:.1%}. Let it pass with "
            "`kindred run --accept-merges`."
        )


def _counted(events: list[dict[str, Any]], found: Resolution) -> list[dict[str, Any]]:
    rows = [
        {
            "change": kind,
            "events": len(_of_type(events, kind)),
            "records": sum(row["record_count"] for row in _of_type(events, kind)),
            "means": meaning,
        }
        for kind, meaning in MEANING.items()
    ]
    reviews = "pairs that nearly match, and clusters that are held"
    return [
        *rows,
        {
            "change": "to review",
            "events": found.reviews.num_rows,
            "records": len(_reviewed(found)),
            "means": reviews,
        },
    ]


def _reviewed(found: Resolution) -> set[str]:
    ends = (found.reviews[name].to_pylist() for name in ("record_id_1", "record_id_2"))
    return {record_id for end in ends for record_id in end if record_id is not None}


def _of_type(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Events of a type, those of most records first."""
    own = [row for row in events if row["event_type"] == kind]
    return sorted(own, key=lambda row: (-row["record_count"], row["event_id"]))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    is_merge = row["event_type"] == "merged"
    ends = (row["other_customer_id"], row["customer_id"])
    return {
        "change": row["event_type"],
        "from": ends[0] if is_merge else ends[1],
        "to": ends[1] if is_merge else ends[0],
        "records": row["record_count"],
        "reason": row["reason"],
    }
