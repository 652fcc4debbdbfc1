"""Ids of the index: those that a full run gives, with a ledger that kept what happened before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from people import MOMENT, SIZE, TODAY, customers, identifiers, known

from benchmarks.identity_days import Days
from kindred.identity import Index, InputError, permanent_ids, resolve
from kindred.identity.weights.model_file import ModelFile
from kindred.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def once_more(index: Index, ledger: Ledger, at: dt.datetime) -> permanent_ids.Assignment:
    """The ids that a full run gives the clusters of an index, with what the ledger knows."""
    now = index.person_map()
    label = now["customer_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return permanent_ids.assign(
        now["record_id"].combine_chunks(),
        label,
        ledger.known_ids(),
        occurred_at=at,
        former=ledger.former_ids(),
        retired=ledger.retired_ids(),
    )


def rows(events: pa.Table) -> list[dict]:
    return events.sort_by("event_id").to_pylist()


@pytest.mark.parametrize("seed", range(3))
def test_after_each_day_ids_and_events_are_those_that_a_ledger_makes(people, ledger, seed):
    """Some were known before and come later, and some as one who are several."""
    life = Days(people.slice(100 * seed, SIZE + 60), SIZE, seed)
    every = [*life.now, *(row["record_id"] for row in life.later)]
    ids, at = pa.array(sorted(every[::2])), MOMENT - dt.timedelta(1)
    label = pa.array([record[-2:] for record in ids.to_pylist()]).dictionary_encode().indices
    before = permanent_ids.assign(ids, label.to_numpy(), known(), occurred_at=at)
    ledger.save_identity(before.person_map, before.events, at)
    now = life.now.values()
    index = Index(life.table(now), known=ledger.known_ids(), occurred_at=MOMENT)
    expected = once_more(index, ledger, MOMENT)
    assert customers(expected.person_map) == customers(index.person_map())
    ledger.save_identity(expected.person_map, expected.events, MOMENT)
    for day in range(1, 13):
        at = MOMENT + dt.timedelta(day)
        linked = [tuple(life.random.sample(sorted(life.now), 2)) for _ in range(day % 2 * 4)]
        records, shared, gone = life.next()
        life.verdicts = dict.fromkeys(linked, "same") | life.verdicts
        changes = index.update(
            records, identifiers=shared, gone=gone, decisions=life.decisions(), occurred_at=at
        )
        expected = once_more(index, ledger, at)
        assert customers(expected.person_map) == customers(index.person_map())
        assert rows(expected.events) == rows(changes.events)
        ledger.save_identity(changes.person_map, changes.events, at)
        life.verdicts = {p: v for p, v in life.verdicts.items() if p not in linked[::2]}


def test_ids_of_records_that_are_not_there_are_theirs(some):
    """Nobody else gets one, and who has one takes it along when he comes, as in a full run."""
    first = customers(Index(some.slice(1)).person_map())
    taken = first[some["record_id"][1].as_py()]
    ids = known({"gone": taken, some["record_id"][0].as_py(): "kc_his"})
    full = resolve(some.slice(1), identifiers(), ids, occurred_at=MOMENT)
    index = Index(some.slice(1), known=ids, occurred_at=MOMENT)
    assert customers(index.person_map()) == customers(full.person_map)
    assert taken not in customers(full.person_map).values()
    changes = index.update(some.slice(0, 1))
    now = resolve(some, identifiers(), ids, occurred_at=MOMENT)
    assert customers(index.person_map()) == customers(now.person_map)
    assert "kc_his" in customers(changes.person_map).values()


def test_retired_ids_are_not_minted_and_go_back_to_whom_they_were_of(some):
    fresh = customers(Index(some).person_map())
    mine, other = some["record_id"][0].as_py(), fresh[some["record_id"][1].as_py()]
    ids = known(dict.fromkeys(list(fresh)[: SIZE // 2], "kc_all"))
    history = {"retired": [other, "kc_mine"], "former": known({mine: "kc_mine"})}
    full = resolve(some, identifiers(), ids, occurred_at=MOMENT, **history)
    index = Index(some, known=ids, occurred_at=MOMENT, **history)
    assert customers(index.person_map()) == customers(full.person_map)
    now = customers(index.person_map())
    assert other not in now.values()
    assert now[mine] in ("kc_mine", "kc_all")


def test_weights_can_be_those_of_the_graph(people, some, tmp_path):
    """Even where they were learned of so few that every pair was compared."""
    kept = ModelFile(tmp_path / "model.json", TODAY)
    full = resolve(some, identifiers(), known(), occurred_at=MOMENT, model_file=kept)
    full.matched.keep_model(kept)
    index = Index(some.slice(20), model_file=kept)
    assert [index.model.match[name].tolist() for name in index.model.match] == [
        own.tolist() for own in full.matched.model.match.values()
    ]


def test_weights_of_few_are_of_use_to_more(people, tmp_path):
    kept = ModelFile(tmp_path / "model.json", TODAY)
    few = resolve(people.slice(0, 1_450), identifiers(), known(), model_file=kept)
    few.matched.keep_model(kept)
    full = resolve(people, identifiers(), known(), occurred_at=MOMENT, model_file=kept)
    index = Index(people, occurred_at=MOMENT, model_file=kept)
    assert customers(index.person_map()) == customers(full.person_map)
    assert len(index.find(people.slice(0, 1))) > 0


def test_what_is_known_must_be_clear(some):
    twice = pa.concat_tables([known({"a": "kc_1"}), known({"a": "kc_2"})])
    for wrong in (twice, twice.drop_columns("customer_id")):
        with pytest.raises(InputError):
            Index(some, known=wrong)
