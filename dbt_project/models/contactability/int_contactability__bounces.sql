with

email_events as (select * from {{ ref('email_events') }}),

addressed as (

    select
        {{ key_of_email('email') }} as email_key,
        event_type,
        occurred_at
    from email_events
    where
        email is not null
        and event_type in ('bounce_hard', 'complaint', 'open', 'click')

),

per_address as (

    select
        email_key,
        max(case when event_type = 'bounce_hard' then occurred_at end) as last_hard_bounce_at,
        min(case when event_type = 'complaint' then occurred_at end) as first_complaint_at,
        max(case when event_type in ('open', 'click') then occurred_at end) as last_read_at
    from addressed
    group by email_key

),

final as (

    select
        email_key,
        -- an address that was read after it bounced works again
        coalesce(
            last_hard_bounce_at > coalesce(last_read_at, timestamp '1970-01-01 00:00:00'), false
        )
            as hard_bounced,
        first_complaint_at is not null as complained,
        last_hard_bounce_at,
        first_complaint_at
    from per_address
    where last_hard_bounce_at is not null or first_complaint_at is not null

)

select * from final
