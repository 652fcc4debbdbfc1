"""The catalogue of segments: a picture and a table for people, and each segment clause by clause.

Belongs here: the asset. Does not belong here: the segments (dbt_project/models/segments), taking
their SQL apart (kindred/segments) and drawing (dagster_project/charts.py).
"""

from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa

from dagster_project import charts, pictures, publishing, reading, transform
from kindred import segments
from kindred import settings as kindred_settings

READ = {
    "customer_traits": "measures",
    "fct_segment_members": "segments",
    "fct_segment_history": "segments",
    "segment_overlap": "segments",
}
WATERFALL_TABLE = "segments/segment_waterfall"
"""Where it is published, below lake/gold."""
WATERFALL = pa.schema(
    [("segment", pa.string()), ("step", pa.int64()), ("clause", pa.string()), ("left", pa.int64())]
)
MOVED = """
    select segment, count(*) filter (entered_on = $today) as entered,
        count(*) filter (left_on = $today) as gone
    from fct_segment_history group by segment
"""


@dg.asset(
    key=["segments", "segment_catalogue"],
    deps=[dg.AssetKey(["gold", schema, table]) for table, schema in READ.items()],
    group_name="segments",
    owners=["team:marketing"],
    kinds={"python", "deltalake"},
    automation_condition=dg.AutomationCondition.eager(),
    description="Every segment with its owner, purpose, channels and definition, how many are in "
    "it and may be reached, who came and left today, and how each clause narrows it (published as "
    f"lake/gold/{WATERFALL_TABLE}).",
)
def segment_catalogue() -> dg.MaterializeResult:
    """Count from the published tables, draw, and publish the waterfall."""
    settings = kindred_settings.load()
    pages = _pages(settings)
    with reading.open_gold(settings, READ) as connection:
        rows, steps = [], []
        moved = {
            name: (entered, gone)
            for name, entered, gone in connection.sql(
                MOVED, params={"today": settings.today}
            ).fetchall()
        }
        for name, page in pages.items():
            definition = segments.Definition.render(page["raw_code"], settings.today)
            found = segments.waterfall(connection, definition)
            steps += [
                {"segment": name, "step": place, "clause": clause, "left": left}
                for place, (clause, left) in enumerate(found)
            ]
            rows.append(_row(connection, name, page["config"]["meta"], moved.get(name, (0, 0))))
        shared = connection.sql(
            "select segment, other_segment, share_in_other from segment_overlap"
        ).fetchall()
        connection.register("waterfall", pa.Table.from_pylist(steps, WATERFALL))
        publishing.publish_relation(connection, "waterfall", settings.gold / WATERFALL_TABLE)
    figure = charts.segments(rows, shared)
    pictures.save(figure, settings.pictures / "segments.svg")
    return dg.MaterializeResult(
        metadata={
            "segments": len(rows),
            "picture": dg.MetadataValue.md(pictures.markdown(figure)),
            "catalogue": dg.MetadataValue.md(_table(rows)),
            "file": dg.MetadataValue.path(settings.pictures / "segments.svg"),
        }
    )


def _pages(settings: kindred_settings.Settings) -> dict[str, dict[str, Any]]:
    """The models that define a segment, by the segment's name."""
    nodes = transform.manifest_of(settings)["nodes"].values()
    return {
        node["name"].removeprefix("segment_"): node
        for node in sorted(nodes, key=lambda node: node["name"])
        if node["resource_type"] == "model" and node["config"]["meta"].get("definition")
    }


def _row(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    meta: dict[str, Any],
    moved: tuple[int, int],
) -> dict[str, Any]:
    """One segment: what its page says, and how many are in it and may be reached."""
    flags = [f"{channel}_{meta['purpose']}_allowed" for channel in meta["channels"]]
    counts = connection.execute(
        f"select count(*), count(*) filter ({' or '.join(flags)}), "  # noqa: S608
        + ", ".join(f"count(*) filter ({flag})" for flag in flags)
        + " from customer_traits where customer_id in "
        "(select customer_id from fct_segment_members where segment = $name)",
        {"name": name},
    ).fetchall()[0]
    per_channel = zip(meta["channels"], counts[2:], strict=True)
    return {
        "segment": name,
        "owner": meta["owner"],
        "purpose": meta["purpose"],
        "members": counts[0],
        "may be reached": counts[1],
        "by channel": ", ".join(f"{channel} {count:,}" for channel, count in per_channel),
        "entered": moved[0],
        "left": moved[1],
        "definition": " ".join(meta["definition"].split()),
    }


def _table(rows: list[dict[str, Any]]) -> str:
    """Rows as a markdown table."""
    head = "| " + " | ".join(rows[0]) + " |\n|" + " --- |" * len(rows[0])
    body = [" | ".join(f"{v:,}" if isinstance(v, int) else v for v in row.values()) for row in rows]
    return "\n".join([head, *(f"| {line} |" for line in body)])
