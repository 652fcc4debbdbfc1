with orders as (

    select * from {{ ref('stg_sap_commerce__orders') }}

),

final as (

    select
        'sap_commerce:' || order_number as order_id,
        'sap_commerce' as source_system,
        'first' as data_party,
        'sap_commerce:' || customer_id as record_id,
        'accessory' as order_kind,
        order_number,
        ordered_at,
        case status
            when 'COMPLETED' then 'completed'
            when 'CANCELLED' then 'cancelled'
            when 'RETURNED' then 'returned'
            else 'open'
        end as status,
        lower(status) as stage,
        upper(currency) as currency,
        -- The shop reports no tax: what the customer pays is known without it.
        total_price + coalesce(delivery_cost, 0) as gross_amount,
        total_discounts as discount_amount,
        total_price as net_amount,
        null as dealer_code,
        null as model,
        null as promised_on,
        null as expected_on,
        null as delivered_on,
        updated_at
    from orders

)

select * from final
