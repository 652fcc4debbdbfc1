"""Names that go together: two people of a small people share both names more often than others."""

from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from lives import Kept, lived
from people import RULES, record, records

from dagster_project.cli.explain import _speaks
from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import Matched, match, match_prepared, prepare
from kindred.identity.explanation import FULL_NAME, Explainer
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weights.levels import Family, Given
from kindred.identity.weights.model import load, save
from kindred.identity.weights.namesakes import (
    LEAST,
    MOST,
    MOST_PEOPLE,
    NO_NAMESAKES,
    Namesakes,
    full_names,
    learn,
)

SYLLABLES = ("ba", "du", "fi", "go", "ha", "ke", "lo", "mi", "nu", "po", "ra", "so", "ta", "wi")
NAMES = [a + b for a in SYLLABLES for b in SYLLABLES]
GIVEN, FAMILY = NAMES[:60], [f"{name}sma" for name in NAMES]
OTHERS_GIVEN, OTHERS_FAMILY = ["Kofi", "Ama", "Yaw"], ["Mensah", "Owusu", "Boateng"]


def counted(*kinds: tuple[int, float, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Names, how many people should have each, and labels, of one record a person.

    kinds: how many people each of so many names has, how many it should have, and how many names.
    """
    has = np.concatenate([np.full(names, people) for people, _, names in kinds])
    foretold = np.concatenate([np.full(names, mean) for _, mean, names in kinds])
    name = np.repeat(np.arange(len(has)) * 7, has)
    return name, np.repeat(foretold, has), np.arange(len(name))


def bits(name: np.ndarray, foretold: np.ndarray, label: np.ndarray) -> np.ndarray:
    """By name, in their order."""
    found = learn(name, foretold, label).bits(name, foretold)
    return found[np.unique(name, return_index=True)[1]]


def test_independent_names_are_as_frequent_as_foretold() -> None:
    """Of a thousand names that half a person should have, many have one, some two, few three."""
    draw = np.random.default_rng(3)
    has = draw.poisson(0.5, 4_000)
    kinds = [(int(people), 0.5, int((has == people).sum())) for people in (1, 2, 3)]
    assert bits(*counted(*kinds)).max() <= 0.25


def test_names_that_go_together_are_as_frequent_as_they_are() -> None:
    many, few = (8, 1.0, 100), (1, 0.8, 3_000)
    found = bits(*counted(many, few))
    assert found[:100] == pytest.approx(3.0, abs=0.25)
    assert found[100:].max() == 0


def test_two_of_a_rare_name_are_chance_where_names_are_independent() -> None:
    found = bits(*counted((2, 0.01, 5), (1, 0.01, 1_000)))
    assert found.max() == 0  # one in two hundred is what chance gives


@pytest.mark.parametrize("share", [0.04, 0.25])
def test_who_is_there_as_two_people_makes_no_name_more_frequent(share: float) -> None:
    """In all names there are two instead of one equally often, how rare they ever are."""
    two = int(1_000 * share)
    means = (1e-5, 1e-4, 1e-3, 1e-2)
    torn = [kind for mean in means for kind in ((2, mean, two), (1, mean, 1_000 - two))]
    assert bits(*counted(*torn)).max() <= 0.25


def test_what_only_common_names_are_is_no_share_that_is_torn() -> None:
    rare, often = [(1, mean, 960) for mean in (1e-5, 1e-4)], [(2, 1e-2, 80), (1, 1e-2, 960)]
    assert bits(*counted(*rare, *often))[2 * 960 : 2 * 960 + 80].min() > 1


def test_a_handful_of_names_says_nothing() -> None:
    assert bits(*counted((2, 0.1, 2), (1, 0.1, 10))).max() == 0


def test_a_name_that_very_many_have_is_as_frequent_as_it_is() -> None:
    found = bits(*counted((8 * MOST_PEOPLE, 2.0 * MOST_PEOPLE, 100), (1, 1e-3, 1_000)))
    assert found[0] == pytest.approx(2.0, abs=0.1)


def test_people_count_and_not_records() -> None:
    """Everybody has eight records: of a name that eight records should have, eight are one."""
    name = np.repeat(np.arange(1_000), 8)
    once = learn(name, np.full(8_000, 8.0), name)
    assert once.per_person == 8
    assert not once.bits(name, np.full(8_000, 8.0)).any()


def test_how_many_records_a_person_has_makes_no_difference() -> None:
    name, foretold, label = counted((4, 1.0, 500), (1, 1.0, 500), (1, 0.001, 500))
    once = learn(name, foretold, label)
    often = learn(*(np.repeat(own, 4) for own in (name, 4 * foretold, label)))
    new, means = np.full(3, 1), np.array([1e-3, 1e-1, 1.0])
    assert len(np.unique(once.bits(new, means))) == 3
    assert np.array_equal(once.bits(new, means), often.bits(new, 4 * means))


def test_the_more_people_share_a_name_the_more_frequent_it_is() -> None:
    means = np.ones(3)
    found = learn(*counted((4, 1.0, 500), (2, 1.0, 300), (1, 1.0, 500)))
    four, two, nobody = found.bits(np.array([0, 500 * 7, 1]), means)
    assert four > two > nobody


def test_a_new_name_is_as_frequent_as_one_that_somebody_has() -> None:
    """Where half of all names are four times as frequent, so may be one that nobody had."""
    shared = [(4, 1.0, 500), (1, 1.0, 500), (1, 0.001, 500)]
    found = learn(*counted(*shared))
    new = np.array([1, 1, 7, -1])
    assert found.bits(new, np.array([0.001, 1e9, 0.001, 0.001])).tolist() == [
        found.others[round(2 * np.log2(0.001)) - LEAST] / 8,
        found.others[MOST - LEAST] / 8,
        found.bits(np.array([7]), np.array([1.0]))[0],  # by its own, whatever is foretold
        0,
    ]
    assert found.others[round(2 * np.log2(0.001)) - LEAST] > 4


def test_spellings_make_no_name_more_frequent() -> None:
    """Everybody has six spellings, one record each; the names are independent."""
    draw = np.random.default_rng(1)
    people, spellings = 5_000, 6
    given, family = draw.integers(0, 60, people), draw.integers(0, 200, people)
    person = np.repeat(np.arange(people), spellings)
    given = given[person] * spellings + np.tile(np.arange(spellings), people)
    family = family[person]
    foretold = np.bincount(given)[given] * np.bincount(family)[family] / len(person)
    name = given * 1_000 + family
    assert learn(name, foretold, person).bits(name, foretold).max() <= 0.25


def test_only_names_that_differ_from_the_others_are_kept() -> None:
    found = learn(*counted((8, 1.0, 100), (2, 0.9, 300), (1, 0.8, 3_000)))
    assert len(found.name) == 100


def test_nobody_with_both_names_teaches_nothing() -> None:
    assert learn(np.array([-1, -1]), np.ones(2), np.arange(2)) is NO_NAMESAKES


@pytest.mark.parametrize(
    "broken",
    [
        {"name": "????"},
        {"parts": ""},
        {"others": ""},
        {"per_person": 0.5},
        {"per_person": float("nan")},
        {"per_person": float("inf")},
        {"others": b64encode(bytes([65] * (MOST - LEAST + 1))).decode()},
    ],
)
def test_what_is_written_is_read_again_or_refused(broken: dict) -> None:
    found = learn(*counted((8, 1.0, 100), (1, 0.001, 3_000)))
    again = Namesakes.of_text(found.as_text())
    assert all(np.array_equal(value, vars(again)[name]) for name, value in vars(found).items())
    with pytest.raises(ValueError, match=r"."):
        Namesakes.of_text(found.as_text() | broken)
    turned = replace(found, name=found.name[::-1])
    with pytest.raises(ValueError, match="not in order"):
        Namesakes.of_text(turned.as_text())


def person(draw: random.Random, number: int) -> list[dict]:
    """Two records of somebody; one in eight is of a people with few names, and one in five has a
    frequent family name, and a record of name and city only, or of nothing but the name."""
    others = number % 8 == 0
    given = draw.choice(OTHERS_GIVEN if others else GIVEN)
    frequent = number % 5 == 0
    family = draw.choice(OTHERS_FAMILY if others else FAMILY[:4] if frequent else FAMILY)
    born = f"19{draw.randrange(40, 99)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
    me = {"given": given, "family": family, "country": "NL", "city": draw.choice(NAMES[:40])}
    mail = f"{''.join(draw.choices(SYLLABLES, k=5))}@x.example"
    return [
        record(f"crm:{number:04}", born=born, email=mail if number % 3 else None, **me),
        record(
            f"web:{number:04}",
            born=born if number % 2 and not frequent else None,
            email=None if frequent else mail,
            **me | ({"city": None} if frequent and number % 2 else {}),
        ),
    ]


@cache
def country() -> pa.Table:
    draw = random.Random(5)
    return records(*(row for number in range(1_600) for row in person(draw, number)))


def read() -> People:
    return read_people(TableColumns(country()), RULES)


@cache
def found() -> Matched:
    return match(read(), RULES)


def test_names_of_a_small_people_weigh_less_and_others_what_they_did() -> None:
    """Two hundred people with nine full names; by themselves, both names are rare."""
    one = found()
    people = one.people
    family = np.array(people.words.values.to_pylist())[people.family.full]
    prepared = prepare(read(), RULES)
    chance = prepared.engine.comparer.chance
    match_prepared(prepared, RULES, Kept(one.model))
    small = np.isin(family, [name.lower() for name in OTHERS_FAMILY])
    assert small.sum() > 300
    assert chance["namesakes"][small].min() > 2
    assert np.median(chance["namesakes"][~small]) == 0


def test_weights_are_those_that_there_would_be_if_it_were_known_from_the_start() -> None:
    one = found()
    again = match(read(), RULES, model_file=Kept(one.model))
    assert np.array_equal(one.pairs, again.pairs)
    assert np.array_equal(one.weight, again.weight)
    assert np.array_equal(one.patterns.chance, again.patterns.chance)
    assert np.array_equal(one.label, again.label)
    assert not again.is_learned


def test_a_model_file_keeps_what_was_learned(tmp_path: Path) -> None:
    one = found()
    save(one.model, tmp_path / "model.json")
    again, _ = load(tmp_path / "model.json", one.model.fields)
    for own, kept in ((one.model.namesakes, again.namesakes), (one.model.kinds, again.kinds)):
        assert all(np.array_equal(value, vars(kept)[name]) for name, value in vars(own).items())
    assert len(again.namesakes.name)


def without() -> Matched:
    """As if every name were as frequent as its two names foretell."""
    one = found()
    return match(read(), RULES, model_file=Kept(replace(one.model, namesakes=NO_NAMESAKES)))


def test_who_is_taken_in_counts_as_one_person_of_a_name() -> None:
    one, before = found(), without()
    assert len(before.joined.place)
    chance = prepare(read(), RULES).engine.comparer.chance
    chance.learn_namesakes(before.label)
    learned = vars(chance.namesakes)
    assert all(np.array_equal(own, learned[n]) for n, own in vars(one.model.namesakes).items())


def test_who_is_linked_with_a_name_is_decided_again_with_it() -> None:
    """Of every third one, a record says only an initial."""
    rows = country().to_pylist()
    for row in rows[::6]:
        row["given_name"] = row["given_name"][0]
    people = read_people(TableColumns(records(*rows)), RULES)
    one = match(people, RULES)
    again = match(people, RULES, model_file=Kept(one.model))
    assert np.array_equal(one.label, again.label)


def test_who_shared_only_a_name_of_a_small_people_is_parted() -> None:
    one, before = found(), without()
    assert len(np.unique(one.label)) > len(np.unique(before.label))


@pytest.mark.parametrize("merge", [-3.0, 3.0])
def test_a_threshold_changes_no_evidence(merge: float) -> None:
    one = found()
    thresholds = RULES.thresholds.model_copy(update={"merge": merge})
    other = match(read(), RULES.model_copy(update={"thresholds": thresholds}))
    assert np.array_equal(other.pairs, one.pairs)
    assert np.abs(other.weight - one.weight).max() < 1
    again = match(
        read(),
        RULES.model_copy(update={"thresholds": thresholds}),
        model_file=Kept(other.model),
    )
    assert np.array_equal(again.label, other.label)
    assert np.array_equal(again.weight, other.weight)


def test_who_names_no_country_may_be_of_any() -> None:
    """Half of what the name counts in the other one's country."""
    people = read()
    prepared = prepare(people, RULES)
    match_prepared(prepared, RULES, Kept(found().model))
    comparer = prepared.engine.comparer
    bits = comparer.chance["namesakes"]
    row = int(np.argmax(bits))
    levels = {"given": np.full(1, Given.EXACT), "family": np.full(1, Family.EXACT)}
    ends = np.array([row]), np.array([int(np.argmin(bits))])
    assert comparer.namesakes(levels, *ends) == 0  # the less of both
    people = prepared.engine.people
    object.__setattr__(people, "country", people.country)
    known = people.country.known.copy()
    known[ends[1]] = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(people.country), "known", known)
        assert comparer.namesakes(levels, *ends) == bits[row] / 2


def test_only_who_shares_both_names_weighs_less() -> None:
    one, before = found(), without()
    fell = before.weight - one.weight
    levels = one.patterns.levels("given", "family")
    same = (levels["given"] == Given.EXACT) & (levels["family"] == Family.EXACT)
    assert fell[~same].max() == 0
    assert fell[same].max() > 2
    left, right = unpack(one.pairs)
    name = full_names(one.people)
    assert (name[left] == name[right])[fell > 0].all()


def test_an_index_weighs_new_people_as_a_full_run_does() -> None:
    draw = random.Random(9)
    days = ([row for n in range(24) for row in person(draw, first + n)] for first in (2_000, 3_000))
    assert not lived(country(), days).model.namesakes.is_nothing


def test_an_explanation_shows_the_full_name_and_adds_up() -> None:
    one = found()
    prepared = prepare(read(), RULES)
    explainer = Explainer(prepared, one.model, RULES)
    ids = one.people.record_id.to_pylist()
    pairs = one.pairs[:: len(one.pairs) // 300]
    verdicts = explainer.pairs([(ids[a], ids[b]) for a, b in zip(*unpack(pairs), strict=True)])
    weight = one.weight[:: len(one.pairs) // 300]
    assert [verdict.weight for verdict in verdicts] == pytest.approx(weight.tolist(), abs=1e-3)
    shown = [row for v in verdicts for row in v.steps.to_pylist() if row["step"] == FULL_NAME]
    assert shown
    assert all(row["weight"] < 0 for row in shown)
    for verdict in verdicts:
        steps = [row for row in verdict.steps.to_pylist() if _speaks(row)]
        assert sum(row["weight"] for row in steps) == pytest.approx(verdict.weight, abs=0.01)
