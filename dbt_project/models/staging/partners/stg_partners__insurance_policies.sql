with source as (

    select *
    from {{ latest_version(
        raw('partners', 'insurance_policies'),
        key='policy_number', updated='shared_on', files=true
    ) }}

),

renamed as (

    select
        policy_number,
        holder_id,
        {{ trimmed('given_name') }} as given_name,
        {{ trimmed('family_name') }} as family_name,
        birth_date,
        {{ trimmed('email') }} as email,
        {{ trimmed('phone') }} as phone,
        {{ trimmed('street') }} as street,
        {{ trimmed('house_number') }} as house_number,
        {{ trimmed('postal_code') }} as postal_code,
        {{ trimmed('city') }} as city,
        {{ trimmed('country_code') }} as country_code,
        {{ trimmed('product') }} as product,
        {{ trimmed('vin') }} as vin,
        starts_on,
        ends_on,
        shared_on
    from source

)

select * from renamed
