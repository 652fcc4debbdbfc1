with contacts as (

    select * from {{ ref('stg_email_platform__contacts') }}

),

final as (

    select
        'email_platform:' || contact_id as record_id,
        'email_platform' as source_system,
        'first' as data_party,
        'customer' as party_class,
        {{ clean_text('given_name') }} as given_name,
        null as middle_name,
        {{ clean_text('family_name') }} as family_name,
        null as birth_date,
        null as gender,
        {{ clean_email('email') }} as email,
        null as phone,
        null as street,
        null as house_number,
        null as postal_code,
        null as city,
        null as country_code,
        {{ clean_language('language') }} as language,
        null as company,
        {{ trimmed('email') }} as email_as_written,
        null as phone_as_written,
        null as birth_date_as_written,
        -- a contact that only Kindred ever wrote says nothing, not even since when
        case when updated_at is not null then created_at end as created_at,
        updated_at
    from contacts

)

select * from final
