with dealers as (

    select * from {{ ref('stg_dealer_erp__dealers') }}

),

final as (

    select
        dealer_code,
        'dealer_erp' as source_system,
        'first' as data_party,
        {{ clean_text('name') }} as name,
        {{ clean_text('city') }} as city,
        upper(country_code) as country_code
    from dealers

)

select * from final
