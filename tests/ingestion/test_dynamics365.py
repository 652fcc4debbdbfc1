"""Change tracking: expired tokens, moved servers, changed columns, rows of the wrong shape."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_company

from ingestion import dynamics365
from ingestion.landing import land
from ingestion.sandbox.servers import running

TABLE = dynamics365.SPEC.tables[0]


@pytest.fixture
def dynamics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "company"
    for table in dynamics365.SPEC.tables:
        small_company.write_entity(folder / "systems" / "dynamics365", table)

    def serve():
        return running(folder)

    def configure(handle):
        for name, text in small_company.environment(folder, handle).items():
            monkeypatch.setenv(name, text)

    return serve, configure


def change(handle, write):
    store = handle.systems["dynamics365"].store
    with store.transaction():
        write(store, store.entities["contacts"])


def test_an_expired_token_means_a_full_read_and_deletes_by_comparison(
    dynamics, settings, raw, monkeypatch
):
    serve, configure = dynamics
    with serve() as handle:
        configure(handle)
        land(settings, "dynamics365")
        change(handle, lambda store, contacts: store.delete(contacts, "contactid-3"))
        change(handle, lambda store, contacts: store.delete(contacts, "contactid-4"))
        assert land(settings, "dynamics365").rows == {"contacts": 2}
        change(handle, lambda store, contacts: store.delete(contacts, "contactid-5"))
        monkeypatch.setattr("ingestion.sandbox.servers.dynamics365.reading.TOKEN_DAYS", -1)

        report = land(settings, "dynamics365")

        expected = {table.name: small_company.ROWS for table in dynamics365.SPEC.tables}
        # 20 contacts live, 1 deleted meanwhile; those deleted before are not deleted again
        assert report.rows == expected | {"contacts": small_company.ROWS - 3 + 1}
        gone = raw("dynamics365", "contacts", "SELECT contactid FROM raw WHERE _deleted ORDER BY 1")
        assert gone == [("contactid-3",), ("contactid-4",), ("contactid-5",)]

        monkeypatch.undo()


def test_the_delta_link_follows_a_server_that_moves(dynamics, settings):
    serve, configure = dynamics
    with serve() as handle:
        configure(handle)
        land(settings, "dynamics365")
    with serve() as handle:
        configure(handle)
        change(handle, lambda store, c: store.update(c, "contactid-1", {"firstname": "moved"}))
        assert land(settings, "dynamics365").rows == {"contacts": 1}


def test_rows_with_a_wrong_type_are_quarantined_and_not_read_again(dynamics, settings, monkeypatch):
    serve, configure = dynamics
    with serve() as handle:
        configure(handle)
        land(settings, "dynamics365")
        change(
            handle, lambda store, c: store.update(c, "contactid-1", {"birthdate": "last spring"})
        )
        report = land(settings, "dynamics365")

        assert report.rows == {}
        assert report.quarantined == {"contacts": {"birthdate is not a date": 1}}
        assert land(settings, "dynamics365").quarantined == {}
