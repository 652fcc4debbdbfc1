with order_items as (

    select * from {{ ref('stg_magento__order_items') }}

),

final as (

    select
        'magento:' || order_number || ':' || item_id as order_line_id,
        'magento:' || order_number as order_id,
        'magento' as source_system,
        'first' as data_party,
        product_code,
        {{ clean_text('product_name') }} as product_name,
        'product' as line_kind,
        quantity,
        unit_price,
        net_amount
    from order_items

)

select * from final
