"""Salesforce: the CRM of the dealers who run their own, in Salesforce's API names.

Belongs here: the shape of Salesforce rows. Does not belong here: the sales story itself (`crm`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import crm, dynamics365, places, text, variants, writing
from ingestion.sandbox.company.people import People

HABITS = variants.Habits(nickname=0.1, date_missing=0.6, mojibake=0.05, refresh=0.4)
STATUS = ("Open", "Converted", "Closed")
CLERK = "005Kd0000000010IAA"
"""Who wrote every contact that is there from the start."""


@dataclass(frozen=True)
class Keys:
    """Record ids of contacts and leads, with the person behind each."""

    contact_id: pa.Array
    contact_who: np.ndarray
    lead_id: pa.Array
    lead_who: np.ndarray


def _contacts(
    rng: np.random.Generator, people: People, story: crm.SalesStory, key: pa.Array
) -> dict[str, object]:
    records = story.contacts
    written = variants.write(rng, people, records.who, HABITS, records.modified)
    count = len(written)
    dealer = people.dealer[np.maximum(records.who, 0)]
    street_first = text.join(written.street, " ", written.number)
    number_first = text.join(written.number, " ", written.street)
    return {
        "Id": key,
        "FirstName": written.given,
        "LastName": written.family,
        "Email": written.email,
        "Phone": written.landline,
        "MobilePhone": written.mobile,
        "Birthdate": text.days(written.birth_date),
        "MailingStreet": text.where(written.country >= 3, number_first, street_first),
        "MailingPostalCode": written.postal_code,
        "MailingCity": written.city,
        "MailingCountry": dynamics365.free_country(rng, written.country),
        "HasOptedOutOfEmail": text.chance(rng, 0.1, count),
        "DoNotCall": text.chance(rng, 0.08, count),
        "Kindred_Id__c": text.no_values(count),
        "Kindred_Segments__c": text.no_values(count),
        "Kindred_Propensity__c": text.no_values(count, pa.float64()),
        "Dealer_Code__c": text.take(places.dealers().code, dealer),
        "CreatedDate": text.instants(records.created),
        "SystemModstamp": text.instants(records.modified),
        "CreatedById": pa.repeat(CLERK, count),
        "LastModifiedById": pa.repeat(CLERK, count),
    }


def _leads(
    rng: np.random.Generator, people: People, leads: crm.Leads, key: pa.Array, contact: pa.Array
) -> dict[str, object]:
    written = variants.write(rng, people, leads.who, HABITS, leads.modified)
    status = text.take(STATUS, leads.status)
    worked = (leads.status == crm.OPEN) & ~np.isnat(leads.responded)
    return {
        "Id": key,
        "FirstName": written.given,
        "LastName": written.family,
        "Email": written.email,
        "Phone": pc.coalesce(written.mobile, written.landline),
        "Company": text.where(text.chance(rng, 0.9, len(leads)), "Private", written.family),
        "Status": text.where(worked, "Working", status),
        "LeadSource": text.take(["Web", "Phone Inquiry", "Showroom", "Event"], leads.source),
        "Dealer_Code__c": text.take(places.dealers().code, leads.dealer),
        "Model__c": text.take(places.MODELS, leads.model),
        "ConvertedContactId": text.take(contact, leads.contact),
        "CreatedDate": text.instants(leads.created),
        "SystemModstamp": text.instants(leads.modified),
    }


def _opportunities(sales: crm.Opportunities, key: pa.Array, contact: pa.Array) -> dict[str, object]:
    model = text.take(places.MODELS, sales.model)
    stages = ["Qualification", "Needs Analysis", "Proposal", "Negotiation", "Closed Won",
              "Closed Lost"]  # fmt: skip
    stage = np.where(sales.status == crm.OPEN, sales.stage, 3 + sales.status)
    return {
        "Id": key,
        "Name": text.join(model, " offer"),
        "ContactId": contact.take(pa.array(sales.contact)),
        "StageName": text.take(stages, stage),
        "Amount": sales.amount,
        "Probability": np.array([10.0, 30.0, 60.0, 85.0, 100.0, 0.0])[stage],
        "CloseDate": text.days(sales.expected),
        "IsClosed": sales.status != crm.OPEN,
        "IsWon": sales.status == crm.WON,
        "Loss_Reason__c": text.take(crm.LOST_REASONS, sales.reason),
        "Dealer_Code__c": text.take(places.dealers().code, sales.dealer),
        "Model__c": model,
        "CreatedDate": text.instants(sales.created),
        "SystemModstamp": text.instants(sales.modified),
    }


def _tasks(rng: np.random.Generator, acts: crm.Activities, contact: pa.Array) -> dict[str, object]:
    begun = np.where((acts.status == 0) & text.chance(rng, 0.3, len(acts)), 1, 0)
    status = np.where(acts.status == 0, begun, 2)
    return {
        "Id": text.salesforce_ids("00T", np.arange(len(acts)) + 1_000_003),
        "Subject": text.take(crm.SUBJECTS, acts.subject),
        "Status": text.take(["Not Started", "In Progress", "Completed"], status),
        "ActivityDate": text.days(acts.due),
        "TaskSubtype": text.take(["Task", "Call"], acts.is_call.astype(np.int64)),
        "WhoId": contact.take(pa.array(acts.contact)),
        "OwnerId": acts.owner,
        "CreatedDate": text.instants(acts.created),
        "SystemModstamp": text.instants(acts.modified),
    }


def write(seed: int, folder: Path, people: People, story: crm.SalesStory) -> tuple[Keys, dict]:
    """Write the objects of Salesforce; returns record ids and row counts."""
    rng = text.stream(seed, "salesforce")
    contact = text.salesforce_ids("003", np.arange(len(story.contacts)) * 7 + 5_000_011)
    lead = text.salesforce_ids("00Q", np.arange(len(story.leads)) * 5 + 3_000_017)
    sale = text.salesforce_ids("006", np.arange(len(story.opportunities)) * 3 + 2_000_003)
    tables = {
        "Contact": _contacts(rng, people, story, contact),
        "Lead": _leads(rng, people, story.leads, lead, contact),
        "Opportunity": _opportunities(story.opportunities, sale, contact),
        "Task": _tasks(rng, story.activities, contact),
    }
    counts = {
        name: writing.parquet(folder / f"{name}.parquet", columns)
        for name, columns in tables.items()
    }
    return Keys(contact, story.contacts.who, lead, story.leads.who), counts
