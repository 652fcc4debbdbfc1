with source as (

    select * from {{ standing_entries('do_not_contact') }}

),

renamed as (

    select
        entry_id,
        {{ trimmed('given_names') }} as given_names,
        {{ trimmed('family_name') }} as family_name,
        {{ trimmed('street') }} as street,
        {{ trimmed('house_number') }} as house_number,
        {{ trimmed('postal_code') }} as postal_code,
        {{ trimmed('city') }} as city,
        {{ trimmed('country_code') }} as country_code,
        {{ trimmed('phone') }} as phone,
        {{ trimmed('email') }} as email,
        {{ trimmed('channels') }} as channels,
        recorded_on,
        {{ trimmed('standing_action') }} as action
    from source

)

select * from renamed
