with source as (

    select *
    from {{ latest_version(
        raw('sap_commerce', 'products'),
        key='code', updated='modified_time', tombstones=true
    ) }}

),

renamed as (

    select
        code as product_code,
        {{ trimmed('name') }} as name,
        {{ trimmed('category') }} as category,
        price,
        purchase_price,
        {{ trimmed('currency') }} as currency,
        modified_time as updated_at
    from source

)

select * from renamed
