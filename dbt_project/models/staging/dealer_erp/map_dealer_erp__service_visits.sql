with service_visits as (

    select * from {{ ref('stg_dealer_erp__service_visits') }}

),

final as (

    select
        'dealer_erp:' || visit_id as visit_id,
        'dealer_erp:' || customer_number as record_id,
        'dealer_erp:' || vehicle_id as vehicle_id,
        'dealer_erp' as source_system,
        'first' as data_party,
        dealer_code,
        kind,
        net_amount,
        visited_at
    from service_visits

)

select * from final
