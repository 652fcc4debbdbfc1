"""Looking at matching: the asset's facts and its brake, `explain`, `review`, `match --plan`."""

from __future__ import annotations

import json
import random
from functools import partial

import dagster as dg
import duckdb
import identity_rows
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from identity_rows import events
from typer.testing import CliRunner

from dagster_project import match_quality, matching, publishing
from dagster_project.cli import app
from dagster_project.defs.identity import match
from kindred import settings as kindred_settings
from kindred.identity.evidence import LEFT_ALONE
from kindred.ledger import Ledger

PEOPLE = 80
SYLLABLES = ("ba", "du", "fi", "go", "ha", "ke", "lo", "mi", "nu", "po", "ra", "so", "ta", "wi")
COLUMNS = ("record_id", "source_system", "given_name", "family_name", "birth_date", "email", "city")


def company() -> list[dict]:
    """Everybody is in the CRM and in the shop; a third of them forgot the email in the CRM."""
    draw = random.Random(3)

    def name(length: int) -> str:
        return "".join(draw.choices(SYLLABLES, k=length))

    rows = []
    for number in range(PEOPLE):
        born = f"{draw.randrange(1940, 2005)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        me = {"given_name": name(2), "family_name": name(3), "birth_date": born, "city": name(1)}
        email = f"{name(4)}@x.example"
        for source in ("crm", "web"):
            row = me | {"record_id": f"{source}:{number:02}", "source_system": source}
            rows.append(row | {"email": None if source == "crm" and number % 3 == 0 else email})
    rows.append({"record_id": "web:99", "source_system": "web", "given_name": rows[0]["given_name"],
                 "family_name": rows[0]["family_name"]})  # fmt: skip
    return [{column: row.get(column) for column in COLUMNS} for row in rows]


def land(home, rows: list[dict]) -> None:
    """Write what dbt would build before matching."""
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    records = pa.Table.from_pylist(rows, schema)
    names = ("record_id", "identifier_type", "identifier_value")
    identifiers = pa.table({name: pa.array([], pa.string()) for name in names})
    with duckdb.connect(home / "warehouse.duckdb") as connection:
        connection.register("r", records)
        connection.register("i", identifiers)
        connection.sql("create schema if not exists identity")
        connection.sql("create or replace table identity.int_identity__records as from r")
        connection.sql("create or replace table identity.int_identity__identifiers as from i")


def run(accepted: bool = False) -> dg.ExecuteInProcessResult:
    tags = {match_quality.ACCEPT_TAG: "true"} if accepted else {}
    return dg.materialize([match], raise_on_error=False, tags=tags)


def build_marts(home) -> None:
    """Write what dbt would build after matching."""
    derived = home / "lake" / "derived"
    with duckdb.connect(home / "warehouse.duckdb") as connection:
        for name, source in (("links", "identity_links"), ("reviews", "identity_reviews")):
            connection.sql(
                f"""create or replace table identity.fct_identity_{name} as
                select x.*, m.customer_id from '{derived / source}/*.parquet' as x
                inner join '{derived / "person_map"}/*.parquet' as m on m.record_id = x.record_id_1
                """
            )
        connection.sql("create schema if not exists contactability")
        connection.sql(
            """create or replace table contactability.fct_register_reviews as
            select '' as review_id, '' as register, 0.0 as weight where false"""
        )


def person_map(home) -> dict[str, str]:
    table = pq.read_table(home / "lake" / "derived" / "person_map" / "part-0.parquet")
    return dict(zip(table["record_id"].to_pylist(), table["customer_id"].to_pylist(), strict=True))


def outdated(path) -> dict:
    """What the weights' file says now that it is too old, so that the next run learns anew."""
    old = json.loads(path.read_text()) | {"learned_on": "2020-01-01"}
    path.write_text(json.dumps(old))
    return old


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A home after its first run, and that run."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINDRED_HOME", str(home))
        land(home, company())
        result = run()
        build_marts(home)
        yield home, result


@pytest.fixture
def home(first, monkeypatch):
    monkeypatch.setenv("KINDRED_HOME", str(first[0]))
    return first[0]


@pytest.fixture
def kindred(home):
    def call(*arguments: str, fails: bool = False) -> str:
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == int(fails), done.output
        return " ".join(done.output.split())

    return call


def test_a_run_shows_its_quality(first):
    _, result = first
    assert result.success
    found = {event.asset_key.path[-1]: event.step_materialization_data.materialization.metadata
             for event in result.get_asset_materialization_events()}  # fmt: skip
    assert found["person_map"]["share of records merged"].value == pytest.approx(0.5, abs=0.02)
    assert found["identity_reviews"]["pairs to review"].value >= 0
    for table, chart in (("person_map", "customers by size"),
                         ("identity_links", "links by probability")):  # fmt: skip
        assert "](data:image/png;base64,iVBOR" in found[table][chart].value
    checks = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert checks == {
        "merged_share_is_steady": True,
        "few_records_changed_customer": True,
        "clusters_keep_their_limits": True,
    }


def test_clusters_that_break_a_limit_are_counted_and_warned_of(tmp_path, monkeypatch):
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    (tmp_path / "rules.yml").write_text("cluster_cap: 2\n")
    monkeypatch.setenv("KINDRED_IDENTITY_RULES", str(tmp_path / "rules.yml"))
    rows = company()
    thrice = [row | {"record_id": f"app:{row['record_id']}", "source_system": "app"}
              for row in rows if row["source_system"] == "web"]  # fmt: skip
    land(tmp_path, rows + thrice)
    result = run()
    assert result.success  # what is held doesn't stop the others
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    found = checks["clusters_keep_their_limits"]
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    held = found.metadata["clusters held"].value
    assert held == found.metadata["more than 2 records"].value > PEOPLE * 0.9
    found = person_map(tmp_path)
    assert sum(found[f"web:{n:02}"] == found[f"crm:{n:02}"] for n in range(PEOPLE)) < PEOPLE * 0.1


def test_a_jump_stops_before_anything_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    land(tmp_path, company())
    assert run().success
    before, weights = person_map(tmp_path), tmp_path / "models" / "identity.json"
    old = outdated(weights)
    emptied = [row | ({"given_name": None, "family_name": None, "email": None, "birth_date": None}
                      if row["source_system"] == "web" else {}) for row in company()]  # fmt: skip
    land(tmp_path, emptied)
    for _ in range(2):  # a second try is no consent
        stopped = run()
        assert not stopped.success
        [check] = stopped.get_asset_check_evaluations()
        assert (check.check_name, check.passed) == ("merged_share_is_steady", False)
        assert person_map(tmp_path) == before
        assert json.loads(weights.read_text()) == old
    with Ledger.open(kindred_settings.load().ledger) as ledger:
        assert ledger.customer_of("web:01") == before["web:01"] == before["crm:01"]
    assert run(accepted=True).success
    after = person_map(tmp_path)
    assert after["web:01"] != after["crm:01"]
    assert json.loads(weights.read_text())["learned_on"] > "2020-01-01"


def test_a_run_after_one_that_was_killed_warns_of_what_that_one_changed(tmp_path, monkeypatch):
    """Killed when it had saved the ids, and before anybody heard of them."""
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path))
    rows = company()
    land(tmp_path, rows)
    assert run().success
    web = [row for row in rows if row["source_system"] == "web"][:20]
    for one, other in zip(web[::2], web[1::2], strict=True):  # each says what the other one said
        one["record_id"], other["record_id"] = other["record_id"], one["record_id"]
    land(tmp_path, rows)
    before, write = person_map(tmp_path), publishing.write_derived

    def killed(last, folder, table):
        if folder.name == last:
            raise KeyboardInterrupt
        write(folder, table)

    for last in ("identity_links", "person_map"):
        monkeypatch.setattr(publishing, "write_derived", partial(killed, last))
        assert not run().success
        assert person_map(tmp_path) == before
    monkeypatch.setattr(publishing, "write_derived", write)
    for passed in (False, True):
        checks = {c.check_name: c for c in run().get_asset_check_evaluations()}
        assert checks["few_records_changed_customer"].passed == passed
    assert person_map(tmp_path)["web:00"] == before["crm:01"]


def test_explain_a_customer(kindred, home, tmp_path):
    customer = person_map(home)["crm:01"]
    file, picture = tmp_path / "found.json", tmp_path / "picture.svg"
    said = kindred("explain", customer, "--json", str(file), "--picture", str(picture))
    assert "2 records as matching reads them" in said
    found = json.loads(file.read_text())
    assert [row["record_id"] for row in found["records"]] == ["crm:01", "web:01"]
    [link] = found["links"]
    assert link["probability"] > 0.9
    assert "same birth date" in link["because"]
    drawn = picture.read_text()
    assert "<svg" in drawn
    assert "@font-face" not in drawn
    assert json.loads(file.read_text())["links"][0]["steps"][0]["kind"] == "prior"


def test_explain_two(kindred, home, tmp_path):
    file = tmp_path / "found.json"
    assert "One person, customer" in kindred("explain", "crm:01", "web:01")
    said = kindred("explain", "crm:01", person_map(home)["crm:02"], "--json", str(file))
    assert "Not one person" in said
    found = json.loads(file.read_text())
    assert "family name" in found["because"]
    assert found["weight"] < 0
    assert found["steps"][-1]["total"] == pytest.approx(found["weight"], abs=0.02)


def test_explain_names_a_decision_and_follows_retired_ids(kindred, home, tmp_path):
    file = tmp_path / "found.json"
    with Ledger.open(kindred_settings.load().ledger) as ledger:
        retired = "kc_retired"
        merged = events(("merged", person_map(home)["crm:05"], retired))
        ledger.save_identity(identity_rows.person_map(), merged, identity_rows.NOW)
    assert "crm:05" in kindred("explain", retired)
    kindred("split", "crm:07", "web:07", "--why", "told us", "--later")
    said = kindred("explain", "crm:07", "web:07", "--json", str(file))
    kindred("unlink", "crm:07", "web:07", "--why", "a test", "--later")
    assert "The last run didn't see it so" in said
    found = json.loads(file.read_text())
    assert (found["rule"], found["weight"], found["probability"]) == ("steward", None, 0)
    assert found["steps"][-1]["finding"] == "decided: never one person"


def test_explain_says_who_joined_for_being_left_alone(kindred, monkeypatch, tmp_path):
    rules = tmp_path / "rules.yml"
    nobody = "deterministic: {email_and_name: null}\nsources: {default: {trust: 0.1}}\n"
    rules.write_text(f"{nobody}thresholds: {{merge: 11}}\n")
    monkeypatch.setenv("KINDRED_IDENTITY_RULES", str(rules))
    later = "The last run didn't see it so"
    said = kindred("explain", "crm:01", "web:01")
    assert "These two alone are not one person" in said
    assert later in said
    of_the_last_run, of_links = matching.table, "identity.fct_identity_links"
    links = of_the_last_run(kindred_settings.load(), of_links)
    place = links.column_names.index("rule")
    rule = pc.binary_join_element_wise(links["rule"], LEFT_ALONE, " + ")
    taken_in = links.set_column(place, "rule", rule)

    def told(settings, relation):
        return taken_in if relation == of_links else of_the_last_run(settings, relation)

    monkeypatch.setattr(matching, "table", told)
    said = kindred("explain", "crm:01", "web:01")
    assert "But one of them was left alone" in said
    assert later not in said
    assert "left alone" in kindred("explain", "crm:01")


def test_who_is_no_customer_yet_is_named_and_what_to_do(kindred, home, tmp_path, monkeypatch):
    """As when the brake has stopped the first run, and when a record came after the last one."""
    known = person_map(home)
    monkeypatch.setenv("KINDRED_LEDGER_URL", f"sqlite:///{tmp_path / 'new.db'}")
    for other, person in (("web:01", "one person"), ("crm:02", "not one person")):
        said = kindred("explain", "crm:01", other)
        assert f"These two alone are {person}: " in said
        assert f"crm:01 and {other} are no customer's yet" in said
        assert "start `kindred run`" in said
        assert "None" not in said
    assert "crm:01 is no customer's yet" in kindred("explain", "crm:01", fails=True)
    with Ledger.open(kindred_settings.load().ledger) as ledger:
        table = identity_rows.person_map(**{"crm:01": known["crm:01"]})
        ledger.save_identity(table, events(), identity_rows.NOW)
    said = kindred("explain", "crm:01", "web:01")
    assert "web:01 is no customer's yet" in said
    assert "crm:01 is" not in said


def test_a_threshold_is_named_beside_the_sum(kindred, tmp_path, monkeypatch):
    rules = tmp_path / "rules.yml"
    rules.write_text("thresholds: {merge: 2}\n")
    before = kindred("explain", "crm:01", "web:01")
    monkeypatch.setenv("KINDRED_IDENTITY_RULES", str(rules))
    said = kindred("explain", "crm:01", "web:01")
    assert "bits over the threshold, probability" in said
    assert "over the threshold" not in before
    assert said.rpartition(" probability ")[2][:6] == before.rpartition(" probability ")[2][:6]


def test_who_is_unknown_is_named(kindred, tmp_path):
    assert "nobody:1" in kindred("explain", "nobody:1", fails=True)
    assert "one record" in kindred("explain", "crm:01", "crm:01", fails=True)
    assert ".svg or .png" in kindred("explain", "crm:01", "--picture", "x.pdf", fails=True)


def test_before_the_first_run_a_clear_message(tmp_path, monkeypatch, kindred):
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "new"))
    (tmp_path / "new").mkdir()
    for command in (["explain", "crm:01"], ["review"], ["match", "--plan"]):
        assert "nothing has run" in kindred(*command, fails=True)


def test_review_shows_both_sides(kindred, home, tmp_path):
    file = tmp_path / "reviews.json"
    assert "nothing to review" in kindred("review", "--json", str(file))
    with duckdb.connect(home / "warehouse.duckdb") as connection:
        connection.sql(
            """insert into identity.fct_identity_reviews by name select * from (values
            ('r1', 'pair', 'crm:01', 'web:02', 0.4, 2, 'given', 'kc_1'),
            ('r2', 'pair', 'crm:03', 'web:04', 0.3, 2, 'given', 'kc_2'),
            ('r3', 'cluster', 'crm:05', null, null, 60, 'more than 50 records', 'kc_3')
            ) as t(review_id, kind, record_id_1, record_id_2, probability, record_count,
            reason, customer_id)"""
        )
    said = kindred("review", "--json", str(file), "--limit", "2")
    rows = json.loads(file.read_text())
    assert [row["review_id"] for row in rows] == ["r3", "r1", "r2"]
    assert "To review: 3, the first 2" in said
    assert "kindred review accept ID" in said
    assert rows[1]["given_name_1"] and rows[1]["given_name_2"]
    assert rows[0]["given_name_2"] is None


def test_the_plan_shows_what_rules_would_do_and_does_nothing(kindred, home, tmp_path):
    assert "what would" not in kindred("match", "--plan", "--json", str(tmp_path / "same.json"))
    same = json.loads((tmp_path / "same.json").read_text())
    assert same["events"] == []
    rules = tmp_path / "rules.yml"
    nobody = "deterministic: {email_and_name: null}\nsources: {default: {trust: 0.1}}\n"
    rules.write_text(f"{nobody}thresholds: {{merge: 11, review: 10}}\n")
    before, path = person_map(home), home / "models" / "identity.json"
    kept = path.read_text()
    weights = outdated(path)
    file = tmp_path / "plan.json"
    said = kindred("match", "--plan", "--rules", str(rules), "--json", str(file))
    found = {row["change"]: row["events"] for row in json.loads(file.read_text())["changes"]}
    assert found["split"] > PEOPLE / 2
    assert "--accept-merges" in said
    assert person_map(home) == before
    assert json.loads(path.read_text()) == weights
    path.write_text(kept)
    with Ledger.open(kindred_settings.load().ledger) as ledger:
        assert ledger.customer_of("web:01") == before["crm:01"]


def test_match_asks_for_a_file_or_the_plan(kindred):
    assert "ask for --plan" in kindred("match", fails=True)
    assert "leave out the file" in kindred("match", "people.csv", "--plan", fails=True)


def test_a_decision_holds_at_once_and_taking_it_back_gives_the_ids_of_before(kindred, home):
    before = person_map(home)
    assert before["crm:07"] == before["web:07"]
    kindred("split", "crm:07", "web:07", "--why", "told us")
    apart = person_map(home)
    assert apart["crm:07"] != apart["web:07"]
    kindred("unlink", "crm:07", "web:07", "--why", "a mistake")
    assert person_map(home) == before
