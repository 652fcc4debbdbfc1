with vehicles as (

    select * from {{ ref('stg_dealer_erp__vehicles') }}

),

final as (

    select
        'dealer_erp:' || vehicle_id as vehicle_id,
        'dealer_erp:' || customer_number as record_id,
        'dealer_erp' as source_system,
        'first' as data_party,
        upper(vin) as vin,
        model,
        delivered_on,
        warranty_until,
        lease_until
    from vehicles

)

select * from final
