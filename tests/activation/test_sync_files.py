"""Sync files: clear errors, and agreement with their documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from activation.engine.errors import SyncError
from activation.engine.spec import Guards, Leave, Sync, read
from activation.syncs import FOLDER

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "syncs.md"


def written(folder: Path, **changed: Any) -> Path:
    content = yaml.safe_load((FOLDER / "salesforce_contacts.yml").read_text())
    path = folder / "salesforce_contacts.yml"
    path.write_text(yaml.safe_dump(content | changed))
    return path


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_every_sync_file_is_valid(path: Path) -> None:
    assert read(path).name == path.stem


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mode": "mirrored"}, "mode: Input should be 'upsert'"),
        ({"owners": "me"}, "owners: Extra inputs are not permitted"),
        ({"guards": {"max_change_share": 2}}, "guards.max_change_share: Input should be less"),
        ({"mode": "mirror"}, "mode mirror needs on_leave: delete"),
        ({"constants": {"MobilePhone": "1"}}, "fields and constants both set MobilePhone"),
        ({"fields": {"Kindred_Id__c": "customer_id"}}, "Kindred_Id__c is the key"),
        ({"on_leave": {"set": {"Kindred_Id__c": None}}}, "on_leave can't set Kindred_Id__c"),
        ({"name": "other"}, "name: is 'other', but the file is called 'salesforce_contacts'"),
    ],
)
def test_an_error_names_file_and_field(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    path = written(tmp_path, **changed)
    with pytest.raises(SyncError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_what_is_no_yaml_is_said(tmp_path: Path) -> None:
    path = tmp_path / "broken.yml"
    path.write_text("a: [1")
    with pytest.raises(SyncError, match=r"broken\.yml"):
        read(path)
    path.write_text("just words")
    with pytest.raises(SyncError, match="must be a mapping"):
        read(path)


def test_every_field_is_documented() -> None:
    text = REFERENCE.read_text()
    for model in (Sync, Guards, Leave):
        missing = [name for name in model.model_fields if f"`{name}`" not in text]
        assert missing == [], f"{model.__name__}: {missing}"
