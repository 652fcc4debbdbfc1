"""A death and an objection arrive while messages are leaving: nothing more leaves to either person.

The real graph, servers and engine, on a copy of the tiny company after its second run.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from colleague import change

from activation import syncs
from activation.engine import run as engine
from activation.engine import send
from activation.engine.operations import Answer, Operation
from activation.engine.report import SyncReport
from ingestion import sandbox
from ingestion.sandbox.servers import Handle, running
from kindred import settings as kindred_settings

if TYPE_CHECKING:
    from conftest import Home

pytestmark = pytest.mark.e2e

SYNC = "email_newsletter"
UP_TO_CONTACTABILITY = '+key:"gold/contactability/fct_contactability" or group:identity'
CUSTOMER = re.compile(rb"kc_[0-9a-f]{16}")
ENTRY = (
    "entry_id,given_names,family_name,birth_date,died_on,postal_code,city,country_code,recorded_on,"
    "action\nD-new,{given_name},{family_name},{birth_date},2026-10-30,{postal_code},{city},"
    "{country_code},2026-10-31,add\n"
)


@pytest.fixture
def copied(home, second, tmp_path) -> Iterator[tuple[Home, Handle]]:
    """A copy of the company, so that what happens here is nobody else's surprise; served."""
    copy = type(home)(tmp_path / "home")
    shutil.copytree(home.path, copy.path, symlinks=True)
    with running(copy.path / "sandbox", capture=True) as handle:
        yield copy, handle


@dataclass
class Change:
    """Who dies and who objects, and what the email platform had heard by then."""

    dead: dict
    objector: str
    contact: str
    heard: int = 0


def chosen(copy: Home) -> Change:
    """The last to be written to: one whom a register can name, one whom Dynamics knows."""
    readers = sorted(row["customer_id"] for row in copy.gold(f"audiences/audience_{SYNC}"))
    people = {row["customer_id"]: row for row in copy.gold("customers/dim_customers")}
    known = ("given_name", "family_name", "birth_date", "postal_code", "city")
    dead = next(p for p in map(people.get, reversed(readers)) if all(p[name] for name in known))
    contacts = dict(
        copy.warehouse(
            """
            select customer_id, min(source_key) from customers.bridge_customer_records
            where source_system = 'dynamics365' and party_class = 'customer' group by customer_id
            """
        )
    )
    objector = next(c for c in reversed(readers) if c in contacts and c != dead["customer_id"])
    return Change(dead, objector, contacts[objector])


def arrive(copy: Home, handle: Handle, changed: Change, environment: dict[str, str]) -> None:
    """The file lands, the colleague ticks the box, and contactability is published anew."""
    registers = copy.path / "sandbox" / "files" / "registers"
    (registers / "deceased_new.csv").write_text(ENTRY.format(**changed.dead))
    url = f"{handle['dynamics365']}/api/data/v9.2/contacts({changed.contact})"
    change(handle, "dynamics365", url, donotbulkemail=True)
    done = copy.kindred("run", "--select", UP_TO_CONTACTABILITY, **environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:] + copy.log()
    changed.heard = len(handle.captured("email_platform"))


def allowed(copy: Home) -> set[bytes]:
    return {
        row["customer_id"].encode()
        for row in copy.gold("contactability/fct_contactability")
        if row["channel"] == "email" and row["purpose"] == "marketing" and row["allowed"]
    }


def test_nothing_leaves_to_who_died_or_objected_while_others_are_written_to(
    copied, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy, handle = copied
    changed, before = chosen(copy), allowed(copy)
    environment = sandbox.connection_environment(copy.path / "sandbox")
    environment["KINDRED_AS_OF"] = sandbox.AS_OF.isoformat()
    deliver, one_by_one = send.deliver, threading.Lock()

    def delivering(destination: object, operations: list[Operation]) -> list[Answer]:
        with one_by_one:
            answers = deliver(destination, operations)
            if not changed.heard:
                arrive(copy, handle, changed, environment)
            return answers

    monkeypatch.setattr(send, "deliver", delivering)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KINDRED_HOME", str(copy.path))
    # a ledger that has acknowledged nobody yet: everybody is to be written to
    monkeypatch.setenv("KINDRED_LEDGER_URL", f"sqlite:///{tmp_path / 'fresh.db'}")
    sync = syncs.load(SYNC)
    report = engine.run(sync.model_copy(update={"batch_size": 2}), kindred_settings.load())
    check(copy, handle, changed, before, report)


def check(
    copy: Home, handle: Handle, changed: Change, before: set[bytes], report: SyncReport
) -> None:
    """Every payload that left was allowed when it left, and the two got none."""
    payloads = [CUSTOMER.findall(call.body or b"") for call in handle.captured("email_platform")]
    after = allowed(copy)
    gone = {changed.dead["customer_id"].encode(), changed.objector.encode()}
    assert gone <= before
    assert not gone & after
    left_before = {customer for payload in payloads[: changed.heard] for customer in payload}
    left_after = {customer for payload in payloads[changed.heard :] for customer in payload}
    assert left_before <= before
    assert left_after <= after
    assert len(left_after) > len(left_before) > 0
    assert not gone & (left_before | left_after)
    assert report.suppressed >= len(gone)
    report.check_balance()
