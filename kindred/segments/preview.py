"""Counting a segment that nobody has saved yet.

Belongs here: sizes, channels, steps and overlap of one definition, on a DuckDB connection that has
the tables. Does not belong here: where the tables come from, and showing the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from kindred.segments.definition import Definition, DefinitionError

PROFILE = "customer_traits"
MEMBERS = "fct_segment_members"
CHANNELS = ("email", "phone", "sms", "post", "ads")


@dataclass(frozen=True)
class Preview:
    """How large a segment would be.

    customers: everybody in the profile. channels: members who may be contacted, per channel, for
    the purpose asked. steps: a clause and how many are left after it. similar: saved segments with
    what they share with this one, most alike first: (segment, in both, Jaccard similarity).
    """

    customers: int
    members: int
    channels: dict[str, int]
    steps: list[tuple[str, int]]
    similar: list[tuple[str, int, float]]


def preview(
    connection: duckdb.DuckDBPyConnection, definition: Definition, purpose: str = "marketing"
) -> Preview:
    """Count a definition on a connection with its tables, the profile and the saved members.

    Raises `DefinitionError` in DuckDB's words when the SQL can't run or yields no `customer_id`.
    """
    allowed = ", ".join(
        f"count(*) filter ({channel}_{purpose}_allowed) as {channel}" for channel in CHANNELS
    )
    try:
        connection.execute(
            "create or replace temp table previewed as "  # noqa: S608
            f"select distinct customer_id from ({definition.sql}) as segment"
        )
        counted = connection.sql(
            f"select count(*) as members, {allowed} from {PROFILE} "  # noqa: S608
            "where customer_id in (select customer_id from previewed)"
        ).fetchall()[0]
        similar = connection.sql(
            "with here as (select count(*) as n from previewed) "  # noqa: S608
            "select segment, count(previewed.customer_id) as in_both, "
            "count(previewed.customer_id) / (count(*) + any_value(here.n) "
            "- count(previewed.customer_id)) as similarity "
            f"from {MEMBERS} as saved cross join here "
            "left join previewed on saved.customer_id = previewed.customer_id "
            "group by segment having in_both > 0 order by similarity desc, segment"
        ).fetchall()
        steps = waterfall(connection, definition)
    except duckdb.Error as error:
        raise DefinitionError(str(error).partition("\n")[0]) from None
    customers = connection.sql(f"select count(*) from {PROFILE}").fetchall()[0][0]  # noqa: S608
    return Preview(
        customers=customers,
        members=counted[0],
        channels=dict(zip(CHANNELS, counted[1:], strict=True)),
        steps=steps,
        similar=[tuple(row) for row in similar],
    )


def waterfall(
    connection: duckdb.DuckDBPyConnection, definition: Definition
) -> list[tuple[str, int]]:
    """Each clause of the definition and how many are left after it; first of all, everybody."""
    counts = connection.sql(definition.narrowing()).fetchall()[0]
    return list(zip(["everybody", *definition.clauses()], counts, strict=True))
