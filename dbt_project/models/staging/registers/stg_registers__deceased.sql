with source as (

    select * from {{ standing_entries('deceased') }}

),

renamed as (

    select
        entry_id,
        {{ trimmed('given_names') }} as given_names,
        {{ trimmed('family_name') }} as family_name,
        birth_date,
        died_on,
        {{ trimmed('postal_code') }} as postal_code,
        {{ trimmed('city') }} as city,
        {{ trimmed('country_code') }} as country_code,
        recorded_on,
        {{ trimmed('standing_action') }} as action
    from source

)

select * from renamed
