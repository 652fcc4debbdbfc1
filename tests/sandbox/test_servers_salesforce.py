"""Salesforce: what its REST and bulk APIs promise, beyond what simple-salesforce asks for."""

from __future__ import annotations

import csv
import io
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from clients import Client
from tiny_company import CONTACTS, salesforce_id

from ingestion.sandbox.servers import Handle, running
from ingestion.sandbox.servers.salesforce.entities import long_id

UPSERT = "composite/sobjects/Contact/Kindred_Id__c"


@pytest.fixture
def crm(servers: Handle) -> Client:
    return Client(servers, "salesforce")


@pytest.fixture
def reader(shared: Handle) -> Client:
    return Client(shared, "salesforce")


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


def found(crm: Client, where: str, kind: str = "query") -> int:
    asked = {"q": f"SELECT COUNT() FROM Contact {where}"}
    return crm.get(kind, params=asked).json()["totalSize"]


def contact(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Contact"}} | fields


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("", CONTACTS - 1),
        (r"WHERE LastName = 'O\'Neil'", 8),
        ("WHERE lastname IN ('Müller', 'van der Berg')", 16),
        ("WHERE LastName NOT IN ('Müller', 'van der Berg')", 8),
        ("WHERE FirstName LIKE 'Ada1%' AND HasOptedOutOfEmail = false", 11),
        ("WHERE NOT (FirstName = 'Ada1' OR FirstName = 'Ada2')", CONTACTS - 3),
        ("WHERE Kindred_Id__c = null", CONTACTS - 1),
        ("WHERE Kindred_Id__c != null", 0),
        ("WHERE SystemModstamp > 2026-10-01T08:11:00Z", 1),
        ("WHERE SystemModstamp >= 2026-10-01T10:11:00.000+02:00", 3),
        ("WHERE Birthdate < 1980-03-13 AND Birthdate >= 1980-03-12", CONTACTS - 1),
        (f"WHERE Id = '{salesforce_id(1)[:15]}'", 1),
        ("WHERE CreatedDate < TODAY", CONTACTS - 1),
        ("WHERE FirstName <> 'Ada1'", CONTACTS - 2),
    ],
)
def test_where(reader: Client, where: str, count: int) -> None:
    assert found(reader, where) == count


@pytest.mark.parametrize(
    ("soql", "expected"),
    [
        ("SELECT Nonsense FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Nonsense", "INVALID_TYPE"),
        ("SELECT FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName = 5", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact; DROP TABLE Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT Id FROM Contact WHERE " + "(" * 200, "QUERY_TOO_COMPLICATED"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_bad_queries(reader: Client, soql: str, expected: str) -> None:
    assert code(reader.get("query", params={"q": soql})) == (400, expected)


def test_order_limit_offset_and_all_fields(reader: Client) -> None:
    soql = "SELECT FirstName FROM Contact ORDER BY SystemModstamp DESC, Id LIMIT 2 OFFSET 1"
    rows = reader.get("query", params={"q": soql}).json()["records"]
    assert [row["FirstName"] for row in rows] == ["Ada22", "Ada23"]
    asked = {"q": "SELECT FIELDS(ALL) FROM Contact LIMIT 1"}
    assert "Kindred_Propensity__c" in reader.get("query", params=asked).json()["records"][0]
    nulls = {"q": "SELECT Id FROM Contact ORDER BY Email NULLS LAST"}
    assert reader.get("query", params=nulls).json()["totalSize"] == CONTACTS - 1


def test_an_unknown_locator_is_refused(reader: Client) -> None:
    assert code(reader.get("query/01g000-2000")) == (400, "INVALID_QUERY_LOCATOR")


def test_a_result_is_a_snapshot_of_rows(crm: Client) -> None:
    more = [contact(LastName=f"S{n}") for n in range(200)]
    assert crm.post("composite/sobjects", json={"records": more}).status_code == 200
    asked = {"q": "SELECT Id FROM Contact ORDER BY SystemModstamp"}
    small = {"Sforce-Query-Options": "batchSize=200"}
    first = crm.get("query", params=asked, headers=small).json()
    crm.post("sobjects/Contact", json={"LastName": "Later"})
    second = crm.get(first["nextRecordsUrl"]).json()
    ids = {row["Id"] for page in (first, second) for row in page["records"]}
    assert (len(ids), second["done"]) == (CONTACTS - 1 + 200, True)


def test_deleted_rows_show_in_query_all_only(crm: Client) -> None:
    key = salesforce_id(1)
    crm.delete(f"sobjects/Contact/{key}")
    assert code(crm.delete(f"sobjects/Contact/{key}")) == (404, "ENTITY_IS_DELETED")
    assert found(crm, "WHERE IsDeleted = true", "queryAll") == 2
    assert found(crm, "WHERE IsDeleted = true") == 0
    asked = {"q": "SELECT Id, SystemModstamp FROM Contact WHERE IsDeleted = true ORDER BY "
             "SystemModstamp DESC LIMIT 1"}  # fmt: skip
    assert crm.get("queryAll", params=asked).json()["records"][0]["Id"] == key


def test_an_external_id_is_free_again_after_a_delete(crm: Client) -> None:
    url = "sobjects/Contact/Kindred_Id__c/kc_1"
    first = crm.patch(url, json={"LastName": "One"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    crm.delete(f"sobjects/Contact/{first.json()['id']}")
    assert crm.get(url).status_code == 404
    again = crm.patch(url, json={"LastName": "Two"})
    assert again.status_code == 201 and again.json()["id"] != first.json()["id"]
    assert crm.get(url).json()["LastName"] == "Two"
    assert crm.patch("sobjects/Contact/Email/a@b.nl", json={}).status_code == 404
    spaced = crm.patch(f"sobjects/Contact/Kindred_Id__c/{quote('a b/ü', safe='')}", json={})
    assert code(spaced) == (400, "REQUIRED_FIELD_MISSING")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "REQUIRED_FIELD_MISSING"),
        ({"LastName": ""}, "REQUIRED_FIELD_MISSING"),
        ({"LastName": "x" * 81}, "STRING_TOO_LONG"),
        ({"LastName": "A", "Email": "nobody@nowhere"}, "INVALID_EMAIL_ADDRESS"),
        ({"LastName": "A", "Nonsense__c": 1}, "INVALID_FIELD"),
        ({"LastName": "A", "Birthdate": "12-03-1980"}, "JSON_PARSER_ERROR"),
        ({"LastName": "A", "DoNotCall": "yes"}, "JSON_PARSER_ERROR"),
        ({"LastName": "A", "SystemModstamp": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"LastName": "A", "Kindred_Propensity__c": "x"}, "JSON_PARSER_ERROR"),
    ],
)
def test_rows_are_validated(reader: Client, fields: dict[str, Any], expected: str) -> None:
    assert code(reader.post("sobjects/Contact", json=fields)) == (400, expected)


def test_null_clears_and_duplicates_are_refused(crm: Client) -> None:
    crm.patch("sobjects/Contact/Kindred_Id__c/kc_1", json={"LastName": "One", "FirstName": "A"})
    crm.patch("sobjects/Contact/Kindred_Id__c/kc_1", json={"FirstName": None})
    assert crm.get("sobjects/Contact/Kindred_Id__c/kc_1").json()["FirstName"] is None
    other = f"sobjects/Contact/{salesforce_id(1)}"
    assert code(crm.patch(other, json={"Kindred_Id__c": "kc_1"})) == (400, "DUPLICATE_VALUE")
    assert code(crm.patch(other, json={"LastName": None})) == (400, "REQUIRED_FIELD_MISSING")
    assert code(crm.patch("sobjects/Contact/short", json={})) == (400, "MALFORMED_ID")
    assert code(crm.post("sobjects/Contact", data="[")) == (400, "JSON_PARSER_ERROR")


def test_collections_upsert_answers_row_by_row_in_order(crm: Client) -> None:
    records = [
        contact(Kindred_Id__c="kc_1", LastName="One"),
        contact(Kindred_Id__c="kc_2", LastName="Two", Email="bad"),
        contact(Kindred_Id__c="kc_3", LastName="Three"),
        contact(Kindred_Id__c="KC_3", LastName="Again"),
        contact(LastName="No key"),
        {"Kindred_Id__c": "kc_4", "LastName": "No type"},
    ]
    results = crm.patch(UPSERT, json={"records": records}).json()
    codes = [result["errors"][0]["statusCode"] if result["errors"] else None for result in results]
    assert codes == [None, "INVALID_EMAIL_ADDRESS", "DUPLICATE_VALUE", "DUPLICATE_VALUE",
                     "MISSING_ARGUMENT", "INVALID_TYPE"]  # fmt: skip
    assert (results[0]["created"], results[0]["success"]) == (True, True)
    again = crm.patch(UPSERT, json={"records": records[:1]}).json()
    assert again[0]["created"] is False and again[0]["id"] == results[0]["id"]
    strict = crm.patch(UPSERT, json={"allOrNone": True, "records": records[1:3]}).json()
    assert [result["success"] for result in strict] == [False, False]
    assert found(crm, "WHERE Kindred_Id__c = 'kc_3'") == 0


def test_collections_update_delete_retrieve_and_limit(crm: Client) -> None:
    keys = [salesforce_id(1), salesforce_id(2)]
    records = [contact(Id=key, FirstName="Changed") for key in keys] + [contact(FirstName="X")]
    results = crm.patch("composite/sobjects", json={"records": records}).json()
    assert [result["success"] for result in results] == [True, True, False]
    params = {"ids": ",".join(keys), "fields": "Id,FirstName"}
    rows = crm.get("composite/sobjects/Contact", params=params).json()
    assert [row["FirstName"] for row in rows] == ["Changed", "Changed"]
    doomed = {"ids": f"{keys[0]},{salesforce_id(999)}", "allOrNone": "false"}
    results = crm.delete("composite/sobjects", params=doomed).json()
    assert [result["success"] for result in results] == [True, False]
    body = {"records": [contact(LastName="x")] * 201}
    assert code(crm.post("composite/sobjects", json=body)) == (400, "EXCEEDED_ID_LIMIT")


def test_composite_rolls_back_and_has_a_limit(crm: Client) -> None:
    def sub(name: str, body: dict[str, Any]) -> dict[str, Any]:
        url = "/services/data/v60.0/sobjects/Contact"
        return {"method": "POST", "url": url, "referenceId": name, "body": body}

    requests_ = [sub("a", {"LastName": "Together"}), sub("b", {})]
    body = {"allOrNone": True, "compositeRequest": requests_}
    answers = crm.post("composite", json=body).json()["compositeResponse"]
    assert answers[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert answers[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert found(crm, "WHERE LastName = 'Together'") == 0
    body["allOrNone"] = False
    answers = crm.post("composite", json=body).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [201, 400]
    many = {"compositeRequest": [sub(f"r{n}", {"LastName": "x"}) for n in range(26)]}
    assert code(crm.post("composite", json=many)) == (400, "LIMIT_EXCEEDED")


def ingest(crm: Client, operation: str, text: str, **how: str) -> dict[str, Any]:
    job = {"object": "Contact", "operation": operation, "contentType": "CSV"} | how
    key = crm.post("jobs/ingest", json=job).json()["id"]
    assert crm.put(f"jobs/ingest/{key}/batches", data=text.encode()).status_code == 201
    crm.patch(f"jobs/ingest/{key}", json={"state": "UploadComplete"})
    return wait(crm, key)


def wait(crm: Client, key: str) -> dict[str, Any]:
    pause = threading.Event()
    for _ in range(500):
        state = crm.get(f"jobs/ingest/{key}").json()
        if state["state"] in {"JobComplete", "Failed", "Aborted"}:
            return state
        pause.wait(0.01)
    raise AssertionError("the job did not end")


def results(crm: Client, job: dict[str, Any], kind: str) -> list[dict[str, str]]:
    answer = crm.get(f"jobs/ingest/{job['id']}/{kind}")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_bulk_upsert_reports_every_row(crm: Client) -> None:
    crm.patch("sobjects/Contact/Kindred_Id__c/kc_1", json={"LastName": "One", "FirstName": "A"})
    text = (
        "Kindred_Id__c,LastName,FirstName,Email,DoNotCall\n"
        'kc_1,Changed,,,true\nkc_2,New,#N/A,bad,\nkc_3,"With, comma",B,b@example.com,false\n'
    )
    job = ingest(crm, "upsert", text, externalIdFieldName="Kindred_Id__c")
    counts = (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"])
    assert counts == ("JobComplete", 3, 1)
    good, bad = results(crm, job, "successfulResults"), results(crm, job, "failedResults")
    assert [(row["Kindred_Id__c"], row["sf__Created"]) for row in good] == [
        ("kc_1", "false"),
        ("kc_3", "true"),
    ]
    assert bad[0]["sf__Error"].startswith("INVALID_EMAIL_ADDRESS:")
    assert results(crm, job, "unprocessedrecords") == []
    row = crm.get("sobjects/Contact/Kindred_Id__c/kc_1").json()
    assert (row["LastName"], row["FirstName"], row["DoNotCall"]) == ("Changed", "A", True)
    clear = ingest(
        crm, "upsert", "Kindred_Id__c,FirstName\nkc_1,#N/A\n", externalIdFieldName="Kindred_Id__c"
    )
    assert clear["numberRecordsFailed"] == 0
    assert crm.get("sobjects/Contact/Kindred_Id__c/kc_1").json()["FirstName"] is None


def test_bulk_jobs_keep_their_states(crm: Client) -> None:
    job = {"object": "Contact", "operation": "insert"}
    key = crm.post("jobs/ingest", json=job).json()["id"]
    crm.put(f"jobs/ingest/{key}/batches", data=b"LastName\nA\nB\n")
    aborted = crm.patch(f"jobs/ingest/{key}", json={"state": "Aborted"}).json()
    assert aborted["state"] == "Aborted"
    assert [row["LastName"] for row in results(crm, aborted, "unprocessedrecords")] == ["A", "B"]
    again = crm.patch(f"jobs/ingest/{key}", json={"state": "UploadComplete"})
    assert code(again) == (400, "INVALIDJOBSTATE")
    assert crm.delete(f"jobs/ingest/{key}").status_code == 204
    assert crm.get(f"jobs/ingest/{key}").status_code == 404
    assert code(crm.post("jobs/ingest", json={"object": "Nobody", "operation": "insert"}))[0] == 400
    assert code(crm.post("jobs/ingest", json={"object": "Contact", "operation": "merge"}))[0] == 400
    upsert = {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Email"}
    assert code(crm.post("jobs/ingest", json=upsert)) == (400, "INVALIDJOB")


def test_a_job_that_was_interrupted_carries_on_at_the_next_start(company_folder: Path) -> None:
    with running(company_folder) as handle:
        crm = Client(handle, "salesforce")
        key = crm.post("jobs/ingest", json={"object": "Lead", "operation": "insert"}).json()["id"]
        rows = "".join(f"L{n},Company\n" for n in range(1200))
        crm.put(f"jobs/ingest/{key}/batches", data=("LastName,Company\n" + rows).encode())
    with closing(sqlite3.connect(company_folder / "state/salesforce.db")) as state, state:
        state.execute("UPDATE _jobs SET info = json_set(info, '$.state', 'InProgress')")
        done = "INSERT INTO _job_rows VALUES (?, 1, 'successful', 'x', 'true', NULL, '{}')"
        state.execute(done, (key,))
    with running(company_folder) as handle:
        crm = Client(handle, "salesforce")
        assert wait(crm, key)["numberRecordsProcessed"] == 1200
        asked = {"q": "SELECT COUNT() FROM Lead"}
        assert crm.get("query", params=asked).json()["totalSize"] == 1199


def test_a_bulk_job_can_be_partly_rejected(servers: Handle, crm: Client) -> None:
    servers.misbehave("salesforce", "partial", every=2, reason="rule", path="jobs", requests=3)
    job = ingest(crm, "insert", "LastName\nA\nB\nC\nD\n")
    assert job["numberRecordsFailed"] == 2
    assert "rule" in results(crm, job, "failedResults")[0]["sf__Error"]


def test_bulk_query_pages_by_locator(crm: Client) -> None:
    job = {"operation": "query", "query": "SELECT Id, LastName FROM Contact"}
    key = crm.post("jobs/query", json=job).json()["id"]
    pause = threading.Event()
    while crm.get(f"jobs/query/{key}").json()["state"] != "JobComplete":
        pause.wait(0.01)
    first = crm.get(f"jobs/query/{key}/results", params={"maxRecords": "20"})
    assert (first.headers["Sforce-NumberOfRecords"], first.headers["Sforce-Locator"]) == (
        "20",
        "20",
    )
    rest = crm.get(f"jobs/query/{key}/results", params={"maxRecords": "20", "locator": "20"})
    assert (rest.headers["Sforce-NumberOfRecords"], rest.headers["Sforce-Locator"]) == ("4", "null")


def test_daily_limit_and_usage(company_folder: Any) -> None:
    def lower(systems: Any) -> None:
        systems["salesforce"].max_requests = 2

    with running(company_folder, configure=lower) as handle:
        crm = Client(handle, "salesforce")
        assert crm.get("limits").headers["Sforce-Limit-Info"] == "api-usage=1/2"
        crm.get("limits")
        assert code(crm.get("limits")) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_unknown_paths_and_versions(reader: Client) -> None:
    assert code(reader.get("nonsense")) == (404, "NOT_FOUND")
    assert code(reader.get("/services/data/v12.0/limits")) == (404, "NOT_FOUND")
    assert {"version": "60.0"}.items() <= reader.get("/services/data/").json()[2].items()
    assert code(reader.put("sobjects/Contact", json={})) == (405, "METHOD_NOT_ALLOWED")


def test_ids_have_salesforces_check_letters() -> None:
    assert long_id("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert long_id("00D000000000062") == "00D000000000062EAA"
