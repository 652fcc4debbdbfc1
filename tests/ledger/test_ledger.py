"""The ledger on both databases: migrations, identity, sync state."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from identity_rows import events, person_map

from kindred.ledger import Answered, Ledger, Rejected
from kindred.ledger.tables import metadata

NOW = dt.datetime(2026, 11, 1, 6, 0, 0, 123456)


def as_dict(table: pa.Table) -> dict[str, str]:
    return dict(zip(table["record_id"].to_pylist(), table["customer_id"].to_pylist(), strict=True))


def answered(key: str, **changed: object) -> Answered:
    values = {
        "key": key,
        "action": "created",
        "destination_id": f"id-{key}",
        "row_hash": f"hash-{key}",
        "field_hashes": "abc",
    }
    return Answered(**values | changed)


def test_tables_are_what_the_migrations_make(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_opening_again_changes_nothing(url: str) -> None:
    with Ledger.open(url) as first:
        first.save_identity(person_map(a="kc_1"), events(), NOW)
    with Ledger.open(url) as second:
        assert as_dict(second.known_ids()) == {"a": "kc_1"}


def _open(url: str, barrier: object, answers: object) -> None:
    barrier.wait()
    try:
        with Ledger.open(url) as ledger:
            answers.put(len(ledger.known_ids()))
    except Exception as error:
        answers.put(repr(error))


def test_several_processes_may_open_a_new_ledger_at_once(url: str) -> None:
    spawn = multiprocessing.get_context("fork")
    barrier, answers = spawn.Barrier(4), spawn.Queue()
    processes = [spawn.Process(target=_open, args=(url, barrier, answers)) for _ in range(4)]
    for process in processes:
        process.start()
    got = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert got == [0, 0, 0, 0]


def test_a_ledger_of_a_newer_version_is_left_alone(url: str) -> None:
    with Ledger.open(url) as ledger, ledger.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RuntimeError, match="9999"):
        Ledger.open(url)


def test_sqlite_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path / 'l.db'}"):
        pass
    with sqlite3.connect(tmp_path / "l.db") as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_only_its_owner_may_read_a_sqlite_file_that_is_made(tmp_path: Path) -> None:
    """Pins hold people's values. A file that was there stays as open as it is."""
    with Ledger.open(f"sqlite:///{tmp_path / 'home' / 'l.db'}") as ledger:
        ledger.save_identity(person_map(a="kc_1"), events(), NOW)
        files = list((tmp_path / "home").iterdir())
        assert len(files) == 3, "the database, its log and its index"
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    (tmp_path / "home" / "l.db").chmod(0o640)
    with Ledger.open(f"sqlite:///{tmp_path / 'home' / 'l.db'}"):
        assert (tmp_path / "home" / "l.db").stat().st_mode & 0o777 == 0o640


def test_identity_writes_only_what_changed(ledger: Ledger) -> None:
    assert ledger.save_identity(person_map(a="kc_1", b="kc_1", c="kc_2"), events(), NOW) == 3
    later = NOW + dt.timedelta(days=1)
    assert ledger.save_identity(person_map(a="kc_1", b="kc_2", d="kc_3"), events(), later) == 2
    assert as_dict(ledger.known_ids()) == {"a": "kc_1", "b": "kc_2", "c": "kc_2", "d": "kc_3"}
    assert ledger.save_identity(person_map(a="kc_1", b="kc_2"), events(), later) == 0


def test_members_say_since_when(ledger: Ledger) -> None:
    ledger.save_identity(person_map(a="kc_1", b="kc_2"), events(), NOW)
    later = NOW + dt.timedelta(days=1)
    ledger.save_identity(person_map(a="kc_1", b="kc_1"), events(("merged", "kc_1", "kc_2")), later)
    since = {row["record_id"]: row["since"] for row in ledger.known_ids().to_pylist()}
    assert since == {"a": NOW, "b": later}
    assert ledger.former_ids().to_pylist() == [
        {"record_id": "b", "customer_id": "kc_2", "since": NOW}
    ]


def test_a_record_that_comes_back_belongs_since_it_first_did(ledger: Ledger) -> None:
    ledger.save_identity(person_map(a="kc_1", b="kc_2"), events(), NOW)
    before = ledger.known_ids()
    for day, (customer_id, told) in enumerate(
        [("kc_1", events(("merged", "kc_1", "kc_2"))), ("kc_2", events(("split", "kc_1", "kc_2")))]
    ):
        at = NOW + dt.timedelta(days=day + 1)
        ledger.save_identity(person_map(b=customer_id), told, at)
    order = [("record_id", "ascending")]
    assert ledger.known_ids().sort_by(order).equals(before.sort_by(order))
    assert len(ledger.former_ids()) == 0, "no id is retired any more"


def test_a_few_rows_are_compared_with_theirs_only(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = person_map(**{f"r{n}": f"kc_{n}" for n in range(50)})
    ledger.save_identity(everybody, events(), NOW)
    monkeypatch.setattr("kindred.ledger.database.KEYS", 3)
    few = person_map(r1="kc_1", r2="kc_1", r3="kc_3", r4="kc_1", new="kc_1")
    assert ledger.save_identity(few, events(), NOW) == 3
    monkeypatch.setattr("kindred.ledger.identity.FEW", 2)
    assert ledger.save_identity(few, events(), NOW) == 0
    assert len(ledger.known_ids()) == 51
    assert ledger.records_of("kc_1") == ["new", "r1", "r2", "r4"]
    assert (ledger.customer_of("r4"), ledger.customer_of("r99")) == ("kc_1", None)


@pytest.mark.parametrize(
    "odd", ['a,b"', "", "a\nb", "a\x1fb", "a\rb", "a\r", "z\r", "\ufeff", "\ufeffa", "é"]
)
def test_any_text_may_be_a_record_id(
    ledger: Ledger, odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = {odd: "kc_1", "b": "kc_2", "c": "kc_3", "d": "kc_3"}
    ledger.save_identity(person_map(**members), events(), NOW)
    for page in (1, 2, 9):  # each text is the first one of a page, and the last one
        monkeypatch.setattr("kindred.ledger.database.PAGE", page)
        assert as_dict(ledger.known_ids()) == members


def test_records_of_a_retired_id_are_its_successors(ledger: Ledger) -> None:
    ledger.save_identity(person_map(a="kc_1", b="kc_2"), events(), NOW)
    ledger.save_identity(person_map(b="kc_1"), events(("merged", "kc_1", "kc_2")), NOW)
    assert ledger.records_of("kc_2") == ["a", "b"]
    assert ledger.records_of("kc_9") == []


def test_identity_refuses_what_is_ambiguous(ledger: Ledger) -> None:
    doubled = pa.concat_tables([person_map(a="kc_1"), person_map(a="kc_2")])
    with pytest.raises(ValueError, match="2 rows for 1 records"):
        ledger.save_identity(doubled, events(), NOW)
    empty = pa.table({"record_id": ["a"], "customer_id": pa.array([None], pa.string())})
    with pytest.raises(ValueError, match="without record_id or customer_id"):
        ledger.save_identity(empty, events(), NOW)
    assert len(ledger.known_ids()) == 0


def test_a_retired_id_resolves_to_its_last_successor(ledger: Ledger) -> None:
    ledger.save_identity(person_map(a="kc_1", b="kc_2", c="kc_3"), events(), NOW)
    merged = events(("merged", "kc_1", "kc_2"))
    ledger.save_identity(person_map(a="kc_1", b="kc_1", c="kc_3"), merged, NOW)
    assert ledger.resolve_id("kc_2") == "kc_1"
    merged = events(("merged", "kc_3", "kc_1"))
    ledger.save_identity(person_map(a="kc_3", b="kc_3", c="kc_3"), merged, NOW)
    assert [ledger.resolve_id(f"kc_{n}") for n in (1, 2, 3, 4)] == ["kc_3", "kc_3", "kc_3", "kc_4"]
    split = events(("split", "kc_3", "kc_2"))
    ledger.save_identity(person_map(a="kc_3", b="kc_2", c="kc_3"), split, NOW)
    assert ledger.resolve_id("kc_2") == "kc_2", "an id that has members again is retired no longer"
    assert ledger.resolve_id("kc_1") == "kc_3"
    assert ledger.retired_ids() == ["kc_1"]


def test_an_id_that_has_members_again_is_retired_no_longer_whatever_events_say(
    ledger: Ledger,
) -> None:
    """A record that was away while its customer merged comes back as it was: it changed nothing."""
    ledger.save_identity(person_map(a="kc_1", b="kc_2", c="kc_2"), events(), NOW)
    ledger.save_identity(person_map(a="kc_1", b="kc_1"), events(("merged", "kc_1", "kc_2")), NOW)
    assert ledger.resolve_id("kc_2") == "kc_1"
    ledger.save_identity(person_map(a="kc_1", b="kc_1", c="kc_2"), events(), NOW)
    assert ledger.retired_ids() == []
    assert ledger.records_of("kc_2") == ["c"]


def test_events_are_kept_once(ledger: Ledger) -> None:
    minted = events(("minted", "kc_1", None))
    for _ in range(2):
        ledger.save_identity(person_map(a="kc_1"), minted, NOW)
    assert ledger.identity_events().to_pylist() == minted.to_pylist()


def test_a_failed_save_leaves_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Ledger, "_retire", fail)
    with pytest.raises(OSError, match="disk is full"):
        ledger.save_identity(person_map(a="kc_1"), events(("minted", "kc_1", None)), NOW)
    assert len(ledger.known_ids()) == len(ledger.identity_events()) == 0


def test_answers_are_kept_together(ledger: Ledger) -> None:
    run = ledger.start_run("s", "d", NOW)
    ledger.mark_in_flight("s", ["a", "b", "z"], NOW)
    refused = Rejected("b", "hash-b", "no such country", 1, NOW + dt.timedelta(minutes=5))
    ledger.record(
        run, "s", "d", fields_id="f1", answered=[answered("a")], rejected=[refused], at=NOW
    )
    [row] = ledger.acknowledged("s").to_pylist()
    assert row == {
        "key": "a",
        "destination_id": "id-a",
        "row_hash": "hash-a",
        "field_hashes": "abc",
        "fields_id": "f1",
        "present": True,
        "created_by_us": False,
    }
    [rejection] = ledger.rejections("s").to_pylist()
    assert rejection["words"] == "no such country"
    assert rejection["next_attempt_at"] == NOW + dt.timedelta(minutes=5)
    assert ledger.in_flight("s") == {"z"}
    outcomes = {(o["customer_id"], o["action"]) for o in ledger.sync_outcomes().to_pylist()}
    assert outcomes == {("a", "created"), ("b", "rejected")}
    assert len(ledger.acknowledged("other")) == len(ledger.rejections("other")) == 0


def test_acceptance_ends_a_rejection_and_missing_voids_an_acknowledgement(ledger: Ledger) -> None:
    run = ledger.start_run("s", "d", NOW)
    refused = Rejected("a", "h", "no", 1, NOW)

    def keep(answers: list[Answered], refusals: list[Rejected]) -> None:
        ledger.record(run, "s", "d", fields_id="f", answered=answers, rejected=refusals, at=NOW)

    keep([], [refused])
    keep([answered("a")], [])
    assert len(ledger.rejections()) == 0
    keep([], [Rejected("a", "h", "gone", 1, NOW, forget=True)])
    assert len(ledger.acknowledged("s")) == 0
    keep([], [Rejected("a", "h", "still no", 2, NOW + dt.timedelta(hours=1))])
    [rejection] = ledger.rejections().to_pylist()
    assert (rejection["attempts"], rejection["words"]) == (2, "still no")
    ledger.drop_rejections("s", ["a"])
    assert len(ledger.rejections()) == 0


def test_runs_say_how_they_ended(ledger: Ledger) -> None:
    ledger.start_run("s", "d", NOW)
    second = ledger.start_run("s", "d", NOW)
    assert not ledger.has_succeeded("s")
    ledger.finish_run(second, "succeeded", {"queried": 3, "created": 3}, NOW)
    assert ledger.has_succeeded("s")
    newest, oldest = ledger.runs("s")
    assert (newest["status"], newest["queried"], newest["created"]) == ("succeeded", 3, 3)
    assert oldest["status"] == "interrupted"


def test_times_are_utc(ledger: Ledger) -> None:
    run = ledger.start_run("s", "d", NOW)
    zone = dt.timezone(dt.timedelta(hours=2))
    at = NOW.replace(tzinfo=dt.UTC).astimezone(zone)
    ledger.record(run, "s", "d", fields_id="f", answered=[answered("a")], rejected=[], at=at)
    assert ledger.sync_outcomes()["occurred_at"].to_pylist() == [NOW]


def test_many_members_at_once(ledger: Ledger) -> None:
    size = 20_000
    table = person_map(**{f"r{n}": f"kc_{n // 2}" for n in range(size)})
    assert ledger.save_identity(table, events(), NOW) == size
    assert ledger.save_identity(table, events(), NOW) == 0
    assert len(ledger.known_ids()) == size
