"""The file door: a right answer or a clear message, whatever the file holds."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from people import RULES
from typer.testing import CliRunner

from dagster_project.cli import app
from kindred.identity import InputError, match_file
from kindred.identity.files import Counts, open_people
from kindred.identity.reading.bypass import useless

Matched = tuple[Counts, dict[str, str]]
NAME = {"given_name": "Anna", "family_name": "Quaedvlieg"}
BROKEN = pa.array([b"M\xfcller", b"M\xfcller"]).view(pa.string())


@pytest.fixture
def matched(tmp_path: Path) -> Callable[..., Matched]:
    """Matches a table (as Parquet) or text or bytes (as CSV): counts, and by record the smallest id
    of its cluster."""

    def match(content: pa.Table | str | bytes, **more: object) -> Matched:
        path = tmp_path / ("people.parquet" if isinstance(content, pa.Table) else "people.csv")
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        out, links = tmp_path / "new" / "clusters.parquet", tmp_path / "links.parquet"
        counts = match_file(path, out, RULES, links_path=links, **more)
        table = pq.read_table(links)
        assert table.column_names == ["record_id_1", "record_id_2", "probability", "rule"]
        assert counts.links == len(table)
        found = pq.read_table(out)
        assert found.column_names == ["record_id", "cluster_id"]
        ids, clusters = (column.to_pylist() for column in found.columns)
        assert set(clusters) <= set(ids)
        assert counts.records == len(ids)
        by_cluster = sorted(zip(clusters, ids, strict=True), reverse=True)
        first = dict(by_cluster)  # of several the last one stays
        return counts, {record_id: first[cluster] for cluster, record_id in by_cluster}

    return match


def people(count: int, **columns: object) -> pa.Table:
    """A table of so many records, the same value in every row of a column."""
    ids = {"record_id": [f"{n:06}" for n in range(count)]}
    return pa.table(ids | {name: [value] * count for name, value in columns.items()})


@pytest.mark.parametrize("header", ["record_id", "record_id,given_name\n", "record_id;email\r\n"])
def test_a_header_only_is_nobody(matched, header: str) -> None:
    assert matched(header) == (Counts(0, 0, 0, 0, 0), {})
    assert matched(people(0, email="")) == (Counts(0, 0, 0, 0, 0), {})
    nobody = pa.table({"record_id": pa.array([], pa.string()), "city": pa.array([], pa.string())})
    assert matched(nobody) == (Counts(0, 0, 0, 0, 0), {})


def test_one_record_is_one_person(matched) -> None:
    assert matched("record_id,given_name\n7,Anna\n")[1] == {"7": "7"}


def test_records_that_say_nothing_stay_apart(matched) -> None:
    kinds = {"given_name": pa.null(), "birth_date": pa.date32(), "phone": pa.int64()}
    kinds |= {"email": pa.string(), "identifier_card": pa.null(), "attribute_x": pa.string()}
    table = people(3)
    for name, kind in kinds.items():
        table = table.append_column(name, pa.nulls(3, kind))
    assert matched(table)[1] == {record: record for record in table["record_id"].to_pylist()}
    assert len(set(matched("record_id\n1\n2\n")[1].values())) == 2


def test_identical_records_are_one_person_at_the_cost_of_one(matched) -> None:
    started = time.process_time()
    counts, _ = matched(people(50_000, email="anna.q@ziggo.nl", birth_date="1980-03-12", **NAME))
    assert (counts.clusters, counts.largest) == (1, 50_000)
    assert time.process_time() - started < 5


def test_an_email_that_a_crowd_shares_links_nobody_and_stays_cheap(matched) -> None:
    count, letters = 5_000, "abcdefghijklmnopqrstuvwxyz"
    table = people(count, email="crowd@ziggo.nl")
    for place, name in enumerate(("given_name", "family_name")):
        texts = ["Q" + "".join(letters[n // 26**k * (7 + place) % 26] for k in range(3))
                 for n in range(count)]  # fmt: skip
        table = table.append_column(name, pa.array(texts))
    started = time.process_time()
    counts, _ = matched(table)
    assert counts.largest < 10
    assert time.process_time() - started < 10


def test_the_name_in_an_email_that_a_crowd_shares_is_nobodys(matched) -> None:
    count, names = 3_000, ("Anna", "Bram", "Chiara", "Dirk", "Esther", "Farid", "Greta", "Hugo")
    letters = "abcdefghijklmnopqrstuvwxyz"
    given = [names[n % len(names)] for n in range(count)]
    family = ["Q" + "".join(letters[n // 26**k * 7 % 26] for k in range(3)) for n in range(count)]
    family[2_000:] = [None] * 1_000
    given[2_500:] = [None] * 500
    table = people(count, email="jan.smit@dealer.example.nl")
    table = table.append_column("given_name", pa.array(given))
    counts, _ = matched(table.append_column("family_name", pa.array(family)))
    assert counts.largest < 30  # of a thousand without a family name


def test_a_value_of_ten_megabytes_is_read_as_far_as_it_matters(matched) -> None:
    long = "x" * 10_000_000
    table = pa.table({"record_id": ["1", "2", "3"], "given_name": [long, "Anna", "Anna"],
                      "family_name": ["Smit", "Quaedvlieg", "Quaedvlieg"],
                      "email": [None, "anna.q@ziggo.nl", "anna.q@ziggo.nl"]})  # fmt: skip
    assert matched(table)[1] == {"1": "1", "2": "2", "3": "2"}
    assert len(matched(f"record_id,given_name\n1,{long}\n2,Anna\n")[1]) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty: it needs a line with the names"),
        ("\n", "is empty"),
        ("id,email\n1,a@x.nl\n", "the column record_id is missing; --map record_id=YOURS names it"),
        ("secret,email,a\n1,a@x.nl,b\n", "record_id is missing; .* of ours in the file: email$"),
        ("record_id,email\n,a@x.nl\n2,b@x.nl\n", "record_id is empty in 1 rows"),
        ("record_id,email\n1,a@x.nl\n1,b@x.nl\n", r"record_id is not unique \(1 repetitions\)"),
        ("record_id,email\n1,a\n1,b\n2,c\n1,d\n2,e\n", r"is not unique \(3 repetitions\)"),
        (
            people(2, birth_date=dt.datetime(1980, 3, 12)).cast(
                pa.schema(
                    [("record_id", pa.string()), ("birth_date", pa.timestamp("us", "Mars/Olympus"))]
                )
            ),
            "column birth_date can't be read",
        ),
        ("record_id,email\n1,a@x.nl,secret\n", "CSV file: row 2: Expected 2 columns, got 3"),
        ('record_id,given_name\n1,"secret\n2,Jan\n', "a quotation mark is never closed"),
        ("record_id,email,email\n1,a,b\n", "the column email is there 2 times"),
        (people(2, email=["secret"]), "column email can't be read as text"),
        (people(2, birth_date={"day": 1}), "column birth_date can't be read as text"),
        (people(2).set_column(0, "record_id", BROKEN), "record_id holds bytes that are no UTF-8"),
    ],
)
def test_what_cannot_be_matched_is_named_without_values(matched, content, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        matched(content)
    assert "secret" not in str(error.value)


def test_files_that_are_not_there_or_no_parquet_are_named(tmp_path: Path) -> None:
    (tmp_path / "photo.parquet").write_bytes(b"\xff\xd8\xff")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="from an address, fetch it first"):
        match_file(Path("https://x.nl/p.csv"), tmp_path / "out.parquet", RULES)
    for name, message in (
        ("gone.csv", "there is no file"),
        ("", "is a folder: name one file"),
        ("*.csv", "several at once"),
        ("pipe", "is no ordinary file"),
        ("..", "is a folder"),
        ("photo.parquet", "is no Parquet file"),
    ):
        with pytest.raises(InputError, match=message):
            match_file(tmp_path / name, tmp_path / "out.parquet", RULES)
    assert not (tmp_path / "out.parquet").exists()


LINES = (
    "record_id,given_name,family_name,email\n1,Jörg,Größler,j.g@web.de\n2,Jörg,Größler,j.g@web.de\n"
)


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        LINES.encode("utf-8-sig"),
        LINES.encode("latin-1"),
        LINES.encode("utf-16"),
        LINES.replace(",", ";").encode(),
        LINES.replace(",", "\t").encode(),
        LINES.replace(",", "|").replace("\n", "\r\n").encode(),
        LINES.replace("\n", "\r").encode(),
        b"\r\n\n" + LINES.encode(),
        LINES.replace("given_name", '"given_name"').replace("Jörg", '"Jörg"').encode(),
    ],
    ids=[
        "utf8",
        "marked",
        "latin1",
        "utf16",
        "semicolons",
        "tabs",
        "bars",
        "cr",
        "blank",
        "quotes",
    ],
)
def test_csv_of_many_programs(matched, content: bytes) -> None:
    assert matched(content)[1] == {"1": "1", "2": "1"}


def test_names_of_columns_may_hold_delimiters_and_odd_letters(matched) -> None:
    header = 'record_id;"name, given";straße\n'.encode("latin-1")
    assert matched(header + b"1;Anna;x\n2;Jan;y\n")[0].records == 2


def test_bytes_that_are_no_text_cost_their_value_only(matched) -> None:
    texts = pa.array([b"anna.q@ziggo.nl", b"anna.q@ziggo.nl", b"\xff\xfe"])
    for column in (texts, texts.view(pa.string())):
        table = people(3, **NAME).append_column("email", column)
        assert matched(table)[1] == {"000000": "000000", "000001": "000000", "000002": "000002"}


def test_a_csv_file_has_the_words_of_a_parquet_file(tmp_path) -> None:
    """NA is Namibia and a family name, Null is one too; only the empty text is no value."""
    rows = [("1", "Jin", "NA", "NA"), ("NA", "nan", "Null", None), ("null", "", "n/a", "NL")]
    names = ["record_id", "given_name", "family_name", "country_code"]
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    pyarrow.csv.write_csv(table, tmp_path / "quoted.csv")
    pq.write_table(table, tmp_path / "people.parquet")
    (tmp_path / "plain.csv").write_text("\n".join(
        [",".join(names), *(",".join(value or "" for value in row) for row in rows)]
    ))  # fmt: skip
    for name in ("quoted.csv", "plain.csv"):
        found, told = (open_people(tmp_path / each, {}) for each in (name, "people.parquet"))
        for column in names:
            stored = [value or None for value in told.raw(column).to_pylist()]
            assert found.raw(column).to_pylist() == stored
    for column in ("family_name", "street", "postal_code", "city", "identifier_card"):
        assert useless(RULES.bypass, column, pa.array(["NULL"])).to_pylist() == [True]


def test_a_wrong_byte_costs_its_value_only_and_no_other_letters(matched) -> None:
    """Latin-1 is what a file is in whose letters outside ASCII are mostly no UTF-8."""
    lines = "record_id,given_name,family_name\né1,Jörg,Größler\né2,Jörg,Größler\n3,Ja?n,"
    content = lines.encode().replace(b"?", b"\xff")
    for end in (b"Smit\n", b"Smit\xff", b"Smi\xfft\r\n4,Anna,Qua\xc3"):
        assert set(matched(content + end)[1]) >= {"é1", "é2", "3"}
    latin = "record_id,given_name\né1,JÃ¶rg\né2,Jörg\né3,Jörg\n".encode("latin-1")
    assert set(matched(latin)[1]) == {"é1", "é2", "é3"}
    for wrong, message in (
        (b"\xff" + content, "the names of its columns hold bytes that are no UTF-8"),
        (content.replace("é1".encode(), b"\xe91"), "record_id holds bytes that are no UTF-8"),
        (content + b"Smit,secret\n", "CSV file: row 4: Expected 3 columns, got 4"),
        (content + b'"secret\n', "a quotation mark is never closed"),
    ):
        with pytest.raises(InputError, match=message):
            matched(wrong)


def test_dates_in_five_formats_are_one_date(matched) -> None:
    written = ["1980-03-12", "12-03-1980", "19800312", "12 March 1980", "12.3.1980"]
    lines = [f"{n},Anna,Quaedvlieg,{date}\n" for n, date in enumerate(written)]
    lines.append("9,Anna,Quaedvlieg,31-12-1955\n")
    _, clusters = matched("record_id,given_name,family_name,birth_date\n" + "".join(lines))
    assert {clusters[str(n)] for n in range(5)} == {"0"}
    assert clusters["9"] == "9"


def test_columns_of_any_type(matched) -> None:
    birth = dt.datetime(1980, 3, 12)
    table = pa.table(
        {
            "record_id": [1, 2, 3],
            "given_name": pa.array(["Anna", "Anna", "Jan"]).dictionary_encode(),
            "family_name": pa.array(["Quaedvlieg", "Quaedvlieg", None], pa.large_string()),
            "birth_date": pa.array([birth, birth, None], pa.timestamp("us", tz="UTC")),
            "phone": pa.array([31618273645.0, 31618273645.0, None]),
            "house_number": [5, 5, 6],
            "gender": [True, True, False],
            "postal_code": pa.array([1012.0, 1012.0, float("nan")]),
            "identifier_card": [4711, 4711, 4712],
            "attribute_active": [True, True, False],
        }
    )
    assert matched(table)[1] == {"1": "1", "2": "1", "3": "3"}


def test_phones_that_gaps_made_floating_point_keep_their_digits(matched) -> None:
    table = pa.table({"record_id": ["1", "2", "3"], "given_name": ["Anna", "Anna", None],
                      "phone": pa.array([31618273645.0, 31610273645.0, None])})  # fmt: skip
    other = table.set_column(2, "phone", pa.array(["0618273645", "0610273645", None]))
    assert matched(table)[1] == matched(other)[1]


def test_columns_may_have_other_names(matched) -> None:
    text = "id,dob,first,last\n1,1980-03-12,Anna,Quaedvlieg\n2,1980-03-12,Anna,Quaedvlieg\n"
    names = {"record_id": "id", "birth_date": "dob", "given_name": "first", "family_name": "last"}
    assert matched(text, names=names)[1] == {"1": "1", "2": "1"}
    blank = text.replace(",", " , ").replace("id ,", " id,")
    assert matched(blank, names=names | {"birth_date": " dob "})[1] == {"1 ": "1 ", "2 ": "1 "}
    taken = {"city": "record_id"}
    with pytest.raises(InputError, match="--map city=record_id takes it for another one"):
        matched(text.replace("id,", "record_id,"), names=taken)
    with pytest.raises(InputError, match="the column email is there 2 times"):
        matched("record_id, email,email\n1,a,b\n")
    with pytest.raises(InputError, match=r"no column dbo; there are id, no\. 2, first, last"):
        matched(text, names=names | {"birth_date": "dbo"})
    with pytest.raises(InputError, match="birthdate is no column of ours; these are record_id"):
        matched(text, names={"record_id": "id", "birthdate": "dob"})


def test_the_first_person_of_a_file_without_names_is_not_told(matched) -> None:
    text = "Anna,Jansen,anna@jansen.nl,email,Anna\nPiet,Bakker,piet@b.nl,phone,Piet\n"
    for content, names, message in (
        (text, {}, "the column no. 1 is there 2 times"),
        (text.replace(",Anna", ",1980"), {}, "the column record_id is missing"),
        (
            text.replace(",Anna", ",1980"),
            {"birth_date": "dob"},
            "there is no column dob; there are no. 1, no. 2, no. 3, email, no. 5",
        ),
        ("record_id,email,Anna,Anna\n1,a,b,c\n", {}, "the column Anna is there 2 times"),
    ):
        with pytest.raises(InputError, match=message):
            matched(content, names=names)
    counts, _ = matched(
        text.replace(",Anna", ",7").replace(",Piet", ",8"), names={"record_id": "7"}
    )
    assert counts.unused == ("3 columns",)


def test_a_full_name_is_given_and_family_name(matched) -> None:
    rows = [
        ("1", "Anna", "Quaedvlieg", "", "1980-03-12"),
        ("2", "", "", "Quaedvlieg, Anna", "1980-03-12"),
        ("3", "", "", "Anna Quaedvlieg", "1980-03-12"),
        ("4", "", "", "Bram Quaedvlieg", "1980-03-12"),
    ]
    lines = ["record_id,given_name,family_name,full_name,birth_date"]
    text = "\n".join([*lines, *(",".join(f'"{v}"' for v in row) for row in rows)]) + "\n"
    counts, clusters = matched(text)
    assert clusters["1"] == clusters["2"] == clusters["3"] != clusters["4"]
    assert counts.unused == ()


def test_the_command_answers_and_refuses(tmp_path: Path) -> None:
    source, out, said = (tmp_path / name for name in ("people.csv", "out.csv", "said.json"))
    source.write_text("id;given_name;family_name;email;Birth\n" + "".join(
        f"{n};Anna;Quaedvlieg;anna.q@ziggo.nl;1980\n" for n in range(3)
    ))  # fmt: skip
    command = ["match", str(source), "--out", str(out), "--threads", "1"]
    done = CliRunner().invoke(app, [*command, "--map", "record_id=id", "--json", str(said)])
    assert done.exit_code == 0, done.output
    [cluster] = set(pyarrow.csv.read_csv(out)["cluster_id"].to_pylist())
    assert cluster in range(3)
    assert "Not used: Birth." in done.output
    [row] = json.loads(said.read_text())
    assert (row["records"], row["people"], row["records merged"]) == (3, 1, 2)
    good = ["--map", "record_id=id"]
    for wrong in (
        [],
        ["--map", "record_id=no"],
        ["--map", "dob"],
        ["--rules", "gone.yml"],
        [*good, "--map", "record_id=given_name"],
        [*good, "--json", str(source / "said.json")],
    ):
        refused = CliRunner().invoke(app, [*command, *wrong])
        assert refused.exit_code != 0
        assert isinstance(refused.exception, SystemExit)
