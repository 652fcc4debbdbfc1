"""What every destination must do, run against each one's sandbox server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from activation_world import World, person

from activation.engine.errors import DestinationError


def people(count: int, **changed: object) -> list[dict[str, object]]:
    return [person(number, **changed) for number in range(count)]


def test_creates_then_sends_nothing_again(each: World) -> None:
    each.publish(people(7))
    first = each.run()
    assert (first.queried, first.created) == (7, 7)
    assert len(each.held()) == len(each.rows()) == 7
    before = each.writes()
    second = each.run()
    assert (second.queried, second.unchanged) == (7, 7)
    assert each.writes() == before


def test_update_changes_only_that_row(each: World) -> None:
    each.publish(people(3))
    each.run()
    changed = person(1, family_name="Renamed")
    each.publish([person(0), changed, person(2)])
    report = each.run()
    assert (report.updated, report.unchanged) == (1, 2)
    assert list(report.field_changes.values()) == [1]
    held = each.held()
    assert each.last_name(held[changed["customer_id"]]) == "Renamed"
    assert each.last_name(held[person(2)["customer_id"]]) == "Family2"


def test_a_null_clears_the_field(each: World) -> None:
    each.publish(people(2))
    each.run()
    each.publish([person(0, given_name=None), person(1, given_name="")])
    assert each.run().updated == 2
    assert [each.first_name(row) for row in each.held().values()] == [None, None]


def test_one_bad_row_leaves_the_others_alone(each: World) -> None:
    bad = person(1, family_name="x" * 300, language="much too long a language")
    each.publish([person(0), bad, person(2)])
    report = each.run()
    assert (report.created, report.rejected) == (2, 1)
    assert set(each.held()) == {person(0)["customer_id"], person(2)["customer_id"]}
    with each.ledger() as ledger:
        [refused] = ledger.rejections(each.sync.name).to_pylist()
    assert refused["key"] == bad["customer_id"]
    assert len(refused["words"]) > 5
    assert bad["family_name"] not in refused["words"]


def test_a_rejected_row_waits_then_is_tried_again(each: World) -> None:
    bad = person(1, family_name="x" * 300)
    each.publish([person(0), bad])
    each.run()
    before = each.writes()
    each.wait(minutes=4)
    waiting = each.run()
    assert (waiting.rejected, waiting.waiting, waiting.unchanged) == (1, 1, 1)
    assert each.writes() == before
    each.wait(minutes=2)
    again = each.run()
    assert (again.rejected, again.waiting) == (1, 0)
    each.wait(minutes=6)
    assert each.run().waiting == 1, "the second pause is longer than the first"
    each.publish([person(0), person(1)])
    mended = each.run()
    assert (mended.created, mended.rejected) == (1, 0), "new content is tried at once"
    with each.ledger() as ledger:
        assert len(ledger.rejections()) == 0


def test_retry_after_is_obeyed(each: World) -> None:
    each.publish(people(5))
    each.handle.misbehave(each.system, "throttle", requests=2, retry_after=7)
    assert each.run().created == 5
    assert sum(1 for pause in each.slept if pause > 6) >= 1
    assert len(each.rows()) == 5


def test_server_error_then_fine(each: World) -> None:
    each.publish(people(5))
    each.handle.misbehave(each.system, "error", requests=2, status=500)
    assert each.run().created == 5
    assert len(each.rows()) == 5
    assert each.slept


def test_answer_lost_after_commit_makes_no_duplicate(each: World) -> None:
    each.publish(people(5))
    each.handle.misbehave(each.system, "timeout_after_commit", requests=1)
    report = each.run()
    assert report.created == 5, "they are ours, though the second answer called them known"
    assert len(each.rows()) == 5
    with each.ledger() as ledger:
        assert ledger.acknowledged(each.sync.name)["created_by_us"].to_pylist() == [True] * 5


def test_partial_failures_are_counted_row_by_row(each: World) -> None:
    each.publish(people(10))
    each.handle.misbehave(each.system, "partial", every=3)
    report = each.run()
    assert (report.created, report.rejected) == (7, 3)
    assert sum(report.rejections.values()) == 3
    each.handle.behave()
    each.wait(minutes=6)
    assert each.run().created == 3
    assert len(each.rows()) == 10


def test_a_dead_destination_fails_alone_and_loses_nothing(each: World) -> None:
    each.publish(people(4))
    each.use(batch_size=2)
    each.handle.misbehave(each.system, "error", status=503)
    with pytest.raises(DestinationError, match="gave up after"):
        each.run()
    with each.ledger() as ledger:
        assert ledger.runs(each.sync.name)[0]["status"] == "failed"
    each.handle.behave()
    assert each.run().created == 4


def test_refused_credentials_say_what_to_check(
    each: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    each.publish(people(1))
    for name in ("CLIENT_SECRET", "API_KEY"):
        monkeypatch.setenv(f"SOURCES__{each.system.upper()}__{name}", "wrong")
    with pytest.raises(DestinationError, match=rf"sources\.{each.system}\.") as caught:
        each.run()
    assert "wrong" not in str(caught.value)


def test_missing_connection_value_names_the_variable(
    each: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    each.publish(people(1))
    variable = f"SOURCES__{each.system.upper()}__BASE_URL"
    monkeypatch.delenv(variable)
    with pytest.raises(DestinationError, match=variable):
        each.run()


def test_an_expired_token_is_renewed(each: World) -> None:
    each.publish(people(2))
    each.handle.misbehave(each.system, "throttle", requests=1, retry_after=0)
    if each.system != "email_platform":
        each.handle.expire_tokens(each.system)
    assert each.run().created == 2


def test_leaving_sets_fields_and_coming_back_restores(each: World) -> None:
    each.use(guards={"minimum_rows": 1000})
    each.publish(people(3))
    each.run()
    each.publish([person(0), person(1)])
    report = each.run()
    assert (report.queried, report.updated, report.left, report.unchanged) == (3, 1, 1, 2)
    assert each.is_withdrawn(each.held()[person(2)["customer_id"]])
    assert each.run().queried == 2
    each.publish(people(3))
    assert each.run().updated == 1
    assert not each.is_withdrawn(each.held()[person(2)["customer_id"]])
    assert each.run().unchanged == 3


def test_no_longer_allowed_leaves_though_still_in_the_audience(each: World) -> None:
    each.use(guards={"minimum_rows": 1000})
    each.publish(people(3))
    each.run()
    gone = person(2)["customer_id"]
    each.allow([p["customer_id"] for p in people(3)], {gone})
    report = each.run()
    assert (report.updated, report.left, report.unchanged) == (1, 1, 2)
    assert each.is_withdrawn(each.held()[gone])
    again = each.run()
    assert (again.suppressed, again.unchanged) == (1, 2)


def test_never_allowed_never_leaves_the_house(each: World) -> None:
    each.publish(people(3), forbidden={person(1)["customer_id"]})
    report = each.run()
    assert (report.created, report.suppressed) == (2, 1)
    assert person(1)["customer_id"] not in each.held()
    needle = person(1)["email"].encode()
    assert not any(needle in sent.body for sent in each.handle.captured(each.system))


def test_mirror_deletes_only_what_it_created(each: World) -> None:
    each.publish([person(9)])
    each.run()
    foreign = each.rows()[0][each.sync.key]
    with each.ledger() as ledger:  # a new sync of ours finds a row that somebody else made
        assert len(ledger.acknowledged(each.sync.name)) == 1
    each.settings.home.joinpath("ledger.db").unlink()
    each.use(mode="mirror", on_leave="delete", guards={"minimum_rows": 1000})
    each.publish([person(1), person(2), person(9)])
    report = each.run()
    assert (report.created, report.updated + report.unchanged) == (2, 1)
    each.publish([person(1)])
    report = each.run()
    assert (report.deleted, report.unchanged, report.queried) == (1, 1, 2)
    assert set(each.held()) == {person(1)["customer_id"], foreign}
    assert each.run().queried == 1
    each.publish([person(1), person(2)])
    assert each.run().created == 1


def test_killed_in_the_middle_then_resumed(each: World, tmp_path: Path) -> None:
    count, size = 60, 5
    each.publish(people(count))
    script = f"""
import os, signal
from activation.engine import send
from activation.engine.run import run
from activation.syncs import load
from kindred.settings import Settings
from pathlib import Path
deliver, calls = send.deliver, 0
def deadly(destination, operations):
    global calls
    answers = deliver(destination, operations)
    calls += 1
    if calls == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return answers
send.deliver = deadly
sync = load({each.sync.name!r}).model_copy(update={{"batch_size": {size}}})
run(sync, Settings(home=Path({str(each.settings.home)!r})))
"""
    ended = subprocess.run([sys.executable, "-c", script], env=os.environ, check=False)
    assert ended.returncode == -signal.SIGKILL
    landed = len(each.rows())
    assert 0 < landed < count
    with each.ledger() as ledger:
        known = len(ledger.acknowledged(each.sync.name))
    report = each.run()
    assert report.unchanged == known
    assert report.created == count - known, "what was in flight is known to be ours"
    assert landed - known <= size * 2, "at most the batches in flight are repeated"
    assert len(each.rows()) == len(each.held()) == count
