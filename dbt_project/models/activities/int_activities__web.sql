-- What people did on the website, and the carts they filled.
-- The materialization, `by_day`, adds whose record it is.
-- depends_on: {{ ref('bridge_customer_records') }}
with

web_events as (
    select * from {{ ref('web_events') }}
),

carts as (
    select * from {{ ref('carts') }}
),

final as (
    select
        'web_event:' || event_id as activity_id,
        record_id,
        case event_type
            when 'page_view' then 'page_viewed'
            when 'product_view' then 'product_viewed'
            when 'identify' then 'visitor_identified'
            else event_type
        end as activity_type,
        'web' as channel,
        source_system,
        data_party,
        occurred_at,
        product_code as subject_id,
        cast(null as decimal(18, 2)) as amount,
        url as detail
    from web_events

    union all

    select
        'cart:' || cart_id as activity_id,
        record_id,
        case status when 'open' then 'cart_filled' else 'cart_' || status end as activity_type,
        'shop' as channel,
        source_system,
        data_party,
        coalesce(updated_at, created_at) as occurred_at,
        cart_id as subject_id,
        net_amount as amount,
        status as detail
    from carts
)

select * from final
