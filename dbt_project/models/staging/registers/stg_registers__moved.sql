with source as (

    select * from {{ standing_entries('moved') }}

),

renamed as (

    select
        entry_id,
        {{ trimmed('given_names') }} as given_names,
        {{ trimmed('family_name') }} as family_name,
        birth_date,
        moved_on,
        {{ trimmed('old_street') }} as old_street,
        {{ trimmed('old_house_number') }} as old_house_number,
        {{ trimmed('old_postal_code') }} as old_postal_code,
        {{ trimmed('old_city') }} as old_city,
        {{ trimmed('country_code') }} as old_country_code,
        {{ trimmed('new_street') }} as new_street,
        {{ trimmed('new_house_number') }} as new_house_number,
        {{ trimmed('new_postal_code') }} as new_postal_code,
        {{ trimmed('new_city') }} as new_city,
        {{ trimmed('new_country_code') }} as new_country_code,
        recorded_on,
        {{ trimmed('standing_action') }} as action
    from source

)

select * from renamed
