"""What analysts add by hand downstream fits together: segments, exposures, audiences and syncs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "dbt_project" / "models"
SYNCS = sorted((ROOT / "activation" / "syncs").glob("*.yml"))
ABOUT_SEGMENTS = {"segment_sizes", "segment_overlap", "segment_distinctions"}
SEGMENTS = sorted(
    path.stem
    for path in (MODELS / "segments").glob("segment_*.sql")
    if path.stem not in ABOUT_SEGMENTS
)
CHANNELS = {"email", "phone", "sms", "post", "ads"}
PURPOSES = {"service", "marketing", "profiling", "third_party"}


def page(model: str) -> dict[str, Any]:
    (path,) = MODELS.rglob(f"{model}.yml")
    (found,) = yaml.safe_load(path.read_text())["models"]
    return found


def columns(model: str) -> set[str]:
    return {column["name"] for column in page(model)["columns"]}


def test_every_segment_is_in_the_union_of_members() -> None:
    union = (MODELS / "segments" / "fct_segment_members.sql").read_text()
    listed = re.findall(r"^ {4}'([a-z0-9_]+)',$", union, re.MULTILINE)
    assert [f"segment_{name}" for name in listed] == SEGMENTS


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_segment_says_whose_it_is_and_what_it_means(segment: str) -> None:
    meta = page(segment)["config"]["meta"]
    assert meta["owner"]
    assert meta["purpose"] in PURPOSES
    assert meta["channels"] and set(meta["channels"]) <= CHANNELS
    assert len(meta["definition"].split()) >= 5


@pytest.mark.parametrize("segment", SEGMENTS)
def test_segments_have_one_shape(segment: str) -> None:
    assert columns(segment) == {"customer_id", "entered_reason", "since"}


def test_every_mart_and_audience_has_a_consumer() -> None:
    exposures = yaml.safe_load((MODELS / "exposures.yml").read_text())["exposures"]
    used = {
        name
        for exposure in exposures
        for entry in exposure["depends_on"]
        for name in re.findall(r"ref\('([a-z0-9_]+)'\)", entry)
    }
    offered = {
        path.stem
        for folder in ("marts", "audiences")
        for path in (MODELS / folder).rglob("*.sql")
        if not path.stem.startswith("int_")
    }
    assert sorted(offered - used) == []


def test_every_downstream_model_keeps_a_contract() -> None:
    loose = [
        path.stem
        for folder in ("marts", "audiences", "activities", "measures", "features", "segments")
        for path in (MODELS / folder).rglob("*.sql")
        if not page(path.stem)["config"]["contract"]["enforced"]
    ]
    assert loose == []


@pytest.mark.parametrize("path", SYNCS, ids=lambda path: path.stem)
def test_a_sync_finds_its_columns_in_its_audience(path: Path) -> None:
    sync = yaml.safe_load(path.read_text())
    wanted = {"customer_id", "channel", "purpose", *sync["fields"].values()}
    wanted |= {sync["destination_id"]} if sync.get("destination_id") else set()
    assert sorted(wanted - columns(sync["audience"])) == []
