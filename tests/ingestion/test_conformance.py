"""What every source does alike, each against its own system. A new source joins by its name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_company import APIS, FOLDERS, tables

from ingestion import catalog
from ingestion.landing import LandingError, land
from ingestion.specs import Column

SOURCES = (*APIS, *FOLDERS, "dealer_erp")
DUCKDB_TYPES = {"varchar": "VARCHAR", "bigint": "BIGINT", "double": "DOUBLE"} | {
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}


def test_every_source_is_held_to_this_suite():
    assert set(SOURCES) == set(catalog.names())


@pytest.mark.parametrize("source", SOURCES)
def test_source_lands_everything_once_then_changes_only(source, company, settings, raw):
    system = company(source)

    first = land(settings, source)

    held = {table.name: system.count(table) for table in tables(source)}
    assert first.rows == held
    assert first.quarantined == {}
    for table in tables(source):
        described = raw(source, table.name, "SELECT column_name, column_type FROM (DESCRIBE raw)")
        expected = [(c.name, DUCKDB_TYPES[c.type]) for c in table.columns]
        assert [pair for pair in described if pair[0] != "_dlt_load_id"] == expected
        assert raw(source, table.name, "SELECT count(DISTINCT _dlt_load_id) FROM raw") == [(1,)]

    assert land(settings, source).rows == {}

    must_land = system.edit(5, "changed once")
    assert land(settings, source).rows == must_land
    assert land(settings, source).rows == {}


@pytest.mark.parametrize("source", ["dynamics365", "salesforce"])
def test_a_delete_arrives_as_a_tombstone(source, company, settings, raw):
    system = company(source)
    land(settings, source)

    key = system.remove(7 if source == "dynamics365" else 8)
    report = land(settings, source)

    table = tables(source)[0]
    assert report.rows == {table.name: 1}
    (found,) = raw(source, table.name, "SELECT COLUMNS(*) FROM raw WHERE _deleted")
    names = [c.name for c in table.columns]
    row = dict(zip(names, found, strict=False))
    assert row[table.key[0]] == key
    assert {n for n, v in row.items() if v is not None} <= {table.key[0], "_deleted", table.cursor}


@pytest.mark.parametrize(
    ("source", "own_user"),
    [
        ("dynamics365", "6f6b696e-6472-4564-8000-000000000011"),
        ("salesforce", "005Kd0000000011"),
        ("email_platform", "kindred"),
    ],
)
def test_rows_that_kindred_also_writes_land_with_who_kindred_is(
    source, own_user, company, settings, raw
):
    company(source)
    land(settings, source)

    written_back = [table.name for table in tables(source) if table.says_who_wrote]
    assert written_back == ["contacts"]
    assert raw(source, "contacts", "SELECT DISTINCT _read_as FROM raw WHERE NOT _deleted") == [
        (own_user,)
    ]


@pytest.mark.parametrize("source", APIS)
def test_throttling_and_errors_are_sat_out(source, company, settings):
    system = company(source)
    system.handle.misbehave(source, "throttle", requests=2, retry_after=0)
    system.handle.misbehave(source, "error", requests=2, status=503)

    report = land(settings, source)

    assert report.rows == {table.name: system.count(table) for table in tables(source)}


@pytest.mark.parametrize("source", APIS)
def test_a_token_that_expires_is_renewed(source, company, settings):
    system = company(source)
    land(settings, source)
    system.handle.expire_tokens(source)
    system.handle.misbehave(source, "unauthorized", requests=1, path=str(data_path(source)))

    assert land(settings, source).rows == {}


def data_path(source: str) -> str:
    return {
        "dynamics365": "/api/data",
        "salesforce": "/services/data",
        "sap_commerce": "/rest/v2",
        "email_platform": "/v1",
    }[source]


@pytest.mark.parametrize("source", APIS)
def test_refused_credentials_are_named(source, company, settings, monkeypatch):
    company(source)
    secret = "API_KEY" if source == "email_platform" else "CLIENT_SECRET"
    monkeypatch.setenv(f"SOURCES__{source.upper()}__{secret}", "wrong")

    with pytest.raises(LandingError, match=rf"^{source}.*refuses the credentials") as caught:
        land(settings, source)

    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("source", APIS)
@pytest.mark.parametrize("kind", ["error", "silence", "throttle"])
def test_a_system_that_does_not_recover_ends_patience_and_loses_nothing(
    source, kind, company, settings, monkeypatch
):
    system = company(source)
    monkeypatch.setenv(f"SOURCES__{source.upper()}__PATIENCE", "0.2")
    monkeypatch.setenv(f"SOURCES__{source.upper()}__TIMEOUT", "0.2")
    path = data_path(source) if source == "salesforce" else f"{data_path(source)}/"
    how = {"path": path, "retry_after": 60} if kind == "throttle" else {"path": path}
    system.handle.misbehave(source, kind, **how)

    with pytest.raises(LandingError, match=rf"^{source}\.\w+: the system at .* patience"):
        land(settings, source)
    assert not list(settings.raw.glob(f"{source}/*/*.parquet"))

    system.handle.behave()
    monkeypatch.setenv(f"SOURCES__{source.upper()}__PATIENCE", "10")
    monkeypatch.setenv(f"SOURCES__{source.upper()}__TIMEOUT", "10")
    report = land(settings, source)
    assert report.rows == {table.name: system.count(table) for table in tables(source)}


@pytest.mark.parametrize("source", SOURCES)
def test_missing_settings_are_named(source, settings):
    with pytest.raises(LandingError, match=rf"{source}.*set SOURCES__{source.upper()}__"):
        land(settings, source)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("dynamics365", "Could not find a property named 'nowhere'"),
        ("salesforce", "nowhere"),
        ("sap_commerce", "There is no resource for path"),
        ("email_platform", "GET /v1/nowhere answers 404"),
    ],
)
def test_what_the_system_lacks_is_told_in_its_words(source, says, company, settings, monkeypatch):
    company(source)
    table = tables(source)[0]
    odata = source in ("dynamics365", "salesforce")
    wrong = (*table.columns, Column("x", "varchar", "nowhere")) if odata else table.columns
    asked = replace(table, columns=wrong, entity=table.entity if odata else "nowhere")
    monkeypatch.setattr(f"ingestion.{source}.connector.TABLES", (asked,))

    with pytest.raises(
        LandingError, match=rf"^{source}.{table.name}: GET .* answers 40\d"
    ) as caught:
        land(settings, source)

    assert says in str(caught.value)
