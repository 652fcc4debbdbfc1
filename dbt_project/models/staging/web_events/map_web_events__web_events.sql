-- Events that say something about a visitor: pages, products looked at and put into the cart, and
-- the moment of identification. Other tracked events stay in staging until a model needs them.
with events as (

    select * from {{ ref('stg_web_events__events') }}

),

named as (

    select
        *,
        case
            when type = 'page' then 'page_view'
            when type = 'identify' then 'identify'
            when event = 'Product Viewed' then 'product_view'
            when event = 'Product Added' then 'product_added'
        end as event_type
    from events
    where anonymous_id is not null

),

final as (

    select
        'web_events:' || message_id as event_id,
        'web_events:' || anonymous_id as record_id,
        'web_events' as source_system,
        'first' as data_party,
        event_type,
        url,
        product_code,
        occurred_at
    from named
    where event_type is not null

)

select * from final
