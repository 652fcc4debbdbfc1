with orders as (

    select * from {{ ref('stg_magento__orders') }}

),

final as (

    select
        'magento:' || order_number as order_id,
        'magento' as source_system,
        'first' as data_party,
        {{ magento_record_id('website', 'email') }} as record_id,
        'accessory' as order_kind,
        order_number,
        ordered_at,
        case status
            when 'complete' then 'completed'
            when 'canceled' then 'cancelled'
            when 'closed' then 'returned'
            else 'open'
        end as status,
        status as stage,
        upper(currency) as currency,
        grand_total as gross_amount,
        abs(discount_amount) as discount_amount,
        grand_total - coalesce(tax_amount, 0) - coalesce(shipping_amount, 0) as net_amount,
        null as dealer_code,
        null as model,
        null as promised_on,
        null as expected_on,
        null as delivered_on,
        ordered_at as updated_at
    from orders

)

select * from final
