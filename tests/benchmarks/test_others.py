"""The sets of other trades: the same for each seed, and as hard as they say."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.identity_data import sets
from benchmarks.identity_data.others import business, history, owners, recipes, visitors, voters
from benchmarks.identity_data.others.drawing import Row

SIZE = 1_500
NAMES = list(recipes.OTHERS)


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[pa.Table, pa.Table]]:
    return {name: recipes.labelled(name, 1, SIZE) for name in NAMES}


def by_person(labelled: tuple[pa.Table, pa.Table]) -> dict[str, list[Row]]:
    found = defaultdict(list)
    records, truth = labelled
    for row, person in zip(records.to_pylist(), truth["person_id"].to_pylist(), strict=True):
        found[person].append(row)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_records(name):
    assert recipes.labelled(name, 3, 300) == recipes.labelled(name, 3, 300)
    assert recipes.labelled(name, 3, 300) != recipes.labelled(name, 4, 300)


@pytest.mark.parametrize("name", NAMES)
def test_columns_are_as_promised_and_the_truth_is_complete(name, made):
    records, truth = made[name]
    assert records.column_names == ["record_id", *recipes.OTHERS[name].columns]
    assert set(records.schema.types) == {pa.string()}
    assert truth.column_names == ["record_id", "person_id"]
    assert records["record_id"] == truth["record_id"]
    assert len(set(records["record_id"].to_pylist())) == records.num_rows == SIZE
    assert truth["person_id"].null_count == 0
    assert all(records[column].null_count < SIZE for column in records.column_names)


@pytest.mark.parametrize("name", NAMES)
def test_order_tells_nothing(name, made):
    persons = made[name][1]["person_id"].to_pylist()
    assert sum(one == two for one, two in itertools.pairwise(persons)) < SIZE / 50


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_written_as_an_empty_text(name, made):
    for row in made[name][0].to_pylist():
        assert "" not in row.values()


def test_a_life_is_told_up_to_twenty_times(made):
    counts = [len(rows) for rows in by_person(made["history"]).values()]
    assert 3.5 < sum(counts) / len(counts) < 6.5
    assert 12 < max(counts) <= history.MOST


def test_births_lie_in_their_centuries_and_many_on_the_first_of_january(made):
    born = [date.fromisoformat(day) for day in made["history"][0]["birth_date"].to_pylist() if day]
    assert 1589 <= min(born).year < 1620
    assert 1880 < max(born).year <= 1909
    january = sum((day.month, day.day) == (1, 1) for day in born) / len(born)
    assert 0.06 < january < 0.15


def test_works_of_reference_name_people_differently():
    dice = random.Random(1)
    world = history.World(dice)
    life = history.lived(dice, world)
    duke = {"given": "William", "middle": ("Arthur", "Cavendish"), "family": "Bentinck"}
    life = history.replace(life, **duke, rank="Lord", title="Lord Portland")
    told = [history.retold(dice, world, life) for _ in range(2_000)]
    assert {"William", "Wm", "Bill", "Arthur", "W"} <= {one.given for one in told}
    known = {"Bentinck", "Lord Portland", "Cavendish", "Cavendish Bentinck"}
    assert known <= {one.family for one in told}
    neighbours = {one.postal_code for one in told if one.postal_code != life.postal_code}
    outward = life.postal_code.split()[0]
    assert sum(code.split()[0] == outward for code in neighbours) > len(neighbours) / 2
    whole = {history.whole_name(dice, life) for _ in range(200)}
    assert {"William Bentinck", "Lord William Arthur Cavendish Bentinck"} <= whole


def test_whole_names_stand_in_one_column(made):
    apart, whole = made["history"], made["history, whole names"]
    assert apart[1] == whole[1]
    assert "family_name" not in whole[0].column_names
    assert whole[0]["birth_date"] == apart[0]["birth_date"]
    together = [
        (one["given_name"], f"{two['given_name']} ", f" {two['family_name']}")
        for one, two in zip(whole[0].to_pylist(), apart[0].to_pylist(), strict=True)
        if one["given_name"] and two["given_name"] and two["family_name"]
    ]
    assert len(together) > SIZE * 0.8
    assert all(start in name and name.endswith(end) for name, start, end in together)


def test_a_day_of_another_year_is_a_day():
    assert history.in_year(date(1704, 12, 31), 1703) == date(1703, 12, 31)
    assert history.in_year(date(1704, 2, 29), 1703) == date(1703, 2, 28)


def test_a_father_and_a_son_bear_one_name():
    dice = random.Random(1)
    world = voters.World(dice)
    homes = [voters.household(dice, world) for _ in range(2_000)]
    pairs = [
        (home[0], next(one for one in home if one.suffix == "JR"))
        for home in homes
        if home[0].suffix == "SR"
    ]
    assert len(pairs) > 60
    for father, son in pairs:
        assert (father.given, father.middle) == (son.given, son.middle)
        assert (father.family, father.female) == (son.family, son.female)
        assert 20 <= son.born - father.born <= 35
        assert son.born < 2006
    assert any(father.home == son.home and father.phone == son.phone for father, son in pairs)
    assert all(sum(one.suffix == "JR" for one in home) <= 1 for home in homes)


def test_a_register_leaves_suffixes_out_and_women_marry():
    dice = random.Random(1)
    world = voters.World(dice)
    person = voters.household(dice, world)[0]
    person = voters.replace(person, suffix="SR", female=True, middle="Ann")
    rows = [voters.written(dice, world, person) for _ in range(200)]
    assert {row["suffix"] for row in rows} == {"SR", ""}
    assert {row["middle_name"] for row in rows} == {"ANN", "A", ""}
    after = [voters.later(dice, world, person) for _ in range(200)]
    assert {one.family for one in after} == {person.family, person.other_family}
    assert {one.home == person.home for one in after} == {True, False}


def test_the_year_of_birth_is_an_attribute_or_the_birth_date(made):
    apart, alone = made["voters"], made["voters, year as birth date"]
    assert apart[1] == alone[1]
    years = alone[0]["birth_date"].to_pylist()
    assert years == apart[0]["attribute_birth_year"].to_pylist()
    assert all(len(year) == 4 and 1915 < int(year) < 2016 for year in years)
    assert "birth_date" not in apart[0].column_names


@pytest.mark.parametrize(("column", "most"), [("phone", 8), ("email", 3)])
def test_colleagues_share_a_switchboard_and_a_mailbox(column, most, made):
    people = by_person(made["business"])
    shared = Counter(
        value for rows in people.values() for value in {row[column] for row in rows if row[column]}
    )
    assert max(shared.values()) >= most
    assert sum(count == 1 for count in shared.values()) > len(people) / 3


def test_contacts_have_initials_and_change_the_firm(made):
    people = by_person(made["business"]).values()
    given = [row["given_name"] for rows in people for row in rows if row["given_name"]]
    assert 0.05 < sum(len(name) == 2 and name[1] == "." for name in given) / len(given) < 0.15
    several = [{row["email"].split("@")[1] for row in rows if row["email"]} for rows in people]
    assert sum(len(domains) > 1 for domains in several) > 10


def test_a_mailbox_of_ones_own_is_nobody_elses():
    dice = random.Random(1)
    world = business.World()
    firm = business.founded(dice, world)
    people = [business.hired(dice, world, firm) for _ in range(400)]
    assert len({one.email for one in people}) == 400
    assert len({business.founded(dice, world).domain for _ in range(50)} | {firm.domain}) == 51


def test_a_cookie_lasts_a_while_and_a_screen_is_everybodys():
    dice = random.Random(1)
    own = visitors.Device("d")
    seen = [own.cookie_on(dice, day) for day in range(visitors.DAYS)]
    changes = [day for day in range(1, visitors.DAYS) if seen[day] != seen[day - 1]]
    assert 1 <= len(changes) <= visitors.DAYS // visitors.COOKIE_DAYS[0]
    world = visitors.World.of(dice)
    family = visitors.moved_in(dice, world)
    used = [visitors.device(dice, world, family[0]) for _ in range(2_000)]
    assert 0.01 < sum(any(one is s for s in world.screens) for one in used) / 2_000 < 0.04


def test_visitors_share_what_families_share_and_numbers_pass_on():
    dice = random.Random(1)
    world = visitors.World.of(dice)
    people = [one for _ in range(2_000) for one in visitors.moved_in(dice, world)]
    mailboxes = [address for one in people for address in one.mailboxes]
    assert len(set(mailboxes)) == len(mailboxes)
    numbers = Counter(one.mobile(0) for one in people)
    assert sum(count == 2 for count in numbers.values()) > 20
    gave_back = [one for one in people if len(one.numbers) == 2]
    assert all(one.mobile(visitors.DAYS) != one.mobile(0) for one in gave_back)
    assert any(
        one is not two and one.mobile(0) == two.mobile(0) and one.home is not two.home
        for one, two in itertools.product(gave_back, people)
    )


def test_a_car_passes_to_the_next_owner_with_its_plate(made):
    rows = by_person(made["owners"])
    had = {
        person: {(row["identifier_vin"], row["identifier_licence_plate"]) for row in own}
        for person, own in rows.items()
    }
    cars = Counter(car for own in had.values() for car in own if all(car))
    assert sum(count > 1 for count in cars.values()) > 40
    assert sum(len({vin for vin, _ in own if vin}) > 1 for own in had.values()) > 50
    dice = random.Random(1)
    world = owners.World.of()
    world.give_back(dice, [world.car(dice) for _ in range(2 * owners.GIVES_BACK)])
    assert len(world.used) == owners.GIVES_BACK


def test_most_records_of_visitors_have_a_code_and_no_name(made):
    rows = made["visitors"][0].to_pylist()
    assert sum(row["family_name"] is None for row in rows) > 0.6 * SIZE
    codes = ("identifier_account", "identifier_device", "identifier_cookie", "email", "phone")
    assert sum(not any(row[code] for code in codes) for row in rows) < 0.02 * SIZE
    counts = sorted((len(own) for own in by_person(made["visitors"]).values()), reverse=True)
    assert sum(counts[: len(counts) // 10]) > SIZE / 3


def test_sets_lie_as_files_once(tmp_path, monkeypatch):
    monkeypatch.setattr(sets, "labelled", lambda name, seed: recipes.labelled(name, seed, 50))
    found = list(sets.others(tmp_path, 1))
    assert [one.name for one in found] == NAMES
    for one in found:
        assert pq.read_table(one.records)["record_id"] == pq.read_table(one.truth)["record_id"]
    monkeypatch.delattr(sets, "labelled")
    assert list(sets.others(tmp_path, 1)) == found
