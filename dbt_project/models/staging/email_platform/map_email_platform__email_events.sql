with events as (

    select * from {{ ref('stg_email_platform__events') }}

),

final as (

    select
        'email_platform:' || event_id as event_id,
        'email_platform:' || contact_id as record_id,
        'email_platform' as source_system,
        'first' as data_party,
        'email_platform:' || campaign_id as campaign_id,
        message_id,
        event_type,
        url,
        occurred_at
    from events

)

select * from final
