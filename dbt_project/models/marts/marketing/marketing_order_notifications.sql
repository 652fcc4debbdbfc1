with

messages as (
    select * from {{ ref('journey_waiting_for_car') }}
),

orders as (
    select * from {{ ref('orders') }}
),

customers as (
    select
        customer_id,
        given_name,
        language
    from {{ ref('dim_customers') }}
),

final as (
    select
        messages.message_id,
        messages.journey,
        messages.step,
        messages.customer_id,
        customers.given_name,
        customers.language,
        messages.contact_point as email,
        messages.order_id,
        orders.order_number,
        orders.model,
        orders.stage,
        messages.expected_on,
        messages.due_on,
        messages.expires_on
    from messages
    inner join orders
        on messages.order_id = orders.order_id
    inner join customers
        on messages.customer_id = customers.customer_id
    where messages.is_due
)

select * from final
