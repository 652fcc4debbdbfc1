with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'dealers'),
        key='dealer_code', updated='updated_at'
    ) }}

),

renamed as (

    select
        dealer_code,
        {{ trimmed('name') }} as name,
        {{ trimmed('city') }} as city,
        {{ trimmed('country_code') }} as country_code,
        opened_on,
        updated_at
    from source

)

select * from renamed
