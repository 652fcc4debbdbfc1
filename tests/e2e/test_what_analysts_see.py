"""What analysts and business see after a run: measures, segments, charts, SQL that works."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml
from dbt.cli.main import dbtRunner

from dagster_project import dbt_build, reading, transform
from kindred.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
SEGMENTS = PROJECT / "models" / "segments"
HOW_TO = ROOT / "docs" / "how-to" / "read-gold-tables.md"
pytestmark = pytest.mark.e2e

PLAIN_SQL = {
    "match_rate": "select sum(record_count) / count(*) from customers.dim_customers "
    "where lifecycle <> 'visitor'",
    "repeat_rate": "with bought as (select customer_id, count(*) as n from semantic.orders "
    "join customers.bridge_customer_records using (record_id) "
    "where status in ('open', 'completed') and net_amount > 0 group by 1) "
    "select count(*) filter (n > 1) / count(*) from bought",
    "active_customer_share": "with bought as (select customer_id, max(ordered_at) as last "
    "from semantic.orders join customers.bridge_customer_records using (record_id) "
    "where status in ('open', 'completed') and net_amount > 0 group by 1) "
    "select count(*) filter (last >= date '2026-11-01' - 365) / count(*) from bought",
    "cart_recovery": "select count(*) filter (status = 'converted') / count(*) "
    "from semantic.carts where status in ('converted', 'abandoned')",
    "campaign_response": "select count(distinct campaign_id || record_id) "
    "filter (event_type = 'click') / (count(distinct campaign_id || record_id) "
    "filter (event_type = 'send') - count(distinct campaign_id || record_id) "
    "filter (event_type like 'bounce%')) from semantic.email_events",
    "pipeline_coverage": "select (select sum(cast(estimated_value * probability as decimal(18, 2)))"
    " from semantic.opportunities where status = 'open') / (select sum(net_amount) "
    "from semantic.orders where status = 'open' and order_kind = 'vehicle')",
    "order_lead_time": "select avg(date_diff('day', ordered_at, delivered_on)) "
    "from semantic.orders where order_kind = 'vehicle' and status <> 'cancelled'",
    "contactable_share_email_marketing": "select count(*) filter (allowed) / count(*) "
    "from contactability.fct_contactability join customers.dim_customers using (customer_id) "
    "where channel = 'email' and purpose = 'marketing' and lifecycle <> 'visitor' "
    "and not deceased",
    "customer_revenue": "select sum(net_amount) from semantic.orders "
    "join customers.bridge_customer_records using (record_id) "
    "where status in ('open', 'completed')",
    "margin_share": "select 1 - sum(quantity * purchase_price) / sum(l.net_amount) "
    "from semantic.order_lines l join semantic.products using (product_code) "
    "join semantic.orders using (order_id) join customers.bridge_customer_records "
    "using (record_id) where status in ('open', 'completed')",
    "service_revenue": "select sum(net_amount) from semantic.service_visits "
    "join customers.bridge_customer_records using (record_id)",
    "satisfaction": "with answered as (select customer_id, avg(score) as score "
    "from semantic.surveys join customers.bridge_customer_records using (record_id) group by 1) "
    "select avg(score) from answered",
}
"""What each measure must be, said once more without dbt's metrics."""


@pytest.fixture(scope="module")
def settings(home) -> Settings:
    return Settings(home=home.path)


@pytest.fixture(scope="module")
def ask(home, first) -> Callable[[str], list[tuple]]:
    """Rows of a query on the warehouse, which is let go at once: others open it to write."""

    def asked(query: str) -> list[tuple]:
        with duckdb.connect(home.path / "warehouse.duckdb", read_only=True) as connection:
            return connection.sql(query).fetchall()

    return asked


@pytest.fixture(scope="module")
def measures(ask) -> dict[str, float | None]:
    return dict(ask("select measure, value from measures.business_measures"))


@pytest.fixture(scope="module")
def parsed(settings, first) -> Path:
    """Where the project lies that the run has parsed."""
    return transform.ensure_manifest(settings).parent


def test_metrics_are_defined_and_each_has_a_value(settings, first, measures):
    metrics = transform.manifest_of(settings)["metrics"].values()
    assert len(metrics) > 40
    assert all(metric["description"] and metric["label"] for metric in metrics)
    assert {metric["name"] for metric in metrics} == set(measures)


@pytest.mark.parametrize("measure", PLAIN_SQL)
def test_a_measure_is_what_plain_sql_says(measure, measures, ask):
    [(expected,)] = ask(PLAIN_SQL[measure])
    assert expected is not None
    assert measures[measure] == pytest.approx(float(expected), rel=1e-9)


def test_metricflow_reads_the_same_definitions(home, settings, parsed, measures, tmp_path):
    """dbt's own engine answers from the project's files and gets the same numbers."""
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    (copy / "target").mkdir()
    for name in ("manifest.json", "semantic_manifest.json"):
        shutil.copy(parsed / name, copy / "target")
    ratios = sorted(
        metric["name"]
        for metric in transform.manifest_of(settings)["metrics"].values()
        if metric["type"] == "ratio" and measures[metric["name"]] is not None
    )
    answer = tmp_path / "answer.csv"
    executable = str(Path(sys.executable).with_name("mf"))
    done = subprocess.run(
        [executable, "query", "--metrics", ",".join(ratios), "--csv", str(answer)],
        cwd=copy,
        env=home.environment
        | {"DBT_PROFILES_DIR": str(copy), "KINDRED_AS_OF": "2026-11-01"}
        | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    [row] = csv.DictReader(answer.read_text().splitlines())
    found = {name: float(value) for name, value in row.items()}
    assert found == pytest.approx({name: measures[name] for name in ratios}, rel=1e-6)


def test_the_rules_downstream_hold(settings, first, tmp_path):
    """dbt's unit tests of these folders, beside the finished tables whose columns they need."""
    folders = ("activities", "measures", "segments", "marts", "journeys", "features", "audiences")
    dated = settings.model_copy(update={"as_of": dt.date(2026, 11, 1)})
    selected = [f"path:models/{folder},test_type:unit" for folder in folders]
    places = ["--target-path", str(tmp_path), "--log-path", str(tmp_path)]
    with transform.environment(dated), dbt_build.warehouse_released():
        done = dbtRunner(transform.parsed(dated)).invoke(
            ["--quiet", "test", *transform.PROJECT_FLAGS, *places, "--select", *selected]
        )
    assert done.exception is None
    statuses = {result.node.name: result.status for result in done.result.results}
    assert {name: status for name, status in statuses.items() if status != "pass"} == {}
    assert len(statuses) >= 30


def test_measures_are_kept_by_the_day(settings, first):
    with reading.open_gold(settings, ["fct_measure_history", "business_measures"]) as gold:
        today = gold.sql("select measure, value, as_of from business_measures").fetchall()
        kept = gold.sql("from fct_measure_history").fetchall()
    assert set(today) <= set(kept)


def test_a_preview_counts_what_the_saved_segment_holds(settings, first):
    """One file, read by dbt in the warehouse and by `kindred preview` from what is published."""
    from kindred.segments import Definition, preview

    names = [path.stem.removeprefix("segment_") for path in SEGMENTS.glob("segment_*.yml")]
    files = {name: SEGMENTS / f"segment_{name}.sql" for name in names}
    asked = {n: p for n, p in files.items() if "definition" in p.with_suffix(".yml").read_text()}
    assert len(asked) >= 15
    with reading.open_gold(settings, ["customer_traits", "fct_segment_members"]) as gold:
        saved = dict(
            gold.sql("select segment, count(*) from fct_segment_members group by 1").fetchall()
        )
        found = {
            name: preview(
                gold, Definition.render(path.read_text(), reading.published_day(settings))
            ).members
            for name, path in asked.items()
        }
    assert {name: count for name, count in found.items() if count} == saved


def test_a_customer_is_compared_with_others_like_him(home, first):
    """Percentiles by counting: the share of the others with less, of the same band and place."""
    rows = home.warehouse(
        "select age_band, region, lifecycle, lifetime_revenue + service_spend, service_visits, "
        "web_events_90 + emails_clicked_365 + calls_365, peers, spend_percentile, "
        "visits_percentile, engagement_percentile from measures.customer_traits"
    )
    alike: dict[tuple, list[tuple]] = {}
    for row in rows:
        alike.setdefault(row[:3], []).append(row)
    assert max(len(group) for group in alike.values()) > 3
    for group in alike.values():
        for row in group:
            assert row[6] == len(group)
            for place, percentile in enumerate(row[7:], start=3):
                less = sum(other[place] < row[place] for other in group)
                assert percentile == pytest.approx(less / max(len(group) - 1, 1))


def test_a_second_run_on_the_same_day_leaves_the_history_alone(settings, first, second):
    with reading.open_gold(settings, ["fct_segment_history", "fct_segment_members"]) as gold:
        stays = gold.sql("select count(*), count(left_on), count(distinct entered_on) "
                         "from fct_segment_history").fetchall()  # fmt: skip
        [(members,)] = gold.sql("select count(*) from fct_segment_members").fetchall()
    assert stays == [(members, 0, 1)]


def test_segments_are_shown_and_asked_as_of_a_day(home, first, tmp_path):
    listed = tmp_path / "listed.json"
    done = home.kindred("segments", "--as-of", "2026-11-01", "--json", str(listed))
    assert done.returncode == 0, done.stderr
    rows = {row["segment"]: row["members"] for row in json.loads(listed.read_text())}
    assert rows["waiting_for_car"] > 0
    before = home.kindred("segments", "--as-of", "2026-10-31", "--json", str(listed))
    assert before.returncode == 0
    assert json.loads(listed.read_text()) == []
    one = home.kindred("segments", "waiting_for_car", "--json", str(listed))
    assert one.returncode == 0, one.stderr
    steps = json.loads(listed.read_text())["steps"]
    assert [step["clause"] for step in steps] == ["everybody", "cars_waited_for > 0"]
    assert steps[-1]["left"] == rows["waiting_for_car"]


def test_the_timeline_of_a_customer_is_told(home, first, ask, tmp_path):
    [(customer, record, count)] = ask(
        "select customer_id, min(record_id), count(*) from activities.fct_activities "
        "group by 1 order by 3 desc, 1 limit 1"
    )
    for named in (customer, record):
        told = tmp_path / "told.json"
        done = home.kindred("timeline", named, "--most", "100000", "--json", str(told))
        assert done.returncode == 0, done.stderr
        rows = json.loads(told.read_text())
        assert len(rows) == count
        assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert home.kindred("timeline", "nobody").returncode == 1


@pytest.mark.parametrize(
    ("asset", "pictures"),
    [
        ("segments/segment_catalogue", ["segments"]),
        ("sales/sales_charts", ["sales_funnel", "dealer_ranking", "open_orders_by_age"]),
    ],
)
def test_pictures_are_shown_and_saved(home, first, asset, pictures):
    with home.instance() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(asset.split("/")))
    shown = [str(value.value) for value in event.asset_materialization.metadata.values()]
    assert sum("data:image/png;base64," in text for text in shown) == len(pictures)
    for name in pictures:
        content = (home.path / "pictures" / f"{name}.svg").read_text()
        assert "<svg" in content and "http-equiv" not in content


def test_revenue_of_the_marts_is_that_of_the_shops_and_the_erp(home, first, settings):
    """From the systems' own stores, past everything that Kindred made of them."""
    files = home.path / "sandbox" / "files"
    with sqlite3.connect(files / "dealer_erp.db") as erp:
        [(cars,)] = erp.execute(
            "select sum(net_amount) from vehicle_orders where status <> 'cancelled'"
        ).fetchall()
    with sqlite3.connect(home.path / "sandbox" / "state" / "sap_commerce.db") as shop:
        [(new_shop,)] = shop.execute(
            "select sum(totalPrice) from orders where status not in ('CANCELLED', 'RETURNED')"
        ).fetchall()
    [(old_shop,)] = duckdb.sql(
        "select sum(grand_total - coalesce(tax_amount, 0) - coalesce(shipping_amount, 0)) "
        "from read_csv($files) where status not in ('canceled', 'closed')",
        params={"files": str(files / "magento" / "orders_*.csv")},
    ).fetchall()
    with reading.open_gold(settings, ["sales_dealer_performance", "customer_measures"]) as gold:
        [(sold,)] = gold.sql("select sum(vehicle_revenue) from sales_dealer_performance").fetchall()
        [(bought,)] = gold.sql("select sum(accessory_revenue) from customer_measures").fetchall()
    assert float(sold) == pytest.approx(cars, abs=0.01)
    assert float(bought) == pytest.approx(new_shop + old_shop, abs=0.01)


def test_sql_in_the_how_to_works(settings, first):
    text = HOW_TO.read_text()
    queries = re.findall(r"^    (select [^`]*?;)$", text, re.MULTILINE | re.DOTALL)
    queries = [query for query in queries if "delta_scan" not in query]
    assert len(queries) >= 5
    for query in queries:
        tables = set(re.findall(r"\bfrom ([a-z_]+)", query))
        with reading.open_gold(settings, tables) as gold:
            gold.sql(query).fetchall()
    [python] = re.findall(r"## A notebook\n\n((?:    .*\n|\n)+)", text)
    script = re.sub(r"^    ", "", python, flags=re.MULTILINE).replace(
        "data/lake/gold", str(settings.gold)
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_exposure_has_an_owner_and_reads_a_published_table(settings, first):
    exposures = yaml.safe_load((PROJECT / "models" / "exposures.yml").read_text())["exposures"]
    published = {path.parent.name for path in settings.gold.glob("*/*/_delta_log")}
    for exposure in exposures:
        assert exposure["owner"]["name"], exposure["name"]
        if exposure["type"] == "ml":  # reads inside the run, from the warehouse
            continue
        used = {re.search(r"'(.*)'", entry)[1] for entry in exposure["depends_on"]}
        assert used <= published, exposure["name"]
