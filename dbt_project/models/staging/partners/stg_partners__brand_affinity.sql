with source as (

    select *
    from {{ latest_version(
        raw('partners', 'brand_affinity'),
        key='country_code, postal_code, valid_from', updated='licensed_until', files=true
    ) }}

),

renamed as (

    select
        country_code,
        {{ trimmed('postal_code') }} as postal_code,
        brand_affinity,
        ev_affinity,
        valid_from,
        licensed_until
    from source

)

select * from renamed
