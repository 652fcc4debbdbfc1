with invoice_lines as (

    select * from {{ ref('stg_online_retail__invoice_lines') }}

),

final as (

    select
        'online_retail:' || invoice_number || ':' || file_name || ':' || line_number
            as order_line_id,
        'online_retail:' || invoice_number as order_id,
        'online_retail' as source_system,
        'first' as data_party,
        stock_code as product_code,
        description as product_name,
        line_kind,
        quantity,
        unit_price,
        net_amount
    from invoice_lines

)

select * from final
