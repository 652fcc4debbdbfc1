with source as (

    select *
    from {{ latest_version(
        raw('partners', 'postal_demographics'),
        key='country_code, postal_code, valid_from', updated='licensed_until', files=true
    ) }}

),

renamed as (

    select
        country_code,
        {{ trimmed('postal_code') }} as postal_code,
        households,
        income_index,
        {{ trimmed('urbanity') }} as urbanity,
        family_share,
        valid_from,
        licensed_until
    from source

)

select * from renamed
