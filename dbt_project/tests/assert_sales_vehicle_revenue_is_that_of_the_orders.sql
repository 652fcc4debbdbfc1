with

mart as (
    select coalesce(sum(vehicle_revenue), 0) as revenue
    from {{ ref('sales_dealer_performance') }}
),

sources as (
    select coalesce(sum(net_amount), 0) as revenue
    from {{ ref('orders') }}
    where order_kind = 'vehicle' and status <> 'cancelled'
)

select
    mart.revenue as mart_revenue,
    sources.revenue as source_revenue
from mart
cross join sources
where mart.revenue <> sources.revenue
