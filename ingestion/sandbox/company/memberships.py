"""Which systems know a person, since when, and how often (a person can be there twice).

Belongs here: the records of each system, by person, with the times they were made and changed.
Does not belong here: what stands in a record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sandbox.company import places, text
from ingestion.sandbox.company.people import AS_OF, People

CUTOVER = np.datetime64("2025-06-01")
"""The day the old shop (Magento) closed and the new one (SAP Commerce) opened."""

SYSTEMS = ("dynamics365", "salesforce", "dealer_erp", "magento", "sap_commerce", "web_events",
           "email_platform", "partners")  # fmt: skip
MOST_SYSTEMS = 5


@dataclass(frozen=True)
class Records:
    """The person records of one system; every column is (count,) but `first_of`."""

    who: np.ndarray  # person number, -1 for role and test accounts
    created: np.ndarray  # datetime64[s]
    modified: np.ndarray
    first_of: np.ndarray  # (people,) record number of a person's first record, -1 if none
    last_of: np.ndarray  # (people,) record number of a person's last record

    def __len__(self) -> int:
        return len(self.who)

    def known_by(self, when: np.ndarray, record: np.ndarray) -> Records:
        """The same records, each made no later than the things that refer to it: `record` (m,)."""
        created = self.created.copy()
        np.minimum.at(created, record, when.astype("datetime64[s]"))
        modified = np.maximum(self.modified, created)
        return Records(self.who, created, modified, self.first_of, self.last_of)

    def pick(self, rng: np.random.Generator, who: np.ndarray) -> np.ndarray:
        """A record number for each of `who` (n,): the first, sometimes the last; -1 if none."""
        late = text.chance(rng, 0.3, len(who))
        return np.where(late, self.last_of[who], self.first_of[who])


@dataclass(frozen=True)
class Memberships:
    """`member[system]` (people,) tells who is in it; `lead_only` who is only a lead in a CRM."""

    member: dict[str, np.ndarray]
    lead_only: np.ndarray
    records: dict[str, Records]


def seconds(
    rng: np.random.Generator, first: np.ndarray | np.datetime64, last: np.ndarray | np.datetime64,
    count: int,
) -> np.ndarray:  # fmt: skip
    """`count` instants between `first` and `last`, scalars or (count,)."""
    start = np.asarray(first).astype("datetime64[s]")
    span = (np.asarray(last).astype("datetime64[s]") - start).astype(np.int64)
    return start + (rng.random(count) * np.maximum(span, 0)).astype("timedelta64[s]")


def before_death(people: People, who: np.ndarray, when: np.ndarray) -> np.ndarray:
    """`when` (n,), but not after the death of `who` (n,) nor after the last day of history."""
    died = np.where(who < 0, np.datetime64("NaT"), people.died_on[who]).astype("datetime64[s]")
    limit = np.where(np.isnat(died), AS_OF.astype("datetime64[s]"), died)
    return np.minimum(when, limit - np.timedelta64(3600, "s"))


def _belongings(
    rng: np.random.Generator, people: People
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    count = people.count

    def drawn(share: float | np.ndarray) -> np.ndarray:
        return text.chance(rng, share, count)

    online = people.has_email
    erp = drawn(0.46)
    lead_only = ~erp & drawn(0.2)
    in_crm = lead_only | (erp & drawn(0.7))
    dealers = places.dealers()
    salesforce = in_crm & dealers.uses_salesforce[people.dealer]
    both = in_crm & drawn(0.07) & ~lead_only
    sap = online & drawn(np.where(erp, 0.5, 0.38))
    member = {
        "dynamics365": (in_crm & ~salesforce) | both,
        "salesforce": salesforce | both,
        "dealer_erp": erp,
        "magento": online & drawn(np.where(sap, 0.3, 0.12)),
        "sap_commerce": sap,
        "web_events": sap & drawn(0.85),
        "email_platform": online & drawn(np.where(sap, 0.8, 0.42)),
        "partners": drawn(np.where(erp, 0.18, 0.05)),
    }
    for system in ("email_platform", "magento"):
        member[system] = _one_per_mailbox(people, member[system])
    total = sum(mask.astype(np.int64) for mask in member.values())
    for system in ("partners", "magento", "salesforce", "web_events"):
        drop = (total > MOST_SYSTEMS) & member[system]
        drop &= (system != "salesforce") | both
        member[system] = member[system] & ~drop
        total = total - drop
    none = total == 0
    shared = np.bincount(people.household, weights=people.shares_email) > 0
    to_mail = none & online & ~shared[people.household] & drawn(0.7)
    member["email_platform"] = member["email_platform"] | to_mail
    lead_only |= none & ~to_mail
    to_salesforce = none & ~to_mail & dealers.uses_salesforce[people.dealer]
    member["salesforce"] = member["salesforce"] | to_salesforce
    member["dynamics365"] = member["dynamics365"] | (none & ~to_mail & ~to_salesforce)
    return member, lead_only


def _one_per_mailbox(people: People, mask: np.ndarray) -> np.ndarray:
    """The mask (people,) without those whose mailbox a member of the household brought before."""
    users = np.flatnonzero(mask & ((people.position == 0) | people.shares_email))
    box = people.head[users]
    again = users[1:][box[1:] == box[:-1]]
    out = mask.copy()
    out[again] = False
    return out


def _records(
    rng: np.random.Generator, people: People, mask: np.ndarray, *, twice: float, roles: float,
    first: np.datetime64, last: np.datetime64,
) -> Records:  # fmt: skip
    once = np.flatnonzero(mask)
    again = once[text.chance(rng, twice, len(once))]
    extra = max(2, int(len(once) * roles))
    who = np.concatenate([once, again, np.full(extra, -1)])
    created = seconds(rng, first, last, len(who))
    created = before_death(people, who, created)
    changed = seconds(rng, created, AS_OF, len(who))
    changed = np.where(text.chance(rng, 0.4, len(who)), created, changed)
    order = np.argsort(created, kind="stable")
    who, created = who[order], created[order]
    first_of, last_of = np.full(people.count, -1), np.full(people.count, -1)
    rows = np.flatnonzero(who >= 0)
    last_of[who[rows]] = rows
    first_of[who[rows[::-1]]] = rows[::-1]
    changed = text.daytime(before_death(people, who, changed[order]), 7, 22)
    created = text.daytime(created, 7, 22)
    changed = np.maximum(changed, created)
    return Records(who, created, changed, first_of, last_of)


def enrol(seed: int, people: People) -> Memberships:
    """Put every person into one to five systems."""
    rng = text.stream(seed, "memberships")
    member, lead_only = _belongings(rng, people)
    day = np.datetime64
    in_dynamics = member["dynamics365"] & ~lead_only
    contacts = {
        "dynamics365": (in_dynamics, 0.035, 0.004, "2019-01-01", "2026-10-25"),
        "salesforce": (member["salesforce"] & ~lead_only, 0.04, 0.004, "2020-01-01", "2026-10-25"),
        "dealer_erp": (member["dealer_erp"], 0.05, 0.003, "2018-01-01", "2024-12-31"),
        "magento": (member["magento"], 0.03, 0.003, "2019-06-01", "2025-05-30"),
        "sap_commerce": (member["sap_commerce"], 0.02, 0.003, str(CUTOVER), "2026-09-30"),
        "email_platform": (member["email_platform"], 0.03, 0.004, "2020-01-01", "2026-09-30"),
        "partners": (member["partners"], 0.02, 0.0, "2021-01-01", "2026-10-01"),
    }  # fmt: skip
    records = {}
    for system, (mask, twice, roles, first, last) in contacts.items():
        records[system] = _records(
            rng, people, mask, twice=twice, roles=roles, first=day(first), last=day(last)
        )
    return Memberships(member, lead_only, records)
