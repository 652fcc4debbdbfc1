"""A colleague at work: edits in the sandbox's CRMs that Kindred has nothing to do with, and a pin.

Belongs here: choosing the contacts, changing them through each CRM's own API, pinning a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

from ingestion.sandbox.servers import Handle, running

if TYPE_CHECKING:
    from conftest import Home

PHONE = "+31612399871"
CITY = "Vlissingen-Noord"
PINNED = "+31612399872"


@dataclass(frozen=True)
class Edits:
    """Who was edited, as customer ids, and the Dynamics contact that got another phone.

    `phone_of`: a contact that was in Dynamics before Kindred wrote to it. `city_of`: a contact that
    Kindred created in Salesforce. `pinned`: a customer of both whose phone a steward pinned, and
    `at_once`: that customer's golden phone and the number to call, right after.
    """

    phone_of: str
    phone_contact: str
    city_of: str
    pinned: str
    at_once: tuple[str, str]


def edit(home: Home) -> Edits:
    """Change a phone in Dynamics and a city in Salesforce; pin a phone."""
    in_salesforce = home.rows("salesforce")
    in_dynamics = home.rows("dynamics365")
    both = sorted(set(in_salesforce) & set(in_dynamics))
    phone_of = next(
        key
        for key in both
        if in_dynamics[key]["_createdby_value"] != in_dynamics[key]["_modifiedby_value"]
    )
    city_of = next(
        key
        for key in both
        if in_salesforce[key]["CreatedById"] == in_salesforce[key]["LastModifiedById"]
        and in_salesforce[key]["MailingPostalCode"]
        and key != phone_of
    )
    contact = in_dynamics[phone_of]["contactid"]
    with running(home.path / "sandbox") as handle:
        url = f"{handle['dynamics365']}/api/data/v9.2/contacts({contact})"
        change(handle, "dynamics365", url, mobilephone=PHONE)
        key = in_salesforce[city_of]["Id"]
        url = f"{handle['salesforce']}/services/data/v62.0/sobjects/Contact/{key}"
        change(handle, "salesforce", url, MailingCity=CITY)
    pinned = next(key for key in reversed(both) if key not in (phone_of, city_of))
    done = home.kindred("pin", pinned, "phone", PINNED, "--why", "told us")
    assert done.returncode == 0, done.stderr
    return Edits(
        phone_of, contact, city_of, pinned, (_golden_phone(home, pinned), _called_at(home, pinned))
    )


def _golden_phone(home: Home, customer: str) -> str:
    query = "select phone from customers.dim_customers where customer_id = ?"
    [(phone,)] = home.warehouse(query, customer)
    return phone


def _called_at(home: Home, customer: str) -> str:
    """The number at which contactability, as it is published, lets the customer be called."""
    [point] = [
        row["contact_point"]
        for row in home.gold("contactability/fct_contactability")
        if (row["customer_id"], row["channel"], row["purpose"]) == (customer, "phone", "service")
    ]
    return point


def change(handle: Handle, system: str, url: str, **values: str) -> None:
    """PATCH one row as the colleague."""
    path = {"dynamics365": "/tenant/oauth2/v2.0/token", "salesforce": "/services/oauth2/token"}
    form = {
        "grant_type": "client_credentials",
        "client_id": "colleague",
        "client_secret": "sandbox-secret",
    }
    with requests.Session() as session:
        session.trust_env = False
        token = session.post(handle[system] + path[system], data=form, timeout=10).json()
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        answer = session.patch(url, json=values, headers=bearer, timeout=10)
    assert answer.status_code == 204, answer.text
