with

measures as (
    select * from {{ ref('customer_measures') }}
),

waiting as (
    select customer_id from {{ ref('segment_waiting_for_car') }}
),

activities as (
    select * from {{ ref('fct_activities') }}
),

customers as (
    select
        customer_id,
        deceased
    from {{ ref('dim_customers') }}
),

served as (
    select
        customer_id,
        max(occurred_at) as last_service_at
    from activities
    where activity_type = 'service_visited'
    group by customer_id
),

last_seen as (
    select
        measures.customer_id,
        greatest(
            measures.last_order_at, coalesce(served.last_service_at, measures.last_order_at)
        ) as last_purchase_at
    from measures
    left join served
        on measures.customer_id = served.customer_id
    where measures.orders > 0
),

final as (
    select
        last_seen.customer_id,
        'nothing bought since ' || cast(last_seen.last_purchase_at as date) as entered_reason,
        cast({{ dbt.dateadd('day', 365, 'last_seen.last_purchase_at') }} as date) as since
    from last_seen
    inner join customers
        on last_seen.customer_id = customers.customer_id
    left join waiting
        on last_seen.customer_id = waiting.customer_id
    where
        last_seen.last_purchase_at < {{ dbt.dateadd('day', -365, as_of()) }}
        and waiting.customer_id is null
        and not coalesce(customers.deceased, false)
)

select * from final
