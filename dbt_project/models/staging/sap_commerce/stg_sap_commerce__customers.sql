with source as (

    select *
    from {{ latest_version(
        raw('sap_commerce', 'customers'),
        key='customer_id', updated='modified_time', tombstones=true
    ) }}

),

renamed as (

    select
        customer_id,
        {{ trimmed('uid') }} as email,
        {{ trimmed('first_name') }} as given_name,
        {{ trimmed('last_name') }} as family_name,
        {{ trimmed('title_code') }} as title_code,
        birth_date,
        {{ trimmed('phone') }} as phone,
        {{ trimmed('street_name') }} as street,
        {{ trimmed('street_number') }} as house_number,
        {{ trimmed('postal_code') }} as postal_code,
        {{ trimmed('town') }} as city,
        {{ trimmed('country_iso') }} as country_code,
        {{ trimmed('language_iso') }} as language,
        {{ trimmed('loyalty_card') }} as loyalty_card,
        newsletter,
        created_time as created_at,
        modified_time as updated_at
    from source

)

select * from renamed
