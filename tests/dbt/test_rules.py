"""The rules of staging and mapping (dbt unit tests), and what raw tables may lack."""

from __future__ import annotations

import duckdb
import pytest
from dbt_project_runner import UPSTREAM

STOCK = "lake/raw/sap_commerce/stock"


@pytest.fixture(scope="module")
def built(project):
    """Staging and semantic models of every source on an empty lake."""
    project.succeed("build", *UPSTREAM)
    return project


def land(project, name: str, select: str) -> None:
    """Write the rows of a query as a landed file of the stock table."""
    folder = project.home / STOCK
    folder.mkdir(parents=True, exist_ok=True)
    duckdb.sql(select).write_parquet(str(folder / name))


def test_unit_tests_of_staging_and_semantic_pass(built):
    ran = built.succeed("test", "--select", "path:models/staging,test_type:unit")

    assert len(ran.results) >= 15


def test_a_column_that_never_landed_is_null_and_times_are_utc(built):
    land(
        built,
        "first.parquet",
        """
        select 'W-1' as product_code, 5 as available, '1.0' as _dlt_load_id,
            timestamptz '2026-01-01 10:00:00+02' as modified_time, 'unexpected' as surprise
        """,
    )
    built.succeed("run", "--select", "stg_sap_commerce__stock")

    rows = built.query("select * from staging.stg_sap_commerce__stock")

    assert [row[:3] for row in rows] == [("W-1", 5, None)]
    assert rows[0][3].isoformat() == "2026-01-01T08:00:00"


def test_files_with_different_columns_are_read_together(built):
    land(
        built,
        "second.parquet",
        """
        select 'W-2' as product_code, 'lowStock' as stock_status, '2.0' as _dlt_load_id,
            true as _deleted
        union all select 'W-3', 'inStock', '2.0', false
        """,
    )
    built.succeed("run", "--select", "stg_sap_commerce__stock")

    rows = built.query(
        "select product_code, available, stock_status from staging.stg_sap_commerce__stock "
        "order by product_code"
    )

    assert rows == [("W-1", 5, None), ("W-3", None, "inStock")]


def test_a_table_that_fails_leaves_the_one_before_it(built):
    """A product without a code breaks the contract; yesterday's table stays as it was."""
    products = built.home / "lake/raw/sap_commerce/products"
    products.mkdir(parents=True, exist_ok=True)
    one = "select 'W-1' as code, 'Wheel' as name, '1.0' as _dlt_load_id"
    duckdb.sql(one).write_parquet(str(products / "1.parquet"))
    built.succeed("run", "--select", "+products")
    before = built.query("select product_code, name from semantic.products")
    none = "select null::varchar as code, 'Nameless' as name, '2.0' as _dlt_load_id"
    duckdb.sql(none).write_parquet(str(products / "2.parquet"))

    failed = built.run("run", "--select", "+products")
    after = built.query("select product_code, name from semantic.products")

    assert not failed.success
    assert before == after == [("W-1", "Wheel")]
