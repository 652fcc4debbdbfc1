-- The file has no product list: products are what was invoiced, under the name and the price of the
-- last sale.
with invoice_lines as (

    select * from {{ ref('stg_online_retail__invoice_lines') }}

),

sold as (

    select
        stock_code as product_code,
        {{ last_value_by('description', 'invoiced_at') }} as name,
        {{ last_value_by('unit_price', 'invoiced_at') }} as price,
        max(invoiced_at) as updated_at
    from invoice_lines
    where
        line_kind = 'product'
        and document_kind = 'invoice'
        and unit_price > 0
        and description is not null
    group by stock_code

),

final as (

    select
        product_code,
        'online_retail' as source_system,
        'first' as data_party,
        name,
        null as category,
        price,
        null as purchase_price,
        null as stock_available,
        null as stock_status,
        updated_at
    from sold

)

select * from final
