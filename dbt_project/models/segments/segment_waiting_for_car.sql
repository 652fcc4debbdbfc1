with

orders as (
    select * from {{ ref('orders') }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

customers as (
    select
        customer_id,
        deceased
    from {{ ref('dim_customers') }}
),

waiting as (
    select
        people.customer_id,
        min(orders.ordered_at) as waiting_since,
        count(*) as cars
    from orders
    inner join people
        on orders.record_id = people.record_id
    where
        orders.order_kind = 'vehicle'
        and orders.status = 'open'
        and (orders.delivered_on is null or orders.delivered_on > {{ as_of() }})
    group by people.customer_id
),

final as (
    select
        waiting.customer_id,
        waiting.cars || ' car(s) ordered and not delivered' as entered_reason,
        cast(waiting.waiting_since as date) as since
    from waiting
    inner join customers
        on waiting.customer_id = customers.customer_id
    where not coalesce(customers.deceased, false)
)

select * from final
