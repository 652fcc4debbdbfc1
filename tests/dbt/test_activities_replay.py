"""The timeline is what happened, whatever way it arrived: late, twice, in any order."""

from __future__ import annotations

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SOURCES = ("web_events",)
START = 1_759_276_800_000_000
"""The first microsecond of a month, UTC."""
MINUTE = 60 * 1_000_000
EVENTS = 400
TABLES = "web_events", "person_records", "int_identity__person_map", "bridge_customer_records"
TEXTS = ("message_id", "type", "event", "anonymous_id", "user_id", "url", "product_code")
SCHEMA = pa.schema(
    {name: pa.string() for name in (*TEXTS, "traits_email", "_dlt_load_id", "_file")}
    | {"timestamp": pa.timestamp("us"), "received_at": pa.timestamp("us"), "_row": pa.int64()}
)


def month() -> list[dict]:
    """A month of five browsers; one of them says on the twentieth day who he is."""
    numbers = random.Random(4)
    found = []
    for number in range(EVENTS):
        at = START + number * 108 * MINUTE
        visitor = f"v{numbers.randrange(5)}"
        kind = numbers.choice(["page", "track"])
        found.append(
            {
                "message_id": f"m{number}",
                "type": kind,
                "event": "Product Viewed" if kind == "track" else None,
                "anonymous_id": visitor,
                "timestamp": at,
                "received_at": at + MINUTE,
                "url": f"/page/{number % 17}",
                "product_code": f"P{number % 9}" if kind == "track" else None,
            }
        )
    at = START + 20 * 24 * 60 * MINUTE
    said = {"type": "identify", "anonymous_id": "v1", "user_id": "C1", "traits_email": "a@x.nl"}
    return [*found, {"message_id": "said", "timestamp": at, "received_at": at, **said}]


class Company:
    """A lake into which events arrive, and the timeline that dbt makes of them."""

    def __init__(self, project) -> None:
        self.project = project
        self.landed = 0

    def land(self, events: list[dict]) -> None:
        self.landed += 1
        folder = self.project.home / "lake" / "raw" / "web_events" / "events"
        folder.mkdir(parents=True, exist_ok=True)
        marks = {"_dlt_load_id": f"{self.landed:05}.0", "_file": f"{self.landed:05}"}
        rows = [event | marks | {"_row": place} for place, event in enumerate(events)]
        table = pa.Table.from_pylist(rows, SCHEMA)
        pq.write_table(table, folder / f"{self.landed:05}.parquet")

    def forget(self) -> None:
        for path in (self.project.home / "lake" / "raw").rglob("*.parquet"):
            path.unlink()

    def identities(self, customers: dict[str, str]) -> None:
        folder = self.project.home / "lake" / "derived" / "person_map"
        folder.mkdir(parents=True, exist_ok=True)
        rows = [
            {"record_id": f"web_events:{v}", "customer_id": c, "cluster_size": 1}
            for v, c in customers.items()
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / "part-0.parquet")

    def timeline(self, *words: str) -> list[tuple]:
        nodes = ["stg_web_events__events", *TABLES, "int_activities__web", "fct_activities"]
        self.project.succeed("run", "--select", *nodes, *words, sources=SOURCES)
        return self.project.query("select * from activities.fct_activities order by activity_id")


@pytest.fixture(scope="module")
def company(project) -> Company:
    project.succeed(
        *("build", "--select", "+fct_activities", "--resource-type", "model", "seed"),
        sources=SOURCES,
    )
    return Company(project)


APART = {f"v{number}": f"kc_{number}" for number in range(5)}
MERGED = APART | {"v1": "kc_person", "v2": "kc_person"}


@pytest.fixture(scope="module")
def in_order(company) -> list[tuple]:
    """The month landed once, in order, the persons known from the start, built from nothing."""
    company.identities(MERGED)
    company.land(month())
    return company.timeline("--full-refresh")


def test_a_month_in_random_order_twice_gives_the_same_timeline(company, in_order):
    company.forget()
    company.identities(APART)
    shuffled = month()
    random.Random(7).shuffle(shuffled)
    third = len(shuffled) // 3
    sizes = []
    for number, batch in enumerate([shuffled[:third], shuffled[third:], shuffled]):
        if number == 2:
            company.identities(MERGED)
            random.Random(8).shuffle(batch)
        company.land(batch)
        found = company.timeline()
        sizes.append(len(found))
    assert sizes[0] < sizes[1] == sizes[2] == len(in_order) == EVENTS + 1
    assert found == in_order


def test_who_identifies_himself_owns_his_visits_from_the_first_one(in_order):
    of_person = [row for row in in_order if row[1] == "kc_person"]
    firsts = {row[2]: min(r[7] for r in of_person if r[2] == row[2]) for row in of_person}
    said = next(row[7] for row in of_person if row[3] == "visitor_identified")
    assert set(firsts) == {"web_events:v1", "web_events:v2"}
    assert all(first < said for first in firsts.values())


def test_what_a_source_takes_back_leaves_the_timeline(company, in_order):
    company.forget()
    company.identities(MERGED)
    company.land(month()[10:])
    ids = {row[0] for row in company.timeline()}
    assert ids == {row[0] for row in in_order} - {f"web_event:web_events:m{n}" for n in range(10)}


def test_owners_come_go_and_change_as_if_built_from_nothing(company):
    """A record that was nobody's, a split, and a day that says something else: no trace remains."""
    company.forget()
    company.identities({who: MERGED[who] for who in ("v0", "v1", "v2")})
    company.land(month()[:300])
    assert {row[1] for row in company.timeline()} == {"kc_0", "kc_person"}
    company.identities({"v1": "kc_1", "v2": "kc_person", "v3": "kc_3"})
    corrected = [event | {"url": "/corrected"} for event in month()[40:60]]
    company.land([*month()[300:], *corrected])
    found = company.timeline()
    assert {row[1] for row in found} == {"kc_1", "kc_person", "kc_3"}
    assert sum(row[10] == "/corrected" for row in found) > 5
    assert found == company.timeline("--full-refresh")
