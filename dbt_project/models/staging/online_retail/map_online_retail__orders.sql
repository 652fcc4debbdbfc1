-- One order per document. A credit note is a completed order with a negative amount: it reduces
-- revenue, and `net_amount > 0` leaves it out when purchases are counted.
with invoice_lines as (

    select * from {{ ref('stg_online_retail__invoice_lines') }}

),

documents as (

    select
        invoice_number,
        max(document_kind) as document_kind,
        max(customer_number) as customer_number,
        min(invoiced_at) as ordered_at,
        max(invoiced_at) as updated_at,
        sum(case when line_kind = 'adjustment' and net_amount < 0 then -net_amount else 0 end)
            as discount_amount,
        sum(net_amount) as net_amount
    from invoice_lines
    group by invoice_number

),

final as (

    select
        'online_retail:' || invoice_number as order_id,
        'online_retail' as source_system,
        'first' as data_party,
        'online_retail:' || customer_number as record_id,
        'accessory' as order_kind,
        invoice_number as order_number,
        ordered_at,
        'completed' as status,
        document_kind as stage,
        'GBP' as currency,
        -- The file knows no tax.
        net_amount as gross_amount,
        case document_kind when 'invoice' then discount_amount end as discount_amount,
        net_amount,
        null as dealer_code,
        null as model,
        null as promised_on,
        null as expected_on,
        null as delivered_on,
        updated_at
    from documents

)

select * from final
