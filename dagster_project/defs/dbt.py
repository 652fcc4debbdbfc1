"""The dbt project's models, seeds and tests as assets and asset checks.

Belongs here: how a dbt build runs and what its assets tell. Does not belong here: names, groups and
manifests (dagster_project/transform.py) and rules about data (dbt_project/).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from dbt.cli.main import dbtRunnerResult

from dagster_project import dbt_build, progress, transform
from kindred import settings as kindred_settings

POOL = "warehouse"
SHOWN_FAILURES = 10
TESTED = "LogTestResult"


@dg.definitions
def dbt_definitions() -> dg.Definitions:
    """One multi-asset per part of the project: before matching, after it, after scoring."""
    manifest = transform.manifest_of(kindred_settings.load())
    translator = transform.KindredTranslator()
    return dg.Definitions(
        assets=[
            _part(name, chosen, manifest, translator)
            for name, chosen in transform.parts(manifest).items()
        ]
    )


def _part(
    name: str,
    chosen: dict[str, str],
    manifest: dict[str, Any],
    translator: transform.KindredTranslator,
) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=manifest,
        **chosen,
        name=name,
        dagster_dbt_translator=translator,
        pool=POOL,
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from _build(context, manifest, translator)

    return build


def _build(
    context: dg.AssetExecutionContext,
    manifest: dict[str, Any],
    translator: transform.KindredTranslator,
) -> Iterator[Any]:
    """Build the selected models; yield their results with row counts once dbt let the file go."""
    settings = kindred_settings.load()
    folder = transform.prepare_run_folder(settings)
    nodes = transform.nodes_of(manifest, translator, context.selected_asset_keys)
    heard: list[dbt_build.Event] = []

    def hear(event: dbt_build.Event) -> None:
        heard.append(event)
        built = sum(one["info"]["name"] != TESTED for one in heard)
        progress.tell("dbt", built, len(nodes))

    result = dbt_build.build(settings, nodes, folder, hear)
    rows = _row_counts(settings)
    for event in heard:
        message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
        for found in message.to_default_asset_events(manifest, translator, context, folder):
            if isinstance(found, dg.Output):
                yield _counted(found, rows)
            else:
                yield found
    if not result.success:
        raise dg.Failure(_clear(result))


def _counted(output: dg.Output, rows: dict[str, int]) -> dg.Output:
    """The output with its row count, where dbt built a table."""
    if output.output_name not in rows:
        return output
    return output.with_metadata({**output.metadata, "dagster/row_count": rows[output.output_name]})


def _row_counts(settings: kindred_settings.Settings) -> dict[str, int]:
    """Rows per table, by output name, from the warehouse's own catalogue: no table is read."""
    if not settings.warehouse.exists():
        return {}
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        found = connection.sql(
            "select schema_name, table_name, estimated_size from duckdb_tables()"
        ).fetchall()
    return {
        dg.AssetKey([schema, table]).to_python_identifier(): rows for schema, table, rows in found
    }


def _clear(result: dbtRunnerResult) -> str:
    """The failing models and tests by name, or else what dbt said before it could build any."""
    failed = dbt_build.failures(result)
    if not failed:
        return f"dbt could not start the build: {result.exception}"
    shown = "\n".join(f"  - {line}" for line in failed[:SHOWN_FAILURES])
    more = len(failed) - SHOWN_FAILURES
    return f"dbt: {len(failed)} of its nodes failed\n{shown}" + (
        f"\n  ... and {more} more" if more > 0 else ""
    )
