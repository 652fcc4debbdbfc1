with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'customers'),
        key='customer_number', updated='updated_at'
    ) }}

),

renamed as (

    select
        customer_number,
        {{ trimmed('given_name') }} as given_name,
        {{ trimmed('family_name') }} as family_name,
        {{ trimmed('birth_date') }} as birth_date_text,
        {{ trimmed('gender') }} as gender_letter,
        {{ trimmed('email') }} as email,
        {{ trimmed('phone') }} as phone,
        {{ trimmed('street') }} as street,
        {{ trimmed('house_number') }} as house_number,
        {{ trimmed('postal_code') }} as postal_code,
        {{ trimmed('city') }} as city,
        {{ trimmed('country_code') }} as country_code,
        dealer_code,
        created_at,
        updated_at
    from source

)

select * from renamed
