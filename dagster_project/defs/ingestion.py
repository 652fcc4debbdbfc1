"""What the source systems hold, landed in `lake/raw`: one asset per table, one step per source.

Belongs here: which assets a source has and what they show. Does not belong here: how a system is
read and how rows land (ingestion/).
"""

import time
from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dlt import DagsterDltTranslator, dlt_assets
from dagster_dlt.translator import DltResourceTranslatorData

from ingestion import catalog, landing
from kindred import settings as kindred_settings

OWNERS = ["team:data"]
REASONS_SHOWN = 20


class RawTranslator(DagsterDltTranslator):
    """Key = [source, table], as in dbt's sources; nothing upstream, for systems aren't assets."""

    def __init__(self, source: catalog.SourceSpec) -> None:
        super().__init__()
        self.source = source

    def get_asset_spec(self, data: DltResourceTranslatorData) -> dg.AssetSpec:
        """The asset of one table."""
        spec = super().get_asset_spec(data)
        table = self.source.table(data.resource.name)
        return spec.replace_attributes(
            key=dg.AssetKey([self.source.name, table.name]),
            group_name="ingestion",
            deps=[],
            owners=OWNERS,
            kinds={"dlt", "parquet"},
            description=f"{table.description.strip()}\n\nFrom {self.source.name}: "
            f"{self.source.description.strip()}",
            metadata={"path": f"lake/raw/{self.source.name}/{table.name}"},
        )


@dg.definitions
def ingestion_definitions() -> dg.Definitions:
    """The assets of every enabled source. Builds them without a connection or a credential."""
    settings = kindred_settings.load()
    return dg.Definitions(
        assets=[_source_assets(settings, source) for source in catalog.enabled(settings)]
    )


def _source_assets(
    settings: kindred_settings.Settings, source: catalog.SourceSpec
) -> dg.AssetsDefinition:
    @dlt_assets(
        dlt_source=source.build(settings),
        dlt_pipeline=landing.pipeline(settings, source.name),
        name=f"ingest_{source.name}",
        dagster_dlt_translator=RawTranslator(source),
    )
    def ingest(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        tables = {key.path[-1]: key for key in sorted(context.selected_asset_keys)}
        report = _land(kindred_settings.load(), source, list(tables))
        for table, key in tables.items():
            yield dg.MaterializeResult(asset_key=key, metadata=_facts(report, table))

    return ingest


def _land(
    settings: kindred_settings.Settings, source: catalog.SourceSpec, tables: list[str]
) -> landing.LandingReport:
    """Land the chosen tables of a source. Raises `landing.LandingError`, one clear message."""
    started = time.monotonic()
    with landing.guarded(settings, source.name):
        pipe = landing.pipeline(settings, source.name)
        finished = landing.before_run(pipe)
        chosen = source.build(settings).with_resources(*tables)
        done = landing.report(pipe, pipe.run(chosen, loader_file_format=landing.FILE_FORMAT))
    done = finished + done if finished else done
    return landing.LandingReport(
        done.source, done.rows, done.quarantined, done.bytes, time.monotonic() - started
    )


def _facts(report: landing.LandingReport, table: str) -> dict[str, Any]:
    """What a person wants to see of one table; bytes and seconds are the whole source's."""
    reasons = report.quarantined.get(table, {})
    shown = dict(sorted(reasons.items(), key=lambda item: -item[1])[:REASONS_SHOWN])
    return {
        "rows landed": report.rows.get(table, 0),
        "rows quarantined": sum(reasons.values()),
        **({"reasons": dg.MetadataValue.json(shown)} if shown else {}),
        "bytes landed (source)": report.bytes,
        "seconds (source)": round(report.seconds, 3),
    }
