with

orders as (
    select * from {{ ref('orders') }}
),

dealers as (
    select * from {{ ref('dealers') }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

open_orders as (
    select
        orders.*,
        {{ dbt.datediff('promised_on', 'coalesce(expected_on, promised_on)', 'day') }} as slipped,
        {{ dbt.datediff('promised_on', as_of(), 'day') }} as overdue
    from orders
    where order_kind = 'vehicle' and status = 'open'
),

final as (
    select
        open_orders.order_id,
        open_orders.order_number,
        people.customer_id,
        open_orders.dealer_code,
        dealers.name as dealer_name,
        dealers.country_code,
        open_orders.model,
        open_orders.stage,
        open_orders.ordered_at,
        cast({{ dbt.datediff('open_orders.ordered_at', as_of(), 'day') }} as bigint) as age_days,
        open_orders.promised_on,
        open_orders.expected_on,
        cast(
            coalesce(greatest(open_orders.slipped, open_orders.overdue, 0), 0)
            as bigint
        ) as delay_days,
        open_orders.net_amount as order_value
    from open_orders
    left join dealers
        on open_orders.dealer_code = dealers.dealer_code
    left join people
        on open_orders.record_id = people.record_id
)

select * from final
