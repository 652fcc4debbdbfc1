with products as (

    select * from {{ ref('stg_sap_commerce__products') }}

),

stock as (

    select * from {{ ref('stg_sap_commerce__stock') }}

),

final as (

    select
        products.product_code,
        'sap_commerce' as source_system,
        'first' as data_party,
        products.name,
        products.category,
        products.price,
        products.purchase_price,
        stock.available as stock_available,
        case stock.stock_status
            when 'inStock' then 'in_stock'
            when 'lowStock' then 'low_stock'
            when 'outOfStock' then 'out_of_stock'
        end as stock_status,
        greatest(products.updated_at, stock.updated_at) as updated_at
    from products
    left join stock
        on products.product_code = stock.product_code

)

select * from final
