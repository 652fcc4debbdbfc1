with events as (

    select * from {{ ref('stg_email_platform__events') }}

),

addresses as (

    select * from {{ ref('stg_email_platform__contact_addresses') }}

),

final as (

    select
        'email_platform:' || events.event_id as event_id,
        'email_platform:' || events.contact_id as record_id,
        'email_platform' as source_system,
        'first' as data_party,
        'email_platform:' || events.campaign_id as campaign_id,
        events.message_id,
        events.event_type,
        {{ clean_email('addresses.email') }} as email,
        events.url,
        events.occurred_at
    from events
    left join addresses
        on
            events.contact_id = addresses.contact_id
            and {{ held_then('addresses', 'events.occurred_at') }}

)

select * from final
