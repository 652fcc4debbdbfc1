"""`kindred review`: what stewards may look at, both records side by side.

Belongs here: reading and showing the list. Does not belong here: what comes onto it
(kindred/identity) and deciding (`steward`).
"""

from __future__ import annotations

from typing import Annotated, Any

import duckdb
import typer

from dagster_project import matching
from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from kindred.settings import Settings

VALUES = (
    "given_name",
    "family_name",
    "birth_date",
    "email",
    "phone",
    "street",
    "house_number",
    "postal_code",
    "city",
)
"""What is shown of a record, of the columns that it has."""

Limit = Annotated[int, typer.Option(min=1, help="Rows to show; --json has all of them.")]


@app.command()
def review(*, limit: Limit = 20, json_file: JsonFile = None) -> None:
    """List what stewards may look at: held clusters, then pairs that nearly match.

    Decide with `kindred link A B --why ...` or `kindred split A B --why ...`; ask
    `kindred explain A B` first.
    """
    settings = console.settings()
    try:
        rows = _read(settings)
    except matching.NotReadyError as error:
        console.fail(str(error))
    console.save_json(rows, json_file)
    if not rows:
        console.out().print("There is nothing to review.")
        return
    title = f"To review: {len(rows):,}" + (f", the first {limit}" if len(rows) > limit else "")
    console.show([_shown(row) for row in rows[:limit]], title, None)
    console.out().print(
        "Why: kindred explain A B. Decide: kindred link A B --why TEXT, or kindred split A B."
    )


def _read(settings: Settings) -> list[dict[str, Any]]:
    """The reviews, held clusters first, with the values of their records."""
    reviews = matching.table(settings, "identity.fct_identity_reviews")
    records = matching.table(settings, "identity.int_identity__records")
    values = [name for name in VALUES if name in records.column_names]
    sides = ", ".join(f"{side}.{name} as {name}_{n}" for n, side in _SIDES for name in values)
    with duckdb.connect() as connection:
        connection.register("reviews", reviews)
        connection.register("records", records)
        query = f"""
            select reviews.*, {sides} from reviews
            left join records as one on one.record_id = reviews.record_id_1
            left join records as other on other.record_id = reviews.record_id_2
            order by kind, probability desc, record_count desc, review_id
        """  # noqa: S608 (built from constants)
        return connection.sql(query).to_arrow_table().to_pylist()


_SIDES = ((1, "one"), (2, "other"))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "probability": row["probability"],
        **{("A", "B")[n - 1]: _person(row, n) for n, _ in _SIDES},
        "reason": row["reason"] + ("" if row["kind"] == "pair" else f" ({row['record_count']})"),
    }


def _person(row: dict[str, Any], side: int) -> str | None:
    """A record id and its values, below each other."""
    if row[f"record_id_{side}"] is None:
        return None
    found = {name: row.get(f"{name}_{side}") for name in VALUES}
    lines = [
        ("given_name", "family_name"),
        ("birth_date",),
        ("email",),
        ("phone",),
        ("street", "house_number"),
        ("postal_code", "city"),
    ]
    texts = (" ".join(str(found[name]) for name in line if found[name]) for line in lines)
    return "\n".join([row[f"record_id_{side}"], *filter(None, texts)])
