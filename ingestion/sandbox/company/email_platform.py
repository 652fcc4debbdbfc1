"""The email platform: contacts, consents, campaigns and what happened to each mail.

Belongs here: the platform's entities. Does not belong here: who opens and clicks (`behaviour`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import catalogue, places, sap_commerce, text, variants, writing
from ingestion.sandbox.company.behaviour import Behaviour, Mailings
from ingestion.sandbox.company.memberships import Memberships, Records
from ingestion.sandbox.company.people import AS_OF, People

HABITS = variants.Habits(
    nickname=0.1, initial=0.01, lower=0.05, mangled=0.3, mojibake=0.1, date_missing=1.0,
    email_missing=0.0, second_email=0.5, email_slip=0.004,
)  # fmt: skip
NEVER = np.datetime64("NaT")
TYPES = ("send", "open", "click", "bounce_hard", "bounce_soft", "unsubscribe", "complaint")
LAST = AS_OF.astype("datetime64[s]") - np.timedelta64(1, "s")
CLERK = "import"
"""Who wrote every contact that is there from the start."""


@dataclass(frozen=True)
class Keys:
    """Contacts with the person behind each."""

    contact_id: pa.Array
    who: np.ndarray


@dataclass(frozen=True)
class _Log:
    """Mail events; every column is (count,)."""

    mail: np.ndarray  # row in `Mailings`
    kind: np.ndarray
    at: np.ndarray


def _times(rng: np.random.Generator, behaviour: Behaviour) -> _Log:
    mails, campaigns = behaviour.mailings, catalogue.campaigns()
    count = len(mails.who)
    sent = campaigns.sent_at[mails.campaign] + rng.integers(0, 7200, count).astype("timedelta64[s]")
    rows = np.flatnonzero(mails.opened)
    hour = behaviour.traits.hour[mails.who[rows]] + rng.normal(0, 0.8, len(rows))
    day = sent[rows].astype("datetime64[D]") + rng.geometric(0.6, len(rows)).astype(
        "timedelta64[D]"
    )
    day = day - np.timedelta64(1, "D")
    clock = (np.clip(hour, 4.5, 23.9) * 3600).astype(np.int64).astype("timedelta64[s]")
    opened = day.astype("datetime64[s]") + clock
    opened = np.where(opened <= sent[rows], opened + np.timedelta64(86400, "s"), opened)
    clicked, left = mails.clicked[rows], mails.unsubscribed[rows]
    complains = left & text.chance(rng, 0.1, len(rows))
    moment = rng.integers(8, 240, len(rows)).astype("timedelta64[s]")
    parts = [
        (np.arange(count), 0, sent),
        (rows, 1, opened),
        (rows[clicked], 2, (opened + moment)[clicked]),
        (np.flatnonzero(mails.bounced == 1), 3, sent[mails.bounced == 1] + np.timedelta64(40, "s")),
        (np.flatnonzero(mails.bounced == 2), 4, sent[mails.bounced == 2] + np.timedelta64(40, "s")),
        (rows[left], 5, (opened + moment)[left]),
        (rows[complains], 6, (opened + moment)[complains] + np.timedelta64(30, "s")),
    ]
    mail = np.concatenate([part[0] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[1], dtype=np.int8) for part in parts])
    at = np.minimum(np.concatenate([part[2] for part in parts]), LAST)
    order = np.argsort(at, kind="stable")
    return _Log(mail[order], kind[order], at[order])


def _ends(mails: Mailings, log: _Log, people: int) -> tuple[np.ndarray, np.ndarray]:
    """When each person unsubscribed, and when their mail bounced for good; NaT if never."""
    ends = []
    for kind in (5, 3):
        rows = log.kind == kind
        at = np.full(people, NEVER, dtype="datetime64[s]")
        at[mails.who[log.mail[rows]]] = log.at[rows]
        ends.append(at)
    return ends[0], ends[1]


def _passed_on(people: People, records: Records, shop: sap_commerce.Keys) -> pa.Array:
    """Per contact the address with which the shop passed it on, null for all other contacts."""
    asked = shop.newsletter & (shop.who >= 0) & np.asarray(pc.not_equal(shop.uid, ""))
    accounts = np.flatnonzero(asked)[::-1]
    account = np.full(people.count, -1)
    account[shop.who[accounts]] = accounts
    first = records.first_of[records.who] == np.arange(len(records))
    return text.take(shop.uid, np.where(first & (records.who >= 0), account[records.who], -1))


def _contacts(
    rng: np.random.Generator, people: People, records: Records, *, key: pa.Array,
    passed_on: pa.Array, left: np.ndarray, bounced: np.ndarray,
) -> dict[str, object]:  # fmt: skip
    written = variants.write(rng, people, records.who, HABITS, records.modified)
    count = len(written)
    ended = np.where(np.isnat(left), bounced, left)
    touched = np.fmax(records.modified, ended)
    status = np.select([~np.isnat(bounced), ~np.isnat(left)], [2, 1], 0)
    interest = text.take([*catalogue.CATEGORIES], rng.integers(0, 6, count))
    mail = pc.coalesce(passed_on, written.email)
    return {
        "contact_id": key,
        "email": mail,
        "first_name": written.given,
        "last_name": text.where(text.chance(rng, 0.1, count), None, written.family),
        "language": text.take(["nl", "fr", "de", "en"], written.language),
        "status": text.take(["subscribed", "unsubscribed", "bounced"], status),
        "external_id": text.no_values(count),
        "attributes": text.join('{"interest": "', interest, '"}'),
        "created_at": text.instants(records.created),
        "updated_at": text.instants(touched),
        "created_by": pa.repeat(CLERK, count),
        "updated_by": pa.repeat(CLERK, count),
    }


def _consents(
    rng: np.random.Generator, records: Records, contacts: dict[str, object], left: np.ndarray
) -> dict[str, object]:
    count = len(records)
    every = np.arange(count)
    profiling = np.flatnonzero(text.chance(rng, 0.35, count))
    sms = np.flatnonzero(text.chance(rng, 0.12, count))
    gone = np.flatnonzero(~np.isnat(left))
    quiet = np.flatnonzero(np.isnat(left) & text.chance(rng, 0.03, count))  # said so elsewhere
    later = records.created + (rng.integers(5, 400, count) * 86400).astype("timedelta64[s]")
    # contact, channel, purpose, status, evidence (below 0: as when the contact was made), when
    how = text.weighted(rng, (0.5, 0.35, 0.15), count)
    parts = [
        (every, 0, 0, 0, how, records.created),
        (profiling, 0, 1, 0, how[profiling], records.created[profiling]),
        (sms, 1, 0, 0, np.full(len(sms), 1), records.created[sms]),
        (gone, 0, 0, 1, np.full(len(gone), 3), left[gone]),
        (quiet, 0, 0, 1, np.full(len(quiet), 1), np.minimum(later[quiet], LAST)),
    ]
    contact = np.concatenate([part[0] for part in parts])
    column = [
        np.concatenate([np.full(len(part[0]), part[place]) for part in parts])
        for place in (1, 2, 3)
    ]
    evidence = np.concatenate([part[4] for part in parts])
    when = np.concatenate([part[5] for part in parts])
    order = np.argsort(when, kind="stable")
    index = pa.array(contact[order])
    return {
        "consent_id": text.numbered("cns_", np.arange(len(order)) + 1, 9),
        "contact_id": contacts["contact_id"].take(index),
        "email": contacts["email"].take(index),
        "channel": text.take(["email", "sms"], column[0][order]),
        "purpose": text.take(["marketing", "profiling"], column[1][order]),
        "status": text.take(["granted", "withdrawn"], column[2][order]),
        "stated_at": text.instants(when[order]),
        "evidence": text.take(
            ["double_opt_in", "form", "import", "unsubscribe_link"], evidence[order]
        ),
    }


def _campaigns() -> dict[str, object]:
    campaigns = catalogue.campaigns()
    return {
        "campaign_id": campaigns.campaign_id,
        "name": campaigns.name,
        "subject": campaigns.subject,
        "topic": campaigns.topic,
        "sent_at": text.instants(campaigns.sent_at),
        "updated_at": text.instants(campaigns.sent_at + np.timedelta64(86400, "s")),
    }


def _event_rows(
    log: _Log, mails: Mailings, contact_of: np.ndarray, key: pa.Array
) -> dict[str, object]:
    campaigns = catalogue.campaigns()
    campaign = mails.campaign[log.mail].astype(np.int64)
    host = f"https://{places.BRAND.lower()}.example"
    pages = [f"{host}/accessories/{kind}" for kind in catalogue.CATEGORIES] + [f"{host}/models"]
    page = np.where(campaigns.category[campaign] < 0, len(pages) - 1, campaigns.category[campaign])
    url = text.take(pages, np.where(log.kind == 2, page, -1))
    return {
        "event_id": np.arange(len(log.at)) + 1,
        "contact_id": key.take(pa.array(contact_of[log.mail])),
        "campaign_id": campaigns.campaign_id.take(pa.array(campaign)),
        "message_id": text.numbered("msg_", log.mail, 9),
        "event_type": text.take(TYPES, log.kind),
        "occurred_at": text.instants(log.at),
        "url": url,
    }


def write(
    seed: int, folder: Path, people: People, memberships: Memberships, *, behaviour: Behaviour,
    shop: sap_commerce.Keys,
) -> tuple[Keys, dict[str, int]]:  # fmt: skip
    """Write the platform's entities; returns record keys and row counts."""
    rng = text.stream(seed, "email_platform")
    records, mails = memberships.records["email_platform"], behaviour.mailings
    key = text.hex_keys(rng, len(records), 12, "em_")
    log = _times(rng, behaviour)
    picked = records.pick(rng, mails.who)
    left, bounced = _ends(mails, log, people.count)
    nobody = records.who < 0
    left = np.where(nobody, NEVER, left[np.maximum(records.who, 0)])
    bounced = np.where(nobody, NEVER, bounced[np.maximum(records.who, 0)])
    contacts = _contacts(
        rng, people, records, key=key, passed_on=_passed_on(people, records, shop), left=left,
        bounced=bounced,
    )  # fmt: skip
    kept = text.known(contacts["email"])
    kept &= ~text.repeated(pc.utf8_lower(pc.coalesce(contacts["email"], "")))
    contact_of = np.where(kept[picked], picked, records.first_of[mails.who])
    contacts = {name: pa.array(values) if isinstance(values, np.ndarray) else values
                for name, values in contacts.items()}  # fmt: skip
    consents = _consents(rng, records, contacts, left)
    lost = np.asarray(pc.is_in(consents["contact_id"], value_set=key.filter(pa.array(~kept))))
    heard = kept[contact_of]
    rows = heard[log.mail]
    log = _Log(log.mail[rows], log.kind[rows], log.at[rows])
    tables = {
        "contacts": writing.sliced(contacts, kept),
        "consents": writing.sliced(consents, ~lost),
        "campaigns": _campaigns(),
        "events": _event_rows(log, mails, contact_of, key),
    }
    counts = {
        name: writing.parquet(folder / f"{name}.parquet", columns)
        for name, columns in tables.items()
    }
    return Keys(key.filter(pa.array(kept)), records.who[kept]), counts
