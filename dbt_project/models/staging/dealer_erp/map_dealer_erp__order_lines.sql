-- A car order has one line: the car.
with vehicle_orders as (

    select * from {{ ref('stg_dealer_erp__vehicle_orders') }}

),

final as (

    select
        'dealer_erp:' || order_number || ':1' as order_line_id,
        'dealer_erp:' || order_number as order_id,
        'dealer_erp' as source_system,
        'first' as data_party,
        null as product_code,
        model as product_name,
        'product' as line_kind,
        1 as quantity,
        net_amount as unit_price,
        net_amount
    from vehicle_orders

)

select * from final
