"""The generated company: made whole or not at all, the same every time, with the right columns."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from company_on_disk import PEOPLE, SEED, Company, header, made, opened

from ingestion import catalog, sandbox
from ingestion.sandbox.__main__ import main
from ingestion.sandbox.company import creation, text, truth
from kindred.settings import Settings

SMALL = 200
REST = ("dynamics365", "salesforce", "sap_commerce", "email_platform")
FILES = ("magento", "web_events", "registers", "partners")
ARROW = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("ms", "UTC"),
    "date": pa.date32(),
}


@pytest.fixture
def folder() -> Path:
    return made()


@pytest.fixture
def company() -> Company:
    return opened()


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def tables(source: str) -> list[catalog.TableSpec]:
    return list(catalog.source(Settings(), source).tables)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        sandbox.create_company(tmp_path / name, SMALL, 5)
    sandbox.create_company(tmp_path / "other", SMALL, 6)
    one, two, other = (fingerprints(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert len(one) > 100
    parquet = [name for name in one if name.endswith(".parquet") and name in other]
    same = {name for name in parquet if one[name] == other[name]}
    fixed = {"systems/dynamics365/accounts.parquet", "systems/email_platform/campaigns.parquet",
             "systems/sap_commerce/products.parquet"}  # fmt: skip
    assert same == fixed


def test_again_does_nothing_and_says_so(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    again = sandbox.create_company(folder, PEOPLE, SEED)
    assert not again.created
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_another_company_in_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(creation.CompanyError, match=f"{PEOPLE} people, seed {SEED}"):
        sandbox.create_company(folder, PEOPLE, SEED + 1)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(creation.CompanyError, match="not empty"):
        sandbox.create_company(tmp_path, SMALL, 1)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    with pytest.raises(creation.CompanyError, match="at least 50"):
        sandbox.create_company(tmp_path / "sandbox", 3, 1)
    assert not (tmp_path / "sandbox").exists()


def test_a_broken_creation_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "sandbox"

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(truth, "write", full_disk)
        with pytest.raises(OSError, match="No space"):
            sandbox.create_company(target, SMALL, 1)
    assert not target.exists()
    assert sandbox.create_company(target, SMALL, 1).created
    assert [path.name for path in tmp_path.iterdir()] == ["sandbox"]
    described = json.loads((target / "company.json").read_text())
    assert described == {"people": SMALL, "seed": 1, "version": 2, "as_of": "2026-11-01"}


@pytest.mark.parametrize("source", REST)
def test_rest_systems_hold_what_the_connector_reads(folder: Path, source: str) -> None:
    wanted = {table.entity: table for table in tables(source)}
    found = {path.stem: path for path in (folder / "systems" / source).glob("*.parquet")}
    assert set(found) == set(wanted)
    for entity, table in wanted.items():
        schema = pq.read_schema(found[entity])
        described = {field.name: field.type for field in schema}
        assert described == {c.native: ARROW[c.type] for c in table.native_columns}, entity


@pytest.mark.parametrize("source", FILES)
def test_files_hold_what_the_connector_reads(folder: Path, source: str) -> None:
    for table in tables(source):
        paths = sorted((folder / "files" / source).glob(table.entity or table.name))
        if source == "web_events":
            continue
        assert paths, table.name
        for path in paths:
            found = pq.read_schema(path).names if path.suffix == ".parquet" else header(path)
            missing = {c.native for c in table.native_columns} - set(found)
            assert not missing, path.name
            extra = set(found) - {c.native for c in table.native_columns}
            assert not extra or source == "magento", path.name


def test_magento_exports_hold_secrets_to_be_dropped(company: Company) -> None:
    assert {"password_hash", "rp_token"} <= set(company.columns("magento.customers"))
    assert company.one("SELECT count(rp_token) FROM magento.customers") > 0


def test_the_erp_holds_what_the_connector_reads(company: Company) -> None:
    kinds = {"VARCHAR": "varchar", "BIGINT": "bigint", "INTEGER": "bigint", "DOUBLE": "double",
             "DATE": "date", "TIMESTAMP": "timestamp"}  # fmt: skip
    for table in tables("dealer_erp"):
        described = company.rows(f"DESCRIBE dealer_erp.{table.name}")
        found = {row[0]: kinds[row[1]] for row in described}
        assert found == {c.native: c.type for c in table.native_columns}, table.name
        assert company.one(f"SELECT count(*) FROM dealer_erp.{table.name}") > 0


def test_web_events_have_segments_shape(company: Company) -> None:
    kinds = company.rows("SELECT DISTINCT type, event FROM web_events.events ORDER BY ALL")
    assert kinds == [("identify", None), ("page", None), ("track", "Product Added"),
                     ("track", "Product Viewed")]  # fmt: skip
    bad = company.one(
        """SELECT count(*) FROM web_events.events
        WHERE messageId IS NULL OR anonymousId IS NULL OR "timestamp" IS NULL
           OR receivedAt < "timestamp" OR context.page.path IS NULL
           OR (type = 'track') <> (properties.product_id IS NOT NULL)
           OR (type = 'identify' AND userId IS NULL)"""
    )
    assert bad == 0
    assert company.one("SELECT count(traits.email) FROM web_events.events") > 0


def checksum(key: str) -> str:
    """Salesforce's three letters that tell which of the fifteen before are upper case."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = (key[:5], key[5:10], key[10:15])
    return "".join(letters[sum(c.isupper() << i for i, c in enumerate(part))] for part in parts)


def test_salesforce_ids_carry_the_right_prefix_and_checksum(company: Company) -> None:
    for entity, prefix in (("Contact", "003"), ("Lead", "00Q"), ("Opportunity", "006"),
                           ("Task", "00T")):  # fmt: skip
        ids = [row[0] for row in company.rows(f'SELECT "Id" FROM salesforce."{entity}"')]
        assert len(ids) == len(set(ids)) > 100
        assert all(key.startswith(prefix) and key[15:] == checksum(key) for key in ids)


def test_text_helpers() -> None:
    import numpy as np

    assert text.runs(np.array([2, 0, 3])).tolist() == [0, 1, 0, 1, 2]
    assert text.repeated(pa.array(["a", "b", "a", "c", "b"])).tolist() == [
        False, False, True, False, True,
    ]  # fmt: skip
    when = np.array(["2026-01-31T09:15:00", "NaT"], dtype="datetime64[s]")
    assert text.iso_millis(when[:1]).to_pylist() == ["2026-01-31T09:15:00.000Z"]
    assert np.isnat(text.daytime(when, 8, 18)).tolist() == [False, True]
    assert text.numbered("K", np.array([7, 1234]), 3).to_pylist() == ["K007", "K234"]


def test_connections_follow_the_running_servers(tmp_path: Path) -> None:
    found = sandbox.connection_environment(tmp_path)
    assert found["SOURCES__SALESFORCE__BASE_URL"] == "http://127.0.0.1:8802"
    assert found["SOURCES__MAGENTO__FOLDER"] == str(tmp_path / "files" / "magento")
    assert found["SOURCES__DEALER_ERP__CREDENTIALS"].startswith("sqlite:////")
    ports = {"page": 1, "dynamics365": 41001, "salesforce": 41002, "sap_commerce": 41003}
    (tmp_path / "running.json").write_text(json.dumps({"pid": 1, "ports": ports}))
    found = sandbox.connection_environment(tmp_path)
    assert found["SOURCES__DYNAMICS365__TOKEN_URL"].startswith("http://127.0.0.1:41001/")
    assert found["SOURCES__EMAIL_PLATFORM__BASE_URL"] == "http://127.0.0.1:8804"
    (tmp_path / "running.json").write_text("{")
    with pytest.raises(ValueError, match="malformed"):
        sandbox.connection_environment(tmp_path)


def test_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create", "--folder", str(folder), "--people", str(PEOPLE),
                 "--seed", str(SEED)]) == 0  # fmt: skip
    assert "nothing done" in capsys.readouterr().out
    assert main(["create", "--folder", str(folder), "--people", "60"]) == 1
    assert "another company" in capsys.readouterr().err
    assert main(["create", "--folder", str(tmp_path / "new"), "--people", "60"]) == 0
    assert "truth.records" in capsys.readouterr().out
