with surveys as (

    select * from {{ ref('stg_dealer_erp__surveys') }}

),

final as (

    select
        'dealer_erp:' || survey_id as survey_id,
        'dealer_erp:' || customer_number as record_id,
        'dealer_erp:' || order_number as order_id,
        'dealer_erp:' || visit_id as visit_id,
        'dealer_erp' as source_system,
        'first' as data_party,
        score,
        answered_at
    from surveys

)

select * from final
