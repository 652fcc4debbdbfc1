with source as (

    select *
    from {{ latest_version(
        raw('email_platform', 'contacts'),
        key='contact_id', updated='updated_at', tombstones=true
    ) }}

),

renamed as (

    select
        contact_id,
        {{ trimmed('email') }} as email,
        {{ trimmed('first_name') }} as given_name,
        {{ trimmed('last_name') }} as family_name,
        {{ trimmed('language') }} as language,
        {{ trimmed('status') }} as status,
        {{ trimmed('external_id') }} as kindred_id,
        attributes,
        created_at,
        updated_at
    from source

)

select * from renamed
