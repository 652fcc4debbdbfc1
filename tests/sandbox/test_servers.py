"""Starting, stopping, seeding, state that survives, the page and the request log."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from clients import Client
from tiny_company import CONTACTS, guid, write_tiny_company

from ingestion.sandbox.servers import DEFAULT_PORTS, Handle, running

SERVE = """
import sys
from ingestion.sandbox.servers import serve
serve(sys.argv[1], ports=dict.fromkeys(("page", "dynamics365", "salesforce", "sap_commerce",
    "email_platform"), 0))
"""


def start(folder: Path) -> tuple[subprocess.Popen[bytes], Handle]:
    """Serve in a process of its own; returns once it says that it answers."""
    announced = folder / "running.json"
    announced.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder)])
    pause = threading.Event()
    while not announced.exists():
        assert process.poll() is None, "the servers ended before they answered"
        pause.wait(0.02)
    ports = json.loads(announced.read_text())["ports"]
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    return process, Handle(urls, {})


def test_the_default_ports_are_the_documented_ones() -> None:
    assert DEFAULT_PORTS == {
        "page": 8800,
        "dynamics365": 8801,
        "salesforce": 8802,
        "sap_commerce": 8803,
        "email_platform": 8804,
    }


def test_it_announces_itself_while_it_answers(company_folder: Path) -> None:
    announced = company_folder / "running.json"
    with running(company_folder) as handle:
        said = json.loads(announced.read_text())
        assert {name: f"http://127.0.0.1:{port}" for name, port in said["ports"].items()} == (
            handle.urls
        )
    assert not announced.exists()


def test_a_folder_is_served_once_and_a_stale_announcement_vanishes(company_folder: Path) -> None:
    (company_folder / "running.json").write_text('{"pid": 1, "ports": {}}')
    with running(company_folder):
        said = json.loads((company_folder / "running.json").read_text())
        assert said["ports"]
        with pytest.raises(RuntimeError, match="already being served"), running(company_folder):
            pass
        assert (company_folder / "running.json").exists()
    with running(company_folder) as handle:
        assert handle.urls


def test_a_taken_port_is_replaced_by_a_free_one(company_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(company_folder, ports={"salesforce": port}) as handle:
            assert handle["salesforce"] != f"http://127.0.0.1:{port}"
            assert Client(handle, "salesforce").get("limits").status_code == 200


def test_a_signal_stops_it_cleanly_and_a_kill_loses_nothing(company_folder: Path) -> None:
    process, handle = start(company_folder)
    client = Client(handle, "dynamics365")
    row = f"contacts({guid('contact', 0)})"
    assert client.patch(row, json={"firstname": "Kept"}).status_code == 204
    token = client.headers["Authorization"]
    process.kill()
    process.wait(10)

    process, handle = start(company_folder)
    client = Client(handle, "dynamics365")
    assert client.get(row).json()["firstname"] == "Kept"
    client.headers["Authorization"] = token
    assert client.get(row).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not (company_folder / "running.json").exists()


def test_state_survives_and_the_clock_never_goes_back(company_folder: Path) -> None:
    moments = []
    for _ in range(2):
        with running(company_folder) as handle:
            client = Client(handle, "dynamics365")
            for _ in range(5):
                row = f"contacts({guid('contact', 1)})"
                client.patch(row, json={"kin_segments": "a"})
                moments.append(client.get(row, params={"$select": "modifiedon"}).json())
    stamps = [moment["modifiedon"] for moment in moments]
    assert stamps == sorted(set(stamps))


def test_the_clock_is_never_behind_the_newest_row(unseeded_folder: Path) -> None:
    path = unseeded_folder / "systems/dynamics365/accounts.parquet"
    table = pq.read_table(path)
    late = pa.array(["2099-01-01T00:00:00.000"])
    table = table.set_column(table.column_names.index("modifiedon"), "modifiedon", late)
    pq.write_table(table, path)
    with running(unseeded_folder) as handle:
        client = Client(handle, "dynamics365")
        client.patch(f"accounts({guid('account', 0)})", json={"name": "Later"})
        row = client.get(f"accounts({guid('account', 0)})").json()
        assert row["modifiedon"] == "2099-01-01T00:00:00.001Z"


def test_seeding_names_file_and_column_of_a_bad_key_and_leaves_nothing(
    unseeded_folder: Path,
) -> None:
    path = unseeded_folder / "systems/email_platform/contacts.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), path)
    with (
        pytest.raises(
            ValueError, match=r"contacts\.parquet: column contact_id holds a value twice"
        ),
        running(unseeded_folder),
    ):
        pass
    assert not (unseeded_folder / "state/email_platform.db").exists()


def test_a_column_of_the_companys_own_is_served_and_written(unseeded_folder: Path) -> None:
    path = unseeded_folder / "systems/salesforce/Contact.parquet"
    table = pq.read_table(path)
    pq.write_table(table.append_column("Shoe_Size__c", pa.array([42] * CONTACTS)), path)
    with running(unseeded_folder) as handle:
        client = Client(handle, "salesforce")
        asked = {"q": "SELECT Shoe_Size__c FROM Contact WHERE Shoe_Size__c = 42 LIMIT 1"}
        assert client.get("query", params=asked).json()["records"][0]["Shoe_Size__c"] == 42
    with running(unseeded_folder) as handle:
        client = Client(handle, "salesforce")
        assert client.get("query", params=asked).json()["totalSize"] == 1


def test_an_empty_folder_serves_empty_systems(tmp_path: Path) -> None:
    with running(tmp_path) as handle:
        assert Client(handle, "email_platform").get("contacts").json() == {
            "data": [],
            "next_cursor": None,
        }


def test_the_page_shows_what_each_system_holds(servers: Handle) -> None:
    client = Client(servers, "dynamics365")
    client.post("contacts", json={"lastname": "Shown<b>"})
    state = requests.get(f"{servers['page']}/state", timeout=5).json()["systems"]
    contacts = state[0]["tables"][0]
    assert contacts == {
        "name": "contacts",
        "rows": CONTACTS + 1,
        "created": 1,
        "updated": 0,
        "deleted": 0,
    }
    assert [(w["entity"], w["action"]) for w in state[0]["recent"]] == [("contacts", "created")]
    page = requests.get(servers["page"], timeout=5).text
    for title in ("Dynamics 365", "Salesforce", "SAP Commerce", "Email platform"):
        assert title in page
    assert "Shown" not in page and "person1@" not in page and "http://cdn" not in page


def test_the_page_refuses_another_host(servers: Handle) -> None:
    answer = requests.get(servers["page"], headers={"Host": "elsewhere.example"}, timeout=5)
    assert answer.status_code == 400


def test_counts_on_the_page_follow_soft_deletes_and_restarts(company_folder: Path) -> None:
    with running(company_folder) as handle:
        client = Client(handle, "salesforce")
        made = client.post("sobjects/Contact", json={"LastName": "Gone"}).json()["id"]
        client.delete(f"sobjects/Contact/{made}")
        counted = handle.systems["salesforce"].state()["tables"][0]
    with running(company_folder) as handle:
        again = handle.systems["salesforce"].state()["tables"][0]
    assert counted["rows"] == again["rows"] == CONTACTS - 1
    assert (counted["created"], counted["deleted"], again["deleted"]) == (1, 1, 0)


def test_the_request_log_has_templates_and_no_values(servers: Handle) -> None:
    client = Client(servers, "dynamics365")
    client.get("contacts(kin_customerid='secret')")
    client.get("contacts", params={"$filter": "emailaddress1 eq 'person1@example.com'"})
    log = servers.requests("dynamics365")
    assert {
        "method": "GET",
        "path": "/api/data/v9.2/contacts({key})",
        "status": 404,
        "count": 1,
    } in log
    assert "secret" not in str(log) and "person1" not in str(log)
    captured = servers.captured("dynamics365")
    assert captured[-1].query == {"$filter": "emailaddress1 eq 'person1@example.com'"}


def test_every_server_binds_to_loopback_only(servers: Handle) -> None:
    assert all(url.startswith("http://127.0.0.1:") for url in servers.urls.values())


def test_the_tiny_company_is_what_it_says(tmp_path: Path) -> None:
    folder = write_tiny_company(tmp_path, 3)
    assert pq.read_table(folder / "systems/salesforce/Contact.parquet").num_rows == 3
