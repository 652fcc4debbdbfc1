with source as (

    select *
    from {{ latest_version(
        raw('magento', 'order_items'),
        key='item_id', files=true
    ) }}

),

renamed as (

    select
        item_id,
        increment_id as order_number,
        {{ trimmed('sku') }} as product_code,
        {{ trimmed('name') }} as product_name,
        qty as quantity,
        price as unit_price,
        discount_amount,
        row_total as net_amount
    from source

)

select * from renamed
