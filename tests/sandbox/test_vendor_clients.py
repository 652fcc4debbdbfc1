"""The servers are kept honest by clients that somebody else wrote, over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col
from PowerPlatform.Dataverse.models.upsert import UpsertItem
from simple_salesforce import Salesforce, SalesforceMalformedRequest, SalesforceResourceNotFound
from simple_salesforce.exceptions import SalesforceExpiredSession
from tiny_company import CONTACTS, guid, salesforce_id, write_tiny_company

from ingestion.sandbox.servers import TLS, Handle, running


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Handle, Path]]:
    folder = tmp_path_factory.mktemp("secure")
    authority = trustme.CA()
    served = authority.issue_cert("127.0.0.1", "localhost")
    chain, key, trusted = folder / "chain.pem", folder / "key.pem", folder / "ca.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in served.cert_chain_pems))
    served.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(trusted)
    company = write_tiny_company(folder / "sandbox")
    with running(company, tls=TLS(chain, key)) as handle:
        yield handle, trusted


@pytest.fixture
def trusting(secure: tuple[Handle, Path], monkeypatch: pytest.MonkeyPatch) -> Handle:
    """The servers, whose certificate authority this test's HTTP clients trust."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure[1]))
    return secure[0]


@pytest.fixture
def salesforce(trusting: Handle) -> Salesforce:
    session = requests.Session()
    form = {"grant_type": "client_credentials"}
    named = {"client_id": "kindred", "client_secret": "sandbox-secret"}
    answer = session.post(f"{trusting['salesforce']}/services/oauth2/token", data=form | named)
    token = answer.json()
    return Salesforce(
        session_id=token["access_token"], instance_url=token["instance_url"], session=session
    )


class TokenFromOurEndpoint:
    """An azure TokenCredential that asks the sandbox's identity platform."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        form = {"grant_type": "client_credentials", "scope": scopes[0]}
        named = {"client_id": "kindred", "client_secret": "sandbox-secret"}
        answer = requests.post(self.url, data=form | named, timeout=10)
        body = answer.json()
        return AccessToken(body["access_token"], 4_000_000_000)


@pytest.fixture
def dataverse(trusting: Handle) -> Iterator[DataverseClient]:
    base = trusting["dynamics365"]
    credential = TokenFromOurEndpoint(f"{base}/tenant/oauth2/v2.0/token")
    with DataverseClient(base, credential) as client:
        yield client


def test_an_untrusted_client_is_turned_away(secure: tuple[Handle, Path]) -> None:
    handle, _ = secure
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(handle["dynamics365"], timeout=5)


def test_salesforce_queries_page_through_next_records_urls(salesforce: Salesforce) -> None:
    fill = [{"LastName": f"Page {n}", "Dealer_Code__c": "PAGING"} for n in range(250)]
    salesforce.bulk2.Contact.insert(records=fill, wait=0)
    soql = "SELECT Id, LastName, SystemModstamp FROM Contact WHERE Dealer_Code__c = 'PAGING'"
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = salesforce.query(soql, headers=headers)
    assert (first["totalSize"], first["done"], len(first["records"])) == (250, False, 200)
    second = salesforce.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (second["done"], len(second["records"])) == (True, 50)
    assert salesforce.query_all(soql)["totalSize"] == 250


def test_salesforce_single_rows(salesforce: Salesforce) -> None:
    made = salesforce.Contact.create({"LastName": "Lovelace", "Email": "ada@example.com"})
    assert made["success"]
    salesforce.Contact.update(made["id"], {"FirstName": "Ada", "Birthdate": "1980-03-12"})
    row = salesforce.Contact.get(made["id"])
    assert (row["FirstName"], row["LastName"], row["Birthdate"]) == (
        "Ada",
        "Lovelace",
        "1980-03-12",
    )
    assert salesforce.Contact.upsert("Kindred_Id__c/kc_single", {"LastName": "One"}) == 201
    assert salesforce.Contact.upsert("Kindred_Id__c/kc_single", {"LastName": "Two"}) == 200
    assert salesforce.Contact.get_by_custom_id("Kindred_Id__c", "kc_single")["LastName"] == "Two"
    assert salesforce.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Contact.get(made["id"])
    soql = f"SELECT Id, IsDeleted FROM Contact WHERE Id = '{made['id']}'"
    assert salesforce.query(soql)["totalSize"] == 0
    assert salesforce.query_all(soql, include_deleted=True)["records"][0]["IsDeleted"] is True


def test_salesforce_refusals_carry_its_own_codes(salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        salesforce.Contact.create({"LastName": "Lovelace", "Email": "nobody"})
    assert refused.value.content[0]["errorCode"] == "INVALID_EMAIL_ADDRESS"
    with pytest.raises(SalesforceMalformedRequest) as refused:
        salesforce.query("SELECT Nonsense FROM Contact")
    assert refused.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(SalesforceMalformedRequest) as refused:
        salesforce.query("SELECT Id FROM Contact WHERE")
    assert refused.value.content[0]["errorCode"] == "MALFORMED_QUERY"


def test_salesforce_describes_itself(salesforce: Salesforce) -> None:
    names = {sobject["name"] for sobject in salesforce.describe()["sobjects"]}
    assert names == {"Contact", "Lead", "Opportunity", "Task"}
    fields = {field["name"]: field for field in salesforce.Contact.describe()["fields"]}
    assert fields["Kindred_Id__c"]["externalId"] and fields["LastName"]["length"] == 80


def test_salesforce_bulk_two(salesforce: Salesforce) -> None:
    rows = [{"Kindred_Id__c": f"kc_b{n}", "LastName": f"Bulk {n}"} for n in range(3)]
    rows.append({"Kindred_Id__c": "kc_b3", "LastName": "Bad", "Email": "nobody"})
    rows = [{"Email": ""} | row for row in rows]
    done = salesforce.bulk2.Contact.upsert(records=rows, external_id_field="Kindred_Id__c", wait=0)
    assert (done[0]["numberRecordsProcessed"], done[0]["numberRecordsFailed"]) == (4, 1)
    job = done[0]["job_id"]
    failed = salesforce.bulk2.Contact.get_failed_records(job)
    assert "INVALID_EMAIL_ADDRESS" in failed and "kc_b3" in failed
    assert salesforce.bulk2.Contact.get_successful_records(job).count("kc_b") == 3
    found = salesforce.query("SELECT Id FROM Contact WHERE Kindred_Id__c LIKE 'kc_b%'")
    ids = [{"Id": record["Id"]} for record in found["records"]]
    cleared = [row | {"LastName": "Kept", "FirstName": "#N/A"} for row in ids]
    salesforce.bulk2.Contact.update(records=cleared, wait=0)
    exported = "".join(
        salesforce.bulk2.Contact.query(
            "SELECT Id, LastName, FirstName FROM Contact WHERE LastName = 'Kept'", wait=0
        )
    )
    assert exported.count("Kept") == 3
    removed = salesforce.bulk2.Contact.delete(records=ids, wait=0)
    assert removed[0]["numberRecordsFailed"] == 0
    assert salesforce.query("SELECT COUNT() FROM Contact WHERE LastName = 'Kept'")["totalSize"] == 0


def test_salesforce_composite_and_collections(salesforce: Salesforce) -> None:
    records = [
        {"attributes": {"type": "Contact"}, "LastName": "Good"},
        {"attributes": {"type": "Contact"}, "LastName": "X" * 81},
    ]
    body = {"allOrNone": False, "records": records}
    results = salesforce.restful("composite/sobjects", method="POST", json=body)
    assert [result["success"] for result in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    body["allOrNone"] = True
    results = salesforce.restful("composite/sobjects", method="POST", json=body)
    assert results[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    version = f"/services/data/v{salesforce.sf_version}"
    requests_ = [
        {
            "method": "POST",
            "url": f"{version}/sobjects/Contact",
            "referenceId": "made",
            "body": {"LastName": "Referred"},
        },
        {
            "method": "GET",
            "url": version + "/sobjects/Contact/@{made.id}?fields=LastName",
            "referenceId": "read",
        },
    ]
    answer = salesforce.restful("composite", method="POST", json={"compositeRequest": requests_})
    assert answer["compositeResponse"][1]["body"]["LastName"] == "Referred"


def test_salesforce_session_expires(trusting: Handle, salesforce: Salesforce) -> None:
    assert salesforce.Contact.get(salesforce_id(0))["LastName"] == "O'Neil"
    trusting.expire_tokens("salesforce")
    with pytest.raises(SalesforceExpiredSession):
        salesforce.Contact.get(salesforce_id(0))


def test_dataverse_creates_reads_updates_deletes(dataverse: DataverseClient) -> None:
    records = dataverse.records
    one = records.create("contact", {"firstname": "Ada", "lastname": "Lovelace", "gendercode": 2})
    many = records.create("contact", [{"lastname": "Batch"}, {"lastname": "Batch"}])
    assert len(set(many)) == 2
    records.update("contact", one, {"lastname": "King", "gendercode": "Female"})
    records.update("contact", many, {"kin_language": "en"})
    row = records.retrieve("contact", one, select=["lastname", "gendercode"])
    assert (row["lastname"], row["gendercode"]) == ("King", 2)
    records.delete("contact", one)
    assert records.retrieve("contact", one) is None
    assert records.delete("contact", many)
    assert not dataverse.records.list("contact", filter="lastname eq 'Batch'")


def test_dataverse_queries_page(dataverse: DataverseClient) -> None:
    pages = list(
        dataverse.query.builder("contact")
        .select("contactid", "lastname")
        .where(col("emailaddress1").contains("@example.com") & (col("statecode") == 0))
        .order_by("createdon")
        .page_size(10)
        .execute_pages()
    )
    assert [len(page) for page in pages] == [10, 10, 5]
    families = {row["lastname"] for page in pages for row in page}
    assert families == {"O'Neil", "van der Berg", "Müller"}
    listed = dataverse.records.list("contact", filter="lastname eq 'O''Neil'", top=4)
    assert len(listed) == 4
    chosen = dataverse.query.builder("contact").where(col("firstname").in_(["Ada1", "Ada2"]))
    assert len(chosen.execute()) == 2
    between = dataverse.query.builder("contact").where(col("gendercode").between(1, 2))
    assert len(between.execute()) == CONTACTS


def test_dataverse_upserts_by_alternate_key(dataverse: DataverseClient) -> None:
    items = [
        UpsertItem({"kin_customerid": f"kc_{n}"}, {"lastname": f"Upserted {n}"}) for n in range(3)
    ]
    dataverse.records.upsert("contact", items[:1])
    dataverse.records.upsert("contact", items)
    found = dataverse.records.list("contact", filter="startswith(kin_customerid,'kc_')")
    assert {row["lastname"] for row in found} == {"Upserted 0", "Upserted 1", "Upserted 2"}
    with pytest.raises(HttpError) as refused:
        dataverse.records.upsert("contact", [items[0], items[0]])
    assert refused.value.status_code == 400


def test_dataverse_batches_and_change_sets(dataverse: DataverseClient) -> None:
    batch = dataverse.batch.new()
    with batch.changeset() as changes:
        account = changes.records.create("account", {"name": "Made in a change set"})
        changes.records.update("account", account, {"address1_city": "Gent"})
    batch.records.retrieve("contact", guid("contact", 0), select=["firstname"])
    result = batch.execute()
    assert not result.has_errors and result.responses[-1].data["firstname"] == "Ada0"
    made = dataverse.records.list("account", filter="name eq 'Made in a change set'")
    assert [row["address1_city"] for row in made] == ["Gent"]

    failing = dataverse.batch.new()
    with failing.changeset() as changes:
        changes.records.create("account", {"name": "Rolled back"})
        changes.records.create("account", {"name": "x" * 161})
    failing.records.create("account", {"name": "Carried on"})
    result = failing.execute(continue_on_error=True)
    assert [response.is_success for response in result.responses] == [False, True]
    names = "name eq 'Rolled back' or name eq 'Carried on'"
    kept = dataverse.records.list("account", filter=names)
    assert [row["name"] for row in kept] == ["Carried on"]


def test_dataverse_describes_itself(dataverse: DataverseClient) -> None:
    table = dataverse.tables.get("contact")
    assert table is not None and table["entity_set_name"] == "contacts"
    assert {row["LogicalName"] for row in dataverse.tables.list()} >= {"contact", "lead", "task"}
    columns = {column["LogicalName"] for column in dataverse.tables.list_columns("contact")}
    assert {"contactid", "kin_customerid", "emailaddress1"} <= columns
    assert dataverse.tables.get("nonsense") is None


def test_dataverse_refusals_carry_its_own_codes(dataverse: DataverseClient) -> None:
    with pytest.raises(HttpError) as refused:
        dataverse.records.create("contact", {"lastname": "x" * 51})
    assert "maximum allowed length of '50'" in str(refused.value)
    with pytest.raises(HttpError) as refused:
        dataverse.records.create("contact", {"nonsense": 1})
    assert "Invalid property 'nonsense'" in str(refused.value)
    with pytest.raises(HttpError) as refused:
        dataverse.records.update("contact", guid("contact", 999), {"lastname": "Nobody"})
    assert refused.value.status_code == 404
