with source as (

    select *
    from {{ latest_version(
        raw('email_platform', 'campaigns'),
        key='campaign_id', updated='updated_at', tombstones=true
    ) }}

),

renamed as (

    select
        campaign_id,
        {{ trimmed('name') }} as name,
        {{ trimmed('subject') }} as subject,
        {{ trimmed('topic') }} as topic,
        sent_at,
        updated_at
    from source

)

select * from renamed
