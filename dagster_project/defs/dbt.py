"""The dbt project's models, seeds and tests as assets and asset checks.

Belongs here: how a dbt build runs and what its assets tell. Does not belong here: names, groups and
manifests (dagster_project/transform.py) and rules about data (dbt_project/).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource, dbt_assets

from dagster_project import progress, transform
from kindred import settings as kindred_settings

BUILD = ("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
"""Data tests run where all they read is built; unit tests are the test suite's."""

POOL = "warehouse"
SHOWN_FAILURES = 10


@dg.definitions
def dbt_definitions() -> dg.Definitions:
    """One multi-asset for the whole project; Dagster splits it around the Python assets."""
    settings = kindred_settings.load()
    manifest = transform.manifest_of(settings)

    @dbt_assets(
        manifest=manifest,
        name="transform",
        dagster_dbt_translator=transform.KindredTranslator(),
        pool=POOL,
    )
    def transform_assets(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        yield from _build(context, dbt)

    resource = DbtCliResource(
        project_dir=str(transform.DBT_PROJECT),
        profiles_dir=str(transform.DBT_PROJECT),
        dbt_executable=transform.dbt_executable(),
    )
    return dg.Definitions(assets=[transform_assets], resources={"dbt": resource})


def _build(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Build the selected models; yield their results with row counts once dbt let the file go."""
    settings = kindred_settings.load()
    os.environ.update(settings.environment())
    target = transform.prepare_run_folder(settings)
    invocation = dbt.cli(list(BUILD), context=context, target_path=target, raise_on_error=False)
    events, total = [], len(context.selected_asset_keys)
    built = 0
    for event in invocation.stream():
        events.append(event)
        if isinstance(event, dg.Output):
            built += 1
            progress.tell("dbt", built, total)
    problem = invocation.get_error()
    rows = {} if problem else _row_counts(settings)
    for event in events:
        if isinstance(event, dg.Output):
            key = context.asset_key_for_output(event.output_name)
            if tuple(key.path) in rows:
                context.add_output_metadata(
                    {"dagster/row_count": rows[tuple(key.path)]}, output_name=event.output_name
                )
        yield event
    if problem:
        raise dg.Failure(_clear(target, problem), metadata={"log": str(target / "dbt.log")})


def _clear(target: Path, problem: Exception) -> str:
    """The failing models and tests by name, or else what dbt said before it could build any."""
    failed = transform.failures_of(target)
    if not failed:
        return f"dbt could not start the build: {problem}"
    shown = "\n".join(f"  - {line}" for line in failed[:SHOWN_FAILURES])
    more = len(failed) - SHOWN_FAILURES
    return f"dbt: {len(failed)} of its nodes failed\n{shown}" + (
        f"\n  ... and {more} more" if more > 0 else ""
    )


def _row_counts(settings: kindred_settings.Settings) -> dict[tuple[str, str], int]:
    """Rows per (schema, table), from the warehouse's own catalogue: no table is read."""
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        found = connection.sql(
            "select schema_name, table_name, estimated_size from duckdb_tables()"
        ).fetchall()
    return {(schema, table): rows for schema, table, rows in found}
