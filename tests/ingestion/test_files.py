"""File sources: what lands, what is quarantined, what stops a source, and in which words."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_company

from ingestion import catalog
from ingestion.landing import LandingError, land
from kindred.settings import Settings

HEADER = "entry_id,given_names,family_name,birth_date,died_on,postal_code,city,country_code,"
HEADER += "recorded_on,action\n"
GOOD = "r1,Ans,de Vries,1950-01-02,2026-10-01,1012AB,Amsterdam,NL,2026-10-05,add\n"


@pytest.fixture
def registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "registers"
    folder.mkdir()
    monkeypatch.setenv("SOURCES__REGISTERS__FOLDER", str(folder))
    return folder


def own(settings: Settings, name: str, path: Path) -> Settings:
    return settings.model_copy(update={"files": {name: str(path)}, "sources": (name,)})


def quarantined(settings: Settings, source: str, table: str) -> list[tuple]:
    files = settings.quarantine / source / table / "*.parquet"
    sql = f"SELECT file, row_number, reason, raw FROM '{files}' ORDER BY row_number"
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def test_bad_rows_are_quarantined_with_reason_and_number_and_the_others_land(
    registers, settings, raw
):
    (registers / "deceased_1.csv").write_text(
        HEADER
        + GOOD
        + GOOD.replace("r1", "r2").replace("1950-01-02", "second of January")
        + GOOD.replace("r1,", ",")
        + "r4,too,few\n"
        + GOOD.replace("r1", "r5")
    )

    report = land(settings, "registers")

    assert report.rows == {"deceased": 2}
    reasons = {"birth_date is not a date": 1, "entry_id is missing": 1}
    assert report.quarantined == {"deceased": reasons | {"expected 10 columns, found 3": 1}}
    assert raw("registers", "deceased", "SELECT entry_id, _file, _row FROM raw ORDER BY 1") == [
        ("r1", "deceased_1.csv", 1),
        ("r5", "deceased_1.csv", 5),
    ]
    kept = quarantined(settings, "registers", "deceased")
    assert [row[:3] for row in kept] == [
        ("deceased_1.csv", 2, "birth_date is not a date"),
        ("deceased_1.csv", 3, "entry_id is missing"),
        ("deceased_1.csv", 4, "expected 10 columns, found 3"),
    ]
    assert "second of January" in kept[0][3]
    assert kept[2][3] == "r4,too,few"


def test_bad_rows_of_a_file_read_again_are_kept_once(registers, settings):
    bad = HEADER + GOOD.replace("1950-01-02", "?")
    (registers / "deceased_1.csv").write_text(bad)
    land(settings, "registers")
    (registers / "deceased_1.csv").write_text(bad + GOOD)

    assert land(settings, "registers").rows == {"deceased": 1}
    assert len(quarantined(settings, "registers", "deceased")) == 1


def test_a_latin1_file_lands_in_its_own_words(registers, settings, raw):
    names = ["Müller", "Gonçalves", "Søren"]
    rows = "".join(GOOD.replace("r1", f"r{i}").replace("Ans", n) for i, n in enumerate(names))
    (registers / "deceased_1.csv").write_bytes((HEADER + rows).encode("latin-1"))
    (registers / "deceased_2.csv").write_bytes((HEADER + rows).encode("utf-8-sig"))

    assert land(settings, "registers").rows == {"deceased": 6}
    found = raw("registers", "deceased", "SELECT given_names FROM raw ORDER BY _file, _row")
    assert [name for (name,) in found] == names * 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n" + GOOD.encode(), "wrong header: the first line is empty"),
        (HEADER.replace("died_on", "died").encode(), "wrong header: no column died_on"),
        (b"PAR1\0\0binary", "the file is no text"),
        (HEADER.replace(",", ";", 3).encode(), "wrong header"),
        ((HEADER + GOOD).encode("utf-16"), "the file is no text"),
    ],
)
def test_a_file_that_cannot_be_read_stops_the_source_by_name(content, message, registers, settings):
    (registers / "deceased_1.csv").write_text(HEADER + GOOD)
    (registers / "moved_1.csv").write_bytes(b"")
    (registers / "moved_1.csv").unlink()
    (registers / "deceased_2.csv").write_bytes(content)

    with pytest.raises(LandingError, match=rf"registers\.deceased: file deceased_2.csv: {message}"):
        land(settings, "registers")
    assert not list(settings.raw.glob("registers/*/*.parquet"))

    (registers / "deceased_2.csv").write_text(HEADER + GOOD)
    assert land(settings, "registers").rows == {"deceased": 2}


def test_a_header_alone_lands_nothing_and_an_empty_drop_folder_is_fine(registers, settings):
    assert land(settings, "registers").rows == {}
    (registers / "deceased_1.csv").write_text(HEADER)
    assert land(settings, "registers").rows == {}


def test_a_missing_folder_and_a_folder_of_other_files_are_named(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCES__MAGENTO__FOLDER", str(tmp_path / "nowhere"))
    with pytest.raises(LandingError, match=r"magento: there is no folder .*nowhere"):
        land(settings, "magento")
    (tmp_path / "nowhere").mkdir()
    with pytest.raises(LandingError, match=r"holds none of the files customer_export_\*\.csv"):
        land(settings, "magento")


def test_cut_short_gzip_and_broken_lines(settings, tmp_path, monkeypatch):
    folder = tmp_path / "events"
    folder.mkdir()
    monkeypatch.setenv("SOURCES__WEB_EVENTS__FOLDER", str(folder))
    event = b'{"messageId": "m1", "type": "page", "timestamp": "2026-10-01T10:00:00.5Z"}\n'
    whole = gzip.compress(event * 500)
    (folder / "events-2026-10-01.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LandingError, match=r"web_events.events: file .*: the file is damaged"):
        land(settings, "web_events")

    lines = event + b'{"messageId": \n' + b"[1]\n" + event.replace(b'"m1"', b"null")
    (folder / "events-2026-10-01.jsonl.gz").write_bytes(gzip.compress(lines))
    report = land(settings, "web_events")
    assert report.rows == {"events": 1}
    reasons = {"not a JSON object": 2, "message_id is missing": 1}
    assert report.quarantined == {"events": reasons}


def test_the_quick_and_the_slow_way_read_json_lines_alike(tmp_path, settings, raw, monkeypatch):
    folder = tmp_path / "events"
    monkeypatch.setenv("SOURCES__WEB_EVENTS__FOLDER", str(folder))
    (table,) = small_company.tables("web_events")
    path = small_company.write_file(folder, table, small_company.records(table))
    bare = b'{"messageId": "bare", "type": "page", "context": null}\n'
    plain = gzip.decompress(path.read_bytes()) + bare
    quick, slow = folder / "events-1.jsonl.gz", folder / "events-2.jsonl.gz"
    path.unlink()
    quick.write_bytes(gzip.compress(plain.rstrip()))
    slow.write_bytes(gzip.compress(plain + b"\nno json\n"))

    monkeypatch.setattr("ingestion.read_json.TOGETHER", 700)
    report = land(settings, "web_events")

    assert report.quarantined == {"events": {"not a JSON object": 1}}
    sql = "SELECT * EXCLUDE (_file, _dlt_load_id) FROM raw WHERE _file = '{}' ORDER BY _row"
    by_file = [raw("web_events", "events", sql.format(p.name)) for p in (quick, slow)]
    assert by_file[0] == by_file[1]
    assert len(by_file[0]) == small_company.ROWS + 1
    assert by_file[0][-1][-1] == small_company.ROWS + 1


def test_magento_secrets_are_in_no_byte_below_home(settings, tmp_path, monkeypatch):
    folder = tmp_path / "magento"
    tables = small_company.tables("magento")
    for table in tables:
        path = small_company.write_file(folder, table, small_company.records(table))
    customers = folder / "customer_export_20261101.csv"
    lines = customers.read_text().splitlines()
    bad_date = lines[1].replace("1980-01-01", "SOON", 1)
    customers.write_text("\n".join([*lines, bad_date, "torn,SECRET-password_hash,SECRET-rp_token"]))
    monkeypatch.setenv("SOURCES__MAGENTO__FOLDER", str(folder))

    report = land(settings, "magento")

    assert report.rows["customers"] == small_company.ROWS
    assert sum(report.quarantined["customers"].values()) == 2
    searched = [path for path in settings.home.rglob("*") if path.is_file()]
    assert searched
    for path in searched:
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pq.read_table(path).to_pylist()).encode()
        for secret in (b"SECRET-", b"password_hash", b"rp_token"):
            assert secret not in content, path.name


def test_own_files_land_by_configuration(settings, tmp_path, raw):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "orders_2026-10-01.csv").write_text("Order No;Total\n007;1,5\n")
    (folder / "orders_2026-11-01.csv").write_text("Order No;Total\n008;2,5\n")
    (folder / "ShopVisits.jsonl").write_text('{"visitId": 1, "at": {"x": 1}}\n{"visitId": 2}\n')
    moments = pa.array([dt.datetime(2026, 1, 2)], pa.timestamp("ns", "Europe/Amsterdam"))
    pq.write_table(pa.table({"When": moments, "Ok": [True]}), folder / "times.parquet")
    settings = own(settings, "mine", folder)

    spec = catalog.source(settings, "mine")
    assert [t.name for t in spec.tables] == ["orders", "shop_visits", "times"]
    assert [(c.name, c.type) for c in spec.table("orders").columns][:2] == [
        ("order_no", "varchar"),
        ("total", "varchar"),
    ]

    assert land(settings, "mine").rows == {"orders": 2, "shop_visits": 2, "times": 1}
    assert raw("mine", "orders", "SELECT order_no, _file FROM raw ORDER BY 1") == [
        ("007", "orders_2026-10-01.csv"),
        ("008", "orders_2026-11-01.csv"),
    ]
    assert raw("mine", "shop_visits", 'SELECT visit_id, "at" FROM raw ORDER BY 1') == [
        (1, '{"x":1}'),
        (2, None),
    ]
    assert raw("mine", "times", "SELECT * EXCLUDE (_dlt_load_id) FROM raw") == [
        (dt.datetime(2026, 1, 2), True, "times.parquet", 1)
    ]
    assert land(settings, "mine").rows == {}


def test_own_files_that_are_not_there_load_the_graph_and_fail_by_name(settings, tmp_path):
    settings = own(settings, "mine", tmp_path / "Not There.parquet")

    spec = catalog.source(settings, "mine")

    assert [t.name for t in spec.tables] == ["not_there"]
    with pytest.raises(LandingError, match=r"mine: there is no CSV, Parquet or JSON lines file at"):
        land(settings, "mine")


def test_an_unknown_source_is_named(settings):
    unknown = settings.model_copy(update={"sources": ("typo",)})
    with pytest.raises(ValueError, match=r"typo.*KINDRED_FILES_TYPO"):
        catalog.enabled(unknown)
