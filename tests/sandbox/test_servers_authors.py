"""Who wrote a row: each system keeps it, says who asks, and lets nobody set it."""

from __future__ import annotations

import time

import pytest
from clients import FORM, TOKEN_PATHS, Client
from tiny_company import guid, salesforce_id

from ingestion.sandbox.servers import Handle


def whoami(servers: Handle, system: str, user: str) -> str:
    """As the system itself answers: what a row names when this user writes it."""
    client = Client(servers, system, user=user)
    if system == "dynamics365":
        return client.get("WhoAmI").json()["UserId"]
    if system == "email_platform":
        return client.get("me").json()["api_key"]["name"]
    url = servers[system] + TOKEN_PATHS[system]
    return client.post(url, data=FORM | {"client_id": user}).json()["id"].rpartition("/")[2]


@pytest.mark.parametrize("system", ["dynamics365", "salesforce", "email_platform"])
def test_users_are_told_apart(servers: Handle, system: str) -> None:
    assert whoami(servers, system, "kindred") != whoami(servers, system, "colleague")


def test_dynamics_names_who_created_and_who_changed_a_row(servers: Handle) -> None:
    ours, theirs = (whoami(servers, "dynamics365", user) for user in ("kindred", "colleague"))
    kindred = Client(servers, "dynamics365")
    colleague = Client(servers, "dynamics365", user="colleague")
    row = f"contacts({guid('new', 1)})"

    assert kindred.patch(row, json={"lastname": "Smit"}).status_code == 204
    made = kindred.get(row).json()
    assert (made["_createdby_value"], made["_modifiedby_value"]) == (ours, ours)
    assert colleague.patch(row, json={"lastname": "Smid"}).status_code == 204
    changed = kindred.get(row).json()
    assert (changed["_createdby_value"], changed["_modifiedby_value"]) == (ours, theirs)
    assert kindred.patch(row, json={"_modifiedby_value": ours}).status_code == 400


def test_salesforce_names_who_created_and_who_changed_a_row(servers: Handle) -> None:
    ours, theirs = (whoami(servers, "salesforce", user) for user in ("kindred", "colleague"))
    kindred = Client(servers, "salesforce")
    colleague = Client(servers, "salesforce", user="colleague")
    made = colleague.post("sobjects/Contact", json={"LastName": "Smit"}).json()["id"]
    row = f"sobjects/Contact/{made}"

    assert kindred.patch(row, json={"FirstName": "Anna"}).status_code == 204
    found = kindred.get(row).json()
    assert (found["CreatedById"], found["LastModifiedById"]) == (theirs, ours)
    assert kindred.patch(row, json={"LastModifiedById": theirs}).status_code == 400


def test_a_bulk_job_writes_as_who_asked_for_it(servers: Handle) -> None:
    theirs = whoami(servers, "salesforce", "colleague")
    kindred = Client(servers, "salesforce")
    colleague = Client(servers, "salesforce", user="colleague")
    job = colleague.post("jobs/ingest", json={"object": "Contact", "operation": "update"}).json()
    colleague.put(
        f"jobs/ingest/{job['id']}/batches", data=f"Id,FirstName\n{salesforce_id(1)},Anna\n"
    )
    colleague.patch(f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    deadline = time.monotonic() + 10
    while kindred.get(f"jobs/ingest/{job['id']}").json()["state"] != "JobComplete":
        assert time.monotonic() < deadline

    found = kindred.get(f"sobjects/Contact/{salesforce_id(1)}").json()
    assert (found["FirstName"], found["LastModifiedById"]) == ("Anna", theirs)


def test_the_email_platform_names_the_key_that_wrote_a_contact(servers: Handle) -> None:
    kindred = Client(servers, "email_platform")
    colleague = Client(servers, "email_platform", user="colleague")

    def write(client: Client, **values: str) -> dict:
        contact = {"external_id": "kc_1", "email": "ann@example.com"} | values
        done = client.post("contacts/batch", json={"contacts": [contact]}).json()["results"][0]
        return kindred.get(f"contacts/{done['contact_id']}").json()

    made = write(kindred)
    assert (made["created_by"], made["updated_by"]) == ("kindred", "kindred")
    changed = write(colleague, first_name="Ann")
    assert (changed["created_by"], changed["updated_by"]) == ("kindred", "colleague")
    # who writes what is there already has not changed it
    assert write(kindred, first_name="Ann")["updated_by"] == "colleague"
    assert Client(servers, "email_platform", authorised=False).get("me").status_code == 401
