with source as (

    select *
    from {{ latest_landing(raw('online_retail', 'online_retail')) }}

),

renamed as (

    select
        _file as file_name,
        _row as line_number,
        upper({{ trimmed('invoice_no') }}) as invoice_number,
        upper({{ trimmed('stock_code') }}) as stock_code,
        {{ trimmed('description') }} as description,
        quantity,
        invoice_date as invoiced_at,
        unit_price,
        -- Numbers that passed through a spreadsheet come back as `17850.0`.
        {{ replace_all(trimmed('customer_id'), '[.]0$', '') }} as customer_number,
        {{ trimmed('country') }} as country
    from source

),

classified as (

    select
        *,
        case
            when invoice_number like 'C%' then 'credit_note'
            when invoice_number like 'A%' then 'adjustment'
            else 'invoice'
        end as document_kind,
        case
            when stock_code in ('POST', 'DOT', 'C2') then 'shipping'
            when stock_code in ('BANK CHARGES', 'AMAZONFEE', 'CRUK') then 'fee'
            when stock_code in ('M', 'D', 'S', 'B') then 'adjustment'
            -- A negative quantity on an ordinary invoice: the warehouse writes goods off.
            when quantity < 0 and invoice_number not like 'C%' then 'adjustment'
            else 'product'
        end as line_kind,
        cast(quantity * unit_price as decimal(18, 2)) as net_amount
    from renamed

)

select * from classified
