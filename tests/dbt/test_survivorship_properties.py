"""What holds for the golden record whatever the records and the rules: thousands of generated
clusters at once, under rules that Hypothesis draws, beside an oracle that reads them anew.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from dbt_project_runner import AS_OF, PROJECT
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kindred.ledger.pins import GROUPS, PINS

CUSTOMERS = 4_000
SOURCES = ("dealer_erp", "dynamics365", "salesforce", "sap_commerce", "partners", "unheard_of")
STRATEGIES = ("source_priority", "most_recent", "least_recent", "most_frequent", "most_complete")
TODAY = dt.date.fromisoformat(AS_OF)
LAST = dt.datetime.max
VALUES = {
    "given_name": ["Jan", "J.", "Johanna", "Piet", None],
    "middle_name": ["M.", None, None],
    "family_name": ["Smit", "de Vries", "van der Berg", "Müller", None],
    "birth_date": ["1980-03-12", "1980-12-03", "1990-01-01", "1850-01-01", "2031-01-01", None],
    "gender": ["male", "female", None],
    "email": ["a@x.nl", "b@x.nl", "A.B+tag@gmail.com", "test@test.com", "no address", None],
    "phone": ["+31612345678", "+31687654321", "+310000000000", "123", None],
    "street": ["Dam", "Singel", "Kade", None],
    "house_number": ["1", "2A", None],
    "postal_code": ["1012AB", "3011AA", None],
    "city": ["Amsterdam", "Rotterdam", None],
    "country_code": ["NL", "BE", None],
    "language": ["nl", "en", None],
    "company": ["Acme", "Bolt", None],
}
UNREADABLE = {"no address", "123"}
"""What no cleaning makes a value of: only the written form is there."""

MODELS = ("int_customers__winners", "int_customers__golden")
Row = dict[str, Any]


def a_record(draw: random.Random, number: int) -> Row:
    source = draw.choice(SOURCES)
    row: Row = {name: draw.choice(values) for name, values in VALUES.items()}
    written = {f"{name}_as_written": row[name] for name in ("email", "phone", "birth_date")}
    for name in ("email", "phone"):
        row[name] = None if row[name] in UNREADABLE else row[name] and row[name].lower()
    born = row["birth_date"] and dt.date.fromisoformat(row["birth_date"])
    days = draw.choice([None, *range(0, 3_000, 100)])
    at = None if days is None else dt.datetime(2026, 10, 31) - dt.timedelta(days)
    fixed = {"source_system": source, "data_party": "first", "party_class": "customer"}
    record = {"record_id": f"{source}:{number}", "birth_date": born, "updated_at": at}
    return row | written | fixed | record | {"created_at": at}


def a_pin(draw: random.Random, customer_id: str, number: int) -> Row:
    group = draw.choice(list(GROUPS))
    usable = {name: [v for v in VALUES[name] if v not in UNREADABLE] for name in GROUPS[group]}
    values = {name: draw.choice(usable[name]) for name in GROUPS[group]}
    signed = {"pinned_by": "me", "reason": "test", "pinned_at": dt.datetime(2026, 1, 1)}
    return (
        {"pin_id": number, "customer_id": customer_id, "attribute_group": group} | values | signed
    )


@pytest.fixture(scope="module")
def world(project):
    """A warehouse with the clusters, and the SQL of the models under test."""
    draw = random.Random(7)
    records, person_map, pins = [], [], []
    for customer in range(CUSTOMERS):
        size = draw.choice([1, 1, 2, 3, 4, 6])
        for _ in range(size):
            records.append(a_record(draw, len(records)))
            person_map.append((records[-1]["record_id"], f"kc_{customer}", size))
        if draw.random() < 0.1:
            pins.append(a_pin(draw, f"kc_{customer}", len(pins)))
    derived = project.home / "lake" / "derived"
    columns = ("record_id", "customer_id", "cluster_size")
    write(
        derived / "person_map",
        pa.table(dict(zip(columns, zip(*person_map, strict=True), strict=True))),
    )
    write(derived / "pins", pa.Table.from_pylist(pins, PINS))
    with duckdb.connect(str(project.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema semantic")
        for model in ("person_records", "destination_contacts"):
            warehouse.execute(f"create table semantic.{model} ({declared(model)})")
        warehouse.register("generated", pa.Table.from_pylist(records))
        warehouse.execute("insert into semantic.person_records by name select * from generated")
    project.succeed("seed", "--select", "path:seeds/customers", "path:seeds/identity")
    project.succeed(
        *("run", "--select", "int_identity__records", "int_identity__person_map"),
        *("bridge_customer_records", "int_customers__pins", "int_customers__candidates"),
    )
    built = project.succeed("compile", "--select", *MODELS).results
    sql = {result.node.name: result.node.compiled_code for result in built}
    with duckdb.connect(str(project.home / "warehouse.duckdb")) as warehouse:
        yield World(warehouse, sql, records, dict(row[:2] for row in person_map), pins)


def write(folder, table: pa.Table) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "part.parquet")


def declared(model: str) -> str:
    page = yaml.safe_load((PROJECT / "models" / "semantic" / f"{model}.yml").read_text())
    return ", ".join(f"{c['name']} {c['data_type']}" for c in page["models"][0]["columns"])


class World:
    """The clusters, and what the models make of them under one set of rules."""

    def __init__(self, warehouse, sql: dict[str, str], records, customers, pins) -> None:
        self.warehouse = warehouse
        self.sql = sql
        self.records: dict[str, list[Row]] = defaultdict(list)
        for record in records:
            self.records[customers[record["record_id"]]].append(record)
        self.pins = {(pin["customer_id"], pin["attribute_group"]): pin for pin in pins}
        self.candidates: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.read("select * from customers.int_customers__candidates"):
            self.candidates[row["customer_id"], row["attribute_group"]].append(row)
        ranks = self.read("select * from customers.source_ranks")
        self.ranks = {(r["attribute_group"], r["source_system"]): r["source_rank"] for r in ranks}

    def read(self, query: str) -> list[Row]:
        return self.warehouse.sql(query).to_arrow_table().to_pylist()

    def build(self, rules: dict[str, tuple[str, int | None]]) -> None:
        rows = [(group, strategy, days, "test") for group, (strategy, days) in rules.items()]
        self.warehouse.execute("delete from customers.survivorship_rules")
        self.warehouse.executemany(
            "insert into customers.survivorship_rules values (?, ?, ?, ?)", rows
        )
        for model in MODELS:
            self.warehouse.execute(
                f"create or replace table customers.{model} as {self.sql[model]}"
            )

    def golden(self) -> list[Row]:
        return self.read("select * from customers.int_customers__golden")

    def winners(self) -> list[Row]:
        return self.read("select * from customers.int_customers__winners where place = 1")


RULES = st.fixed_dictionaries(
    {
        group: st.tuples(st.sampled_from(STRATEGIES), st.none() | st.integers(1, 3_000))
        for group in GROUPS
    }
)


@settings(max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate])
@given(rules=RULES)
def test_what_holds_whatever_the_rules(world, rules):
    world.build(rules)
    every_group_is_one_record_whole_or_a_pin(world)
    the_winner_is_the_one_that_the_rule_means(world, rules)
    what_cannot_be_never_wins_where_something_can_and_is_flagged_alone(world)


def every_group_is_one_record_whole_or_a_pin(world):
    golden = world.golden()
    assert len(golden) == CUSTOMERS
    for row in golden:
        for group, names in GROUPS.items():
            found = tuple(row[name] for name in names)
            pin = world.pins.get((row["customer_id"], group))
            if pin:
                assert found == tuple(as_date(name, pin[name]) for name in names)
            elif any(found):
                said = {tuple(r[name] for name in names) for r in world.records[row["customer_id"]]}
                assert found in said, (group, found, said)


def the_winner_is_the_one_that_the_rule_means(world, rules):
    winners = {(w["customer_id"], w["attribute_group"]): w for w in world.winners()}
    assert set(winners) == set(world.candidates) | set(world.pins)
    for (customer, group), row in winners.items():
        if (customer, group) in world.pins:
            assert (row["strategy"], row["source_system"]) == ("pinned", "steward")
            continue
        best = choose(world.candidates[customer, group], *rules[group], world.ranks)
        assert row["record_id"] == best["record_id"], (rules[group], row, best)


def what_cannot_be_never_wins_where_something_can_and_is_flagged_alone(world):
    for row in world.golden():
        for group in ("email", "phone", "birth_date"):
            said = world.candidates.get((row["customer_id"], group))
            if (row["customer_id"], group) in world.pins or not said:
                assert row[f"{group}_issue"] is None
                continue
            possible = [one for one in said if one["issue"] is None]
            assert (row[f"{group}_issue"] is None) == bool(possible)
            assert (row[group] is not None) == bool(possible)


def test_the_generated_clusters_hold_what_is_hard(world):
    sizes = Counter(len(records) for records in world.records.values())
    assert len(world.records) == CUSTOMERS and min(sizes.values()) > 100
    issues = Counter(one["issue"] for rows in world.candidates.values() for one in rows)
    assert {"malformed", "shared_or_test", "impossible", None} <= set(issues)
    assert len(world.pins) > 100


def as_date(name: str, value: Any) -> Any:
    return dt.date.fromisoformat(value) if value and name == "birth_date" else value


def choose(said: list[Row], strategy: str, fresh_days: int | None, ranks: dict) -> Row:
    """The winner as one would say it, step by step: each step keeps the best of what is left."""
    left = [one for one in said if one["issue"] is None] or said
    if fresh_days is not None:
        left = [one for one in left if age(one) is not None and age(one) <= fresh_days] or left
    rank = {
        one["record_id"]: ranks.get((one["attribute_group"], one["source_system"]), 99)
        for one in said
    }
    votes = Counter(one["value_key"] for one in said)
    steps = {
        "source_priority": [lambda one: rank[one["record_id"]]],
        "most_recent": [],
        "least_recent": [lambda one: one["updated_at"] or LAST],
        "most_frequent": [lambda one: -votes[one["value_key"]], lambda one: rank[one["record_id"]]],
        "most_complete": [lambda one: -one["completeness"], lambda one: rank[one["record_id"]]],
    }[strategy]
    steps += [
        lambda one: (
            -(one["updated_at"] or dt.datetime(1, 1, 1)).timestamp() if one["updated_at"] else 1e12
        ),
        lambda one: rank[one["record_id"]],
        lambda one: one["record_id"],
    ]
    for step in steps:
        best = min(step(one) for one in left)
        left = [one for one in left if step(one) == best]
    return left[0]


def age(one: Row) -> int | None:
    """Days since the record was changed last."""
    return one["updated_at"] and (TODAY - one["updated_at"].date()).days
