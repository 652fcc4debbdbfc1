with source as (

    select *
    from {{ latest_version(
        raw('magento', 'customer_addresses'),
        key='entity_id', files=true
    ) }}

),

renamed as (

    select
        entity_id as address_id,
        {{ trimmed('email') }} as email,
        website,
        {{ trimmed('firstname') }} as given_name,
        {{ trimmed('lastname') }} as family_name,
        {{ trimmed('street') }} as street_line,
        {{ trimmed('postcode') }} as postal_code,
        {{ trimmed('city') }} as city,
        {{ trimmed('country_id') }} as country_code,
        {{ trimmed('telephone') }} as phone,
        {{ trimmed('company') }} as company,
        is_default_billing
    from source

)

select * from renamed
