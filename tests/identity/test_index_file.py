"""The index's file: what is opened answers as what was saved, and nothing else is opened."""

from __future__ import annotations

import io
import pickle
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from people import MOMENT, decisions, identifiers, known

from kindred.identity import Index, InputError, load_rules, open_index, save_index
from kindred.identity.index import index_file
from kindred.identity.index.objects import ARRAYS, CLASSES, Unpickler

NEW = 40


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
        ("kindred.identity.index.index", "Index.find"),
        ("kindred.identity.files", "ParquetColumns"),
        ("kindred.identity.engine", "Engine"),
    ],
)
def test_a_file_can_make_nothing_but_an_index(module: str, name: str) -> None:
    with pytest.raises(pickle.UnpicklingError, match="has no place in an index"):
        Unpickler(load_rules(), io.BytesIO(), []).find_class(module, name)


def test_an_index_is_made_of_exactly_what_may_be_in_its_file(index, people, path, tmp_path) -> None:
    made: dict[str, set[str]] = {}

    class Noting(Unpickler):
        def find_class(self, module: str, name: str) -> object:
            made.setdefault(module, set()).add(name)
            return super().find_class(module, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_file, "Unpickler", Noting)
        opened = open_index(path)
        opened.update(people.slice(0, NEW), gone=people["record_id"].to_pylist()[-9:])
        names = pc.binary_join_element_wise(people["given_name"], people["family_name"], " ")
        whole = pa.table({"record_id": people["record_id"], "full_name": names})
        bare = people.select(["record_id"])
        for some in (opened, *map(Index, (people.slice(0, 1), bare, whole))):
            save_index(some, path)
            assert open_index(path).person_map().equals(some.person_map())
    assert made == CLASSES | ARRAYS


def text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def named(module: str, name: str) -> bytes:
    return text(module) + text(name) + b"\x93"


INDEX = named("kindred.identity.index.index", "Index")
FREQUENCIES = named("kindred.identity.weights.frequencies", "Frequencies")
FROM_BUFFER = named("numpy._core.numeric", "_frombuffer")
DTYPE = named("numpy", "dtype")
FIELDS = b"K\x03" + text("|") + b"N" + text("a") + b"\x85}" + text("a") + b"NsK\x08K\x01K\x00t"


@pytest.mark.parametrize(
    "steps",
    [
        INDEX + b"N}" + text("find") + FREQUENCIES + b"s\x86b",
        INDEX + b"}" + text("find") + FREQUENCIES + b"sb",
        FROM_BUFFER + b"}" + text("x") + b"K\x01sb",
        FROM_BUFFER + b"N}" + text("__defaults__") + b")s\x86b",
        INDEX + b")\x81N}" + text("find") + FREQUENCIES + b"s\x86b",
        INDEX + b"N\x85R",
        INDEX + b"N\x85\x81",
        INDEX + b")}\x92",
        b"(" + INDEX + b"o",
        text("") + b"Q}" + text("cluster_cap") + b"K\x01sb",
        DTYPE + text("O8") + b"\x89\x88\x87R",
        DTYPE + text("V8") + b"\x89\x88\x87R(" + FIELDS + b"b",
        DTYPE + text("i8") + b"\x89\x88\x87R(" + FIELDS + b"b",
        b"ckindred.identity.index.index\nIndex\n",
        b"K\x01",
    ],
    ids=[
        "a class",
        "a class by a dictionary",
        "a function",
        "its defaults",
        "slots",
        "called",
        "made with values",
        "made with names",
        "made in another way",
        "the rules",
        "objects by address",
        "records",
        "a type of records",
        "named in another way",
        "no index",
    ],
)
def test_a_file_changes_nothing_but_its_own_objects(path, monkeypatch, steps: bytes) -> None:
    def state() -> tuple:
        function = Unpickler(rules, io.BytesIO(b"\x80\x05" + FROM_BUFFER + b"."), []).load()
        return dict(vars(Index)), dict(vars(function)), function.__defaults__, rules.model_dump()

    rules = load_rules()
    before = state()
    monkeypatch.setattr(index_file, "_part", lambda memory, place: b"\x80\x05" + steps + b".")
    monkeypatch.setattr(index_file.zlib, "crc32", lambda _: contents["checksum"])
    contents = index_file._contents(memoryview(path.read_bytes()))
    with pytest.raises(InputError, match="build it again"):
        open_index(path, rules)
    assert state() == before
