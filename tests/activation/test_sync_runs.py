"""Runs of whole syncs: guards, dry runs, consent that changes under way, each system's rules."""

from __future__ import annotations

import threading

import pytest
from activation_world import World, person

from activation.engine import send
from activation.engine.errors import DestinationError, SyncError, SyncRefusedError
from activation.engine.operations import Answer, Kind, Operation, Status
from kindred.settings import Settings


def test_the_breaker_stops_a_change_of_too_many(dynamics: World) -> None:
    dynamics.use(guards={"max_change_share": 0.3, "minimum_rows": 5})
    dynamics.publish([person(n) for n in range(10)])
    assert dynamics.run().created == 10, "it rests on the first run"
    dynamics.publish([person(n, city="Utrecht" if n < 4 else "Amsterdam") for n in range(10)])
    before = dynamics.writes()
    with pytest.raises(SyncRefusedError, match="4 of 10 rows, more than max_change_share 30%"):
        dynamics.run()
    assert dynamics.writes() == before
    with dynamics.ledger() as ledger:
        assert ledger.runs()[0]["status"] == "refused"
    assert dynamics.run(override=True).updated == 4


def test_the_breaker_stops_a_withdrawal_of_too_many(dynamics: World) -> None:
    dynamics.use(guards={"max_delete_share": 0.1, "minimum_rows": 5})
    dynamics.publish([person(n) for n in range(10)])
    dynamics.run()
    dynamics.publish([person(n) for n in range(8)])
    with pytest.raises(SyncRefusedError, match="withdraw 2 of 10 rows, more than max_delete_share"):
        dynamics.run()
    dynamics.use(guards={"max_delete_share": 0.1, "minimum_rows": 11})
    assert dynamics.run().left == 2, "few rows don't make a share"


def test_the_breaker_rests_until_a_run_came_to_its_end(dynamics: World) -> None:
    dynamics.use(guards={"max_change_share": 0.1, "minimum_rows": 1}, batch_size=2)
    dynamics.publish([person(n) for n in range(10)])
    dynamics.handle.misbehave("dynamics365", "error", status=500, only="write", probability=0.95)
    with pytest.raises(DestinationError):
        dynamics.run()
    dynamics.handle.behave()
    assert dynamics.run().queried == 10


def test_a_mode_that_the_destination_cannot_do_is_refused_first(each: World) -> None:
    each.use(mode="append")
    each.publish([person(1)])
    with pytest.raises(SyncRefusedError, match="can't do mode append"):
        each.run()
    assert each.writes() == 0


def test_update_only_is_refused_by_the_email_platform(newsletter: World) -> None:
    newsletter.use(mode="update_only")
    newsletter.publish([person(1)])
    with pytest.raises(SyncRefusedError, match="can't do mode update_only, only mirror, upsert"):
        newsletter.run()


def test_a_dry_run_shows_and_sends_nothing(dynamics: World) -> None:
    dynamics.publish([person(1), person(2), person(3)], forbidden={person(3)["customer_id"]})
    report = dynamics.run(dry_run=True)
    assert (report.queried, report.created, report.suppressed) == (3, 2, 1)
    assert report.dry_run
    assert dynamics.handle.requests("dynamics365") == []
    assert dynamics.run().created == 2
    dynamics.publish([person(1, city="Utrecht"), person(2)])
    report = dynamics.run(dry_run=True)
    assert report.field_changes == {"address1_city": 1}
    assert report.sample == [{"key": "kc_00…01", "action": "update", "fields": ["address1_city"]}]
    shown = str(report.as_dict())
    assert "Utrecht" not in shown
    assert person(1)["customer_id"] not in shown


def test_withdrawals_go_first(dynamics: World) -> None:
    dynamics.use(guards={"minimum_rows": 1000})
    dynamics.publish([person(5)])
    dynamics.run()
    dynamics.publish([person(n) for n in range(5)])
    dynamics.run()
    batches = [c.body for c in dynamics.handle.captured("dynamics365") if "$batch" in c.path]
    assert b'"kin_emailmarketing":false' in batches[1]
    assert b"Family1" in batches[2]


@pytest.mark.parametrize("known", [False, True], ids=["new", "acknowledged"])
def test_consent_withdrawn_under_way_is_honoured(
    each: World, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    people = [person(n) for n in range(12)]
    last = people[-1]["customer_id"]
    everyone = [p["customer_id"] for p in people]
    each.use(batch_size=2, guards={"minimum_rows": 1000})
    if known:
        each.publish([people[-1]])
        each.run()
        people = [person(n, segments="others") for n in range(12)]
    each.publish(people)
    deliver, one_by_one, calls = send.deliver, threading.Lock(), []

    def withdraw(destination: object, operations: list[Operation]) -> list[Answer]:
        with one_by_one:
            answers = deliver(destination, operations)
            if not calls:
                each.allow(everyone, {last})
            calls.append(len(operations))
            return answers

    monkeypatch.setattr(send, "deliver", withdraw)
    report = each.run()
    assert report.created == 11
    if known:
        assert (report.updated, report.left) == (1, 1)
        assert each.is_withdrawn(each.held()[last])
    else:
        assert report.suppressed == 1
        assert last not in each.held()
        assert not any(last.encode() in c.body for c in each.handle.captured(each.system))


def test_a_destination_that_loses_rows_breaks_the_balance(
    dynamics: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamics.publish([person(1), person(2)])
    monkeypatch.setattr(send.Sender, "_record", lambda *_: None)
    monkeypatch.setattr(
        send.Sender, "_answered", lambda self, row, *_: self.tally.outcomes.pop(row["key"], None)
    )
    with pytest.raises(SyncError, match="don't add up: 2 queried, but 0 created"):
        dynamics.run()


def test_an_unpublished_audience_is_named(dynamics: World) -> None:
    with pytest.raises(SyncError, match="was never published: build the graph first"):
        dynamics.run()


def test_known_contacts_are_updated_by_their_id(each: World) -> None:
    each.publish([person(1)])
    each.run()
    [held] = each.rows()
    mine = held[{"dynamics365": "contactid", "salesforce": "Id"}.get(each.system, "contact_id")]
    each.settings.home.joinpath("ledger.db").unlink()
    other = person(1, customer_id="kc_other", family_name="New", destination_id=mine)
    each.publish([other])
    report = each.run()
    assert (report.created, report.updated) == (0, 1)
    assert list(each.held()) == ["kc_other"]
    assert len(each.rows()) == 1


def test_only_changed_fields_reach_a_crm(dynamics: World) -> None:
    dynamics.publish([person(1)])
    dynamics.run()
    dynamics.publish([person(1, city="Utrecht")])
    dynamics.run()
    sent = dynamics.handle.captured("dynamics365")[-1].body
    assert b'"address1_city":"Utrecht"' in sent
    assert b"Family1" not in sent


@pytest.mark.parametrize("name", ["dynamics", "salesforce"])
def test_a_row_that_vanished_is_created_again_whole(
    name: str, request: pytest.FixtureRequest
) -> None:
    crm: World = request.getfixturevalue(name)
    crm.use(guards={"minimum_rows": 1000})
    crm.publish([person(1), person(2)])
    crm.run()
    with crm.ledger() as ledger:
        acknowledged = ledger.acknowledged(crm.sync.name).to_pylist()
    gone = next(r for r in acknowledged if r["key"] == person(1)["customer_id"])
    destination = _open(crm)
    [answer] = destination.send([Operation(Kind.DELETE, gone["key"], gone["destination_id"])])
    assert answer.status == Status.DELETED
    crm.publish([person(1, city="Utrecht"), person(2)])
    first = crm.run()
    assert (first.rejected, first.unchanged) == (1, 1)
    second = crm.run()
    assert (second.created, second.unchanged) == (1, 1)
    assert crm.last_name(crm.held()[gone["key"]]) == "Family1"


@pytest.mark.parametrize("name", ["dynamics", "salesforce"])
def test_create_only_leaves_what_is_there_alone(name: str, request: pytest.FixtureRequest) -> None:
    crm: World = request.getfixturevalue(name)
    crm.publish([person(1)])
    crm.run()
    crm.settings.home.joinpath("ledger.db").unlink()
    crm.use(mode="create_only")
    crm.publish([person(1, family_name="Other"), person(2)])
    report = crm.run()
    assert (report.created, report.unchanged) == (1, 1)
    assert crm.last_name(crm.held()[person(1)["customer_id"]]) == "Family1"
    assert crm.run().unchanged == 2


@pytest.mark.parametrize("name", ["dynamics", "salesforce"])
def test_update_only_creates_nobody(name: str, request: pytest.FixtureRequest) -> None:
    crm: World = request.getfixturevalue(name)
    crm.use(mode="update_only")
    crm.publish([person(1)])
    report = crm.run()
    assert (report.rejected, report.created) == (1, 0)
    assert crm.rows() == []


def test_dynamics_refuses_keys_that_cannot_be_addressed(dynamics: World) -> None:
    dynamics.publish([person(1, customer_id="a/b"), person(2, customer_id="it's é")])
    report = dynamics.run()
    assert (report.created, report.rejected) == (1, 1)
    assert report.rejections == {"kin_customerid holds characters a key may not have: /": 1}
    assert list(dynamics.held()) == ["it's é"]


def test_a_server_that_never_answers_is_given_up(dynamics: World) -> None:
    destination = _open(dynamics)
    destination.transport.timeout = 0.05
    dynamics.handle.misbehave("dynamics365", "silence")
    operation = Operation(Kind.CREATE, "kc_1", None, {"lastname": "N"})
    with pytest.raises(DestinationError, match="gave no answer") as caught:
        destination.send([operation])
    assert "kc_1" not in str(caught.value)
    assert len(dynamics.slept) == destination.transport.attempts - 1


def test_a_long_retry_after_ends_the_sync(dynamics: World) -> None:
    dynamics.publish([person(1)])
    dynamics.handle.misbehave("dynamics365", "throttle", retry_after=3600)
    with pytest.raises(DestinationError, match="asks to wait 3600 s"):
        dynamics.run()


def test_an_expired_token_is_renewed_under_way(dynamics: World) -> None:
    destination = _open(dynamics)
    for number in range(2):
        operation = Operation(Kind.CREATE, f"kc_{number}", None, {"lastname": "N"})
        [answer] = destination.send([operation])
        assert answer.status == Status.CREATED
        dynamics.handle.expire_tokens("dynamics365")


def test_the_words_of_a_refusal_hold_no_values() -> None:
    operation = Operation(Kind.UPDATE, "k", None, {"email": "a@b.example", "flag": True, "x": None})
    words = send.without_values("a@b.example is no True address", operation)
    assert words == "<email> is no True address"


def test_syncs_of_disabled_systems_vanish() -> None:
    from activation.syncs import load_all

    enabled = load_all(Settings(sources=("salesforce", "dealer_erp")))
    assert [sync.name for sync in enabled] == ["salesforce_contacts"]


def _open(world: World) -> object:
    from activation.destinations import open_destination

    return open_destination(world.sync, world.slept.append)
