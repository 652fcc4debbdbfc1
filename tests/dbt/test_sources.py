"""Sources can be switched, and what dbt declares is what ingestion lands."""

from __future__ import annotations

import pytest
import yaml
from dbt_project_runner import EVERY_SOURCE, PROJECT, UPSTREAM

from ingestion import catalog
from kindred import settings

STAGING = PROJECT / "models" / "staging"
MAPPINGS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["mappings"]


def declared(source: str) -> dict[str, dict[str, str]]:
    """Columns of each table with their types, as the source's yml declares them."""
    text = (STAGING / source / f"_{source}__sources.yml").read_text()
    (entry,) = yaml.safe_load(text)["sources"]
    return {
        table["name"]: {column["name"]: column["data_type"] for column in table["columns"]}
        for table in entry["tables"]
    }


@pytest.mark.parametrize("source", catalog.names())
def test_dbt_declares_the_columns_that_ingestion_lands(source):
    landed = {
        table.name: {column.name: column.type for column in table.columns}
        | {"_dlt_load_id": "varchar"}
        for table in catalog.source(settings.load(), source).tables
    }

    assert declared(source) == landed


def test_the_mappings_list_exactly_the_map_models_that_exist():
    listed = {f"map_{source}__{name}" for name, sources in MAPPINGS.items() for source in sources}
    existing = {path.stem for path in STAGING.glob("*/map_*.sql")}

    assert listed == existing


def test_every_semantic_model_has_its_mapping():
    models = {path.stem for path in (PROJECT / "models" / "semantic").glob("*.sql")}

    assert models == set(MAPPINGS)


@pytest.mark.parametrize(
    "sources",
    [("web_events",), ("dealer_erp", "registers"), ("online_retail",)],
    ids=",".join,
)
def test_models_of_disabled_sources_vanish(project, sources):
    names = project.succeed("ls", "--resource-type", "model", "source", sources=sources)
    others = [source for source in EVERY_SOURCE if source not in sources]

    assert [n for n in names if any(f"_{other}__" in n for other in others)] == []
    assert [n for n in names if any(f":kindred.{other}." in n for other in others)] == []
    assert any(f"stg_{sources[0]}__" in name for name in names)


def test_a_single_source_builds_the_whole_semantic_layer(project):
    project.succeed("build", *UPSTREAM, sources=("web_events",))

    counts = {
        name: project.query(f"select count(*) from semantic.{name}")[0][0] for name in MAPPINGS
    }

    assert counts == dict.fromkeys(MAPPINGS, 0)
