with source as (

    select *
    from {{ latest_version(
        raw('email_platform', 'events'),
        key='event_id', updated='occurred_at', tombstones=true
    ) }}

),

renamed as (

    select
        event_id,
        contact_id,
        campaign_id,
        message_id,
        event_type,
        occurred_at,
        url
    from source

)

select * from renamed
