"""What Parquet, Arrow and CSV can hold beside text: it is read, or the message names the file."""

from __future__ import annotations

import gzip
import os
import random
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from people import RULES

from kindred.identity import InputError, files, match_file

LINES = "record_id,given_name,family_name,email\n" + "".join(
    f"{n},Anna,Quaedvlieg,anna.q@ziggo.nl\n" for n in range(3)
)
FEW = ("given_name", "middle_name", "gender", "city", "country_code", "source_system")


def written(path: Path, columns: dict[str, object], **how: object) -> Path:
    ids = {"record_id": ["0", "1", "2"]}
    pq.write_table(pa.table(ids | columns), path, **how)
    return path


def clusters(path: Path) -> list[str]:
    """The smallest id of each record's cluster, in the order of ids."""
    out = path.with_name("out.parquet")
    match_file(path, out, RULES)
    rows = pq.read_table(out).sort_by("record_id").to_pylist()
    first: dict[str, str] = {}
    return [first.setdefault(row["cluster_id"], row["record_id"]) for row in rows]


NAMES = {"given_name": ["Anna"] * 3, "family_name": ["Quaedvlieg"] * 3}
EMAILS = {"email": ["anna.q@ziggo.nl"] * 3}


@pytest.mark.parametrize(
    "value",
    [
        pa.array([["a"], ["b"], None]),
        pa.array([{"a": 1}, {"a": 2}, None]),
        pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64())),
        pa.array([["a"], ["b"], None], pa.list_(pa.string(), 1)),
    ],
    ids=["list", "struct", "map", "fixed list"],
)
def test_nested_columns_are_named(tmp_path: Path, value: pa.Array) -> None:
    for name in (*FEW, "email", "identifier_card", "attribute_x", "phone"):
        path = written(tmp_path / "people.parquet", {name: value})
        with pytest.raises(InputError, match=f"column {name} can't be read as text"):
            clusters(path)


def test_half_precision_is_a_number(tmp_path: Path) -> None:
    numbers = pa.array([1012.0, None, 1.5]).cast(pa.float16())
    for name in ("postal_code", "given_name", "phone", "birth_date", "house_number"):
        assert len(clusters(written(tmp_path / "people.parquet", {name: numbers}))) == 3


@pytest.mark.parametrize("kind", [pa.uuid(), pa.binary(16)])
def test_a_uuid_is_its_text(tmp_path: Path, kind: pa.DataType) -> None:
    ids = [uuid.UUID(int=0xFF << 120 | n) for n in (3, 1, 2)]
    stored = pa.array([one.bytes for one in ids], kind)
    path = written(tmp_path / "people.parquet", {"record_id": stored} | NAMES | EMAILS)
    match_file(path, tmp_path / "out.csv", RULES)
    lines = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert sorted(line.split(",")[0].strip('"') for line in lines) == sorted(map(str, ids))
    cards = pa.array([ids[0].bytes, ids[0].bytes, None], kind)
    path = written(tmp_path / "people.parquet", {"identifier_card": cards} | NAMES)
    assert clusters(path)[:2] == ["0", "0"]


def test_sixteen_letters_are_no_uuid(tmp_path: Path) -> None:
    ids = pa.array([b"0123456789abcde" + end for end in (b"1", b"2", b"3")], pa.binary(16))
    found = clusters(written(tmp_path / "people.parquet", {"record_id": ids} | NAMES | EMAILS))
    assert set(found) == {"0123456789abcde1"}


@pytest.mark.parametrize("coding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_parquet_without_dictionaries_is_read(tmp_path: Path, coding: str) -> None:
    columns = NAMES | EMAILS
    how = {"use_dictionary": False, "column_encoding": dict.fromkeys(columns, coding)}
    assert clusters(written(tmp_path / "people.parquet", columns, **how)) == ["0", "0", "0"]


def test_a_damaged_file_is_named_whatever_reading_it_raises(tmp_path: Path) -> None:
    path = written(tmp_path / "people.parquet", NAMES | EMAILS | {"city": ["Ede", "Ede", None]})
    whole, chance = path.read_bytes(), random.Random(7)
    refused = 0
    for _ in range(300):
        broken = bytearray(whole)
        for place in chance.sample(range(len(whole)), 4):
            broken[place] = chance.randrange(256)
        path.write_bytes(broken)
        try:
            clusters(path)
        except InputError as error:
            refused += 1
            assert path.name in str(error)
    assert refused > 100


@pytest.mark.parametrize("name", ["people.csv.gz", "people.csv"])
def test_packed_csv_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for content in (LINES.encode(), LINES.encode("utf-16"), LINES.encode() + b"7,J\xf6rg,x,y\n"):
        path.write_bytes(gzip.compress(content))
        assert clusters(path)[:3] == ["0", "0", "0"]
    path.write_bytes(gzip.compress(b"record_id,email\n"))
    assert clusters(path) == []
    path.write_bytes(gzip.compress(LINES.encode())[:-12])
    with pytest.raises(InputError, match=rf"{name} (can't be read; it looks damaged|is no read)"):
        clusters(path)


def test_what_is_no_text_is_no_csv(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(b"PK\x03\x04\x14\x00\x06\x00\x08\x00secret\n\x00\x00")
    with pytest.raises(InputError, match="is no CSV file: it holds bytes that no text has"):
        clusters(path)


@pytest.mark.parametrize("end", [b".csv", b".csv.gz", b".parquet"])
def test_the_name_of_a_file_may_be_no_text(tmp_path: Path, end: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    path.mkdir()
    path /= f"people{os.fsdecode(end)}"
    if end == b".parquet":
        with path.open("wb") as file:
            pq.write_table(pa.table({"record_id": ["0", "1", "2"]} | NAMES | EMAILS), file)
    else:
        path.write_bytes(gzip.compress(LINES.encode()) if b"gz" in end else LINES.encode())
    match_file(path, path.with_name("out.csv"), RULES, links_path=path.with_name("links.parquet"))
    assert path.with_name("links.parquet").is_file()


def test_a_column_that_is_too_long_to_join_is_said(tmp_path: Path, monkeypatch) -> None:
    """Arrow joins no more than 2 GB of text; that much takes too long to make here."""

    def read(*_: object, **__: object) -> None:
        raise pa.ArrowInvalid("offset overflow while concatenating arrays")

    monkeypatch.setattr(files, "read_people", read)
    with pytest.raises(InputError, match=r"people.parquet .* more than 2 GB of text"):
        clusters(written(tmp_path / "people.parquet", NAMES))
