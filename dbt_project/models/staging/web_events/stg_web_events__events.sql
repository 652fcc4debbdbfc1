{{ config(materialized='table') }}

with source as (

    select *
    from {{ latest_version(
        raw('web_events', 'events'),
        key='message_id', updated='received_at', files=true
    ) }}

),

renamed as (

    select
        message_id,
        type,
        event,
        anonymous_id,
        user_id,
        timestamp as occurred_at,
        received_at,
        url,
        product_code,
        category,
        price,
        {{ trimmed('traits_email') }} as traits_email
    from source

)

select * from renamed
