with vehicle_orders as (

    select * from {{ ref('stg_dealer_erp__vehicle_orders') }}

),

dealers as (

    select * from {{ ref('stg_dealer_erp__dealers') }}

),

final as (

    select
        'dealer_erp:' || vehicle_orders.order_number as order_id,
        'dealer_erp' as source_system,
        'first' as data_party,
        'dealer_erp:' || vehicle_orders.customer_number as record_id,
        'vehicle' as order_kind,
        vehicle_orders.order_number,
        vehicle_orders.ordered_at,
        case vehicle_orders.status
            when 'delivered' then 'completed'
            when 'cancelled' then 'cancelled'
            else 'open'
        end as status,
        vehicle_orders.status as stage,
        -- The ERP books in the currency of the dealer's country.
        case dealers.country_code when 'GB' then 'GBP' else 'EUR' end as currency,
        vehicle_orders.net_amount + coalesce(vehicle_orders.tax_amount, 0) as gross_amount,
        null as discount_amount,
        vehicle_orders.net_amount,
        vehicle_orders.dealer_code,
        vehicle_orders.model,
        vehicle_orders.promised_on,
        vehicle_orders.expected_on,
        vehicle_orders.delivered_on,
        vehicle_orders.updated_at
    from vehicle_orders
    left join dealers
        on vehicle_orders.dealer_code = dealers.dealer_code

)

select * from final
