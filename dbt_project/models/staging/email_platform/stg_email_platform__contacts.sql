{{ config(materialized='table') }}

with source as (

    select *
    from {{ held_and_stated(
        raw('email_platform', 'contacts'),
        key='contact_id', stated=['email', 'first_name', 'last_name', 'language', 'status'],
        own_key='external_id', updated='updated_at', updated_by='updated_by',
        created='created_at', created_by='created_by'
    ) }}

),

renamed as (

    select
        contact_id,
        {{ trimmed('stated_email') }} as email,
        {{ trimmed('stated_first_name') }} as given_name,
        {{ trimmed('stated_last_name') }} as family_name,
        {{ trimmed('stated_language') }} as language,
        {{ trimmed('status') }} as status,
        {{ flags_stated_at(['status'], 'updated_at') }} as status_updated_at,
        {{ trimmed('external_id') }} as kindred_id,
        case when is_our_creation then {{ trimmed('external_id') }} end as created_for,
        {{ trimmed('email') }} as held_email,
        attributes,
        created_at,
        stated_at as updated_at
    from source

)

select * from renamed
