with source as (

    select *
    from {{ latest_version(
        raw('sap_commerce', 'orders'),
        key='code', updated='modified_time', tombstones=true
    ) }}

),

renamed as (

    select
        code as order_number,
        customer_id,
        created_time as ordered_at,
        {{ trimmed('status') }} as status,
        {{ trimmed('currency') }} as currency,
        total_price,
        total_discounts,
        delivery_cost,
        modified_time as updated_at,
        entries
    from source

)

select * from renamed
