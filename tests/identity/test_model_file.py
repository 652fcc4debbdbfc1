"""The kept model: the same weights from run to run, learned again when they are too old."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from people import TODAY, Town, identifiers, known, record

from kindred.identity import resolve
from kindred.identity.codes.columns import InputError
from kindred.identity.weights.levels import FAMILY, GIVEN, Family, Field, up_to
from kindred.identity.weights.model import CLASSES, FORMAT, Model
from kindred.identity.weights.model_file import DAYS, ModelFile

NAMES = [GIVEN, FAMILY]


class Learner:
    """Gives another model each time it is asked, and counts."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Model:
        self.times += 1
        tables = {
            kind: {f.name: np.full(len(f.levels) + 1, -self.times / 3) for f in NAMES}
            for kind in CLASSES
        }
        return Model(tuple(NAMES), **tables, priors=(-10.0, -11.5, 0.0), caps={"names": 8})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models" / "identity.json"


def asked(path: Path, learn: Learner, *, day: int = 0, fields: list[Field] = NAMES, n: int = 1_000):
    """The model that a run of that day works with."""
    file = ModelFile(path, TODAY + dt.timedelta(days=day))
    model = file.kept(fields, n)
    if model is None:
        model = learn()
        file.keep(model, n)
    return model


def test_a_second_run_uses_the_same_weights_and_leaves_the_file_alone(path: Path) -> None:
    learn = Learner()
    first = asked(path, learn)
    written = path.read_bytes()
    second = asked(path, learn, day=DAYS - 1, n=1_200)
    assert learn.times == 1
    assert path.read_bytes() == written
    assert second.priors == first.priors
    assert second.caps == first.caps
    for kind in CLASSES:
        for name, table in getattr(first, kind).items():
            assert np.array_equal(getattr(second, kind)[name], table)


@pytest.mark.parametrize(
    "later",
    [
        {"day": DAYS},
        {"day": -DAYS},
        {"n": 1_250},
        {"n": 790},
        {"fields": [GIVEN]},
        {"fields": [GIVEN, up_to(FAMILY, Family.CLOSE)]},
    ],
    ids=[
        "after 30 days",
        "a clock set back",
        "a quarter more",
        "a fifth fewer",
        "other fields",
        "fields that agree less well",
    ],
)
def test_it_is_learned_again(path: Path, later: dict) -> None:
    learn = Learner()
    asked(path, learn)
    asked(path, learn, **later)
    assert learn.times == 2
    facts = json.loads(path.read_text())
    assert facts["records"] == later.get("n", 1_000)
    assert facts["learned_on"] == str(TODAY + dt.timedelta(days=later.get("day", 0)))


def test_only_its_owner_may_read_it(path: Path) -> None:
    asked(path, Learner())
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_no_model_is_named(path: Path) -> None:
    path.parent.mkdir()
    for broken in ("{", "[]", "{}", f'{{"format": {FORMAT}}}'):
        path.write_text(broken)
        with pytest.raises(InputError, match=r"identity\.json is no model .* delete it"):
            asked(path, Learner())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learned_on", None),
        ("records", "many"),
        ("priors", [-10.0]),
        ("alone", None),
        ("match", {"given": [0.0], "family": [0.0]}),
        ("chance", {}),
    ],
)
def test_a_model_that_does_not_fit_is_named(path: Path, name: str, value: object) -> None:
    asked(path, Learner())
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {name: value}))
    with pytest.raises(InputError, match=r"identity\.json is no model .* delete it"):
        asked(path, Learner())


def test_a_file_of_an_earlier_version_is_learned_again(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"format": 1}')
    learn = Learner()
    asked(path, learn)
    assert learn.times == 1


def test_weights_of_yesterday_are_used_for_the_records_of_today(town: Town, path: Path) -> None:
    kept = ModelFile(path, TODAY)
    first = town.resolve(model_file=kept)
    written = path.read_bytes()
    new = record("new:1", given="Anna", family="Quaedvlieg", born="1980-03-12")
    second = town.resolve(new, model_file=kept, ids=first.person_map)
    assert path.read_bytes() == written
    assert second.matched.model.priors == first.matched.model.priors
    found = resolve(town.people.drop(["phone"]), identifiers(), known(), model_file=kept)
    assert path.read_bytes() == written, "nobody has accepted yet what was found"
    found.matched.keep_model(kept)
    assert path.read_bytes() != written
