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
POINTER = "latest.json"


def put(folder: Path, version: str, model: Any, card: dict[str, Any]) -> Path:
    """Keep `model` and `card` as `folder/version`; a version that is there already stays as it is.

    Returns the version's folder, which only its owner may open. `folder/latest.json` names
    the version that was kept last.
    """
    place = folder / version
    if not complete(place):
        draft = folder / f".{version}.{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        joblib.dump(model, draft / MODEL_FILE)
        _write(draft / CARD_FILE, card)
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
    pointer = folder / f".{POINTER}.{os.getpid()}"
    _write(pointer, {"version": version})
    pointer.replace(folder / POINTER)
    return place


def latest_card(folder: Path) -> dict[str, Any] | None:
    """The card of the version that was kept last, or None when there is none."""
    pointer = folder / POINTER
    if not pointer.is_file():
        return None
    place = folder / json.loads(pointer.read_text(encoding="utf-8"))["version"]
    if not complete(place):
        return None
    return json.loads((place / CARD_FILE).read_text(encoding="utf-8"))


def get(folder: Path, version: str) -> Any:
    """The model kept as `folder/version`; FileNotFoundError when there is none."""
    return joblib.load(folder / version / MODEL_FILE)


def complete(place: Path) -> bool:
    """Whether a version's folder holds both of its files."""
    return (place / MODEL_FILE).is_file() and (place / CARD_FILE).is_file()


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
