"""An explanation adds up to what matching decided, and says so in words."""

from __future__ import annotations

import math
import random

import pyarrow as pa
import pytest

from kindred.identity import load_rules
from kindred.identity.engine import match_prepared
from kindred.identity.explanation import Explainer, chain, words
from kindred.identity.resolution import prepare_records

RULES = load_rules()
NOBODY = pa.table(
    {name: pa.array([], pa.string()) for name in ("record_id", "customer_id", "identifier_type")}
)
SYLLABLES = ("ba", "du", "fi", "go", "ha", "ke", "lo", "mi", "nu", "po", "ra", "so", "ta", "wi")
COLUMNS = (
    "record_id",
    "source_system",
    "given_name",
    "family_name",
    "birth_date",
    "email",
    "phone",
    "street",
    "house_number",
    "postal_code",
    "city",
)


def town(size: int = 100) -> list[dict]:
    """Invented people, each in two systems, some with a wife or husband in the second one."""
    draw = random.Random(7)

    def name(length: int) -> str:
        return "".join(draw.choices(SYLLABLES, k=length))

    rows = []
    for number in range(size):
        given, family = name(2), name(3)
        born = (
            f"{draw.randrange(1940, 2005)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
        )
        home = {"street": f"{name(3)}weg", "house_number": str(draw.randrange(1, 90)),
                "postal_code": f"{draw.randrange(1000, 9999)}", "city": name(2)}  # fmt: skip
        contact = {"email": f"{name(4)}@x.example", "phone": f"06{draw.randrange(10**7, 10**8)}"}
        me = {"given_name": given, "family_name": family, "birth_date": born} | contact
        rows.append({"record_id": f"crm:{number:03}"} | me | home)
        rows.append({"record_id": f"web:{number:03}"} | me)
        if number % 4 == 0:
            rows.append(
                {"record_id": f"fam:{number:03}", "given_name": name(2), "family_name": family,
                 "birth_date": f"{draw.randrange(1940, 2005)}-01-15"} | home
            )  # fmt: skip
    return rows


def explain(rules=RULES, *decided: tuple[str, str, str]) -> tuple[Explainer, object]:
    rows = [{name: row.get(name) for name in COLUMNS} for row in town()]
    rows.append({**rows[0], "record_id": "copy:000"})
    for row in rows:
        row["source_system"] = "any"
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    identifiers = pa.table(
        {name: pa.array([], pa.string())
         for name in ("record_id", "identifier_type", "identifier_value")}
    )  # fmt: skip
    names = ("record_id_1", "record_id_2", "verdict")
    decisions = pa.table(
        {n: pa.array([row[i] for row in decided], pa.string()) for i, n in enumerate(names)}
    )
    prepared = prepare_records(
        pa.Table.from_pylist(rows, schema), identifiers, NOBODY, rules=rules, decisions=decisions
    )
    found = match_prepared(prepared, rules)
    return Explainer(prepared, found.model, rules), found


@pytest.fixture(scope="module")
def explained():
    return explain()


@pytest.fixture(scope="module")
def explainer(explained) -> Explainer:
    return explained[0]


def test_the_steps_add_up_to_what_matching_decided(explained):
    explainer, found = explained
    ids = found.people.record_id.to_pylist()
    step = max(len(found.pairs) // 400, 1)
    chosen = [(int(p) >> 32, int(p) & 0xFFFFFFFF, float(w))
              for p, w in zip(found.pairs[::step], found.weight[::step], strict=True)]  # fmt: skip
    verdicts = explainer.pairs([(ids[a], ids[b]) for a, b, _ in chosen])
    for verdict, (_, _, weight) in zip(verdicts, chosen, strict=True):
        steps = verdict.steps.to_pylist()
        assert verdict.weight == pytest.approx(weight, abs=0.02)
        assert steps[-1]["total"] == pytest.approx(weight, abs=0.02)
        assert sum(row["weight"] for row in steps) == pytest.approx(steps[-1]["total"])
        assert verdict.is_link == (weight > 0)


def test_a_match_is_explained_field_by_field(explainer):
    verdict = explainer.pair("web:001", "crm:001")
    steps = {row["step"]: row for row in verdict.steps.to_pylist()}
    assert verdict.is_link
    assert verdict.probability > 0.99
    assert steps["birth date"]["finding"] == "same birth date"
    assert steps["birth date"]["value_1"] == steps["birth date"]["value_2"]
    assert steps["birth date"]["weight"] == pytest.approx(
        math.log2(steps["birth date"]["of_matches"] / steps["birth date"]["by_chance"]), abs=1e-4
    )
    address = steps["address"]
    assert (address["value_1"], address["weight"]) == (None, 0)
    assert address["finding"] == "missing in one of them"
    assert steps["household"]["weight"] < 0
    assert verdict.because.startswith("same ")
    assert "missing" not in verdict.because


def test_a_household_is_no_person(explainer):
    verdict = explainer.pair("crm:000", "fam:000")
    findings = [words(row) for row in verdict.steps.to_pylist()]
    assert not verdict.is_link
    assert {"same family name", "same address", "household"} <= set(findings)
    [said] = [row["finding"] for row in verdict.steps.to_pylist() if row["kind"] == "household"]
    assert said == "members of one household would agree so, too"
    assert any(finding.startswith("another given name") or "similar" in finding
               for finding in findings)  # fmt: skip


def test_the_order_of_the_two_only_turns_the_values(explainer):
    one, other = explainer.pair("crm:002", "web:002"), explainer.pair("web:002", "crm:002")
    assert one.weight == other.weight
    assert one.steps["value_1"].to_pylist() == other.steps["value_2"].to_pylist()


def test_records_are_shown_as_matching_reads_them(explainer):
    [crm, web] = explainer.records(["web:003", "crm:003"]).to_pylist()
    assert (crm["record_id"], web["record_id"]) == ("crm:003", "web:003")
    assert crm["source"] == "any"
    assert len(crm["address"].split()) == 4
    assert web["address"] is None
    assert crm["email"].endswith("@x.example")


def test_a_copy_needs_no_sum(explainer):
    verdict = explainer.pair("copy:000", "crm:000")
    assert (verdict.rule, verdict.probability) == ("identical record", 1.0)
    assert verdict.steps.num_rows == 0


@pytest.mark.parametrize(("said", "is_link"), [("same", True), ("different", False)])
def test_a_steward_stands_over_the_sum(said, is_link):
    explainer, _ = explain(RULES, ("crm:005", "fam:004", said), ("crm:004", "web:004", said))
    for one, other in (("crm:005", "fam:004"), ("crm:004", "web:004")):
        verdict = explainer.pair(one, other)
        last = verdict.steps.to_pylist()[-1]
        assert verdict.is_link is is_link
        assert verdict.rule == last["step"] == "steward"
        assert (last["weight"], last["total"]) == (None, None)
        assert verdict.probability == pytest.approx(float(is_link), abs=1e-9)


def test_what_the_rules_do_has_a_step():
    rules = RULES.model_copy(
        update={"thresholds": RULES.thresholds.model_copy(update={"merge": 5.0})}
    )
    explainer, _ = explain(rules)
    verdict = explainer.pair("crm:001", "web:001")
    steps = verdict.steps.to_pylist()
    assert steps[-1]["step"] == "threshold"
    assert steps[-1]["weight"] == -5.0
    assert steps[-1]["total"] == pytest.approx(verdict.weight, abs=0.02)
    assert "email_and_name" in {row["step"] for row in steps}


def test_groups_are_as_near_as_their_records_on_average(explainer):
    assert explainer.mean_weight(["crm:001"], ["web:001"]) > 0
    strangers = ["web:001", "crm:002", "web:002"]
    mean = explainer.mean_weight(["crm:001"], strangers)
    assert (10 - 10 - 10) / 3 <= mean < (10 - 1 - 1) / 3  # other birth dates are more than nothing


def test_known_records_only(explainer):
    assert explainer.known(["web:001", "gone:1", "crm:001"]) == ["crm:001", "web:001"]
    with pytest.raises(KeyError):
        explainer.pair("web:001", "gone:1")
    assert explainer.pairs([]) == []


def test_the_shortest_chain_is_found():
    links = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "c")]
    assert chain(links, "a", "d") == ["a", "c", "d"]
    assert chain(links, "a", "z") == []
