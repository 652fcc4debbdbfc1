with customers as (

    select * from {{ ref('stg_dealer_erp__customers') }}

),

located as (

    select
        *,
        {{ clean_country_code('country_code') }} as iso_country
    from customers

),

final as (

    select
        'dealer_erp:' || customer_number as record_id,
        'dealer_erp' as source_system,
        'first' as data_party,
        'customer' as party_class,
        {{ clean_text('given_name') }} as given_name,
        null as middle_name,
        {{ clean_text('family_name') }} as family_name,
        {{ clean_date('birth_date_text') }} as birth_date,
        case upper(gender_letter) when 'M' then 'male' when 'F' then 'female' end as gender,
        {{ clean_email('email') }} as email,
        {{ clean_phone('phone', 'iso_country') }} as phone,
        {{ clean_text('street') }} as street,
        {{ clean_house_number('house_number') }} as house_number,
        {{ clean_postal_code('postal_code', 'iso_country') }} as postal_code,
        {{ clean_text('city') }} as city,
        iso_country as country_code,
        null as language,
        null as company,
        {{ trimmed('email') }} as email_as_written,
        {{ trimmed('phone') }} as phone_as_written,
        {{ trimmed('birth_date_text') }} as birth_date_as_written,
        created_at,
        updated_at
    from located

)

select * from final
