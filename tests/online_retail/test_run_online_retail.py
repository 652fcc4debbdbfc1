"""A real web shop's file, brought in as a user would bring a source of their own.

Its total must be the file's own. The file (UCI Online Retail, CC BY 4.0) is not part of the
repository: KINDRED_TEST_DATA names its folder, else `../shared/data` beside the repository is used.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from ingestion import landing
from kindred import settings

FOLDER = Path(os.environ.get("KINDRED_TEST_DATA", settings.PROJECT_ROOT.parent / "shared" / "data"))
FILE = FOLDER / "online_retail.parquet"
LINES = 541_909
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not FILE.exists(),
        reason=f"{FILE} is not there: fetch UCI Online Retail, or set KINDRED_TEST_DATA",
    ),
]


@pytest.fixture(scope="module")
def shop(home, tmp_path_factory):
    """The shop landed twice (a file that changed lands again), and the whole graph of it alone."""
    shop = type(home)(tmp_path_factory.mktemp("shop"))
    known = settings.Settings(
        home=shop.path, sources="online_retail", files={"online_retail": str(FILE)}
    )
    assert landing.land(known, "online_retail").rows == {"online_retail": LINES}
    (landed,) = (known.raw / "online_retail" / "online_retail").glob("*.parquet")
    again = "select * replace ('9' || _dlt_load_id as _dlt_load_id) from read_parquet(?)"
    copy = landed.with_name("again.parquet")
    with duckdb.connect() as memory:
        memory.execute(f"create table landed as {again}", [str(landed)])
        memory.table("landed").write_parquet(str(copy))
    done = shop.kindred(
        "run",
        KINDRED_SOURCES="online_retail",
        KINDRED_FILES_ONLINE_RETAIL=str(FILE),
        KINDRED_AS_OF="2011-12-10",
    )
    assert done.returncode == 0, done.stdout + done.stderr + shop.log()
    return shop


def directly(sql: str):
    """One value of a query on the file itself."""
    with duckdb.connect() as memory:
        return memory.execute(f"select {sql} from read_parquet(?)", [str(FILE)]).fetchone()[0]


def test_the_shop_alone_builds_the_whole_graph_and_the_unchanged_file_lands_nothing(shop):
    assert shop.last_run["assets"]["online_retail/online_retail"]["rows landed"] == 0
    assert len(shop.gold("customers/dim_customers")) > 4_000


def test_net_revenue_is_that_of_the_file(shop):
    in_file = directly("sum(cast(Quantity * UnitPrice as decimal(18, 2)))")
    ((in_lines,),) = shop.warehouse("select sum(net_amount) from semantic.order_lines")
    ((in_orders,),) = shop.warehouse("select sum(net_amount) from semantic.orders")

    assert in_lines == in_orders == in_file
    assert float(in_file) == pytest.approx(directly("sum(Quantity * UnitPrice)"), abs=0.005)


def test_every_line_document_and_customer_arrives_once(shop):
    ((lines, orders, people),) = shop.warehouse(
        "select (select count(*) from semantic.order_lines), "
        "(select count(*) from semantic.orders), (select count(*) from semantic.person_records)"
    )

    assert lines == directly("count(*)")
    assert orders == directly("count(distinct InvoiceNo)")
    assert people == directly("count(distinct CustomerID)")


def test_lines_without_a_customer_are_orders_without_a_person(shop):
    ((lines,),) = shop.warehouse(
        "select count(*) from semantic.order_lines "
        "inner join semantic.orders using (order_id) where record_id is null"
    )

    assert lines == directly("count(*) filter (CustomerID is null)")


def test_credit_notes_reduce_revenue_and_what_is_no_product_is_told_apart(shop):
    ((credits,),) = shop.warehouse(
        "select sum(net_amount) from semantic.orders where stage = 'credit_note'"
    )
    ((shipping,),) = shop.warehouse(
        "select sum(net_amount) from semantic.order_lines where line_kind = 'shipping'"
    )
    codes = shop.warehouse(
        "select product_code from semantic.products "
        "where product_code in ('POST', 'DOT', 'C2', 'M', 'D', 'S', 'B', 'AMAZONFEE', 'CRUK', "
        "'BANK CHARGES')"
    )
    amount = "sum(cast(Quantity * UnitPrice as decimal(18, 2)))"

    assert credits == directly(f"{amount} filter (InvoiceNo like 'C%')")
    assert shipping == directly(f"{amount} filter (upper(StockCode) in ('POST', 'DOT', 'C2'))")
    assert codes == []
