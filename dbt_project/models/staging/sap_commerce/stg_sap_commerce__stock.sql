with source as (

    select *
    from {{ latest_version(
        raw('sap_commerce', 'stock'),
        key='product_code', updated='modified_time', tombstones=true
    ) }}

),

renamed as (

    select
        product_code,
        available,
        {{ trimmed('stock_status') }} as stock_status,
        modified_time as updated_at
    from source

)

select * from renamed
