with source as (

    select *
    from {{ latest_version(
        raw('email_platform', 'consents'),
        key='consent_id', updated='stated_at', tombstones=true
    ) }}

),

renamed as (

    select
        consent_id,
        contact_id,
        {{ trimmed('email') }} as email,
        {{ trimmed('channel') }} as channel,
        {{ trimmed('purpose') }} as purpose,
        {{ trimmed('status') }} as status,
        stated_at,
        {{ trimmed('evidence') }} as evidence
    from source

)

select * from renamed
