"""Which objects the sandbox's Salesforce has: fields, lengths, required fields, external ids.

Belongs here: the dealers' schema and how Salesforce makes ids. Does not belong here: rows.
"""

from __future__ import annotations

import itertools
import re
import string
import time
from dataclasses import dataclass

from ingestion.sandbox.servers.entities import Entity, columns

BASE62 = string.ascii_uppercase + string.ascii_lowercase + string.digits
CHECK = string.ascii_uppercase + "012345"
ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
SERVER_FIELDS = (
    "!IsDeleted:b !CreatedDate:t !CreatedById:s18 !SystemModstamp:t !LastModifiedById:s18"
)


@dataclass(frozen=True)
class SObject(Entity):
    """An entity with what Salesforce adds: key prefix, required and email fields, labels."""

    prefix: str = ""
    required_on_create: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    @property
    def external_ids(self) -> tuple[str, ...]:
        """Fields that an upsert may name."""
        return self.alternate


def _sobject(
    name: str,
    prefix: str,
    spec: str,
    *,
    required: tuple[str, ...] = (),
    alternate: tuple[str, ...] = (),
    emails: tuple[str, ...] = (),
) -> SObject:
    return SObject(
        name,
        "Id",
        columns(f"!Id:s {spec} {SERVER_FIELDS}"),
        modified="SystemModstamp",
        created="CreatedDate",
        modified_by="LastModifiedById",
        created_by="CreatedById",
        alternate=alternate,
        lookups=emails,
        deleted="IsDeleted",
        prefix=prefix,
        required_on_create=required,
        emails=emails,
    )


CONTACT = _sobject(
    "Contact",
    "003",
    "FirstName:s40 LastName:s80 Email:s80 Phone:s40 MobilePhone:s40 Birthdate:d MailingStreet:s255 "
    "MailingPostalCode:s20 MailingCity:s40 MailingCountry:s80 HasOptedOutOfEmail:b DoNotCall:b "
    "Kindred_Id__c:s40 Kindred_Segments__c:s4000 Kindred_Propensity__c:f Dealer_Code__c:s20",
    required=("LastName",),
    alternate=("Kindred_Id__c",),
    emails=("Email",),
)
LEAD = _sobject(
    "Lead",
    "00Q",
    "FirstName:s40 LastName:s80 Email:s80 Phone:s40 Company:s255 Status:s255 LeadSource:s255 "
    "Dealer_Code__c:s20 Model__c:s100 ConvertedContactId:s18",
    required=("LastName", "Company"),
    emails=("Email",),
)
OPPORTUNITY = _sobject(
    "Opportunity",
    "006",
    "Name:s120 ContactId:s18 StageName:s255 Amount:f Probability:f CloseDate:d IsClosed:b IsWon:b "
    "Loss_Reason__c:s255 Dealer_Code__c:s20 Model__c:s100",
    required=("Name", "StageName", "CloseDate"),
)
TASK = _sobject(
    "Task",
    "00T",
    "Subject:s255 Status:s255 ActivityDate:d TaskSubtype:s40 WhoId:s18 OwnerId:s100",
)

SOBJECTS = (CONTACT, LEAD, OPPORTUNITY, TASK)


def long_id(text: str) -> str:
    """The 18-character form of an id; text of another length comes back as it is."""
    if len(text) != 15:
        return text
    chunks = (text[at : at + 5] for at in (0, 5, 10))
    flags = (sum(1 << i for i, letter in enumerate(chunk) if letter.isupper()) for chunk in chunks)
    return text + "".join(CHECK[flag] for flag in flags)


_numbers = itertools.count(time.time_ns() // 1000)


def new_id(sobject: SObject) -> str:
    """A fresh 18-character id. Ids ascend, and a later process starts beyond an earlier one's."""
    number, digits = next(_numbers), ""
    for _ in range(10):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return long_id(sobject.prefix + "Kd" + digits)
