"""Dynamics 365: what the Dataverse Web API promises, beyond what its own client asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from clients import Client
from tiny_company import CONTACTS, guid

from ingestion.sandbox.servers import Handle, running

KEYED = "contacts(kin_customerid='kc_1')"


@pytest.fixture
def crm(servers: Handle) -> Client:
    return Client(servers, "dynamics365")


@pytest.fixture
def reader(shared: Handle) -> Client:
    return Client(shared, "dynamics365")


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def pages(crm: Client, url: str, **named: Any) -> Iterator[dict[str, Any]]:
    params = named.pop("params", None)
    while url:
        answer = crm.get(url, params=params, **named)
        assert answer.status_code == 200, answer.text
        yield (page := answer.json())
        url, params = page.get("@odata.nextLink", ""), None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("lastname eq 'O''Neil'", 9),
        ("lastname eq 'o''neil' and gendercode eq 1", 5),
        ("not (gendercode eq 1)", 12),
        ("kin_customerid eq null", CONTACTS),
        ("kin_customerid ne null", 0),
        ("donotemail eq true or firstname eq 'Ada1'", 6),
        ("modifiedon ge 2026-10-01T08:12:00Z", 1),
        ("modifiedon gt 2026-10-01T08:11:00Z and modifiedon le 2026-10-01T08:12:00Z", 1),
        ("birthdate lt 1980-03-13", CONTACTS),
        ("contains(emailaddress1,'%')", 0),
        ("endswith(firstname,'4') and startswith(firstname,'ada')", 3),
        (f"contactid eq {guid('contact', 2)}", 1),
        (f"_parentcustomerid_value eq {guid('account', 0).upper()}", CONTACTS),
        ("((gendercode eq 1 or gendercode eq 2) and statecode eq 0)", CONTACTS),
    ],
)
def test_filters(reader: Client, text: str, count: int) -> None:
    answer = reader.get("contacts", params={"$filter": text, "$count": "true", "$top": "1"}).json()
    assert answer["@odata.count"] == count


@pytest.mark.parametrize(
    "text",
    ["nonsense eq 1", "lastname eq", "lastname like 'x'", "gendercode eq 'x'", "(lastname eq 'x'",
     "lastname eq 'x' lastname", "lastname eq 'x'; DROP", "(" * 200 + "statecode eq 0", "''"],
)  # fmt: skip
def test_bad_filters_are_bad_requests(reader: Client, text: str) -> None:
    assert code(reader.get("contacts", params={"$filter": text})) == (400, "0x80060888")


@pytest.mark.parametrize("order", ["modifiedon", "modifiedon desc", "lastname desc,firstname", ""])
def test_paging_gives_every_row_once_in_order(reader: Client, order: str) -> None:
    params = {"$orderby": order, "$select": "lastname,modifiedon"} if order else {}
    prefer = {"Prefer": "odata.maxpagesize=4"}
    rows = [row for page in pages(reader, "contacts", params=params, headers=prefer)
            for row in page["value"]]  # fmt: skip
    assert len({row["contactid"] for row in rows}) == len(rows) == CONTACTS
    if order == "modifiedon desc":
        stamps = [row["modifiedon"] for row in rows]
        assert stamps == sorted(stamps, reverse=True)
    if order:
        assert set(rows[0]) == {"@odata.etag", "contactid", "lastname", "modifiedon"}


def test_top_ends_the_paging(reader: Client) -> None:
    prefer = {"Prefer": "odata.maxpagesize=4"}
    found = list(pages(reader, "contacts", params={"$top": "6"}, headers=prefer))
    assert [len(page["value"]) for page in found] == [4, 2]


def test_change_tracking_tells_changes_and_deletes(crm: Client) -> None:
    tracked = {"Prefer": "odata.track-changes,odata.maxpagesize=10"}
    first = list(pages(crm, "contacts", params={"$select": "firstname"}, headers=tracked))
    assert [len(page["value"]) for page in first] == [10, 10, 5]
    link = first[-1]["@odata.deltaLink"]
    assert crm.get(link).json()["value"] == []
    crm.patch(f"contacts({guid('contact', 1)})", json={"firstname": "Changed"})
    crm.delete(f"contacts({guid('contact', 2)})")
    crm.patch(KEYED, json={"lastname": "New"})
    small = {"Prefer": "odata.maxpagesize=1"}
    changed = list(pages(crm, link, headers=small))
    rows = [row for page in changed for row in page["value"]]
    assert [len(page["value"]) for page in changed] == [1, 1, 1]
    assert rows[0]["firstname"] == "Changed" and "lastname" not in rows[0]
    assert rows[1]["@odata.context"].endswith("$metadata#contacts/$deletedEntity")
    assert (rows[1]["id"], rows[1]["reason"]) == (guid("contact", 2), "deleted")
    assert changed[-1]["@odata.context"].endswith("/$delta")
    assert crm.get(changed[-1]["@odata.deltaLink"]).json()["value"] == []


def test_a_change_during_the_first_read_is_told_afterwards(crm: Client) -> None:
    tracked = {"Prefer": "odata.track-changes,odata.maxpagesize=10"}
    reading = pages(crm, "contacts", headers=tracked)
    page = next(reading)
    crm.patch(f"contacts({page['value'][0]['contactid']})", json={"firstname": "Meanwhile"})
    *_, last = reading
    told = crm.get(last["@odata.deltaLink"]).json()["value"]
    assert [row["firstname"] for row in told] == ["Meanwhile"]


@pytest.mark.parametrize(
    "token", ["1!10/01/2020 08:00:00", "nonsense", "999999999!11/01/2026 08:00:00", "", "1!x"]
)
def test_an_expired_or_foreign_delta_token_asks_for_a_full_read(reader: Client, token: str) -> None:
    answer = reader.get("contacts", params={"$deltatoken": token})
    assert code(answer) == (400, "0x80044352")


def test_tracking_refuses_filters(reader: Client) -> None:
    tracked = {"Prefer": "odata.track-changes"}
    answer = reader.get("contacts", params={"$filter": "statecode eq 0"}, headers=tracked)
    assert answer.status_code == 400


def test_upsert_by_alternate_key(crm: Client) -> None:
    made = crm.patch(KEYED, json={"lastname": "One"})
    assert made.status_code == 204
    where = made.headers["OData-EntityId"]
    assert crm.patch(KEYED, json={"lastname": "Two"}).headers["OData-EntityId"] == where
    row = crm.get(where).json()
    assert (row["lastname"], row["kin_customerid"]) == ("Two", "kc_1")
    shown = {"Prefer": "return=representation"}
    assert crm.patch(KEYED, json={"lastname": "Three"}, headers=shown).status_code == 200
    new = crm.patch("contacts(kin_customerid='kc_2')", json={"lastname": "N"}, headers=shown)
    assert (new.status_code, new.json()["kin_customerid"]) == (201, "kc_2")
    quoted = crm.patch("contacts(kin_customerid='it''s')", json={"lastname": "Q"})
    assert crm.get(quoted.headers["OData-EntityId"]).json()["kin_customerid"] == "it's"


def test_update_only_and_create_only(crm: Client) -> None:
    any_version, none = {"If-Match": "*"}, {"If-None-Match": "*"}
    assert code(crm.patch(KEYED, json={}, headers=any_version)) == (404, "0x80060891")
    missing = f"contacts({guid('contact', 999)})"
    assert code(crm.patch(missing, json={}, headers=any_version)) == (404, "0x80040217")
    assert crm.patch(missing, json={"lastname": "Born"}, headers=none).status_code == 204
    assert crm.patch(missing, json={"lastname": "Again"}, headers=none).status_code == 412
    assert crm.get(missing).json()["lastname"] == "Born"


def test_etags_guard_against_lost_updates(crm: Client) -> None:
    row = f"contacts({guid('contact', 1)})"
    tag = crm.get(row).json()["@odata.etag"]
    assert crm.get(row, headers={"If-None-Match": tag}).status_code == 304
    assert crm.patch(row, json={"firstname": "A"}, headers={"If-Match": tag}).status_code == 204
    stale = crm.patch(row, json={"firstname": "B"}, headers={"If-Match": tag})
    assert code(stale) == (412, "0x80060882")
    assert crm.delete(row, headers={"If-Match": tag}).status_code == 412
    assert crm.delete(row).status_code == 204
    assert code(crm.get(row)) == (404, "0x80040217")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"nonsense": 1}, "0x80048d19"),
        ({"lastname": 5}, "0x80048d19"),
        ({"lastname": "x" * 51}, "0x80044331"),
        ({"emailaddress1": "x" * 101}, "0x80044331"),
        ({"gendercode": 9}, "0x8004431a"),
        ({"birthdate": "12-03-1980"}, "0x80048d19"),
        ({"donotemail": "yes"}, "0x80048d19"),
        ({"modifiedon": "2026-01-01T00:00:00Z"}, "0x80048d19"),
        ({"_parentcustomerid_value": guid("account", 0)}, "0x80048d19"),
        ({"parentcustomerid_account@odata.bind": "/leads(1)"}, "0x80048d19"),
        ([1], "0x80048d19"),
    ],
)
def test_payloads_are_validated(reader: Client, body: Any, expected: str) -> None:
    assert code(reader.post("contacts", json=body)) == (400, expected)


def test_lookups_are_bound_by_navigation_property(crm: Client) -> None:
    bind = {"parentcustomerid_account@odata.bind": f"/accounts({guid('account', 0)})"}
    made = crm.post("contacts", json={"lastname": "Bound"} | bind)
    row = crm.get(made.headers["OData-EntityId"]).json()
    assert row["_parentcustomerid_value"] == guid("account", 0)
    crm.patch(made.headers["OData-EntityId"], json={"parentcustomerid_account@odata.bind": None})
    assert crm.get(made.headers["OData-EntityId"]).json()["_parentcustomerid_value"] is None


def test_a_second_row_with_the_same_alternate_key_is_refused(crm: Client) -> None:
    assert crm.post("contacts", json={"kin_customerid": "kc_1"}).status_code == 204
    assert code(crm.post("contacts", json={"kin_customerid": "KC_1"})) == (412, "0x80060892")
    assert crm.patch("contacts(kin_customerid='a/b')", json={}).status_code in {400, 404}
    assert code(crm.patch("contacts(firstname='Ada')", json={})) == (400, "0x80060888")


def many(crm: Client, action: str, targets: list[dict[str, Any]]) -> requests.Response:
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.contact"}
    url = f"contacts/Microsoft.Dynamics.CRM.{action}"
    return crm.post(url, json={"Targets": [kind | target for target in targets]})


def test_multiple_actions_roll_back_whole(crm: Client) -> None:
    ids = many(crm, "CreateMultiple", [{"lastname": "M1"}, {"lastname": "M2"}]).json()["Ids"]
    good = {"contactid": ids[0], "lastname": "Changed"}
    bad = {"contactid": guid("contact", 999), "lastname": "Nobody"}
    assert code(many(crm, "UpdateMultiple", [good, bad])) == (404, "0x80040217")
    assert crm.get(f"contacts({ids[0]})").json()["lastname"] == "M1"
    assert many(crm, "UpdateMultiple", [good]).status_code == 204
    named = [{"@odata.id": f"contacts(kin_customerid='k{n}')", "lastname": "U"} for n in range(2)]
    assert many(crm, "UpsertMultiple", named).status_code == 204
    assert many(crm, "UpsertMultiple", [*named, named[0]]).status_code == 400
    assert many(crm, "UpsertMultiple", [{"lastname": "no id"}]).status_code == 400
    untyped = {"Targets": [{"lastname": "x"}]}
    url = "contacts/Microsoft.Dynamics.CRM.CreateMultiple"
    assert crm.post(url, json=untyped).status_code == 400
    count = crm.get("contacts", params={"$count": "true", "$top": "1"}).json()["@odata.count"]
    assert count == CONTACTS + 4


def batch(crm: Client, body: str, **headers: str) -> requests.Response:
    content = {"Content-Type": 'multipart/mixed; boundary="b"'}
    return crm.post("$batch", data=body.replace("\n", "\r\n").encode(), headers=content | headers)


def part(request: str, boundary: str = "b", body: str = "") -> str:
    head = f"--{boundary}\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n"
    kind = "Content-Type: application/json\n" if body else ""
    return f"{head}\n{request} HTTP/1.1\n{kind}\n{body}\n"


def test_a_batch_stops_at_the_first_error_unless_told(crm: Client) -> None:
    row, missing = guid("contact", 1), guid("contact", 999)
    body = (
        part(f"GET contacts({missing})")
        + part(f"PATCH /api/data/v9.2/contacts({row})", body='{"firstname":"Batched"}')
        + "--b--\n"
    )
    stopped = batch(crm, body)
    assert (stopped.status_code, stopped.text.count("HTTP/1.1")) == (404, 1)
    assert crm.get(f"contacts({row})").json()["firstname"] == "Ada1"
    carried = batch(crm, body, Prefer="odata.continue-on-error")
    assert (carried.status_code, carried.text.count("HTTP/1.1")) == (200, 2)
    assert crm.get(f"contacts({row})").json()["firstname"] == "Batched"


def test_change_sets_hold_no_get_and_batches_at_most_a_thousand(reader: Client) -> None:
    inner = part("GET contacts", "c") + "--c--\n"
    body = f'--b\nContent-Type: multipart/mixed; boundary="c"\n\n{inner}\n--b--\n'
    assert code(batch(reader, body)) == (400, "0x80060888")
    assert code(batch(reader, part("GET accounts") * 1001 + "--b--\n")) == (400, "0x80060888")
    assert code(batch(reader, part("GET accounts"))) == (400, "0x80060888")
    assert code(reader.post("$batch", data=b"x")) == (400, "0x80060888")


def test_service_protection_limits_count_per_sliding_window(company_folder: Any) -> None:
    def lower(systems: Any) -> None:
        systems["dynamics365"].max_requests = 3

    with running(company_folder, configure=lower) as handle:
        crm = Client(handle, "dynamics365")
        answers = [crm.get("accounts") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert code(answers[-1]) == (429, "0x80072322")
        assert 295 <= int(answers[-1].headers["Retry-After"]) <= 300


def test_unknown_things_are_named(reader: Client) -> None:
    assert code(reader.get("nonsense")) == (404, "0x8006088a")
    assert code(reader.get("contacts", params={"$select": "nonsense"})) == (400, "0x80060888")
    assert code(reader.get("contacts", params={"$orderby": "nonsense"})) == (400, "0x80060888")
    assert code(reader.get("contacts", params={"$skip": "1"})) == (400, "0x80060888")
    assert code(reader.get("contacts", params={"$skiptoken": "x"})) == (400, "0x80060888")
    assert code(reader.post("contacts", data="{")) == (400, "0x80048d19")
    assert reader.put("contacts", json={}).status_code == 405
    assert reader.get("WhoAmI").status_code == 200
    assert "EntityType" in reader.get("$metadata").text


def test_links_keep_the_query(reader: Client) -> None:
    params = {"$filter": "lastname eq 'Müller'", "$select": "lastname"}
    prefer = {"Prefer": "odata.maxpagesize=2"}
    link = reader.get("contacts", params=params, headers=prefer).json()["@odata.nextLink"]
    assert "lastname eq 'Müller'" in unquote(link) and link.startswith(reader.root)
