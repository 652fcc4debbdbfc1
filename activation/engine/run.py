"""One run of one sync, from the gold tables to the report.

Belongs here: the order of steps and what is kept of a run. Does not belong here: each step itself.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from activation import destinations
from activation.engine import lake
from activation.engine.errors import SyncError, SyncRefusedError
from activation.engine.operations import Capabilities, Destination, Mode
from activation.engine.plan import (
    CREATE,
    DELETE,
    LEAVE,
    SUPPRESSED,
    TO_SEND,
    UNCHANGED,
    UPDATE,
    WAITING,
    Known,
    Plan,
    plan,
)
from activation.engine.report import SyncReport, masked
from activation.engine.send import Sender, Tally
from activation.engine.spec import Sync
from kindred.ledger import Ledger
from kindred.settings import Settings

SAMPLE = 5
OUTCOME_OF = {
    CREATE: "created",
    UPDATE: "updated",
    LEAVE: "updated",
    DELETE: "deleted",
    UNCHANGED: "unchanged",
    SUPPRESSED: "suppressed",
    WAITING: "rejected",
}


def utc_now() -> dt.datetime:
    """Now, in UTC, without a zone, as the ledger keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def run(
    sync: Sync,
    settings: Settings,
    dry_run: bool = False,
    *,
    override: bool = False,
    now: Callable[[], dt.datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> SyncReport:
    """Bring the destination of `sync` up to date with its audience; returns what happened.

    With `dry_run` nothing is sent or kept, and the destination isn't contacted. `override` lets a
    run pass the circuit breaker. A killed run is carried on by the next one. Raises
    `SyncRefusedError` (a guard, or a mode that the destination can't do; nothing was sent),
    `DestinationError` (it failed for good; what it acknowledged until then is kept) and `SyncError`
    (an input is missing or wrong, or the counts don't add up).
    """
    started = time.perf_counter()
    with Ledger.open(settings.ledger) as ledger:
        attempt = _Attempt(sync, settings, ledger, override, now)
        report = attempt.preview() if dry_run else attempt.recorded(sleep)
    report.seconds = time.perf_counter() - started
    return report


@dataclass(frozen=True)
class _Attempt:
    """One run under way."""

    sync: Sync
    settings: Settings
    ledger: Ledger
    override: bool
    now: Callable[[], dt.datetime]

    def preview(self) -> SyncReport:
        """What would happen."""
        contactability = lake.Contactability(self.sync, self.settings).read()
        planned = self._plan(lake.audience(self.sync, self.settings), contactability)
        return _report(planned, planned, None)

    def recorded(self, sleep: Callable[[float], None]) -> SyncReport:
        """Run, and keep in the ledger that and how it ended."""
        sync, ledger = self.sync, self.ledger
        run_id = ledger.start_run(sync.name, sync.destination, self.now())
        try:
            destination = destinations.open_destination(sync, sleep)
            try:
                refuse_what_it_cannot_do(sync, destination.capabilities)
                report = self._plan_and_send(destination, run_id)
            finally:
                destination.close()
        except SyncError as error:
            status = "refused" if isinstance(error, SyncRefusedError) else "failed"
            ledger.finish_run(run_id, status, {}, self.now(), str(error))
            raise
        ledger.finish_run(run_id, "succeeded", report.counts, self.now())
        return report

    def _plan_and_send(self, destination: Destination, run_id: int) -> SyncReport:
        """Plan, send, and plan again whenever contactability changes under way."""
        contactability = lake.Contactability(self.sync, self.settings)
        audience = lake.audience(self.sync, self.settings)
        sender = Sender(
            sync=self.sync,
            destination=destination,
            ledger=self.ledger,
            run_id=run_id,
            now=self.now,
            must_stop=contactability.changed,
        )
        first = planned = self._plan(audience, contactability.read())
        if not self.override and self.ledger.has_succeeded(self.sync.name):
            guard(planned)
        while not sender.send(planned):
            planned = self._plan(audience, contactability.read())
        report = _report(first, planned, sender.tally)
        report.check_balance()
        return report

    def _plan(self, audience: pa.Table, contactability: pa.Table) -> Plan:
        known = Known.of(self.ledger, self.sync.name)
        return plan(self.sync, audience, contactability, known, self.now())


def refuse_what_it_cannot_do(sync: Sync, capabilities: Capabilities) -> None:
    """Raise `SyncRefusedError` when the destination can't do the sync's mode."""
    if sync.mode not in capabilities.modes:
        able = ", ".join(sorted(capabilities.modes))
        raise SyncRefusedError(
            f"{sync.name}: {sync.destination} can't do mode {sync.mode}, only {able}"
        )
    if (sync.mode == Mode.MIRROR or sync.on_leave == "delete") and not capabilities.deletes:
        raise SyncRefusedError(f"{sync.name}: {sync.destination} can't delete rows")


def guard(planned: Plan) -> None:
    """Raise `SyncRefusedError` when the plan changes or takes away more than the sync allows."""
    sync, counts, limits = planned.sync, planned.counts, planned.sync.guards
    if planned.present < limits.minimum_rows:
        return
    changes = counts[CREATE] + counts[UPDATE]
    withdrawals = counts[LEAVE] + counts[DELETE]
    for what, number, whole, name in (
        ("create or update", changes, planned.queried, "max_change_share"),
        ("withdraw", withdrawals, planned.present, "max_delete_share"),
    ):
        limit = getattr(limits, name)
        if number > limit * whole:
            raise SyncRefusedError(
                f"{sync.name}: would {what} {number} of {whole} rows, more than {name} "
                f"{limit:.0%} allows; nothing was sent. Look at a dry run; if it is right, "
                "run once with --override"
            )


def _report(first: Plan, last: Plan, sent_rows: Tally | None) -> SyncReport:
    """Counts of the rows sent, by their answers, and of all others, by the last plan.

    Without `sent_rows` (a dry run) the counts are what would happen.
    """
    rows, sync = last.rows, last.sync
    tally, dry_run = sent_rows or Tally(), sent_rows is None
    if tally.outcomes:
        sent = pa.array(list(tally.outcomes), pa.string())
        rows = rows.filter(pc.invert(pc.is_in(rows["key"], sent)))
    counted = pc.value_counts(rows["bucket"]).to_pylist()
    buckets = Counter({item["values"]: item["counts"] for item in counted})
    totals = Counter(tally.outcomes.values())
    for bucket, count in buckets.items():
        if dry_run or bucket not in TO_SEND:
            totals[OUTCOME_OF[bucket]] += count
    return SyncReport(
        sync=sync.name,
        destination=sync.destination,
        dry_run=dry_run,
        queried=first.queried,
        **{name: totals[name] for name in set(OUTCOME_OF.values())},
        left=buckets[LEAVE] + buckets[DELETE] if dry_run else len(tally.left),
        waiting=buckets[WAITING],
        field_changes=first.field_changes(),
        sample=_sample(first),
        rejections=dict(tally.words.most_common(10)),
    )


def _sample(planned: Plan) -> list[dict[str, object]]:
    names = planned.sync.target_fields
    chosen = planned.rows.filter(pc.is_in(planned.rows["bucket"], pa.array(TO_SEND)))
    return [
        {
            "key": masked(row["key"]),
            "action": row["bucket"],
            "fields": names if row["changed"] is None else [names[n - 1] for n in row["changed"]],
        }
        for row in chosen.sort_by("key").slice(0, SAMPLE).to_pylist()
    ]
