"""Names of records that don't say their country, and what random records agree on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from kindred.identity import engine, load_rules, weighing
from kindred.identity.codes.columns import People
from kindred.identity.codes.pairs import unpack
from kindred.identity.reading.reader import TableColumns, read_people
from kindred.identity.weighing import Engine
from kindred.identity.weights.frequencies import Frequencies
from kindred.identity.weights.origins import Origins

NAMES = {"NL": (["Sanne", "Daan"], ["Bakker", "Visser"]), "ES": (["Lucia", "Pablo"], ["Garcia"])}


def people(silent: list[tuple[str | None, str | None]]) -> People:
    """Forty Dutch records, forty Spanish, and some that don't name their country."""
    rows = [
        (given[n % len(given)], family[n // 2 % len(family)], country)
        for country, (given, family) in NAMES.items()
        for n in range(40)
    ]
    rows += [(given, family, None) for given, family in silent]
    columns = zip(*rows, strict=True)
    names = ("given_name", "family_name", "country_code")
    table = dict(zip(names, (pa.array(column, pa.string()) for column in columns), strict=True))
    ids = pa.array([f"r{n:03d}" for n in range(len(rows))])
    return read_people(TableColumns(pa.table({"record_id": ids, **table})), load_rules())


def test_names_of_one_country_meet_more_often_than_chance() -> None:
    found = people([("Sanne", "Visser"), ("Lucia", "Visser"), ("Sanne", None), ("Ute", "Visser")])
    lift = Origins.of(found).lift(found.given.full, found.family.full)[80:]
    assert lift[0] == pytest.approx(1.0)  # half of all are Dutch: one bit
    assert lift[1:].tolist() == [0.0, 0.0, 0.0]  # never seen together, or of no country


def test_a_family_name_without_country_is_as_frequent_as_beside_its_given_name() -> None:
    found = people([("Sanne", "Visser"), ("Ute", "Visser")])
    beside, alone = Frequencies(found)["family"][80:]
    assert beside - alone == pytest.approx(1.0)


def test_later_records_get_the_chance_that_earlier_ones_have() -> None:
    found = people([("Sanne", "Visser"), ("Lucia", "Garcia")])
    counted = Frequencies(found)
    again = Frequencies(found, counted.to_keep())
    for name in ("given", "family"):
        np.testing.assert_allclose(again[name], counted[name], rtol=1e-5)


def test_random_pairs_are_of_all_countries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighing, "RANDOM", 20)
    found = people([("Sanne", "Visser")] * 40)
    pairs: list[np.ndarray] = []
    one = Engine(found)
    monkeypatch.setattr(one, "patterns", pairs.append)
    _ = one.random_patterns
    left, right = (found.country.codes[rows] for rows in unpack(pairs[0]))
    assert (left == right).all()
    assert set(left.tolist()) == {-1, 0, 1}


def test_two_records_of_one_source_are_rarer_one_person() -> None:
    """In each of two systems everybody is once: the weight of their pairs shows it."""
    size = 400
    given = ["Sanne", "Daan", "Lotte", "Bram", "Fleur"]
    rows = [
        {
            "record_id": f"{source}{n:04d}",
            "source_system": source,
            "given_name": given[n % len(given)],
            "family_name": f"Bakk{n % 80:02d}",
            "birth_date": f"19{50 + n % 40}-{n % 12 + 1:02d}-{n % 28 + 1:02d}",
        }
        for source in ("crm", "shop")
        for n in range(size)
    ]
    found = read_people(TableColumns(pa.Table.from_pylist(rows)), load_rules())
    model = engine.match(found, load_rules()).model
    same, other = model.match["source"][2], model.match["source"][1]
    assert other > same
    assert model.match["source"][2] < model.chance["source"][2]
