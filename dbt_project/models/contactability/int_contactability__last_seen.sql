with

acts as (

    select
        record_id,
        occurred_at
    from {{ ref('email_events') }}
    -- machines open messages, people click
    where event_type in ('click', 'unsubscribe')
    union all
    select
        record_id,
        occurred_at
    from {{ ref('web_events') }}
    union all
    select
        record_id,
        ordered_at as occurred_at
    from {{ ref('orders') }}
    union all
    select
        record_id,
        answered_at as occurred_at
    from {{ ref('surveys') }}

),

final as (

    select
        record_id,
        cast(max(occurred_at) as date) as last_seen_on
    from acts
    where record_id is not null and occurred_at is not null
    group by record_id

)

select * from final
