"""Sending a plan and recording every answer as it arrives.

Belongs here: order (withdrawals first), batches, several connections, repeated rows, durable
acknowledgement. Does not belong here: what to send (the plan) and how (the destination).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from activation.engine.errors import DestinationError
from activation.engine.operations import Answer, Destination, Kind, Mode, Operation, Status
from activation.engine.plan import CREATE, DELETE, LEAVE, UPDATE, VALUE, Plan
from activation.engine.spec import Leave, Sync
from kindred.ledger import Answered, Ledger, Rejected

ROUNDS = 4
FIRST_PAUSE = dt.timedelta(minutes=5)
LONGEST_PAUSE = dt.timedelta(days=1)
WORDS = 500
SHORTEST_SECRET = 3
LEAVING = (DELETE, LEAVE)
PHASES = (LEAVING, (CREATE, UPDATE))
THERE = (Status.UPDATED, Status.UNCHANGED, Status.EXISTS)


@dataclass
class Tally:
    """What became of the rows sent so far, by key; the last outcome of a key counts."""

    outcomes: dict[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    words: Counter[str] = field(default_factory=Counter)


@dataclass
class Sender:
    """Sends the plans of one run."""

    sync: Sync
    destination: Destination
    ledger: Ledger
    run_id: int
    now: Callable[[], dt.datetime]
    must_stop: Callable[[], bool]
    tally: Tally = field(default_factory=Tally)

    def send(self, plan: Plan) -> bool:
        """Send all of it, or until `must_stop`; whether all was sent.

        Raises `DestinationError` after recording every answer that did arrive.
        """
        if plan.handed_over:
            gone = [
                Answered(key, None, None, "handed over", "", present=False)
                for key in plan.handed_over
            ]
            self._record(gone, [])
        if plan.settled:
            self.ledger.drop_rejections(self.sync.name, plan.settled)
        return all(self._phase(plan.to_send(*buckets)) for buckets in PHASES)

    def _phase(self, rows: pa.Table) -> bool:
        capabilities = self.destination.capabilities
        size = min(self.sync.batch_size, capabilities.batch_limit)
        batches = (rows.slice(start, size) for start in range(0, len(rows), size))
        with ThreadPoolExecutor(capabilities.connections) as pool:
            running: dict[Future[list[Answer]], list[tuple[dict[str, Any], Operation]]] = {}
            try:
                for batch in batches:
                    if len(running) == capabilities.connections:
                        self._collect(running)
                    if self.must_stop():
                        return False
                    work = list(self._operations(batch))
                    self._announce(work)
                    operations = [operation for _, operation in work]
                    running[pool.submit(deliver, self.destination, operations)] = work
                return True
            finally:
                self._collect_all(running)

    def _collect_all(self, running: dict[Future[list[Answer]], Any]) -> None:
        failure: DestinationError | None = None
        while running:
            try:
                self._collect(running)
            except DestinationError as error:
                failure = error
        if failure:
            raise failure

    def _collect(self, running: dict[Future[list[Answer]], Any]) -> None:
        """Record the batches whose answers are there; waits for at least one."""
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        finished = [(future, running.pop(future)) for future in done]
        failed = [future for future, _ in finished if future.exception()]
        for future, work in finished:
            if future not in failed:
                self._settle(work, future.result())
        for future in failed:
            future.result()

    def _operations(self, batch: pa.Table) -> Iterator[tuple[dict[str, Any], Operation]]:
        names = self.sync.target_fields
        partial = self.destination.capabilities.partial
        only_new = self.sync.mode == Mode.CREATE_ONLY
        columns = [VALUE.format(number) for number in range(len(names))]
        planned = batch.drop_columns(columns).to_pylist()
        for row, values in zip(planned, _json_rows(batch.select(columns)), strict=True):
            bucket = row["bucket"]
            if bucket == DELETE:
                yield row, Operation(Kind.DELETE, row["key"], row["destination_id"])
                continue
            if bucket == LEAVE and isinstance(self.sync.on_leave, Leave):
                fields = dict(self.sync.on_leave.set)
                yield row, Operation(Kind.UPDATE, row["key"], row["destination_id"], fields)
                continue
            if partial and row["changed"] is not None:
                fields = {names[n - 1]: values[n - 1] for n in row["changed"]}
            else:
                fields = dict(zip(names, values, strict=True))
            kind = Kind.CREATE if bucket == CREATE else Kind.UPDATE
            yield row, Operation(kind, row["key"], row["destination_id"], fields, only_new)

    def _announce(self, work: Sequence[tuple[dict[str, Any], Operation]]) -> None:
        begun = [operation.key for _, operation in work if operation.kind == Kind.CREATE]
        self.ledger.mark_in_flight(self.sync.name, begun, self.now())

    def _settle(
        self, work: Sequence[tuple[dict[str, Any], Operation]], answers: Sequence[Answer]
    ) -> None:
        answered, rejected = [], []
        for (row, operation), answer in zip(work, answers, strict=True):
            missing = answer.status == Status.MISSING and row["bucket"] not in LEAVING
            if missing or answer.status in (Status.REJECTED, Status.RETRY):
                rejected.append(self._rejected(row, operation, answer))
            else:
                answered.append(self._answered(row, operation, answer))
        self._record(answered, rejected)

    def _answered(self, row: dict[str, Any], operation: Operation, answer: Answer) -> Answered:
        status, key = answer.status, operation.key
        leaving, gone = row["bucket"] in LEAVING, operation.kind == Kind.DELETE
        if operation.kind == Kind.CREATE and row["created_by_us"] and status in THERE:
            status = Status.CREATED  # begun by a run that was killed before the answer came
        if gone:
            status = Status.DELETED
        nothing = status in (Status.UNCHANGED, Status.EXISTS, Status.MISSING)
        self.tally.outcomes[key] = Status.UNCHANGED.value if nothing else status.value
        if leaving:
            self.tally.left.add(key)
        return Answered(
            key=key,
            action=None if nothing else status.value,
            destination_id=None if gone else answer.destination_id or operation.destination_id,
            row_hash=row["row_hash"],
            field_hashes=row["field_hashes"],
            present=not leaving,
            created_by_us=not gone and (bool(row["created_by_us"]) or status == Status.CREATED),
        )

    def _rejected(self, row: dict[str, Any], operation: Operation, answer: Answer) -> Rejected:
        attempts = row["attempts"] + 1
        words = without_values(answer.words, operation)
        forget = answer.status == Status.MISSING and bool(row["acknowledged"])
        self.tally.outcomes[operation.key] = Status.REJECTED.value
        self.tally.words[words] += 1
        pause = dt.timedelta(0) if forget else back_off(attempts)
        return Rejected(operation.key, row["row_hash"], words, attempts, self.now() + pause, forget)

    def _record(self, answered: Sequence[Answered], rejected: Sequence[Rejected]) -> None:
        self.ledger.record(
            self.run_id,
            self.sync.name,
            self.sync.destination,
            fields_id=self.sync.fields_id,
            answered=answered,
            rejected=rejected,
            at=self.now(),
        )


def deliver(destination: Destination, operations: Sequence[Operation]) -> list[Answer]:
    """Send a batch; rows that the destination wants again are repeated a few times."""
    answers: list[Answer | None] = [None] * len(operations)
    pending = list(range(len(operations)))
    for attempt in range(1, ROUNDS + 1):
        got = destination.send([operations[n] for n in pending])
        if len(got) != len(pending):
            raise DestinationError(
                f"the destination answered {len(got)} of {len(pending)} rows of a batch"
            )
        for number, answer in zip(pending, got, strict=True):
            answers[number] = answer
        pending = [n for n, a in zip(pending, got, strict=True) if a.status == Status.RETRY]
        if not pending:
            break
        if attempt < ROUNDS:
            destination.transport.back_off(attempt)
    return [answer for answer in answers if answer is not None]


def back_off(attempts: int) -> dt.timedelta:
    """How long to leave a refused row alone: 5 minutes, doubling, at most a day."""
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)


def without_values(words: str, operation: Operation) -> str:
    """The destination's words with the row's own values replaced by their fields' names."""
    values = sorted(operation.fields.items(), key=lambda item: -len(str(item[1])))
    for name, value in values:
        if value is not None and not isinstance(value, bool) and len(str(value)) >= SHORTEST_SECRET:
            words = words.replace(str(value), f"<{name}>")
    return words[:WORDS] or "refused without a word"


def _json_rows(values: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Rows of JSON-ready values. Whole columns at a time: most need no look at single values."""
    columns = []
    for column in values.columns:
        if pa.types.is_date(column.type):
            columns.append(column.cast(pa.string()).to_pylist())
        elif pa.types.is_temporal(column.type) or pa.types.is_decimal(column.type):
            columns.append([_json_value(value) for value in column.to_pylist()])
        else:
            columns.append(column.to_pylist())
    return zip(*columns, strict=True)


def _json_value(value: dt.datetime | Decimal | None) -> str | float | None:
    """A value as JSON can say it: ISO times (UTC), numbers for decimals."""
    if isinstance(value, dt.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return float(value) if isinstance(value, Decimal) else value
