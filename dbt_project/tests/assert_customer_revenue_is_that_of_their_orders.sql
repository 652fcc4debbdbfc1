with

customers as (
    select coalesce(sum(lifetime_revenue), 0) as revenue
    from {{ ref('customer_measures') }}
),

sources as (
    select coalesce(sum(orders.net_amount), 0) as revenue
    from {{ ref('orders') }} as orders
    inner join {{ ref('person_records') }} as person_records
        on orders.record_id = person_records.record_id
    where orders.status in ('open', 'completed')
)

select
    customers.revenue as customer_revenue,
    sources.revenue as source_revenue
from customers
cross join sources
where customers.revenue <> sources.revenue
