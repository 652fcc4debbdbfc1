with

bridge as (
    select * from {{ ref('bridge_customer_records') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

final as (
    select
        bridge.record_id,
        customers.customer_id,
        customers.given_name,
        customers.family_name
    from bridge
    inner join customers
        on bridge.customer_id = customers.customer_id
)

select * from final
