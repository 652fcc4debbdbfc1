"""Where trained models and their cards are kept: `<models>/<model>/<version>/`.

Belongs here: writing a version whole or not at all, and reading it back.
Does not belong here: what a model is. A model file is a pickle: it is only ever read from the
folder that this module writes (`settings.models`), never from a path somebody sends.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import joblib

MODEL_FILE = "model.joblib"
CARD_FILE = "card.json"


def put(folder: Path, version: str, model: Any, card: dict[str, Any]) -> Path:
    """Keep `model` and `card` as `folder/version`; a version that is there already stays as it is.

    Returns the version's folder. `folder/latest.json` names the version that was kept last.
    """
    place = folder / version
    if not complete(place):
        draft = folder / f".{version}.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        joblib.dump(model, draft / MODEL_FILE)
        _write(draft / CARD_FILE, card)
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
    pointer = folder / f".latest.{os.getpid()}"
    _write(pointer, {"version": version})
    pointer.replace(folder / "latest.json")
    return place


def get(folder: Path, version: str) -> tuple[Any, dict[str, Any]] | None:
    """The model and card kept as `folder/version`, or None when there is no such version."""
    place = folder / version
    if not complete(place):
        return None
    card = json.loads((place / CARD_FILE).read_text(encoding="utf-8"))
    return joblib.load(place / MODEL_FILE), card


def complete(place: Path) -> bool:
    """Whether a version's folder holds both of its files."""
    return (place / MODEL_FILE).is_file() and (place / CARD_FILE).is_file()


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
