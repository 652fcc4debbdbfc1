"""The generator of labelled people: the same for each seed, with a truth that covers it."""

from __future__ import annotations

import itertools
import random
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks import people
from benchmarks.identity_data import errors, spelling
from benchmarks.identity_data.flavours import FLAVOURS
from benchmarks.identity_data.population import TODAY, population
from ingestion.sandbox.company.vocabulary import COUNTRIES, country, mailbox, plain

SIZE = 3_000


def made(flavour: str, seed: int = 1, size: int = SIZE) -> tuple[pa.Table, pa.Table]:
    tables = list(people.parts(size, seed, FLAVOURS[flavour]))
    return pa.concat_tables([t for t, _ in tables]), pa.concat_tables([t for _, t in tables])


@pytest.fixture(scope="module", params=sorted(FLAVOURS))
def flavour(request):
    return request.param


@pytest.fixture(scope="module")
def labelled(flavour):
    return made(flavour)


def test_the_same_seed_gives_the_same_bytes(flavour, tmp_path):
    for name in ("one", "two"):
        people.write(500, tmp_path / name, tmp_path / f"{name}_truth", seed=3, flavour=flavour)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one_truth").read_bytes() == (tmp_path / "two_truth").read_bytes()
    people.write(500, tmp_path / "other", tmp_path / "other_truth", seed=4, flavour=flavour)
    assert pq.read_table(tmp_path / "one") != pq.read_table(tmp_path / "other")


def test_records_and_truth_have_their_shape(flavour, labelled):
    records, truth = labelled
    assert records.schema == people.schema(FLAVOURS[flavour])
    assert records.num_rows == SIZE
    assert records["record_id"] == truth["record_id"]
    assert len(pc.unique(records["record_id"])) == SIZE
    assert truth["person_id"].null_count == 0


def test_people_have_several_records(labelled):
    counts = pc.value_counts(labelled[1]["person_id"].combine_chunks()).field("counts")
    assert 1.7 < pc.mean(counts).as_py() < 2.9
    assert 3 < pc.max(counts).as_py() <= 8


def test_each_system_has_its_gaps(labelled, flavour):
    records = labelled[0]
    for source in FLAVOURS[flavour].sources:
        mine = records.filter(pc.equal(records["source_system"], source.name))
        assert mine.num_rows > SIZE / 10
        for name in ("given_name", "email"):
            share = 1 - mine[name].null_count / mine.num_rows
            assert share == pytest.approx(source.present[name], abs=0.06)


def test_order_and_ids_tell_nothing(labelled):
    persons = labelled[1]["person_id"].to_pylist()
    neighbours = sum(one == two for one, two in itertools.pairwise(persons))
    assert neighbours < 15


def test_parts_join_without_a_repeated_id(monkeypatch):
    monkeypatch.setattr(people, "PEOPLE_AT_ONCE", 300)
    records, truth = made("A")
    assert records.num_rows == SIZE
    assert len(pc.unique(records["record_id"])) == SIZE
    counts = pc.value_counts(truth["person_id"].combine_chunks()).field("counts")
    assert pc.max(counts).as_py() <= 8


@pytest.mark.parametrize("code", COUNTRIES)
def test_a_population_is_plausible(code):
    found = population(np.random.default_rng(1), country(code, crowded=True), 2_000)
    age = (TODAY - found.born).astype(int) / 365.25
    assert 1_800 < len(found) <= 2_000
    assert age.min() >= 15.9
    assert age.max() < 115
    assert (np.diff(found.household) >= 0).all()
    same = found.household[found.other_member] == found.household
    assert same.all()
    together = found.household[1:] == found.household[:-1]
    assert (found.family[1:] == found.family[:-1])[together].mean() > 0.1


@pytest.mark.parametrize("crowded", [False, True])
@pytest.mark.parametrize("code", COUNTRIES)
def test_names_are_many_and_skewed(code, crowded):
    home = country(code, crowded=crowded)
    drawn = home.family.codes(np.random.default_rng(1), 50_000)
    counts = np.sort(np.bincount(drawn, minlength=len(home.family.values)))[::-1]
    assert len(home.family.values) > 5_000
    assert len(set(home.family.values)) == len(home.family.values)
    assert (counts > 0).sum() > 2_500
    common = counts[:100].sum() / 50_000
    assert common > 0.45 if crowded else common < home.lists["family_share"] + 0.07
    assert counts[0] > 2 * counts[99]


def test_wrong_dates_are_dates_near_the_truth():
    dates = np.array(["1980-02-29", "1975-12-03", "2001-10-31", "NaT"] * 500, "datetime64[D]")
    wrong = errors.wrong_dates(np.random.default_rng(1), dates, 1.0)
    assert np.isnat(wrong[3::4]).all()
    known = ~np.isnat(dates)
    assert (wrong[known] != dates[known]).mean() > 0.8
    years = wrong[known].astype("datetime64[Y]").astype(int) + 1970
    assert ((years >= 1900) & (years <= 2020)).all()


@pytest.mark.parametrize("change", [errors.typo, errors.misread, errors.slip, errors.digit])
def test_one_mistake_changes_little(change):
    dice = random.Random(1)
    for text in ("Schmidt", "anna.jansen12@gmail.com", "o", "12", "Müller-Weiß", "王"):
        for _ in range(200):
            assert abs(len(change(text, dice)) - len(text)) <= 3


@pytest.mark.parametrize("code", COUNTRIES)
def test_a_phone_keeps_its_digits_in_every_spelling(code):
    numbers = np.array(["612345678"] * 300 + [None], dtype=object)
    found = spelling.phones(np.random.default_rng(1), country(code), numbers)
    assert found[-1] is None
    assert all(re.sub(r"\D", "", text).endswith("612345678") for text in found[:-1])
    assert len(set(found[:-1])) >= 7


def test_particles_have_the_spellings_of_clerks():
    dice = random.Random(1)
    found = {spelling.particles("van den Berg", dice) for _ in range(100)}
    assert found == {
        "Berg, van den", "v.d. Berg", "vd Berg", "Van Den Berg", "Vandenberg", "Berg"
    }  # fmt: skip
    assert spelling.particles("Vandaag", dice) == "Vandaag"


def test_ascii_spelling_keeps_other_scripts():
    assert plain("Müller-Weiß") == "Muller-Weiss"
    assert plain("Γεωργίου") == "Γεωργιου"
    assert mailbox("de la Peña") == "delapena"
