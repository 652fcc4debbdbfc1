"""Which tables the sandbox's Dynamics 365 has: logical names, lengths, choices, alternate keys.

Belongs here: the company's schema. Does not belong here: rows, or how OData asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from ingestion.sandbox.servers.entities import Column, Entity, columns


@dataclass(frozen=True)
class Table(Entity):
    """An entity with its Dataverse names. `binds`: navigation property to (lookup, entity set)."""

    logical: str = ""
    primary_name: str = ""
    binds: dict[str, tuple[str, str]] = field(default_factory=dict)
    labels: dict[str, dict[int, str]] = field(default_factory=dict)

    api_root: ClassVar[str] = "/api/data/v9.2/"

    @property
    def schema_name(self) -> str:
        """`Contact` for `contact`."""
        return {"phonecall": "PhoneCall"}.get(self.logical, self.logical.capitalize())

    @cached_property
    def settable(self) -> dict[str, Column]:
        """Columns that a payload may set by their own names."""
        chosen = self.by_name.values()
        return {c.name: c for c in chosen if c.writable and not self.is_lookup(c)}

    def is_lookup(self, column: Column) -> bool:
        """Whether a column is the read side of a lookup (`_parentcustomerid_value`)."""
        return column.name.startswith("_") and column.name.endswith("_value")


SERVER_FIELDS = "!createdon:t !modifiedon:t !_createdby_value:s !_modifiedby_value:s"
STATE = {0: "Active", 1: "Inactive"}
OPEN_STATE = {0: "Open", 1: "Completed", 2: "Canceled"}


def _table(
    name: str,
    key: str,
    spec: str,
    *,
    logical: str,
    primary_name: str,
    labels: dict[str, dict[int, str]],
    alternate: tuple[str, ...] = (),
    lookups: tuple[str, ...] = (),
    binds: dict[str, tuple[str, str]] | None = None,
) -> Table:
    options = {column: tuple(choices) for column, choices in labels.items()}
    return Table(
        name,
        key,
        columns(f"{key}:s {spec} {SERVER_FIELDS}", options),
        modified="modifiedon",
        created="createdon",
        modified_by="_modifiedby_value",
        created_by="_createdby_value",
        alternate=alternate,
        lookups=lookups,
        logical=logical,
        primary_name=primary_name,
        binds=binds or {},
        labels=labels,
    )


CONTACTS = _table(
    "contacts",
    "contactid",
    "firstname:s50 middlename:s50 lastname:s50 emailaddress1:s100 mobilephone:s50 telephone1:s50 "
    "birthdate:d gendercode:i address1_line1:s250 address1_postalcode:s20 address1_city:s80 "
    "address1_country:s80 kin_language:s10 donotemail:b donotphone:b donotpostalmail:b "
    "donotbulkemail:b statecode:i kin_customerid:s50 kin_segments:s4000 kin_propensity:f "
    "kin_emailmarketing:b _parentcustomerid_value:s",
    logical="contact",
    primary_name="fullname",
    labels={"gendercode": {1: "Male", 2: "Female"}, "statecode": STATE},
    alternate=("kin_customerid",),
    lookups=("emailaddress1",),
    binds={"parentcustomerid_account": ("_parentcustomerid_value", "accounts")},
)
ACCOUNTS = _table(
    "accounts",
    "accountid",
    "name:s160 accountnumber:s20 address1_city:s80 address1_country:s80 statecode:i",
    logical="account",
    primary_name="name",
    labels={"statecode": STATE},
    alternate=("accountnumber",),
)
LEADS = _table(
    "leads",
    "leadid",
    "firstname:s50 lastname:s50 emailaddress1:s100 telephone1:s50 subject:s300 leadsourcecode:i "
    "kin_model:s100 _parentaccountid_value:s _parentcontactid_value:s statecode:i "
    "kin_firstresponseon:t",
    logical="lead",
    primary_name="fullname",
    labels={
        "leadsourcecode": {1: "Web", 2: "Phone", 3: "Showroom", 4: "Event"},
        "statecode": {0: "Open", 1: "Qualified", 2: "Disqualified"},
    },
    binds={
        "parentaccountid": ("_parentaccountid_value", "accounts"),
        "parentcontactid": ("_parentcontactid_value", "contacts"),
    },
)
OPPORTUNITIES = _table(
    "opportunities",
    "opportunityid",
    "name:s300 _parentcontactid_value:s _parentaccountid_value:s stepname:s200 estimatedvalue:f "
    "closeprobability:i estimatedclosedate:d actualclosedate:d actualvalue:f statecode:i "
    "kin_model:s100 kin_lostreason:s100",
    logical="opportunity",
    primary_name="name",
    labels={"statecode": {0: "Open", 1: "Won", 2: "Lost"}},
    binds={
        "parentaccountid": ("_parentaccountid_value", "accounts"),
        "parentcontactid": ("_parentcontactid_value", "contacts"),
    },
)
_REGARDING = {"regardingobjectid_contact": ("_regardingobjectid_value", "contacts")}
TASKS = _table(
    "tasks",
    "activityid",
    "subject:s200 scheduledend:t actualend:t statecode:i _regardingobjectid_value:s "
    "_ownerid_value:s",
    logical="task",
    primary_name="subject",
    labels={"statecode": OPEN_STATE},
    binds=_REGARDING,
)
PHONECALLS = _table(
    "phonecalls",
    "activityid",
    "subject:s200 directioncode:b scheduledend:t actualend:t statecode:i "
    "_regardingobjectid_value:s _ownerid_value:s",
    logical="phonecall",
    primary_name="subject",
    labels={"statecode": OPEN_STATE},
    binds=_REGARDING,
)

TABLES = (CONTACTS, ACCOUNTS, LEADS, OPPORTUNITIES, TASKS, PHONECALLS)
