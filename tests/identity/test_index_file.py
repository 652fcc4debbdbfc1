"""The index's file: what is opened answers as what was saved, and nothing else is opened."""

from __future__ import annotations

import io
import pickle
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from people import MOMENT, decisions, identifiers, known

from kindred.identity import Index, InputError, load_rules, open_index, save_index
from kindred.identity.index import index_file
from kindred.identity.index.index_file import _Unpickler

NEW = 40


@pytest.fixture(scope="module")
def people(generated) -> pa.Table:
    return pq.read_table(generated(1_600)[0])


@pytest.fixture(scope="module")
def cards(people: pa.Table) -> pa.Table:
    owners = people["record_id"].to_pylist()[NEW : 2 * NEW]
    return identifiers(*((owner, "loyalty_card", f"c{n // 2}") for n, owner in enumerate(owners)))


@pytest.fixture
def index(people: pa.Table, cards: pa.Table) -> Index:
    known_ids = known(dict.fromkeys(people["record_id"].to_pylist()[-2:], "kc_0"))
    return Index(people.slice(NEW), identifiers=cards, known=known_ids, occurred_at=MOMENT)


@pytest.fixture
def path(index: Index, tmp_path: Path) -> Path:
    save_index(index, tmp_path / "of it" / "people.index")
    return tmp_path / "of it" / "people.index"


def test_an_index_that_was_opened_is_the_one_that_was_saved(index, people, path) -> None:
    again = open_index(path)
    assert again.person_map().equals(index.person_map())
    for row in range(NEW):
        assert again.find(people.slice(row, 1)).equals(index.find(people.slice(row, 1)))
    two = people["record_id"].to_pylist()[NEW], people["record_id"].to_pylist()[-1]
    for one in (index, again):
        one.update(people.slice(0, NEW), decisions=decisions((*two, "different")))
        one.update(people.slice(0, 0), gone=people["record_id"].to_pylist()[NEW + 1 : NEW + 9])
    assert again.person_map().equals(index.person_map())
    assert again.clusters()[0].equals(index.clusters()[0])


def test_changes_reach_the_file_only_when_it_is_saved_again(index, people, path) -> None:
    before = index.person_map()
    opened = open_index(path)
    opened.update(people.slice(0, NEW))
    assert open_index(path).person_map().equals(before)
    save_index(opened, path)  # while it is mapped
    assert open_index(path).person_map().equals(opened.person_map())
    assert opened.find(people.slice(0, 1)).num_rows > 0


def test_only_the_owner_may_read_it(path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_other_rules_need_another_index(path, tmp_path) -> None:
    rules = load_rules()
    with pytest.raises(InputError, match="other rules or nicknames"):
        open_index(path, rules.model_copy(update={"cluster_cap": rules.cluster_cap + 1}))
    nicknames = tmp_path / "nicknames.csv"
    nicknames.write_bytes(rules.aliases.file.read_bytes())
    aliases = rules.aliases.model_copy(update={"file": nicknames})
    assert open_index(path, rules.model_copy(update={"aliases": aliases})).people
    nicknames.write_bytes(rules.aliases.file.read_bytes() + b"nl,zzz,zacharias\n")
    with pytest.raises(InputError, match="other rules or nicknames"):
        open_index(path, rules.model_copy(update={"aliases": aliases}))


def test_other_code_needs_another_index(path, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(index_file, "SOURCES", tmp_path)
    with pytest.raises(InputError, match="or code; build it again"):
        open_index(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"PAR1" * 20,
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-1],
        lambda whole: whole[len(whole) // 2 :],
        lambda whole: whole.replace(b"kindred.identity.codes.columns", b"kindred.identity.calumns"),
        lambda whole: whole.replace(b'"format": 1', b'"format": 2'),
    ],
    ids=["empty", "other", "first half", "no end", "second half", "objects", "version"],
)
def test_what_is_no_whole_index_is_refused(path, damage) -> None:
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match="build it again"):
        open_index(path)


def test_no_index_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="build it again"):
        open_index(tmp_path / "none.index")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("numpy", "load"),
        ("pyarrow.lib", "memory_map"),
        ("kindred.identity.weights.model", "save"),
        ("kindred.identity.index.index_file", "save_index"),
        ("kindred.identity.index.index_file", "Path"),
    ],
)
def test_a_file_can_make_nothing_but_an_index(module: str, name: str) -> None:
    with pytest.raises(pickle.UnpicklingError, match="has no place in an index"):
        _Unpickler(load_rules(), io.BytesIO(), []).find_class(module, name)
