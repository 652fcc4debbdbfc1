with orders as (

    select * from {{ ref('stg_sap_commerce__orders') }}

),

products as (

    select * from {{ ref('stg_sap_commerce__products') }}

),

entries as (

    select
        order_number,
        {{ json_rows('entries', {
            'entryNumber': 'bigint',
            'product': 'varchar',
            'quantity': 'double',
            'basePrice': 'double',
            'totalPrice': 'double'
        }) }} as entry
    from orders

),

final as (

    select
        'sap_commerce:' || entries.order_number || ':' || entries.entry.entrynumber
            as order_line_id,
        'sap_commerce:' || entries.order_number as order_id,
        'sap_commerce' as source_system,
        'first' as data_party,
        entries.entry.product as product_code,
        products.name as product_name,
        'product' as line_kind,
        entries.entry.quantity,
        entries.entry.baseprice as unit_price,
        entries.entry.totalprice as net_amount
    from entries
    left join products
        on entries.entry.product = products.product_code

)

select * from final
