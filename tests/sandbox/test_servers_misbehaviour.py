"""Systems told to misbehave do so, in their protocol's words, and stop when told."""

from __future__ import annotations

import pytest
import requests
from clients import FORM, TOKEN_PATHS, Client
from tiny_company import guid

from ingestion.sandbox.servers import Handle

SYSTEMS = ("dynamics365", "salesforce", "sap_commerce", "email_platform")
READS = {
    "dynamics365": "accounts",
    "salesforce": "limits",
    "sap_commerce": "products",
    "email_platform": "campaigns",
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_throttle_says_how_long_to_wait_and_ends(servers: Handle, system: str) -> None:
    client = Client(servers, system)
    servers.misbehave(system, "throttle", requests=2, retry_after=7)
    hit = [client.get(READS[system]) for _ in range(3)]
    assert [answer.status_code for answer in hit] == [429, 429, 200]
    assert hit[0].headers["Retry-After"] == "7"


@pytest.mark.parametrize("system", SYSTEMS)
def test_error_silence_and_refusal(servers: Handle, system: str) -> None:
    client = Client(servers, system)
    servers.misbehave(system, "error", requests=1, status=500)
    assert client.get(READS[system]).status_code == 500
    servers.misbehave(system, "silence", requests=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.get(READS[system], timeout=0.2)
    servers.misbehave(system, "unauthorized", requests=1)
    assert client.get(READS[system]).status_code == 401
    assert client.get(READS[system]).status_code == 200
    client.headers["Authorization"] = "Bearer nonsense"
    assert client.get(READS[system]).status_code == 401


def test_silence_ends_with_the_servers(company_folder: object, servers: Handle) -> None:
    client = Client(servers, "email_platform")
    servers.misbehave("email_platform", "silence")
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.get("contacts", timeout=0.1)


@pytest.mark.parametrize("system", TOKEN_PATHS)
def test_bad_credentials_and_expired_tokens(servers: Handle, system: str) -> None:
    client = Client(servers, system)
    url = client.base + TOKEN_PATHS[system]
    wrong = client.post(url, data=FORM | {"client_secret": "wrong"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert client.post(url, data=FORM | {"grant_type": "password"}).status_code == 400
    basic = requests.post(
        url,
        data={"grant_type": "client_credentials"},
        auth=("kindred", "sandbox-secret"),
        timeout=5,
    )
    assert basic.status_code == 200
    servers.expire_tokens(system)
    assert client.get(READS[system]).status_code == 401
    servers.misbehave(system, "unauthorized", requests=1)
    assert client.post(url, data=FORM).status_code == 401
    assert client.post(url, data=FORM).status_code == 200


WRITES = {
    "dynamics365": ("POST", "contacts", {"lastname": "Committed"}),
    "salesforce": ("POST", "sobjects/Contact", {"LastName": "Committed"}),
    "sap_commerce": ("POST", "customers", {"lastName": "Committed"}),
    "email_platform": (
        "POST",
        "contacts/batch",
        {"contacts": [{"email": "new@example.com", "last_name": "Committed"}]},
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_timeout_after_commit_does_the_write_and_drops_the_connection(
    servers: Handle, system: str
) -> None:
    client = Client(servers, system)
    servers.misbehave(system, "timeout_after_commit", requests=1)
    assert client.get(READS[system]).status_code == 200
    method, path, body = WRITES[system]
    with pytest.raises(requests.exceptions.ConnectionError):
        client.request(method, path, json=body)
    assert servers.systems[system].state()["tables"][0]["created"] == 1
    assert 0 in {row["status"] for row in servers.requests(system)}


def test_partial_rejects_every_kth_row_with_a_reason(servers: Handle) -> None:
    client = Client(servers, "email_platform")
    servers.misbehave("email_platform", "partial", every=3, reason="quota")
    contacts = [{"email": f"new{n}@example.com"} for n in range(6)]
    results = client.post("contacts/batch", json={"contacts": contacts}).json()["results"]
    assert [row["status"] for row in results] == ["created", "created", "error"] * 2
    assert results[2]["error"] == {"code": "rejected", "message": "quota"}

    client = Client(servers, "salesforce")
    servers.misbehave("salesforce", "partial", every=2, reason="validation rule")
    records = [{"attributes": {"type": "Contact"}, "LastName": f"R{n}"} for n in range(4)]
    results = client.post("composite/sobjects", json={"records": records}).json()
    assert [row["success"] for row in results] == [True, False, True, False]
    assert results[1]["errors"][0]["message"] == "validation rule"

    client = Client(servers, "dynamics365")
    servers.misbehave("dynamics365", "partial", every=2)
    row = f"contacts({guid('contact', 1)})"
    answers = [client.patch(row, json={"firstname": "A"}).status_code for _ in range(4)]
    assert answers == [204, 400, 204, 400]


def test_it_can_be_told_over_http(servers: Handle) -> None:
    url = f"{servers['page']}/misbehave"
    told = {"system": "salesforce", "kind": "error", "status": 503, "only": "write"}
    assert requests.post(url, json=told, timeout=5).status_code == 201
    active = requests.get(url, timeout=5).json()
    assert active["salesforce"][0]["status"] == 503 and active["dynamics365"] == []
    client = Client(servers, "salesforce")
    assert client.get("limits").status_code == 200
    assert client.post("sobjects/Contact", json={"LastName": "X"}).status_code == 503
    assert requests.delete(url, params={"system": "salesforce"}, timeout=5).status_code == 204
    assert client.post("sobjects/Contact", json={"LastName": "X"}).status_code == 201
    for wrong in (
        {"system": "nobody"},
        {"system": "salesforce", "kind": "x"},
        [],
        {"kind": "error"},
    ):
        answer = requests.post(url, json=wrong, timeout=5)
        assert answer.status_code == 400 and answer.json()["error"]
    assert requests.post(url, data="{", timeout=5).status_code == 400


def test_a_probability_hits_a_share_of_requests(servers: Handle) -> None:
    client = Client(servers, "sap_commerce")
    servers.misbehave("sap_commerce", "error", probability=0.5, seed=1)
    hits = [client.get("products").status_code == 503 for _ in range(40)]
    assert 8 < sum(hits) < 32
    servers.behave()
    assert client.get("products").status_code == 200
