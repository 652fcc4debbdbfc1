"""Kinds of records: which systems share their people, and who names no country."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from lives import Kept, lived
from people import RULES, record, records

from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import unpack
from kindred.identity.engine import Matched, match, match_prepared, prepare
from kindred.identity.explanation import KINDS, Explainer
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weights import kinds
from kindred.identity.weights.kinds import MOST_BITS, MOST_KINDS, NO_KINDS, Kinds, learn
from kindred.identity.weights.levels import SOURCE

SYLLABLES = ("ba", "du", "fi", "go", "ha", "ke", "lo", "mi", "nu", "po", "ra", "so", "ta", "wi")
NAMES = [a + b for a in SYLLABLES for b in SYLLABLES]


def people(*rows: tuple[str | None, str | None]) -> People:
    """Records by source and country."""
    table = pa.table(
        {
            "record_id": [f"r{n:05}" for n in range(len(rows))],
            "source_system": pa.array([source for source, _ in rows], pa.string()),
            "country_code": pa.array([country for _, country in rows], pa.string()),
        }
    )
    return read_people(TableColumns(table), RULES)


def sure(weights: np.ndarray) -> kinds.Weigh:
    """Pairs that weigh so much, whatever bits there are for their kinds."""
    return lambda bits: weights + 0 * bits


def three_systems() -> People:
    return people(*[("crm", "NL"), ("shop", "NL"), ("list", "NL")] * 3_000)


def test_systems_that_share_more_people_are_likelier_to_have_one() -> None:
    """Of 3,000 in each, 2,000 are in crm and shop, 400 in crm and list, none in shop and list."""
    found = three_systems()
    rows = np.arange(9_000).reshape(3_000, 3)
    left = np.concatenate([rows[:2_000, 0], rows[:400, 0], rows[:400, 1]])
    right = np.concatenate([rows[:2_000, 1], rows[:400, 2], rows[:400, 2]])
    weights = np.repeat([20.0, 20.0, -20.0], [2_000, 400, 400])
    learned = learn(found, left, right, 1.0, sure(weights))
    names = [source for source, _ in learned.names]
    crm, shop, list_ = (names.index(name) for name in ("crm", "shop", "list"))
    expected = 2_400 / 3
    for one, other, pairs in ((crm, shop, 2_000), (crm, list_, 400), (shop, list_, 0)):
        bits = np.log2((pairs + 1_000) / (expected + 1_000))
        assert learned.bits[one, other] == pytest.approx(bits, abs=0.01)
        assert learned.bits[other, one] == learned.bits[one, other]
    assert not learned.bits[-1].any()
    assert not learned.bits[:, -1].any()


def test_a_sample_stands_for_all() -> None:
    found = three_systems()
    rows = np.arange(9_000).reshape(3_000, 3)
    whole, every_second = (
        learn(found, rows[::step, 0], rows[::step, 1], step, sure(np.full(3_000 // step, 20.0)))
        for step in (1, 2)
    )
    assert np.allclose(whole.bits, every_second.bits, atol=0.01)


def test_no_kinds_are_worth_more_than_some_bits() -> None:
    """Of systems that share nobody, where others share very many."""
    rows = np.arange(9_000).reshape(3_000, 3)
    learned = learn(three_systems(), rows[:, 0], rows[:, 1], 100.0, sure(np.full(3_000, 20.0)))
    crm, list_ = learned.names.index(("crm", True)), learned.names.index(("list", True))
    assert learned.bits[crm, list_] == -MOST_BITS


@pytest.mark.parametrize(("source", "other"), [("crm", np.log2(1_000 / 1_500)), (None, 0.0)])
def test_who_holds_people_twice_is_compared_with_others_that_are_known(
    source: str | None, other: float
) -> None:
    """1,500 twice in one of three; where its system is unknown, that says nothing of systems."""
    found = people(*[(source, "NL"), ("shop", "NL"), ("list", "NL")] * 3_000)
    rows = np.arange(0, 9_000, 3)
    learned = learn(found, rows[::2], rows[1::2], 1.0, sure(np.full(1_500, 20.0)))
    twice, shop = learned.names.index((source, True)), learned.names.index(("shop", True))
    assert learned.bits[shop, shop] == pytest.approx(other, abs=0.01)
    if source:
        assert learned.bits[twice, twice] == pytest.approx(np.log2(2_500 / 1_500), abs=0.01)


def test_two_records_of_one_system_are_no_evidence_about_two_systems() -> None:
    """As many pairs of one person in each of three systems, and none between them: no difference
    within what the source says by itself."""
    found = three_systems()
    rows = np.arange(9_000).reshape(3_000, 3)
    left, right = rows[::2].ravel(), rows[1::2].ravel()
    learned = learn(found, left, right, 1.0, sure(np.full(len(left), 20.0)))
    assert np.abs(learned.bits).max() < 0.01


def test_few_people_say_little() -> None:
    found = people(*(("crm", "NL"), ("shop", "NL"), ("list", None)) * 20)
    rows = np.arange(60).reshape(20, 3)
    learned = learn(found, rows[:, 0], rows[:, 1], 1.0, sure(np.full(20, 20.0)))
    assert np.abs(learned.bits).max() < 0.05


def test_one_kind_is_none() -> None:
    ends = np.array([0]), np.array([1])
    assert learn(people(*[("crm", "NL")] * 9), *ends, 1.0, sure(np.ones(1))) is NO_KINDS
    assert learn(people(*[(None, None)] * 9), *ends, 1.0, sure(np.ones(1))) is NO_KINDS


def test_a_record_is_of_the_kind_of_its_source_and_country() -> None:
    names = (("crm", True), ("shop", False), (None, False))
    found = Kinds(names, np.zeros((4, 4), np.float32)).of(
        people(
            ("shop", None), ("crm", "NL"), ("shop", "NL"), ("new", "NL"), (None, None), (None, "NL")
        )
    )
    assert found.tolist() == [1, 0, 3, 3, 2, 3]


def test_only_the_most_frequent_kinds_are_told_apart() -> None:
    rows = [(f"s{n:03}", "NL") for n in range(60) for _ in range(n + 2)]
    learned = learn(people(*rows), np.array([0]), np.array([1]), 1.0, sure(np.ones(1)))
    assert len(learned) == MOST_KINDS
    assert {source for source, _ in learned.names} == {f"s{n:03}" for n in range(20, 60)}


def test_which_kinds_are_told_apart_does_not_depend_on_the_order_of_rows() -> None:
    rows = [(f"s{n % 60:02}", "NL") for n in range(300)]
    ends = np.array([0]), np.array([1])
    one, turned = (learn(people(*own), *ends, 1.0, sure(np.ones(1))) for own in (rows, rows[::-1]))
    assert one.names == turned.names == tuple((f"s{n:02}", True) for n in range(MOST_KINDS))


def test_systems_beyond_those_say_nothing_of_two_records_of_one() -> None:
    """Everybody of sixty small systems is in two of them; the large one holds nobody twice."""
    small = 18_000
    rows = [(f"s{n % 60:02}", "NL") for n in range(small)]
    ends = np.arange(small)
    found = people(*rows, *[("large", "NL")] * 20_000)
    learned = learn(found, ends[::2], ends[1::2], 1.0, sure(np.full(small // 2, 20.0)))
    assert learned.names[0] == ("large", True)
    assert learned.bits[0, 0] == pytest.approx(0, abs=0.01)


def test_a_new_system_is_of_no_kind_even_beside_one_without_a_name() -> None:
    kinds_ = Kinds((("", True), ("crm", True)), np.zeros((3, 3), np.float32))
    assert kinds_.of(people(("", "NL"), ("new", "NL"), ("crm", "NL"))).tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    "broken", [{"names": []}, {"bits": [[0.0]]}, {"bits": [[float("nan")] * 3] * 3}]
)
def test_what_is_written_is_read_again_or_refused(broken: dict) -> None:
    bits = np.array([[1, -2, 0], [-2, 0.5, 0], [0, 0, 0]], np.float32)
    found = Kinds((("crm", True), (None, False)), bits)
    again = Kinds.of_text(found.as_text())
    assert again.names == found.names
    assert np.array_equal(again.bits, found.bits)
    with pytest.raises(ValueError, match="not as many"):
        Kinds.of_text(found.as_text() | broken)


def person(draw: random.Random, number: int) -> Iterator[dict]:
    """Most are in crm and shop; who is on the list is hardly ever in one of them."""
    given, family, city = (draw.choice(NAMES) for _ in range(3))
    me = {"given": given, "family": f"{family}sma", "city": city}
    born = f"19{draw.randrange(40, 99)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
    if number % 3 == 0:
        yield record(f"list:{number:05}", **me)
    if number % 3 or number % 30 == 0:
        yield record(f"crm:{number:05}", born=born, country="NL", **me)
        yield record(f"shop:{number:05}", born=born if number % 2 else None, country="NL", **me)


@cache
def company() -> pa.Table:
    draw = random.Random(4)
    return records(*(row for number in range(4_000) for row in person(draw, number)))


def read() -> People:
    return read_people(TableColumns(company()), RULES)


@cache
def found() -> Matched:
    return match(read(), RULES)


def test_a_run_with_the_kept_model_finds_the_same() -> None:
    one, again = found(), match(read(), RULES, model_file=Kept(found().model))
    assert np.abs(one.model.kinds.bits).max() > 0.5
    assert np.array_equal(one.weight, again.weight)
    assert np.array_equal(one.patterns.kinds, again.patterns.kinds)
    assert np.array_equal(one.label, again.label)


def test_what_one_run_learned_is_no_evidence_in_the_next() -> None:
    prepared = prepare(read(), RULES)
    one, again = (match_prepared(prepared, RULES) for _ in range(2))
    assert np.array_equal(one.weight, again.weight)


def test_the_list_is_seldom_of_a_customer() -> None:
    one = found()
    place = {name: number for number, name in enumerate(one.model.kinds.names)}
    bits = one.model.kinds.bits
    crm, shop, list_ = place["crm", True], place["shop", True], place["list", False]
    assert bits[crm, shop] > 0.2
    assert bits[crm, list_] < -0.5


def test_what_sources_make_of_a_weight_counts_their_kinds() -> None:
    one = found()
    prepared = prepare(read(), RULES)
    prepared.engine.know(one.model)
    match_, chance = (getattr(one.model, kind)[SOURCE.name] for kind in ("match", "chance"))
    left, right = unpack(one.pairs)
    source = one.people.source.codes
    general = (match_ - chance)[np.where(source[left] == source[right], 2, 1)]
    both = prepared.engine.of_source(one.model, one.pairs)
    assert np.allclose(both - general, one.patterns.kinds, atol=1e-5)


def test_an_index_weighs_as_a_full_run_does() -> None:
    draw = random.Random(8)
    days = ([row for n in range(30) for row in person(draw, first + n)] for first in (5_000, 6_000))
    lived(company(), days)


def test_an_explanation_says_what_the_kinds_are_worth() -> None:
    one = found()
    explainer = Explainer(prepare(read(), RULES), one.model, RULES)
    ids = one.people.record_id.to_pylist()
    some = np.arange(0, len(one.pairs), len(one.pairs) // 200)
    ends = zip(*unpack(one.pairs[some]), strict=True)
    verdicts = explainer.pairs([(ids[a], ids[b]) for a, b in ends])
    for verdict, kind, weight in zip(
        verdicts, one.patterns.kinds[some], one.weight[some], strict=True
    ):
        shown = [row["weight"] for row in verdict.steps.to_pylist() if row["step"] == KINDS]
        assert sum(shown) == pytest.approx(float(kind), abs=1e-6)
        assert verdict.weight == pytest.approx(float(weight), abs=1e-3)
        assert verdict.steps["total"][-1].as_py() == pytest.approx(verdict.weight, abs=0.01)
