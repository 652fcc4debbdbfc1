with customers as (

    select * from {{ ref('stg_sap_commerce__customers') }}

),

final as (

    select
        'sap_commerce:' || customer_id as record_id,
        'sap_commerce' as source_system,
        'first' as data_party,
        'customer' as party_class,
        {{ clean_text('given_name') }} as given_name,
        null as middle_name,
        {{ clean_text('family_name') }} as family_name,
        birth_date,
        case title_code when 'mr' then 'male' when 'ms' then 'female' end as gender,
        {{ clean_email('email') }} as email,
        {{ clean_phone('phone', 'upper(country_code)') }} as phone,
        {{ clean_text('street') }} as street,
        {{ clean_house_number('house_number') }} as house_number,
        {{ clean_postal_code('postal_code', 'upper(country_code)') }} as postal_code,
        {{ clean_text('city') }} as city,
        {{ clean_country_code('country_code') }} as country_code,
        {{ clean_language('language') }} as language,
        null as company,
        {{ trimmed('email') }} as email_as_written,
        {{ trimmed('phone') }} as phone_as_written,
        cast(birth_date as varchar) as birth_date_as_written,
        created_at,
        updated_at
    from customers

)

select * from final
