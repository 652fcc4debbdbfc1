-- What was bought, how it went and what was paid.
-- The materialization, `by_day`, adds whose record it is.
-- depends_on: {{ ref('bridge_customer_records') }}
with

orders as (
    select * from {{ ref('orders') }}
),

order_status_changes as (
    select * from {{ ref('order_status_changes') }}
),

payments as (
    select * from {{ ref('payments') }}
),

final as (
    select
        'order:' || order_id as activity_id,
        record_id,
        case when net_amount < 0 then 'order_credited' else 'order_placed' end as activity_type,
        case when order_kind = 'vehicle' then 'dealer' else 'shop' end as channel,
        source_system,
        data_party,
        ordered_at as occurred_at,
        order_id as subject_id,
        net_amount as amount,
        coalesce(model, order_kind) as detail
    from orders

    union all

    select
        'order_status:' || order_status_changes.change_id as activity_id,
        orders.record_id,
        case
            when order_status_changes.status = 'delivered' then 'order_delivered'
            when order_status_changes.status = 'cancelled' then 'order_cancelled'
            else 'order_status_changed'
        end as activity_type,
        case when orders.order_kind = 'vehicle' then 'dealer' else 'shop' end as channel,
        order_status_changes.source_system,
        order_status_changes.data_party,
        order_status_changes.changed_at as occurred_at,
        order_status_changes.order_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        order_status_changes.status as detail
    from order_status_changes
    inner join orders
        on order_status_changes.order_id = orders.order_id

    union all

    select
        'payment:' || payments.payment_id as activity_id,
        orders.record_id,
        case when payments.kind = 'refund' then 'payment_refunded' else 'payment_made' end
            as activity_type,
        case when orders.order_kind = 'vehicle' then 'dealer' else 'shop' end as channel,
        payments.source_system,
        payments.data_party,
        payments.paid_at as occurred_at,
        payments.order_id as subject_id,
        payments.amount,
        payments.kind as detail
    from payments
    inner join orders
        on payments.order_id = orders.order_id
)

select * from final
