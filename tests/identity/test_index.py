"""The index of known people: a day's changes give what a full run gives."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from people import MOMENT, SIZE, customers, decisions, identifiers, known

from benchmarks.identity_days import Days, clusters, full_run, town
from kindred.identity import Index, InputError, load_rules, resolve
from kindred.identity.candidates.blocking_rules import COMPARE_ALL


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("blocks", [True, False])
def test_after_each_day_the_clusters_are_those_of_a_full_run(people, seed, blocks):
    days = 4
    assert town(people, SIZE, days, seed, blocks=blocks) == days


def test_among_few_all_meet_and_among_many_those_who_share_a_block(people):
    """However many there were when it was built: the blocks of all rules are there from then on."""
    life = Days(people, SIZE, 1)
    index = Index(life.table(life.now.values()), identifiers=life.identifiers(life.now.values()))
    life.now |= {row["record_id"]: row for row in life.later}
    index.update(life.table(life.later), identifiers=life.identifiers(life.later))
    many = index.standing.compared.sum()
    assert many > COMPARE_ALL
    assert clusters(*index.clusters()) == full_run(index, life)
    gone = [row["record_id"] for row in life.later[: many - COMPARE_ALL + 10]]
    life.now = {record: row for record, row in life.now.items() if record not in gone}
    index.update(people.slice(0, 0), gone=gone)
    assert index.standing.compared.sum() <= COMPARE_ALL
    assert clusters(*index.clusters()) == full_run(index, life)


def test_it_starts_with_the_ids_of_a_full_run(some):
    full = resolve(some, identifiers(), known(), occurred_at=MOMENT)
    found = Index(some, occurred_at=MOMENT).person_map()
    assert found.equals(full.person_map.select(found.column_names))


def test_it_may_start_with_nobody(some):
    index = Index(some.slice(0, 0))
    index.update(some)
    assert list(customers(index.person_map())) == sorted(some["record_id"].to_pylist())
    asked = pa.array([f"asked:{n}" for n in range(len(some))])
    asked = some.set_column(some.column_names.index("record_id"), "record_id", asked)
    assert len(index.find(asked)) > len(some) // 2


def test_a_source_free_of_duplicates_holds_nobody_twice(some):
    rules = load_rules()
    clean = rules.source("till").model_copy(update={"duplicate_free": True})
    rules = rules.model_copy(update={"sources": rules.sources | {"till": clean}})
    anna = {"given_name": "Anna", "family_name": "Quaedvlieg", "email": "anna.q@ziggo.nl"}
    index = Index(some, rules=rules)
    rows = [{"record_id": f"till:{n}", "source_system": "till", **anna} for n in range(3)]
    table = pa.Table.from_pylist(rows, schema=some.schema)
    index.update(table.slice(0, 2))
    index.update(table.slice(2))
    ids = dict(zip(*(c.to_pylist() for c in index.person_map().columns), strict=True))
    assert len({ids[row["record_id"]] for row in rows}) == 3


def test_a_cluster_over_the_cap_is_held_as_it_was_known(some):
    """Whoever makes it too large stands alone; without him they are one again."""
    rules = load_rules().model_copy(update={"cluster_cap": 6})
    anna = {"given_name": "Anna", "family_name": "Quaedvlieg", "email": "anna.q@ziggo.nl"}
    rows = [{"record_id": f"s{n}:1", "source_system": f"s{n}", **anna} for n in range(7)]
    seven = pa.Table.from_pylist(rows, schema=some.schema)
    index = Index(pa.concat_tables([some, seven.slice(0, 6)]), rules=rules)
    before = customers(index.person_map())
    changes = index.update(seven.slice(6))
    assert changes.person_map["cluster_size"].to_pylist() == [6] * 6 + [1]
    assert before.items() <= customers(index.person_map()).items()
    index.update(seven.slice(0, 0), gone=["s6:1"])
    assert customers(index.person_map()) == before
    unknown = customers(Index(pa.concat_tables([some, seven]), rules=rules).person_map())
    assert len({unknown[row["record_id"]] for row in rows}) == len(rows)


def test_ids_that_were_known_are_kept(some):
    before = {record: f"kc_{n}" for n, record in enumerate(some["record_id"].to_pylist()[:40])}
    full = resolve(some, identifiers(), known(before), occurred_at=MOMENT).person_map
    index = Index(some, known=known(before), occurred_at=MOMENT)
    assert index.person_map().equals(full.select(["record_id", "customer_id"]))


def test_records_that_say_what_they_said_change_nothing(some):
    index = Index(some)
    before = index.person_map()
    changes = index.update(some.slice(10, 50))
    assert len(changes.person_map) == len(changes.events) == 0
    assert index.person_map().equals(before)


def test_a_new_record_takes_the_id_of_its_person(some):
    index = Index(some)
    row = some.to_pylist()[0] | {"record_id": "new:1", "source_system": "new"}
    changes = index.update(pa.Table.from_pylist([row], schema=some.schema))
    ids = dict(zip(*(c.to_pylist() for c in index.person_map().columns), strict=True))
    assert ids["new:1"] == ids[some["record_id"][0].as_py()]
    assert len(changes.events) == 0


def test_an_id_is_never_of_two_customers_when_a_record_goes_and_comes_back_as_another(some):
    index = Index(some)
    first = index.person_map()
    members: dict[str, list[str]] = {}
    for record, customer in zip(*(c.to_pylist() for c in first.columns), strict=True):
        members.setdefault(customer, []).append(record)
    gone, *stay = next(records for records in members.values() if len(records) > 1)
    index.update(some.slice(0, 0), gone=[gone])
    other = {"record_id": gone, "given_name": "Xqwzk", "family_name": "Vrwtpl"}
    index.update(pa.Table.from_pylist([other], schema=some.schema))
    ids = dict(zip(*(c.to_pylist() for c in index.person_map().columns), strict=True))
    assert len({ids[record] for record in stay}) == 1
    assert ids[gone] != ids[stay[0]]


def test_somebody_is_found_and_not_remembered(some):
    index = Index(some)
    before = index.person_map()
    rows = index.people.record_id.to_pylist()
    row = next(r for r in some.to_pylist() if r["email"] and r["given_name"] and r["birth_date"])
    asked = row | {"record_id": "asked:1", "street": "Nowhere", "phone": None}
    found = index.find(pa.Table.from_pylist([asked], schema=some.schema))
    ids = dict(zip(*(c.to_pylist() for c in before.columns), strict=True))
    assert found["customer_id"][0].as_py() == ids[row["record_id"]]
    assert found["probability"][0].as_py() > 0.99
    assert set(found["record_id"].to_pylist()) == {"asked:1"}
    assert index.people.record_id.to_pylist() == rows


def test_many_who_are_asked_for_at_once_are_found_as_each_alone(some):
    """By an email that more records share than a rule compares pairwise, too."""
    crowd = some.slice(0, 120)
    email = pa.array(["crowd@ziggo.nl"] * 60 + ["throng@ziggo.nl"] * 60)
    crowd = crowd.set_column(crowd.column_names.index("email"), "email", email)
    index = Index(pa.concat_tables([crowd, some.slice(120)]))
    asked = pa.concat_tables([crowd.slice(55, 10), some.slice(130, 10)])
    ids = pa.array([f"asked:{n}" for n in range(len(asked))])
    asked = asked.set_column(asked.column_names.index("record_id"), "record_id", ids)

    def pairs(found: pa.Table) -> set[tuple]:
        return {tuple(row.values()) for row in found.drop_columns("probability").to_pylist()}

    alone = set().union(*(pairs(index.find(asked.slice(n, 1))) for n in range(len(asked))))
    assert pairs(index.find(asked)) == alone
    assert len(alone) >= len(asked)


def test_somebody_whom_nobody_knows_is_not_found(some):
    asked = {"record_id": "asked:1", "given_name": "Xqwzk", "family_name": "Vrwtpl"}
    assert len(Index(some).find(pa.Table.from_pylist([asked], schema=some.schema))) == 0


def test_a_link_holds_at_once_and_unlinking_gives_the_ids_of_before(some):
    """However often, whichever id stays, and though all of it happens in one second."""
    index = Index(some, occurred_at=MOMENT)
    before = index.person_map()
    now = customers(before)
    one, *others = {customer: record for record, customer in now.items()}.values()
    nothing = some.slice(0, 0)
    for other in [*others[:10], others[0]]:
        linked = decisions((one, other, "same"))
        index.update(nothing, decisions=linked, occurred_at=MOMENT)
        joined = customers(index.person_map())
        assert joined[one] == joined[other]
        index.update(nothing, decisions=decisions(), occurred_at=MOMENT)
        assert index.person_map().equals(before)


@pytest.mark.parametrize(
    "asked",
    [(), ("c1",), ("c1", "c9"), ("c8", "c9", "c1")],
    ids=lambda own: f"asked with {len(own)}",
)
@pytest.mark.parametrize("has", [("c1",), ("c1", "c2")], ids=lambda own: f"known by {len(own)}")
def test_any_record_may_have_several_identifiers(some, has, asked):
    shared = [("a", "cookie", cookie) for cookie in has] + [("b", "cookie", "c3")]
    anna = {"given_name": "Anna", "family_name": "Quaedvlieg"}
    rows = [anna | {"record_id": "a"}, {"record_id": "b", "given_name": "Bram"}]
    people = [some, pa.Table.from_pylist(rows, schema=some.schema)]
    index = Index(pa.concat_tables(people), identifiers=identifiers(*shared))
    new = pa.Table.from_pylist([anna | {"record_id": "q"}], schema=some.schema)
    own = identifiers(*(("q", "cookie", cookie) for cookie in asked))
    found = index.find(new, own)["known_record_id"].to_pylist()
    index.update(new, identifiers=own)
    now = customers(index.person_map())
    assert (found == ["a"]) == (now["q"] == now["a"]) == ("c1" in asked)


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_a_decision_holds_whichever_of_its_records_comes_later_or_goes(some, verdict):
    """And whoever it is about is no copy of others while it does."""
    anna = {"given_name": "Anna", "family_name": "Quaedvlieg", "email": "anna.q@ziggo.nl"}
    bram = {"given_name": "Bram", "family_name": "Ruiter", "email": "bram.r@ziggo.nl"}
    rows = [anna | {"record_id": "a:1"}, anna | {"record_id": "a:2"}]
    rows += [(bram if verdict == "same" else anna) | {"record_id": "b:1", "city": "Delft"}]
    table = pa.Table.from_pylist(rows, schema=some.schema)
    decided = decisions(("a:2", "b:1", verdict))
    index = Index(pa.concat_tables([some, table.slice(0, 2)]), decisions=decided)
    one, compared = customers(index.person_map()), index.standing.compared.sum()
    assert one["a:1"] == one["a:2"]
    index.update(table.slice(2))
    now = customers(index.person_map())
    assert now["a:1"] == now["a:2"]
    assert (now["a:2"] == now["b:1"]) == (verdict == "same")
    index.update(table.slice(0, 0), gone=["b:1"])
    assert customers(index.person_map()) == one
    assert index.standing.compared.sum() == compared


def test_a_record_with_the_same_identifiers_is_a_copy_though_others_came_to_share_one(some):
    anna = {"given_name": "Anna", "family_name": "Quaedvlieg"}
    rows = [anna | {"record_id": "a:1"}, {"record_id": "b:1", "given_name": "Bram"}]
    shared = identifiers(("a:1", "cookie", "c1"), ("a:1", "cookie", "c2"), ("b:1", "cookie", "c2"))
    table = pa.Table.from_pylist(rows, schema=some.schema)
    index = Index(pa.concat_tables([some, table]), identifiers=shared)
    before = len(index.standing.copies)
    again = pa.Table.from_pylist([anna | {"record_id": "a:2"}], schema=some.schema)
    own = identifiers(("a:2", "cookie", "c1"), ("a:2", "cookie", "c2"))
    index.update(again, identifiers=own)
    assert len(index.standing.copies) == before + 1


def test_copies_of_one_who_is_not_the_first_are_copies_in_a_full_run_too(some):
    """Of three with one name and email, two have one cookie; the first of all has another."""
    anna = {"given_name": "Anna", "family_name": "Quaedvlieg", "email": "anna@quaedvlieg.example"}
    cookies = {"a:1": "z000007", "a:2": "z000009", "a:3": "z000009"}
    rows = [anna | {"record_id": record_id} for record_id in cookies]
    table = pa.Table.from_pylist(rows, schema=some.schema)
    own = identifiers(*((record_id, "cookie", value) for record_id, value in cookies.items()))
    others = identifiers((some["record_id"][0].as_py(), "cookie", "z000001"))
    whole = Index(pa.concat_tables([some, table]), identifiers=pa.concat_tables([own, others]))
    later = Index(some, identifiers=others)
    later.update(table, identifiers=own)
    for index in (whole, later):
        ids = index.people.record_id
        copies = index.standing.copies
        of = index.standing.original[copies]
        found = dict(
            zip(*(ids.take(pa.array(rows)).to_pylist() for rows in (copies, of)), strict=True)
        )
        assert {one: of for one, of in found.items() if one in cookies} == {"a:3": "a:2"}


def test_an_identifier_meets_whichever_of_its_values_comes_first(some):
    """Who comes later has a cookie that nobody has, and one that somebody has."""
    visits = [{"record_id": f"v:{n}"} for n in range(2)]
    known = identifiers(("v:0", "cookie", "z000007"), ("v:1", "cookie", "z000009"))
    table = pa.Table.from_pylist(visits, schema=some.schema)
    index = Index(pa.concat_tables([some, table]), identifiers=known)
    asked = pa.Table.from_pylist([{"record_id": "v:2"}], schema=some.schema)
    own = identifiers(("v:2", "cookie", "a000001"), ("v:2", "cookie", "z000009"))
    assert index.find(asked, own)["known_record_id"].to_pylist() == ["v:1"]


def test_records_are_in_the_order_of_the_first_id_that_stands_with_each(some):
    """As in a full run, where the first of those that say the same is the one compared."""
    index = Index(some)
    standing = index.standing
    rows = np.flatnonzero(standing.compared)
    telling = next(
        row for row in some.to_pylist() if row["email"] and row["given_name"] and row["family_name"]
    )
    held = standing.people.record_id.to_pylist()
    index.update(pa.Table.from_pylist([telling | {"record_id": "!:1"}], schema=some.schema))
    copy = index.people.record_id.to_pylist().index("!:1")
    original = int(index.standing.original[copy])
    assert held[original] == telling["record_id"]
    order = index.standing.in_order(rows).tolist()
    assert order[0] == original
    assert order[1:] == [row for row in standing.in_order(rows).tolist() if row != original]


def test_records_that_can_not_be_read_change_nothing(some):
    index = Index(some)
    before = index.person_map()
    with pytest.raises(InputError):
        index.update(some.drop_columns(["record_id"]))
    with pytest.raises(InputError):
        index.update(pa.concat_tables([some.slice(0, 1), some.slice(0, 1)]))
    both = some.slice(0, 1)["record_id"].to_pylist()
    with pytest.raises(InputError, match="leave it out of one"):
        index.update(some.slice(0, 1), gone=both, decisions=decisions((*both, "crm:2", "same")))
    assert index.person_map().equals(before)
    assert len(index.update(some.slice(0, 1)).person_map) == 0
