"""The graph loads for any set of sources, and every asset says whose it is and what it holds."""

from __future__ import annotations

import collections
import functools
import os

import dagster as dg
import pytest

from dagster_project import transform
from dagster_project.cli import deciding
from dagster_project.definitions import definitions
from dagster_project.defs import ingestion
from kindred import settings as kindred_settings

SETS = {
    "all": ",".join(kindred_settings.BUILT_IN_SOURCES),
    "the web shop's visitors alone": "web_events",
    "the erp and registers": "dealer_erp,registers",
}


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory):
    return tmp_path_factory.mktemp("graph")


@pytest.fixture(scope="module")
def graphs() -> dict[str, dg.Definitions]:
    """What has been loaded already, by the sources that are on: a load takes seconds."""
    return {}


@pytest.fixture
def load(shared_home, graphs, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("KINDRED_", "SOURCES__"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KINDRED_HOME", str(shared_home))

    def loaded(sources: str) -> dg.Definitions:
        monkeypatch.setenv("KINDRED_SOURCES", sources)
        if sources not in graphs:
            graphs[sources] = definitions()
        return graphs[sources]

    return loaded


def nodes(loaded):
    return list(loaded.resolve_asset_graph().asset_nodes)


@pytest.mark.parametrize("sources", SETS.values(), ids=SETS)
def test_every_asset_is_described_and_none_is_in_group_default(load, sources):
    loaded = load(sources)
    found = nodes(loaded)
    assert [n.key.to_user_string() for n in found if n.group_name == "default"] == []
    for node in found:
        name = node.key.to_user_string()
        assert node.is_materializable, f"{name}: nobody makes it"
        assert node.group_name, name
        assert node.owners, f"{name} has no owner"
        assert node.kinds, f"{name} has no kinds"
        assert (node.description or "").strip(), f"{name} has no description"
        assert "select" not in node.description[:20].lower(), f"{name}: SQL for a description"
    raw = {node.key.path[0] for node in found if node.group_name == "ingestion"}
    assert raw == set(sources.split(","))
    loaded.resolve_job_def("everything")


def test_groups_follow_the_folders(load):
    groups = {node.group_name for node in nodes(load(SETS["all"]))}
    folders = {"staging", "semantic", "identity", "customers", "contactability", "activities"}
    folders |= {"measures", "features", "segments", "journeys", "crm", "marketing", "sales"}
    assert groups == folders | {
        "audiences",
        "ingestion",
        "ledger",
        "scoring",
        "gold",
        "activation",
    }


def test_python_and_dbt_are_one_graph(load):
    graph = load(SETS["all"]).resolve_asset_graph()

    def upstream(*path: str) -> set[dg.AssetKey]:
        return graph.get_ancestor_asset_keys(dg.AssetKey(list(path)))

    sync = upstream("activation", "dynamics365_contacts")
    for path in (
        ["registers", "deceased"],
        ["identity", "person_map"],
        ["scoring", "propensity_scores"],
        ["contactability", "fct_contactability"],
        ["gold", "contactability", "fct_contactability"],
        ["ledger", "sync_outcomes"],
    ):
        assert dg.AssetKey(path) in sync, path


def test_each_part_of_the_dbt_project_is_one_step(load):
    plan = load(SETS["all"]).resolve_job_def("everything")
    steps = {node.name for node in plan.nodes}
    assert {name for name in steps if name.startswith("transform")} == set(transform.PARTS)


def test_every_data_test_of_the_project_is_a_check(load):
    graph = load(SETS["all"]).resolve_asset_graph()
    checks = {key.name for key in graph.asset_check_keys}
    found = transform.manifest_of(kindred_settings.load())["nodes"].values()
    tests = [node for node in found if node["resource_type"] == "test"]
    assert {test["name"] for test in tests if test["depends_on"]["nodes"]} - checks == set()


def test_the_parts_of_the_project_cover_every_node(load):
    steps = collections.Counter(node.assets_def.node_def.name for node in nodes(load(SETS["all"])))
    found = transform.manifest_of(kindred_settings.load())["nodes"].values()
    built = [node for node in found if node["resource_type"] in transform.BUILT_TYPES]
    parts = [steps[name] for name in transform.PARTS]
    assert sum(parts) == len(built)
    assert all(parts)


def test_steps_on_the_way_to_a_product_are_not_published(load):
    load(SETS["all"])
    published = transform.gold_models(transform.manifest_of(kindred_settings.load()))
    names = {model["name"] for model in published}
    assert not {name for name in names if name.startswith("int_")}
    assert {*transform.GOLD_TABLES, "crm_contacts", "audience_salesforce_contacts"} <= names


def test_lineage_leads_from_every_source_to_an_audience(load):
    load(SETS["all"])
    children = transform.manifest_of(kindred_settings.load())["child_map"]

    @functools.cache
    def below(node: str) -> frozenset[str]:
        return frozenset({node}).union(*(below(child) for child in children.get(node, ())))

    leading = {
        node.split(".")[2]
        for node in children
        if node.startswith("source.") and any(".audience_" in found for found in below(node))
    }
    assert leading >= set(SETS["all"].split(","))


def test_whoever_opens_the_warehouse_is_in_its_pool(load):
    openers = ("transform_", "publish_", "match", "scoring__", "identity__register_matches")
    for node in load(SETS["all"]).resolve_job_def("everything").nodes:
        wanted = node.name.startswith(openers)
        assert (node.definition.pool == "warehouse") == wanted, node.name


def test_schedule_and_sensors(load):
    loaded = load(SETS["all"])
    repository = loaded.get_repository_def()
    assert [schedule.cron_schedule for schedule in repository.schedule_defs] == ["0 5 * * *"]
    sensors = {sensor.name for sensor in repository.sensor_defs}
    assert {"register_files", "alert_on_failure"} <= sensors
    without = load(SETS["the web shop's visitors alone"]).get_repository_def()
    assert "register_files" not in {sensor.name for sensor in without.sensor_defs}


def test_an_unknown_source_is_named(monkeypatch):
    monkeypatch.setenv("KINDRED_SOURCES", "dynamics365,nobody")
    with pytest.raises(ValueError, match="nobody"):
        ingestion.ingestion_definitions()


def test_what_a_steward_decides_is_followed_by_golden_records_and_contactability(load):
    graph = load(SETS["all"]).resolve_asset_graph()
    again = dg.AssetSelection.from_string(deciding.GOLDEN).resolve(graph)
    names = {key.to_user_string() for key in again}
    assert {
        "identity/pins",
        "identity/register_matches",
        "identity/int_identity__person_map",
        "customers/dim_customers",
        "customers/int_customers__pins",
        "customers/customer_attribute_provenance",
        "contactability/int_contactability__register_matches",
        "contactability/fct_register_reviews",
        "contactability/fct_contactability",
        "gold/customers/dim_customers",
        "gold/contactability/fct_contactability",
    } <= names
    assert {key.path[0] for key in again} == {"identity", "customers", "contactability", "gold"}
    assert {key.path[1] for key in again if key.path[0] == "gold"} == {
        "customers",
        "contactability",
    }
