"""The shop and the email platform: paging, filters, writes and their refusals."""

from __future__ import annotations

from typing import Any

import pytest
from clients import Client
from tiny_company import CONTACTS

from ingestion.sandbox.servers import Handle


@pytest.fixture
def shop(servers: Handle) -> Client:
    return Client(servers, "sap_commerce")


@pytest.fixture
def mailer(servers: Handle) -> Client:
    return Client(servers, "email_platform")


def test_shop_pages_sort_by_change_and_key(shop: Client) -> None:
    rows: list[dict[str, Any]] = []
    for page in range(3):
        body = shop.get("customers", params={"page": page, "pageSize": 10}).json()
        rows += body["customers"]
        assert body["pagination"] == {
            "page": page,
            "pageSize": 10,
            "totalPages": 3,
            "totalResults": CONTACTS,
        }
    order = [(row["modifiedTime"], row["customerId"]) for row in rows]
    assert order == sorted(order) and len(set(order)) == CONTACTS
    assert shop.get("customers", params={"page": 9}).json()["customers"] == []


def test_shop_tells_what_changed_since(shop: Client) -> None:
    since = {"modifiedSince": "2026-10-01T10:11:00+02:00"}
    assert shop.get("customers", params=since).json()["pagination"]["totalResults"] == 3
    assert shop.get("orders").json()["orders"][0]["entries"][0]["product"] == "P1"
    for wrong in ({"page": "-1"}, {"pageSize": "0"}, {"pageSize": "x"}, {"modifiedSince": "now"}):
        assert shop.get("customers", params=wrong).status_code == 400


def test_shop_customers_accept_writes(shop: Client) -> None:
    body = {"uid": "new@example.com", "firstName": "New", "newsletter": True}
    made = shop.post("customers", json=body)
    assert made.status_code == 201
    where = made.headers["Location"]
    changed = shop.patch(where, json={"town": "Gent", "birthDate": "1980-03-12"})
    assert (changed.status_code, changed.json()["town"]) == (200, "Gent")
    assert shop.get(where).json()["newsletter"] is True
    newest = shop.get("customers", params={"pageSize": 1, "page": CONTACTS}).json()["customers"]
    assert newest[0]["customerId"] == made.json()["customerId"]
    assert shop.post("customers", json=body).status_code == 409


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"nonsense": 1}, "unknown field"),
        ({"customerId": "C1"}, "read-only"),
        ({"uid": "bad"}, "not a valid email"),
        ({"firstName": "x" * 256}, "longer than 255"),
        ({"birthDate": "12-03-1980"}, "expected date"),
        ([], "JSON object"),
    ],
)
def test_shop_refusals_say_why_without_the_value(shop: Client, body: Any, word: str) -> None:
    answer = shop.patch("customers/C00001", json=body)
    message = answer.json()["errors"][0]["message"]
    assert answer.status_code == 400 and word in message
    assert "12-03" not in message and "xxx" not in message


def test_shop_unknown_things(shop: Client) -> None:
    assert shop.get("nonsense").status_code == 404
    assert shop.get("customers/nobody").status_code == 404
    assert shop.patch("customers/nobody", json={}).status_code == 404
    assert shop.post("orders", json={}).status_code == 405
    assert shop.post("customers", data="{").status_code == 400


def test_mailer_cursors_give_every_row_once(mailer: Client) -> None:
    rows, cursor = [], ""
    while cursor is not None:
        page = mailer.get("contacts", params={"limit": 4, "cursor": cursor}).json()
        rows += page["data"]
        cursor = page["next_cursor"]
    assert len({row["contact_id"] for row in rows}) == len(rows) == CONTACTS
    order = [(row["updated_at"], row["contact_id"]) for row in rows]
    assert order == sorted(order)
    since = {"updated_since": "2026-10-01T08:12:00Z"}
    assert len(mailer.get("contacts", params=since).json()["data"]) == 1
    for wrong in ({"limit": "0"}, {"limit": "x"}, {"cursor": "x"}, {"updated_since": "x"}):
        assert mailer.get("contacts", params=wrong).status_code == 400


def test_mailer_events_ascend(mailer: Client) -> None:
    page = mailer.get("events", params={"after": 3, "limit": 5}).json()
    assert [row["event_id"] for row in page["data"]] == [4, 5, 6, 7, 8]
    assert page["next_cursor"] == "8"
    last = mailer.get("events", params={"after": 20}).json()
    assert (len(last["data"]), last["next_cursor"]) == (CONTACTS - 20, None)


def test_mailer_upserts_by_external_id_then_email(mailer: Client) -> None:
    contacts = [
        {"external_id": "kc_0", "email": "person0@example.com", "attributes": {"b": 1, "a": 2}},
        {"external_id": "kc_new", "email": "new@example.com"},
        {"external_id": "kc_bad", "email": "bad"},
        {"external_id": "kc_none"},
        {"external_id": "kc_1", "email": "person1@example.com", "status": "subscribed"},
        {"external_id": "kc_2", "email": "person2@example.com", "first_name": "Ada"},
        {"nonsense": 1, "email": "x@example.com"},
        "nonsense",
    ]
    answer = mailer.post("contacts/batch", json={"contacts": contacts})
    rows = answer.json()["results"]
    assert answer.status_code == 207
    assert [row["index"] for row in rows] == list(range(8))
    assert [row["status"] for row in rows] == ["updated", "created", "error", "error", "error",
                                               "updated", "error", "error"]  # fmt: skip
    codes = [row["error"]["code"] for row in rows if row["error"]]
    assert codes == [
        "invalid_email",
        "invalid_email",
        "unsubscribed",
        "invalid_field",
        "invalid_contact",
    ]
    same = [contacts[0] | {"attributes": {"a": 2, "b": 1}}]
    again = mailer.post("contacts/batch", json={"contacts": same}).json()["results"]
    assert again[0] == {
        "index": 0,
        "status": "unchanged",
        "contact_id": "em_0",
        "error": None,
    }
    bounced = mailer.get("contacts/em_2").json()
    assert (bounced["status"], bounced["first_name"]) == ("bounced", "Ada")
    moved = [{"external_id": "kc_new", "email": "moved@example.com"}]
    assert (
        mailer.post("contacts/batch", json={"contacts": moved}).json()["results"][0]["contact_id"]
        == rows[1]["contact_id"]
    )


def test_mailer_a_person_may_unsubscribe_but_never_be_resubscribed(mailer: Client) -> None:
    def status_of(status: str) -> dict[str, Any]:
        contact = {"email": "person0@example.com", "status": status}
        return mailer.post("contacts/batch", json={"contacts": [contact]}).json()["results"][0]

    assert status_of("unsubscribed")["status"] == "updated"
    assert status_of("subscribed")["error"]["code"] == "unsubscribed"
    assert status_of("nonsense")["error"]["code"] == "invalid_field"
    assert mailer.get("contacts/em_0").json()["status"] == "unsubscribed"


def test_mailer_deletes(mailer: Client) -> None:
    assert mailer.delete("contacts/em_0").status_code == 204
    assert mailer.get("contacts/em_0").status_code == 404
    assert mailer.delete("contacts/em_0").status_code == 404
    assert mailer.delete("campaigns/c1").status_code == 405


def test_mailer_batch_limits(mailer: Client) -> None:
    many = {"contacts": [{"email": "a@example.com"}] * 501}
    assert mailer.post("contacts/batch", json=many).status_code == 413
    assert mailer.post("contacts/batch", json={}).status_code == 400
    assert mailer.post("contacts/batch", data="{").status_code == 400
    assert mailer.get("nonsense").status_code == 404
