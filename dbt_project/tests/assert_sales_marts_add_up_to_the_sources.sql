with compared as (
    select
        'value of open orders' as what,
        (select coalesce(sum(order_value), 0) from {{ ref('sales_open_orders') }}) as in_mart,
        (
            select coalesce(sum(net_amount), 0) from {{ ref('orders') }}
            where order_kind = 'vehicle' and status = 'open'
        ) as in_sources

    union all

    select
        'leads' as what,
        (
            select coalesce(sum(reached), 0) from {{ ref('sales_funnel') }}
            where position = 1
        ) as in_mart,
        (
            select count(*) from {{ ref('leads') }}
            where created_at is not null
        ) as in_sources

    union all

    select
        'open pipeline' as what,
        (select coalesce(sum(open_value), 0) from {{ ref('sales_pipeline_forecast') }}) as in_mart,
        (
            select coalesce(sum(estimated_value), 0) from {{ ref('opportunities') }}
            where status = 'open'
        ) as in_sources

    union all

    select
        'lost opportunities' as what,
        (select coalesce(sum(opportunities), 0) from {{ ref('sales_lost_reasons') }}) as in_mart,
        (
            select count(*) from {{ ref('opportunities') }}
            where status = 'lost'
        ) as in_sources
)

select *
from compared
where in_mart <> in_sources
