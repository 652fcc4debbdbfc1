"""Evidence says of each pair what agrees and how sure that is, the same wherever it is said."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest
from people import RULES, Town, identifiers, known, record, records

from kindred.identity import Index, Rules, resolve
from kindred.identity.evidence import LEFT_ALONE, probability
from kindred.identity.explanation import Explainer
from kindred.identity.resolution import prepare_records

MANY = 70


def rules_of(merge: float, review: float) -> Rules:
    thresholds = RULES.thresholds.model_copy(update={"merge": merge, "review": review})
    return RULES.model_copy(update={"thresholds": thresholds})


def by_pair(rows: Iterable[dict], other: str = "record_id_2") -> dict[tuple[str, str], float]:
    return {
        tuple(sorted((row.get("record_id_1") or row["record_id"], row[other]))): row["probability"]
        for row in rows
        if row[other] is not None
    }


@pytest.mark.parametrize("merge", [-2.0, 10.0])
def test_a_threshold_decides_and_changes_no_probability(town: Town, merge: float) -> None:
    people, rules = town.people.slice(0, 400), rules_of(merge, -5.0)
    plain = resolve(people, identifiers(), known(), rules=rules_of(0.0, -5.0))
    found = resolve(people, identifiers(), known(), rules=rules)
    before = by_pair(plain.links.to_pylist()) | by_pair(plain.reviews.to_pylist())
    links, reviews = by_pair(found.links.to_pylist()), by_pair(found.reviews.to_pylist())
    # who is left alone by another threshold joins by other odds
    every = [*plain.links.to_pylist(), *found.links.to_pylist()]
    alone = by_pair(link for link in every if LEFT_ALONE in link["rule"])
    both = [pair for pair in before if (pair in links or pair in reviews) and pair not in alone]
    assert len(both) > 50
    told = {pair: value for pair, value in (links | reviews).items() if pair not in alone}
    assert [told[pair] for pair in both] == pytest.approx([before[pair] for pair in both])
    review, least = probability(np.array([-5.0, merge]))
    assert all(value > least for value in links.values())
    assert all(review < value <= least for value in reviews.values())

    prepared = prepare_records(people, identifiers(), known(), rules=rules)
    explained = Explainer(prepared, found.matched.model, rules).pairs(sorted(told))
    assert [verdict.probability for verdict in explained] == pytest.approx(
        [told[pair] for pair in sorted(told)], abs=0.01
    )
    assert [verdict.is_link for verdict in explained] == [p in links for p in sorted(told)]

    asked = people.slice(0, 40)
    same = by_pair(Index(people, rules).find(asked).to_pylist(), "known_record_id")
    both = [pair for pair in same if pair in links and pair[0] != pair[1]]
    assert both
    assert [same[pair] for pair in both] == pytest.approx([links[p] for p in both], abs=0.01)


def test_a_record_that_only_names_a_customer_is_no_copy_of_others(town: Town) -> None:
    """Also in a source that holds nobody twice: who wrote it knew whose it is."""
    clean = RULES.source("b").model_copy(update={"duplicate_free": True})
    rules = RULES.model_copy(update={"sources": RULES.sources | {"b": clean}})
    rows = [record("b:1"), record("b:2", given="Anna", family="Quaedvlieg", email="a.q@x.nl")]
    names = (("b:1", "kindred_id", "kc_1"),)
    found = town.resolve(*rows, shared=names, ids={"b:2": "kc_1"}, rules=rules)
    [link] = [row for row in found.links.to_pylist() if row["record_id_1"] == "b:1"]
    assert (link["record_id_2"], link["rule"]) == ("b:2", "names this customer")
    people, ids = pa.concat_tables([town.people, records(*rows)]), known({"b:2": "kc_1"})
    prepared = prepare_records(people, identifiers(*names), ids, rules=rules)
    verdict = Explainer(prepared, found.matched.model, rules).pair("b:2", "b:1")
    assert (verdict.rule, verdict.is_link) == ("names this customer", True)


def test_of_many_fields_those_that_agree_are_named() -> None:
    draw = random.Random(1)
    names = [f"attribute_{number:02}" for number in range(MANY)]
    rows = []
    for number in range(30):
        row = {
            "record_id": f"r{number:02}",
            "given_name": f"Anna{chr(97 + number)}",
            "family_name": f"Jan{chr(97 + number // 2)}",
            **{name: f"v{draw.randrange(100)}" for name in names},
        }
        if number % 2:
            row = rows[-1] | {"record_id": row["record_id"], names[-1]: f"other{number}"}
        rows.append(row)
    found = resolve(pa.Table.from_pylist(rows), identifiers(), known())
    named = {link["rule"] for link in found.links.to_pylist()}
    assert named == {" + ".join(["given", "family", *names[:-1]])}
