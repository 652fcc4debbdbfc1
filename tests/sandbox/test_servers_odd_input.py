"""Whatever a client sends, the answer is a refusal in the protocol's words, never a crash."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clients import Client

from ingestion.sandbox.servers import Handle, running

HUGE = 2**63
TEXT = "\U0001f600\u0000'\"<%;--"
BULK = "contacts/Microsoft.Dynamics.CRM."
CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("dynamics365", "GET", "contacts", {"params": {"$filter": f"gendercode eq {HUGE}"}}),
    ("dynamics365", "GET", "contacts", {"params": {"$filter": f"kin_propensity eq {'9' * 400}"}}),
    ("dynamics365", "GET", "contacts", {"params": {"$top": str(HUGE)}}),
    ("dynamics365", "GET", "contacts", {"params": {"$skiptoken": "eyJhZnRlciI6WzFdfQ=="}}),
    ("dynamics365", "GET", "contacts", {"params": {"$skiptoken": "eyJ0YWtlbiI6IngifQ=="}}),
    ("dynamics365", "GET", "contacts", {"headers": {"Prefer": "odata.maxpagesize=0"}}),
    ("dynamics365", "GET", "contacts()", {}),
    ("dynamics365", "GET", "contacts(kin_customerid='a'b')", {}),
    ("dynamics365", "PATCH", "contacts(kin_customerid='')", {"json": {"lastname": None}}),
    ("dynamics365", "POST", "contacts", {"json": {"gendercode": HUGE}}),
    ("dynamics365", "POST", "contacts", {"json": {"lastname": {"a": 1}}}),
    ("dynamics365", "POST", "contacts", {"json": {"birthdate": 5}}),
    ("dynamics365", "POST", "contacts", {"json": {"contactid": None, "lastname": "x"}}),
    ("dynamics365", "POST", BULK + "UpsertMultiple", {"json": {"Targets": [None]}}),
    ("dynamics365", "POST", BULK + "UpsertMultiple", {"json": {"Targets": [{"@odata.type": 1}]}}),
    ("dynamics365", "POST", "BulkDelete", {"json": {"QuerySet": []}}),
    ("dynamics365", "POST", "$batch", {"data": b"\xff\xfe"}),
    ("dynamics365", "GET", "EntityDefinitions", {"params": {"$filter": TEXT}}),
    ("dynamics365", "GET", "EntityDefinitions(x)/Attributes(y)", {}),
    ("salesforce", "GET", "query", {"params": {"q": f"SELECT Id FROM Contact LIMIT {HUGE}"}}),
    ("salesforce", "GET", "query", {"params": {"q": TEXT}}),
    ("salesforce", "POST", "sobjects/Contact", {"json": {"LastName": [1]}}),
    ("salesforce", "POST", "sobjects/Contact", {"json": {"LastName": TEXT, "Birthdate": True}}),
    ("salesforce", "PATCH", "sobjects/Contact/Kindred_Id__c/%00", {"json": {"LastName": 1.5}}),
    ("salesforce", "POST", "composite", {"json": {"compositeRequest": [1]}}),
    ("salesforce", "POST", "composite/sobjects", {"json": {"records": [1, None, {}]}}),
    ("salesforce", "PATCH", "composite/sobjects", {"json": {"records": [{"Id": [1]}]}}),
    (
        "salesforce",
        "PATCH",
        "composite/sobjects/Contact/Kindred_Id__c",
        {"json": {"records": [{"Kindred_Id__c": {"a": 1}, "attributes": {"type": "Contact"}}]}},
    ),
    ("salesforce", "DELETE", "composite/sobjects", {"params": {"ids": "x,003"}}),
    ("salesforce", "POST", "jobs/ingest", {"json": {"object": [], "operation": "insert"}}),
    ("salesforce", "POST", "jobs/ingest", {"json": {"object": "Lead", "operation": {}}}),
    ("salesforce", "POST", "jobs/query", {"json": {"operation": "query", "query": None}}),
    ("sap_commerce", "GET", "customers", {"params": {"page": "9" * 30}}),
    ("sap_commerce", "GET", "customers", {"params": {"modifiedSince": "2026-13-45"}}),
    ("sap_commerce", "PATCH", "customers/C00001", {"json": {"birthDate": 5, "phone": HUGE}}),
    ("email_platform", "GET", "events", {"params": {"after": str(HUGE * 10)}}),
    ("email_platform", "GET", "contacts", {"params": {"cursor": "W10="}}),
    ("email_platform", "POST", "contacts/batch", {"json": {"contacts": [{"email": 5}]}}),
    ("email_platform", "POST", "contacts/batch", {"json": [1]}),
]


@pytest.fixture(scope="module")
def hardened(seeded_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handle]:
    folder = tmp_path_factory.mktemp("hardened") / "sandbox"
    shutil.copytree(seeded_company, folder)
    with running(folder) as handle:
        yield handle


@pytest.mark.parametrize(("system", "method", "path", "named"), CASES)
def test_odd_input(
    hardened: Handle, system: str, method: str, path: str, named: dict[str, Any]
) -> None:
    answer = Client(hardened, system).request(method, path, **named)
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "header", ["Bearer \xe9.\xe9", "Bearer ", "Basic !!!", "\xff", "Bearer a.b.c"]
)
@pytest.mark.parametrize("system", ["dynamics365", "salesforce", "sap_commerce", "email_platform"])
def test_odd_credentials(hardened: Handle, system: str, header: str) -> None:
    client = Client(hardened, system, authorised=False)
    answer = client.get("contacts", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
