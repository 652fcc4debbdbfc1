"""Dynamics 365: the importer's CRM, in Dataverse's column names.

Belongs here: the shape of Dynamics rows. Does not belong here: the sales story itself (`crm`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import crm, names, places, text, variants, writing
from ingestion.sandbox.company.people import People

HABITS = variants.Habits(date_missing=0.45, mojibake=0.1, phone_missing=0.2)
SUBJECTS = ("Test drive request", "Brochure request", "Offer request", "Trade-in question")
CLERK = "6f6b696e-6472-4564-8000-000000000010"
"""Who wrote every contact that is there from the start."""


@dataclass(frozen=True)
class Keys:
    """Record keys of contacts and leads, with the person behind each."""

    contactid: pa.Array
    contact_who: np.ndarray
    leadid: pa.Array
    lead_who: np.ndarray


def free_country(rng: np.random.Generator, country: np.ndarray) -> pa.Array:
    """Countries (n,) as people type them: codes and names in several languages."""
    options = [form for code in names.COUNTRIES for form in places.COUNTRY_NAMES[code]]
    form = text.weighted(rng, (0.6, 0.2, 0.12, 0.08), len(country))
    return text.take(options, country * 4 + form)


def _contacts(
    rng: np.random.Generator,
    people: People,
    story: crm.SalesStory,
    key: pa.Array,
    account: pa.Array,
) -> dict[str, object]:
    records = story.contacts
    written = variants.write(rng, people, records.who, HABITS, records.modified)
    count = len(written)
    shy = text.chance(rng, 0.08, count)
    dealer = people.dealer[np.maximum(records.who, 0)]
    return {
        "contactid": key,
        "firstname": written.given,
        "middlename": written.middle,
        "lastname": written.family,
        "emailaddress1": written.email,
        "mobilephone": written.mobile,
        "telephone1": written.landline,
        "birthdate": text.days(written.birth_date),
        "gendercode": pa.array(written.sex + 1, mask=written.sex < 0),
        "address1_line1": text.join(written.street, " ", written.number),
        "address1_postalcode": written.postal_code,
        "address1_city": written.city,
        "address1_country": free_country(rng, written.country),
        "kin_language": text.where(
            text.chance(rng, 0.2, count),
            None,
            text.take(["nl", "fr", "de", "en"], written.language),
        ),
        "donotemail": shy & text.chance(rng, 0.8, count),
        "donotphone": shy | text.chance(rng, 0.05, count),
        "donotpostalmail": text.chance(rng, 0.04, count),
        "donotbulkemail": shy | text.chance(rng, 0.06, count),
        "statecode": text.chance(rng, 0.03, count).astype(np.int64),
        "kin_customerid": text.no_values(count),
        "kin_segments": text.no_values(count),
        "kin_propensity": text.no_values(count, pa.float64()),
        "kin_emailmarketing": text.no_values(count, pa.bool_()),
        "_parentcustomerid_value": account.take(pa.array(dealer)),
        "createdon": text.instants(records.created),
        "modifiedon": text.instants(records.modified),
        "_createdby_value": pa.repeat(CLERK, count),
        "_modifiedby_value": pa.repeat(CLERK, count),
    }


def _accounts(account: pa.Array) -> dict[str, object]:
    dealers = places.dealers()
    count = len(account)
    made = np.full(count, np.datetime64("2019-01-02T09:00:00"))
    return {
        "accountid": account,
        "name": dealers.name,
        "accountnumber": dealers.code,
        "address1_city": dealers.city,
        "address1_country": text.take(names.COUNTRIES, dealers.country),
        "statecode": np.zeros(count, dtype=np.int64),
        "createdon": text.instants(made),
        "modifiedon": text.instants(made),
    }


def _leads(
    rng: np.random.Generator, people: People, leads: crm.Leads, *, key: pa.Array, contact: pa.Array,
    account: pa.Array,
) -> dict[str, object]:  # fmt: skip
    written = variants.write(rng, people, leads.who, HABITS, leads.modified)
    subject = text.take(SUBJECTS, rng.integers(0, len(SUBJECTS), len(leads)))
    model = text.take(places.MODELS, leads.model)
    return {
        "leadid": key,
        "firstname": written.given,
        "lastname": written.family,
        "emailaddress1": written.email,
        "telephone1": pc.coalesce(written.mobile, written.landline),
        "subject": text.join(subject, " ", model),
        "leadsourcecode": leads.source + 1,
        "kin_model": model,
        "_parentaccountid_value": account.take(pa.array(leads.dealer)),
        "_parentcontactid_value": text.take(contact, leads.contact),
        "statecode": leads.status,
        "kin_firstresponseon": text.instants(leads.responded),
        "createdon": text.instants(leads.created),
        "modifiedon": text.instants(leads.modified),
    }


def _opportunities(
    rng: np.random.Generator, sales: crm.Opportunities, contact: pa.Array, account: pa.Array
) -> dict[str, object]:
    model = text.take(places.MODELS, sales.model)
    is_open = sales.status == crm.OPEN
    chance = np.array([10, 30, 60, 85])[sales.stage]
    won = sales.status == crm.WON
    return {
        "opportunityid": text.guids(rng, len(sales)),
        "name": text.join("Sale of a ", model),
        "_parentcontactid_value": contact.take(pa.array(sales.contact)),
        "_parentaccountid_value": account.take(pa.array(sales.dealer)),
        "stepname": text.take(["1-Qualify", "2-Develop", "3-Propose", "4-Close"], sales.stage),
        "estimatedvalue": sales.amount,
        "closeprobability": np.where(is_open, chance, np.where(won, 100, 0)),
        "estimatedclosedate": text.days(sales.expected),
        "actualclosedate": text.days(sales.closed),
        "actualvalue": pa.array(np.where(won, sales.amount, 0.0), mask=is_open),
        "statecode": sales.status,
        "kin_model": model,
        "kin_lostreason": text.take(crm.LOST_REASONS, sales.reason),
        "createdon": text.instants(sales.created),
        "modifiedon": text.instants(sales.modified),
    }


def _activities(
    rng: np.random.Generator, acts: crm.Activities, contact: pa.Array, calls: bool
) -> dict[str, object]:
    columns = {
        "activityid": text.guids(rng, len(acts)),
        "subject": text.take(crm.SUBJECTS, acts.subject),
        **({"directioncode": acts.outgoing} if calls else {}),
        "scheduledend": text.instants(acts.due),
        "actualend": text.instants(acts.done),
        "statecode": acts.status,
        "_regardingobjectid_value": contact.take(pa.array(acts.contact)),
        "_ownerid_value": acts.owner,
        "createdon": text.instants(acts.created),
        "modifiedon": text.instants(acts.modified),
    }
    return writing.sliced(columns, acts.is_call == calls)


def write(seed: int, folder: Path, people: People, story: crm.SalesStory) -> tuple[Keys, dict]:
    """Write the entity sets of Dynamics 365; returns record keys and row counts."""
    rng = text.stream(seed, "dynamics365")
    account = text.guids(text.stream(0, "accounts"), len(places.dealers().country))
    contact, lead = text.guids(rng, len(story.contacts)), text.guids(rng, len(story.leads))
    tables = {
        "contacts": _contacts(rng, people, story, contact, account),
        "accounts": _accounts(account),
        "leads": _leads(rng, people, story.leads, key=lead, contact=contact, account=account),
        "opportunities": _opportunities(rng, story.opportunities, contact, account),
        "tasks": _activities(rng, story.activities, contact, calls=False),
        "phonecalls": _activities(rng, story.activities, contact, calls=True),
    }
    counts = {
        name: writing.parquet(folder / f"{name}.parquet", columns)
        for name, columns in tables.items()
    }
    return Keys(contact, story.contacts.who, lead, story.leads.who), counts
