with source as (

    select *
    from {{ latest_version(
        raw('sap_commerce', 'carts'),
        key='code', updated='modified_time', tombstones=true
    ) }}

),

renamed as (

    select
        code as cart_code,
        customer_id,
        anonymous_id,
        {{ trimmed('status') }} as status,
        total_price,
        entries,
        created_time as created_at,
        modified_time as updated_at
    from source

)

select * from renamed
