"""The charts of the sales mart, drawn in every run.

Belongs here: the asset, and adding up what a chart shows. Does not belong here: how it looks
(dagster_project/charts.py) and what is counted (dbt_project/models/marts/sales).
"""

from collections.abc import Callable
from typing import Any

import dagster as dg
from matplotlib.figure import Figure

from dagster_project import charts, pictures, reading
from kindred import settings as kindred_settings

READ = ("sales_funnel", "sales_dealer_performance", "sales_open_orders")
FUNNEL = """
    select stage, sum(reached)::bigint as reached, sum(open_now)::bigint as open_now,
        sum(went_on) / sum(reached) as conversion,
        sum(days_here) / nullif(sum(stays), 0) as days
    from sales_funnel group by position, stage order by position
"""
DEALERS = """
    select coalesce(name, dealer_code) as name, revenue_365, revenue_year_before
    from sales_dealer_performance where dealer_code <> 'unknown' order by revenue_rank, dealer_code
"""
AGES = """
    with bands as (
        select * from (values (0, 30), (30, 60), (60, 90), (90, 120), (120, 180), (180, 270),
            (270, 100000)) as bands (low, high)
    )
    select case when high > 1000 then low || '+' else low || '-' || (high - 1) end as age,
        count(order_id) filter (delay_days = 0) as on_time,
        count(order_id) filter (delay_days > 0) as late
    from bands left join sales_open_orders on age_days >= low and age_days < high
    group by low, high order by low
"""
DRAWN: dict[str, tuple[str, Callable[[list[dict[str, Any]]], Figure]]] = {
    "sales_funnel": (FUNNEL, charts.funnel),
    "dealer_ranking": (DEALERS, charts.ranking),
    "open_orders_by_age": (AGES, charts.ages),
}


@dg.asset(
    key=["sales", "sales_charts"],
    deps=[dg.AssetKey(["gold", "sales", table]) for table in READ],
    group_name="sales",
    owners=["team:sales"],
    kinds={"python", "matplotlib"},
    automation_condition=dg.AutomationCondition.eager(),
    description="The sales funnel, the ranking of the dealers and the open orders by age, drawn "
    "from the published tables and kept as files in the folder `pictures` of the home.",
)
def sales_charts() -> dg.MaterializeResult:
    """Draw each chart, save it, and show it."""
    settings = kindred_settings.load()
    shown: dict[str, Any] = {}
    with reading.open_gold(settings, READ) as connection:
        for name, (query, draw) in DRAWN.items():
            figure = draw(connection.sql(query).to_arrow_table().to_pylist())
            path = settings.pictures / f"{name}.svg"
            pictures.save(figure, path)
            shown[name] = dg.MetadataValue.md(pictures.markdown(figure))
            shown[f"{name} (file)"] = dg.MetadataValue.path(path)
    return dg.MaterializeResult(metadata=shown)
